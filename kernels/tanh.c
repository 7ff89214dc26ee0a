#include "gemm.h"
#include "kernels.h"

typedef struct {
  float *to;
  const float *dys, *from; // dys: NULL forward
  int R, parts;
} Tanh;

static void tanh_part(void *job, int task) {
  const Tanh *j = job;
  Range part = part_of(j->R, VL, j->parts, task);
  for (int i = part.from; i < part.to; i += VL) {
    int n = min_int(VL, part.to - i);
    vf x = load_part(j->from + i, n);
    store_part(j->to + i, j->dys ? load_part(j->dys + i, n) * (1.0f - x * x) : vec_tanh(x), n);
  }
}

static void run_tanh(Tanh job, int cost, int threads) {
  job.parts = worth(threads, (double)job.R * cost);
  parallel_for(job.parts, tanh_part, &job);
}

void tanh_forward(float *ys, const float *xs, int R, int threads) { run_tanh((Tanh){ys, NULL, xs, R}, 16, threads); }

void tanh_backward(float *dxs, const float *dys, const float *ys, int R, int threads) {
  run_tanh((Tanh){dxs, dys, ys, R}, 4, threads);
}
