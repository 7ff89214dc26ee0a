#include "columns.h"
#include "gemm.h"
#include "kernels.h"

// The input is [context | xs], so the weight's columns are C of context, then D of xs.

size_t linear_forward_scratch(int N, int T, int D, int C, int O, int threads) {
  return GEMM_SCRATCH + (C ? sizeof(float) * N * O : 0);
}

void linear_forward(float *ys, const float *xs, const float *context, const float *weight, const float *bias,
                    float *scratch, int N, int T, int D, int C, int O, int threads) {
  int columns = C + D;
  float *projected = scratch + GEMM_SCRATCH / sizeof(float);
  if (context) {
    gemm(projected, O, matrix(context, C), transposed(weight, columns), bias, SET, N, O, C, scratch);
    for (ptrdiff_t i = 0; i < (ptrdiff_t)N * T; i++) memcpy(ys + i * O, projected + i / T * O, sizeof(float) * O);
  }
  gemm(ys, O, matrix(xs, D), transposed(weight + C, columns), bias, context ? ADD : SET, N * T, O, D, scratch);
}

size_t linear_backward_scratch(int N, int T, int D, int C, int O, int threads) {
  return GEMM_SCRATCH + (C ? sizeof(float) * N * O : 0);
}

void linear_backward(float *dxs, float *dcontext, float *dweight, float *dbias, const float *dys, const float *xs,
                     const float *context, const float *weight, float *scratch, int N, int T, int D, int C, int O,
                     int threads) {
  int columns = C + D;
  float *sums = scratch + GEMM_SCRATCH / sizeof(float);
  if (dxs) gemm(dxs, D, matrix(dys, O), matrix(weight + C, columns), NULL, SET, N * T, D, O, scratch);
  gemm(dweight + C, columns, transposed(dys, O), matrix(xs, D), NULL, ADD, O, D, N * T, scratch);
  if (dbias) add_rows(dbias, dys, N * T, O);
  if (!context) return;
  sum_steps(sums, dys, N, T, O);
  gemm(dweight, columns, transposed(sums, O), matrix(context, C), NULL, ADD, O, C, N, scratch);
  if (dcontext) gemm(dcontext, C, matrix(sums, O), matrix(weight, columns), NULL, SET, N, C, O, scratch);
}
