// Products of a few rows with weights that are read once, where they lie: for one step of few sequences, and for int8.
#pragma once
#include "gemm.h"

#define LANES 16 // outputs of an int8 panel

// A row of `columns` for each output. Or, with int8, what quantize made of that: for each group of outputs, panels
// [columns][LANES] of int8, each followed by its lanes' scales.
typedef struct {
  const float *rows;
  const int8_t *panels;
  ptrdiff_t columns;
  int outputs; // of a group
} Weights;

INLINE Weights weights(const float *weight, int columns, int outputs, int int8) {
  return (Weights){int8 ? NULL : weight, int8 ? (const int8_t *)weight : NULL, columns, outputs};
}

// The weights of the VL outputs o … of a group.
typedef struct {
  const float *rows;
  const int8_t *bytes;
  const float *scales;
  int width; // how many of them there are
} Strip;

INLINE ptrdiff_t panel_bytes(ptrdiff_t columns) { return LANES * (columns + (ptrdiff_t)sizeof(float)); }

INLINE Strip strip(Weights w, int group, int o) {
  if (!w.panels) return (Strip){w.rows + ((ptrdiff_t)group * w.outputs + o) * w.columns, NULL, NULL, w.outputs - o};
  ptrdiff_t panel = (ptrdiff_t)group * ((w.outputs + LANES - 1) / LANES) + o / LANES;
  const int8_t *at = w.panels + panel * panel_bytes(w.columns) + o % LANES;
  return (Strip){NULL, at, (const float *)(w.panels + (panel + 1) * panel_bytes(w.columns)) - LANES + o % LANES, VL};
}

INLINE void dot_floats(int rows, vf sums[ROWS][4], int v, const float *const a[ROWS], const float *weights,
                       ptrdiff_t columns, int width, int K) {
  vf own[ROWS];
  UNROLL for (int r = 0; r < rows; r++) own[r] = sums[r][v];
  for (int k = 0; k < K; k += VL) {
    vf across[VL];
    int some = min_int(VL, K - k);
    transpose_part(across, weights + k, columns, width, some);
    if (some == VL)
      UNROLL for (int i = 0; i < VL; i++)
        UNROLL for (int r = 0; r < rows; r++) own[r] += splat(a[r][k + i]) * across[i];
    else
      for (int i = 0; i < some; i++)
        UNROLL for (int r = 0; r < rows; r++) own[r] += splat(a[r][k + i]) * across[i];
  }
  UNROLL for (int r = 0; r < rows; r++) sums[r][v] = own[r];
}

typedef int8_t bytes __attribute__((vector_size(VL), aligned(1), may_alias));

INLINE void dot_bytes(int rows, int vectors, vf sums[ROWS][4], const float *const a[ROWS], const Strip strips[4],
                      int first, int K) {
  vf own[ROWS][4];
  const int8_t *at[4];
  UNROLL for (int v = 0; v < vectors; v++) {
    at[v] = strips[v].bytes + (ptrdiff_t)first * LANES;
    UNROLL for (int r = 0; r < rows; r++) own[r][v] = splat(0);
  }
  for (ptrdiff_t k = 0; k < K; k++) {
    vf across[4];
    UNROLL for (int v = 0; v < vectors; v++)
      across[v] = __builtin_convertvector(*(const bytes *)(at[v] + k * LANES), vf);
    UNROLL for (int r = 0; r < rows; r++) {
      vf x = splat(a[r][k]);
      UNROLL for (int v = 0; v < vectors; v++) own[r][v] += x * across[v];
    }
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += own[r][v] * load(strips[v].scales);
}

// sums[r][v] += Σ_k a[r][k]·w[strip v][first + k], k in order. Lanes behind a group's last output hold anything.
static void dot(int rows, int vectors, vf sums[ROWS][4], const float *const a[ROWS], Weights w, const Strip strips[4],
                int first, int K) {
  if (w.panels) {
    WITH_TILE(rows, vectors, dot_bytes, sums, a, strips, first, K)
  } else
    for (int v = 0; v < vectors; v++)
      WITH_ROWS(rows, dot_floats, sums, v, a, strips[v].rows + first, w.columns, strips[v].width, K)
}

// Few rows are not worth packing weights for.
INLINE int unpacked(int rows, int int8) { return int8 || (PAIR == 1 && rows <= ROWS); }

// ys[r] = [context[r / T], xs[r]]·weightsᵀ + bias for R rows.
typedef struct {
  float *ys;
  const float *xs, *context, *bias; // context: or NULL
  Weights weights;
  int R, T, D, C, parts;
} Affine;

static void affine_tile(int rows, int vectors, const Affine *p, int r, int o) {
  vf sums[ROWS][4];
  Strip strips[4];
  const float *xs[ROWS], *contexts[ROWS];
  int outputs = p->weights.outputs;
  for (int v = 0; v < vectors; v++) strips[v] = strip(p->weights, 0, o + v * VL);
  for (int i = 0; i < rows; i++) {
    xs[i] = p->xs + (ptrdiff_t)(r + i) * p->D;
    if (p->context) contexts[i] = p->context + (ptrdiff_t)((r + i) / p->T) * p->C;
    for (int v = 0; v < vectors; v++)
      sums[i][v] = p->bias ? load_part(p->bias + o + v * VL, outputs - o - v * VL) : splat(0);
  }
  if (p->context) dot(rows, vectors, sums, contexts, p->weights, strips, 0, p->C);
  dot(rows, vectors, sums, xs, p->weights, strips, p->C, p->D);
  for (int i = 0; i < rows; i++)
    for (int v = 0; v < vectors; v++)
      store_part(p->ys + (ptrdiff_t)(r + i) * outputs + o + v * VL, sums[i][v], outputs - o - v * VL);
}

static void affine_part(void *job, int task) {
  const Affine *p = job;
  Range outputs = part_of(p->weights.outputs, VL, p->parts, task);
  for (int o = outputs.from; o < outputs.to; o += PANEL)
    for (int r = 0; r < p->R; r += ROWS)
      affine_tile(min_int(ROWS, p->R - r), vectors_of(outputs.to - o), p, r, o);
}

static void affine(Affine p, int threads) {
  p.parts = worth(threads, 4.0 * p.weights.outputs * (p.C + p.D)); // a weight read costs more than a multiplication
  parallel_for(p.parts, affine_part, &p);
}
