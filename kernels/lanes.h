// Sums along a row. They are kept in 16 lanes, element i in lane i mod 16, and the lanes are added up in order, in double:
// so a sum does not depend on the width of a vector.
#pragma once
#include "vecmath.h"

#define SUM_LANES 16

INLINE double sum_lanes(const float lanes[SUM_LANES]) {
  double total = 0;
  for (int i = 0; i < SUM_LANES; i++) total += lanes[i];
  return total;
}

static float greatest(const float *x, int V) {
  float most = x[0];
  int v = 0;
  if (V >= VL) {
    vf mosts = load(x);
    for (; v + VL <= V; v += VL) mosts = choose(load(x + v) > mosts, load(x + v), mosts);
    for (int i = 0; i < VL; i++) most = mosts[i] > most ? mosts[i] : most;
  }
  for (; v < V; v++) most = x[v] > most ? x[v] : most;
  return most;
}

// Σ exp((x − most)·scale); unless ys is NULL, its terms are set there.
static double sum_exp(float *ys, const float *x, float most, float scale, int V) {
  vf sums[SUM_LANES / VL] = {0};
  int v = 0;
  for (; v + SUM_LANES <= V; v += SUM_LANES)
    UNROLL for (int i = 0; i < SUM_LANES / VL; i++) {
      vf y = vec_exp((load(x + v + i * VL) - most) * scale);
      if (ys) store(ys + v + i * VL, y);
      sums[i] += y;
    }
  float lanes[SUM_LANES];
  memcpy(lanes, sums, sizeof lanes);
  for (int i = 0; v < V; v++, i++) {
    float one[VL];
    store(one, vec_exp(splat((x[v] - most) * scale)));
    if (ys) ys[v] = one[0];
    lanes[i] += one[0];
  }
  return sum_lanes(lanes);
}

// ys = softmax(xs / temperature); ys may be xs.
static void softmax_row(float *ys, const float *xs, float temperature, int V) {
  float share = 1 / sum_exp(ys, xs, greatest(xs, V), 1 / temperature, V);
  for (int v = 0; v < V; v++) ys[v] *= share;
}

static double sum_along(const float *xs, int n) {
  vf sums[SUM_LANES / VL] = {0};
  float lanes[SUM_LANES];
  int i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES)
    UNROLL for (int v = 0; v < SUM_LANES / VL; v++) sums[v] += load(xs + i + v * VL);
  memcpy(lanes, sums, sizeof lanes);
  for (int l = 0; i < n; i++, l++) lanes[l] += xs[i];
  return sum_lanes(lanes);
}

// Σ x·y
static double dot_along(const float *xs, const float *ys, int n) {
  vf sums[SUM_LANES / VL] = {0};
  float lanes[SUM_LANES];
  int i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES)
    UNROLL for (int v = 0; v < SUM_LANES / VL; v++) sums[v] += load(xs + i + v * VL) * load(ys + i + v * VL);
  memcpy(lanes, sums, sizeof lanes);
  for (int l = 0; i < n; i++, l++) lanes[l] += xs[i] * ys[i];
  return sum_lanes(lanes);
}
