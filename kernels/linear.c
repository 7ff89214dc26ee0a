#include "columns.h"
#include "kernels.h"
#include "weights.h"

// The input is [context | xs], so the weight's columns are C of context, then D of xs.

static size_t take_sums(float **sums, float *scratch, int N, int C, int O, int threads) {
  *sums = scratch + GEMM_SCRATCH(threads) / sizeof(float);
  return GEMM_SCRATCH(threads) + (C ? sizeof(float) * N * O : 0);
}

size_t linear_forward_scratch(int N, int T, int D, int C, int O, int threads) {
  float *projected;
  return take_sums(&projected, NULL, N, C, O, threads);
}

void linear_forward(float *ys, const float *xs, const float *context, const float *weight, const float *bias,
                    float *scratch, int N, int T, int D, int C, int O, int threads,
                    int int8) {
  int columns = C + D;
  if (unpacked(N * T, int8))
    return affine((Affine){ys, xs, context, bias, weights(weight, columns, O, int8), N * T, T, D, C}, threads);
  float *projected;
  take_sums(&projected, scratch, N, C, O, threads);
  if (context) {
    gemm(projected, O, matrix(context, C), transposed(weight, columns), bias, SET, N, O, C, scratch, threads);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)N * T; i++) memcpy(ys + i * O, projected + i / T * O, sizeof(float) * O);
  }
  gemm(ys, O, matrix(xs, D), transposed(weight + C, columns), bias, context ? ADD : SET, N * T, O, D, scratch, threads);
}

size_t linear_backward_scratch(int N, int T, int D, int C, int O, int threads) {
  float *sums;
  return take_sums(&sums, NULL, N, C, O, threads);
}

void linear_backward(float *dxs, float *dcontext, float *dweight, float *dbias, const float *dys, const float *xs,
                     const float *context, const float *weight, float *scratch, int N, int T, int D, int C, int O,
                     int threads) {
  int columns = C + D;
  Rows all = {NULL, 0, N, T};
  float *sums;
  take_sums(&sums, scratch, N, C, O, threads);
  if (dxs) gemm(dxs, D, matrix(dys, O), matrix(weight + C, columns), NULL, SET, N * T, D, O, scratch, threads);
  gemm(dweight + C, columns, transposed(dys, O), matrix(xs, D), NULL, ADD, O, D, N * T, scratch, threads);
  if (dbias) sum_columns(dbias, dys, all, O, O, ALL, NULL, threads);
  if (!context) return;
  memset(sums, 0, sizeof(float) * N * O);
  sum_columns(sums, dys, all, O, O, BY_ROW, NULL, threads);
  gemm(dweight, columns, transposed(sums, O), matrix(context, C), NULL, ADD, O, C, N, scratch, threads);
  if (dcontext) gemm(dcontext, C, matrix(sums, O), matrix(weight, columns), NULL, SET, N, C, O, scratch, threads);
}
