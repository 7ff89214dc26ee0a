#include "columns.h"
#include "kernels.h"
#include "lanes.h"

#define SQUARES 1024 // terms of a sum in float32

typedef struct {
  float *value, *m, *v, *grad;
  const float *xs;
  const int32_t *ids; // of the rows at work, `unit` wide; NULL: all
  double *sums;
  float rate, scale, beta1, beta2, epsilon, unbias;
  int R, unit, parts;
} Update;

// Where element i of the rows at work stands; i is the first of its row.
static const float *row(const Update *u, const float *xs, int i) {
  return xs + (u->ids ? (ptrdiff_t)u->ids[i / u->unit] * u->unit : i);
}

// Runs a job on parts of R elements, of which each costs about as much as `cost` multiplications.
static void update(void (*run)(void *, int), Update u, int cost, int threads) {
  u.parts = worth(threads, (double)u.R * cost);
  parallel_for(u.parts, run, &u);
}

void accumulate(float *ys, const float *xs, int R) { add_to(ys, xs, R); }

static void squares_part(void *job, int task) {
  const Update *u = job;
  Range part = part_of(u->R, u->unit, u->parts, task);
  for (int start = part.from; start < part.to; start += u->unit) {
    const float *xs = row(u, u->xs, start);
    u->sums[start / u->unit] = dot_along(xs, xs, min_int(part.to - start, u->unit));
  }
}

static int blocks_of(int R, int D) { return max_int(R, (int)((int64_t)R * D / SQUARES) + 1); }

size_t sum_of_squares_scratch(int R, int D, int threads) { return sizeof(double) * blocks_of(R, D); }

double sum_of_squares(const float *xs, const int32_t *ids, float *scratch, int R, int D, int threads) {
  double *sums = (double *)scratch, total = 0;
  int unit = ids ? D : SQUARES;
  update(squares_part, (Update){.xs = xs, .ids = ids, .sums = sums, .R = R * D, .unit = unit}, 2, threads);
  for (int i = 0; i * unit < R * D; i++) total += sums[i];
  return total;
}

static void sgd_part(void *job, int task) {
  const Update *u = job;
  Range part = part_of(u->R, u->unit, u->parts, task);
  for (int start = part.from; start < part.to; start += u->unit) {
    float *value = (float *)row(u, u->value, start), *grad = (float *)row(u, u->grad, start);
    for (int i = 0; i < min_int(part.to - start, u->unit); i++) {
      value[i] -= u->rate * grad[i];
      grad[i] = 0;
    }
  }
}

void sgd(float *value, float *grad, const int32_t *ids, float rate, float scale, int R, int D, int threads) {
  int unit = ids ? D : SQUARES;
  update(sgd_part, (Update){.value = value, .grad = grad, .ids = ids, .rate = rate * scale, .R = R * D, .unit = unit}, 4,
         threads);
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
