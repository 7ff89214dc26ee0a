// Sums down the columns of a matrix, row by row.
#pragma once
#include "simd.h"

INLINE void add_to(float *sums, const float *row, int n) {
  int j = 0;
  for (; j + VL <= n; j += VL) store(sums + j, load(sums + j) + load(row + j));
  for (; j < n; j++) sums[j] += row[j];
}

// sums[j] += Σ_r rows[r][j]
INLINE void add_rows(float *sums, const float *rows, ptrdiff_t R, int n) {
  for (ptrdiff_t r = 0; r < R; r++) add_to(sums, rows + r * n, n);
}

// sums[n][j] = Σ_t rows[n][t][j]
INLINE void sum_steps(float *sums, const float *rows, int N, int T, int n) {
  memset(sums, 0, sizeof(float) * N * n);
  for (ptrdiff_t i = 0; i < N; i++) add_rows(sums + i * n, rows + i * T * n, T, n);
}
