#include "gemm.h"
#include "kernels.h"

typedef struct {
  float *to;
  const float *dys, *from; // dys: NULL forward
  int R, parts;
} Elements;

// name: sets every element of `to` from that of `from`, x; DY is that of `dys`.
#define DY load_part(e->dys + i, n)
#define ELEMENTWISE(name, expression)                                   \
  static void name(void *job, int task) {                               \
    const Elements *e = job;                                            \
    Range part = part_of(e->R, VL, e->parts, task);                     \
    for (int i = part.from; i < part.to; i += VL) {                     \
      int n = min_int(VL, part.to - i);                                 \
      vf x = load_part(e->from + i, n);                                 \
      store_part(e->to + i, expression, n);                             \
    }                                                                   \
  }

ELEMENTWISE(tanh_part, vec_tanh(x))
ELEMENTWISE(tanh_back_part, DY * (1.0f - x * x))
ELEMENTWISE(relu_part, choose(x < splat(0), splat(0), x))
ELEMENTWISE(relu_back_part, choose(x > splat(0), DY, splat(0)))

// Each element costs about as much as `cost` multiplications.
static void run_elements(void (*part)(void *, int), Elements job, int cost, int threads) {
  job.parts = worth(threads, (double)job.R * cost);
  parallel_for(job.parts, part, &job);
}

void tanh_forward(float *ys, const float *xs, int R, int threads) {
  run_elements(tanh_part, (Elements){ys, NULL, xs, R}, 16, threads);
}

void tanh_backward(float *dxs, const float *dys, const float *ys, int R, int threads) {
  run_elements(tanh_back_part, (Elements){dxs, dys, ys, R}, 4, threads);
}

void relu_forward(float *ys, const float *xs, int R, int threads) {
  run_elements(relu_part, (Elements){ys, NULL, xs, R}, 2, threads);
}

void relu_backward(float *dxs, const float *dys, const float *ys, int R, int threads) {
  run_elements(relu_back_part, (Elements){dxs, dys, ys, R}, 4, threads);
}
