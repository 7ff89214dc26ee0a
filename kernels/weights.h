// Products of a few rows with weights that are read once, where they lie: for one step of few sequences, and for int8,
// where each row is rounded to int16 and the sums are exact: no backend or order of terms changes them.
#pragma once
#include "gemm.h"

#define PANEL_LANES 16 // outputs of an int8 panel

// A row of `columns` for each output. Or, with int8, what quantize made of that: for each group of outputs, panels
// [⌈columns / 2⌉][PANEL_LANES][2] of int8, two columns side by side, each panel followed by its lanes' scales.
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

INLINE ptrdiff_t panel_bytes(ptrdiff_t columns) {
  return PANEL_LANES * ((columns + 1) / 2 * 2 + (ptrdiff_t)sizeof(float));
}

INLINE Strip strip(Weights w, int group, int o) {
  if (!w.panels) return (Strip){w.rows + ((ptrdiff_t)group * w.outputs + o) * w.columns, NULL, NULL, w.outputs - o};
  ptrdiff_t panel = (ptrdiff_t)group * ((w.outputs + PANEL_LANES - 1) / PANEL_LANES) + o / PANEL_LANES;
  const int8_t *at = w.panels + panel * panel_bytes(w.columns) + o % PANEL_LANES * 2;
  const float *scales = (const float *)(w.panels + (panel + 1) * panel_bytes(w.columns)) - PANEL_LANES;
  return (Strip){NULL, at, scales + o % PANEL_LANES, VL};
}

INLINE void dot_floats(int rows, vf sums[ROWS][4], int v, const float *const a[ROWS], const float *weights,
                       ptrdiff_t columns, int width, int K) {
  vf own[ROWS];
  UNROLL for (int r = 0; r < rows; r++) own[r] = sums[r][v];
  int k = 0;
  if (width >= VL)
    for (; k + VL <= K; k += VL) {
      vf across[VL];
      transpose(across, weights + k, columns, VL);
      UNROLL for (int i = 0; i < VL; i++)
        UNROLL for (int r = 0; r < rows; r++) own[r] += splat(a[r][k + i]) * across[i];
    }
  for (; k < K; k += VL) {
    vf across[VL];
    transpose_part(across, weights + k, columns, width, K - k);
    for (int i = 0; i < min_int(VL, K - k); i++)
      UNROLL for (int r = 0; r < rows; r++) own[r] += splat(a[r][k + i]) * across[i];
  }
  UNROLL for (int r = 0; r < rows; r++) sums[r][v] = own[r];
}

typedef int16_t vh __attribute__((vector_size(4 * VL)));
typedef int32_t int_any __attribute__((aligned(2), may_alias));
typedef int8_t bytes __attribute__((vector_size(2 * VL), aligned(1), may_alias));
typedef int16_t half __attribute__((vector_size(2 * VL), aligned(2), may_alias));

// lane[i] = a[2i]·b[2i] + a[2i+1]·b[2i+1]
INLINE vi multiply_pairs(vh a, vh b) {
#if VL == 16
  return (vi)__builtin_ia32_pmaddwd512(a, b);
#elif VL == 8
  return (vi)__builtin_ia32_pmaddwd256(a, b);
#elif defined(__SSE2__)
  return (vi)__builtin_ia32_pmaddwd128(a, b);
#elif defined(__wasm__)
  return (vi)__builtin_wasm_dot_s_i32x4_i16x8(a, b);
#else
  return (((vi)a << 16) >> 16) * (((vi)b << 16) >> 16) + ((vi)a >> 16) * ((vi)b >> 16);
#endif
}

#define WHOLE 512 // products of an int16 and an int8 that an int32 can hold the sum of

// Rounds n ≤ WHOLE numbers to int16, the greatest to ±32767, behind `skip` zeros. Returns what 1 stands for.
INLINE float round_row(int16_t to[WHOLE + 2 * VL], const float *x, int skip, int n) {
  const vf magic = splat(12582912.0f); // 1.5·2²³ rounds to an integer, in the lower bits
  vf mosts = splat(0);
  for (int k = 0; k < n; k += VL) {
    vf y = load_part(x + k, n - k);
    y = choose(y < splat(0), -y, y);
    mosts = choose(y > mosts, y, mosts);
  }
  float most = 0;
  for (int i = 0; i < VL; i++) most = mosts[i] > most ? mosts[i] : most;
  float scale = most > 0 ? 32767 / most : 0;
  to[0] = 0;
  for (int k = 0; k < n; k += VL)
    *(half *)(to + skip + k) = __builtin_convertvector((vi)(load_part(x + k, n - k) * scale + magic), half);
  return most / 32767;
}

INLINE void dot_bytes(int rows, int vectors, vf sums[ROWS][4], const float *const a[ROWS], const Strip strips[4],
                      int first, int K) {
  for (int done = 0, n; done < K; done += n) {
    int skip = (first + done) & 1; // half a pair
    n = min_int(WHOLE - skip, K - done);
    int16_t xs[ROWS][WHOLE + 2 * VL];
    float scales[ROWS];
    UNROLL for (int r = 0; r < rows; r++) scales[r] = round_row(xs[r], a[r] + done, skip, n);
    vi own[ROWS][4];
    const int8_t *at[4];
    UNROLL for (int v = 0; v < vectors; v++) {
      at[v] = strips[v].bytes + (ptrdiff_t)(first + done - skip) * PANEL_LANES;
      UNROLL for (int r = 0; r < rows; r++) own[r][v] = (vi){0};
    }
    for (ptrdiff_t k = 0; k < skip + n; k += 2) {
      vh across[4];
      UNROLL for (int v = 0; v < vectors; v++)
        across[v] = __builtin_convertvector(*(const bytes *)(at[v] + k * PANEL_LANES), vh);
      UNROLL for (int r = 0; r < rows; r++) {
        vh x = (vh)(*(const int_any *)(xs[r] + k) - (vi){0});
        UNROLL for (int v = 0; v < vectors; v++) own[r][v] += multiply_pairs(x, across[v]);
      }
    }
    UNROLL for (int r = 0; r < rows; r++)
      UNROLL for (int v = 0; v < vectors; v++)
        sums[r][v] += __builtin_convertvector(own[r][v], vf) * (load(strips[v].scales) * scales[r]);
  }
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
