// Matrix products. One tile of ROWS × 4 vectors of sums stays in registers while k runs; B comes in packed panels.
#pragma once
#include "vecmath.h"

#define PANEL (4 * VL) // columns of a full panel
#define DEPTH 256      // k's of a block: its panel stays in the cache

// Element (i, j) stands at at[i·row + j·col]; or, where rows is given, at rows[i][j·col], and a NULL row is zeros.
typedef struct {
  const float *at;
  ptrdiff_t row, col;
  const float *const *rows;
} Matrix;

INLINE Matrix matrix(const float *at, ptrdiff_t row) { return (Matrix){at, row, 1, NULL}; }
INLINE Matrix transposed(const float *at, ptrdiff_t row) { return (Matrix){at, 1, row, NULL}; }

// sums[r][v] += Σ_k a[r][k·step] · b[k][v], k in order. `rows` and `vectors` are constants where this is used.
INLINE void tile(int rows, int vectors, vf sums[ROWS][4], const float *const a[ROWS], ptrdiff_t step, const float *b,
                 int K) {
  for (int k = 0; k < K; k++, b += vectors * VL) {
    vf bs[4];
    UNROLL for (int v = 0; v < vectors; v++) bs[v] = load(b + v * VL);
    UNROLL for (int r = 0; r < rows; r++) {
      vf x = splat(a[r][k * step]);
      UNROLL for (int v = 0; v < vectors; v++) sums[r][v] += x * bs[v];
    }
  }
}

// Calls body(rows, …) with a constant for rows, so that each becomes code of its own; WITH_TILE likewise for both.
#if ROWS == 2
#define WITH_ROWS(rows, body, ...)           \
  switch (rows) {                            \
    case 1: body(1, __VA_ARGS__); break;     \
    default: body(2, __VA_ARGS__);           \
  }
#else
#define WITH_ROWS(rows, body, ...)           \
  switch (rows) {                            \
    case 1: body(1, __VA_ARGS__); break;     \
    case 2: body(2, __VA_ARGS__); break;     \
    case 3: body(3, __VA_ARGS__); break;     \
    case 4: body(4, __VA_ARGS__); break;     \
    case 5: body(5, __VA_ARGS__); break;     \
    default: body(6, __VA_ARGS__);           \
  }
#endif
#define WITH_TILE(rows, vectors, body, ...)                  \
  switch (vectors) {                                         \
    case 1: WITH_ROWS(rows, body, 1, __VA_ARGS__) break;     \
    case 2: WITH_ROWS(rows, body, 2, __VA_ARGS__) break;     \
    case 3: WITH_ROWS(rows, body, 3, __VA_ARGS__) break;     \
    default: WITH_ROWS(rows, body, 4, __VA_ARGS__)           \
  }

// to[i·step + j] = from[j·row + i] for i < depth and j < min(width, VL).
static void pack_transposed(float *to, ptrdiff_t step, const float *from, ptrdiff_t row, int depth, int width) {
  int i = 0;
  if (width >= VL)
    for (; i + VL <= depth; i += VL) {
      vf columns[VL];
      transpose(columns, from + i, row);
      UNROLL for (int k = 0; k < VL; k++) store(to + (i + k) * step, columns[k]);
    }
  for (; i < depth; i++)
    for (int j = 0; j < min_int(width, VL); j++) to[i * step + j] = from[j * row + i];
}

// Writes rows k … k+depth of b, columns n … n+width, as a panel [depth][vectors·VL]; what is missing is zero.
static void pack(float *panel, int vectors, Matrix b, int k, int depth, int n, int width) {
  ptrdiff_t W = vectors * VL;
  if (width < W) memset(panel, 0, sizeof(float) * depth * W);
  if (b.col != 1) { // a transposed matrix, whose columns are contiguous
    for (int j = 0; j < width; j += VL) pack_transposed(panel + j, W, b.at + (n + j) * b.col + k, b.col, depth, width - j);
    return;
  }
  for (int i = 0; i < depth; i++) {
    const float *from = b.rows ? b.rows[k + i] : b.at + (k + i) * b.row;
    if (from) memcpy(panel + i * W, from + n, sizeof(float) * width);
    else memset(panel + i * W, 0, sizeof(float) * width);
  }
}

// All of b (K,N) as panels, each K deep; the last has only the vectors it needs.
static void pack_columns(float *panels, Matrix b, int K, int N) {
  for (int n = 0; n < N; n += PANEL) {
    int width = min_int(PANEL, N - n);
    pack(panels + (ptrdiff_t)n * K, (width + VL - 1) / VL, b, 0, K, n, width);
  }
}

typedef enum { SET, ADD } Mode;

INLINE void gemm_tile(int rows, int vectors, float *c, ptrdiff_t ldc, const float *const a[ROWS], ptrdiff_t step,
                      const float *panel, int K, int width, const float *bias, Mode mode) {
  vf sums[ROWS][4];
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = v + 1 < vectors ? VL : width - v * VL;
    UNROLL for (int r = 0; r < rows; r++)
      sums[r][v] = mode == ADD ? load_part(c + r * ldc + v * VL, n) : bias ? load_part(bias + v * VL, n) : splat(0);
  }
  tile(rows, vectors, sums, a, step, panel, K);
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = v + 1 < vectors ? VL : width - v * VL;
    UNROLL for (int r = 0; r < rows; r++) store_part(c + r * ldc + v * VL, sums[r][v], n);
  }
}

// VL columns of a product with one row: the weights, a row for each column, are read once and never packed.
INLINE vf dot_rows(vf sum, const float *a, const float *weights, ptrdiff_t row, int K) {
  int k = 0;
  for (; k + VL <= K; k += VL) {
    vf columns[VL];
    transpose(columns, weights + k, row);
    UNROLL for (int i = 0; i < VL; i++) sum += splat(a[k + i]) * columns[i];
  }
  for (; k < K; k++) {
    vf column;
    UNROLL for (int j = 0; j < VL; j++) column[j] = weights[j * row + k];
    sum += splat(a[k]) * column;
  }
  return sum;
}

#define GEMM_SCRATCH (sizeof(float) * DEPTH * PANEL)

// c[m][n] = bias[n] + Σ_k a[m][k]·b[k][n], or += Σ (then no bias).   a (M,K)   b (K,N)   c (M,N), rows ldc apart
static void gemm(float *c, ptrdiff_t ldc, Matrix a, Matrix b, const float *bias, Mode mode, int M, int N, int K,
                 float *panel) {
  if (M == 1 && a.col == 1 && b.row == 1 && b.col != 1) { // one row against a transposed matrix
    const float *row = a.rows ? a.rows[0] : a.at;
    int n = 0;
    for (; n + VL <= N; n += VL) {
      vf start = mode == ADD ? load(c + n) : bias ? load(bias + n) : splat(0);
      store(c + n, dot_rows(start, row, b.at + n * b.col, b.col, K));
    }
    c += n, N -= n, b.at += n * b.col;
    if (bias) bias += n;
    if (N == 0) return;
  }
  int k = 0;
  do {
    int depth = min_int(DEPTH, K - k);
    for (int n = 0; n < N; n += PANEL) {
      int width = min_int(PANEL, N - n), vectors = (width + VL - 1) / VL;
      pack(panel, vectors, b, k, depth, n, width);
      for (int m = 0; m < M; m += ROWS) {
        int rows = min_int(ROWS, M - m);
        const float *as[ROWS];
        for (int r = 0; r < rows; r++) as[r] = (a.rows ? a.rows[m + r] : a.at + (m + r) * a.row) + k * a.col;
        WITH_TILE(rows, vectors, gemm_tile, c + m * ldc + n, ldc, as, a.col, panel, depth, width,
                  bias ? bias + n : NULL, k > 0 ? ADD : mode)
      }
    }
    k += depth;
  } while (k < K);
}
