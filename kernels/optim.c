#include "columns.h"
#include "kernels.h"

#define SQUARES 1024 // terms of a sum in float32

typedef struct {
  float *value, *m, *v, *grad;
  const float *xs;
  double *sums;
  float rate, scale, beta1, beta2, epsilon, unbias;
  int R, parts;
} Update;

// Runs a job on parts of R elements, of which each costs about as much as `cost` multiplications.
static void update(void (*run)(void *, int), Update u, int cost, int threads) {
  u.parts = worth(threads, (double)u.R * cost);
  parallel_for(u.parts, run, &u);
}

void accumulate(float *ys, const float *xs, int R) { add_to(ys, xs, R); }

// 16 lanes, so that the width of a vector does not matter.
static void squares_part(void *job, int task) {
  const Update *u = job;
  Range part = part_of(u->R, SQUARES, u->parts, task);
  for (int start = part.from; start < part.to; start += SQUARES) {
    float lanes[16] = {0};
    int end = min_int(part.to, start + SQUARES), i = start;
    const float *xs = u->xs;
    for (; i + 16 <= end; i += 16)
      for (int l = 0; l < 16; l++) lanes[l] += xs[i + l] * xs[i + l];
    for (int l = 0; i < end; i++, l++) lanes[l] += xs[i] * xs[i];
    double sum = 0;
    for (int l = 0; l < 16; l++) sum += lanes[l];
    u->sums[start / SQUARES] = sum;
  }
}

size_t sum_of_squares_scratch(int R, int threads) { return sizeof(double) * (R / SQUARES + 1); }

double sum_of_squares(const float *xs, float *scratch, int R, int threads) {
  double *sums = (double *)scratch, total = 0;
  update(squares_part, (Update){.xs = xs, .sums = sums, .R = R}, 2, threads);
  for (int i = 0; i * SQUARES < R; i++) total += sums[i];
  return total;
}

static void sgd_part(void *job, int task) {
  const Update *u = job;
  Range part = part_of(u->R, 16, u->parts, task);
  for (int i = part.from; i < part.to; i++) {
    u->value[i] -= u->rate * u->grad[i];
    u->grad[i] = 0;
  }
}

void sgd(float *value, float *grad, float rate, float scale, int R, int threads) {
  update(sgd_part, (Update){.value = value, .grad = grad, .rate = rate * scale, .R = R}, 4, threads);
}

static void adam_part(void *job, int task) {
  const Update *u = job;
  Range part = part_of(u->R, 16, u->parts, task);
  float *value = u->value, *m = u->m, *v = u->v, *grad = u->grad;
  for (int i = part.from; i < part.to; i++) {
    float g = u->scale * grad[i];
    m[i] += (1 - u->beta1) * (g - m[i]);
    v[i] += (1 - u->beta2) * (g * g - v[i]);
    value[i] -= u->rate * m[i] / (__builtin_sqrtf(v[i] * u->unbias) + u->epsilon);
    grad[i] = 0;
  }
}

void adam(float *value, float *m, float *v, float *grad, float rate, float scale, float beta1, float beta2,
          float epsilon, float bias1, float bias2, int R, int threads) {
  update(adam_part,
         (Update){.value = value, .m = m, .v = v, .grad = grad, .rate = rate / bias1, .scale = scale, .beta1 = beta1,
                  .beta2 = beta2, .epsilon = epsilon, .unbias = 1 / bias2, .R = R},
         16, threads);
}
