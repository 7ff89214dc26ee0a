#include "gemm.h"
#include "kernels.h"
#include "lanes.h"

// log Σ exp(x): the maximum is taken out first.
static double log_sum_exp(const float *x, int V) {
  float most = greatest(x, V);
  return most + log_of(sum_exp(NULL, x, most, 1, V));
}

void softmax(float *ys, const float *xs, float temperature, int R, int V) {
  for (ptrdiff_t r = 0; r < R; r++) softmax_row(ys + r * V, xs + r * V, temperature, V);
}

typedef struct {
  float *losses, *lse, *dlogits;
  const float *logits, *weights;
  const int32_t *targets;
  float smoothing, scale;
  int R, V, parts;
} CrossEntropy;

// The mean of x by the smoothed target.
static float expected(const CrossEntropy *c, const float *x, float target) {
  if (c->smoothing == 0) return target;
  return (1.0 - c->smoothing) * target + c->smoothing * (sum_along(x, c->V) / c->V);
}

static void losses_part(void *job, int task) {
  const CrossEntropy *c = job;
  Range rows = part_of(c->R, 1, c->parts, task);
  for (ptrdiff_t r = rows.from; r < rows.to; r++) {
    const float *x = c->logits + r * c->V;
    float weight = c->weights ? c->weights[r] : 1;
    c->lse[r] = weight == 0 ? 0 : log_sum_exp(x, c->V);
    c->losses[r] = weight == 0 ? 0 : (c->lse[r] - expected(c, x, x[c->targets[r]])) * weight;
  }
}

void cross_entropy_forward(float *losses, float *lse, const float *logits, const int32_t *targets, const float *weights,
                           float smoothing, int R, int V, int threads) {
  CrossEntropy c = {.losses = losses, .lse = lse, .logits = logits, .targets = targets, .weights = weights,
                    .smoothing = smoothing, .R = R, .V = V, .parts = worth(threads, (double)R * V * 8)};
  parallel_for(c.parts, losses_part, &c);
}

static void dlogits_part(void *job, int task) {
  const CrossEntropy *c = job;
  Range rows = part_of(c->R, 1, c->parts, task);
  for (ptrdiff_t r = rows.from; r < rows.to; r++) {
    const float *x = c->logits + r * c->V;
    float *dx = c->dlogits + r * c->V, factor = (c->weights ? c->weights[r] : 1) * c->scale;
    if (factor == 0) {
      memset(dx, 0, sizeof(float) * c->V);
      continue;
    }
    for (int v = 0; v < c->V; v += VL) {
      int n = min_int(VL, c->V - v);
      store_part(dx + v, (vec_exp(load_part(x + v, n) - c->lse[r]) - c->smoothing / c->V) * factor, n);
    }
    dx[c->targets[r]] -= (1 - c->smoothing) * factor;
  }
}

void cross_entropy_backward(float *dlogits, const float *logits, const float *lse, const int32_t *targets,
                            const float *weights, float smoothing, float scale, int R, int V, int threads) {
  CrossEntropy c = {.dlogits = dlogits, .lse = (float *)lse, .logits = logits, .targets = targets, .weights = weights,
                    .smoothing = smoothing, .scale = scale, .R = R, .V = V, .parts = worth(threads, (double)R * V * 8)};
  parallel_for(c.parts, dlogits_part, &c);
}

void argmax(int32_t *ids, const float *logits, int R, int V) {
  for (ptrdiff_t r = 0; r < R; r++) {
    const float *x = logits + r * V;
    int best = 0;
    for (int v = 1; v < V; v++)
      if (x[v] > x[best]) best = v;
    ids[r] = best;
  }
}
