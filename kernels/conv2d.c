// A convolution as products of matrices. With the channels last, the K·C numbers that a window sees of one line of a picture
// follow one another. So no window is copied: a few pictures at a time are given a frame of zeros, and the rows of a matrix
// are pointers to where each window's line begins. There is a product for each of a window's K lines.
#include "columns.h"
#include "kernels.h"

#define PLACES 2048 // of the pictures that are framed together

typedef struct {
  int N, Y, X, K, threads;
  int together;          // pictures that are framed together
  float *products;       // gemm's room
  float *weights;        // (outputs,K,K,inputs)
  float *framed;         // the pictures in their frames
  const float **windows; // where the line of each window begins
} Convolution;

static Convolution take_convolution(size_t *bytes, float *scratch, int N, int Y, int X, int C, int O, int K,
                                    int threads) {
  char *at = (char *)scratch;
  Convolution v = {N, Y, X, K, threads, min_int(N, max_int(1, PLACES / (Y * X)))};
  v.products = take(&at, GEMM_SCRATCH(threads));
  v.weights = take(&at, sizeof(float) * O * C * K * K);
  v.framed = take(&at, sizeof(float) * v.together * (Y + K - 1) * (X + K - 1) * max_int(C, O));
  v.windows = take(&at, sizeof(float *) * v.together * Y * X);
  *bytes = at - (char *)scratch;
  return v;
}

// Copies pictures of C channels into their frames, and lists the first line of each window.
static void frame(Convolution v, const float *xs, int pictures, ptrdiff_t C) {
  ptrdiff_t border = v.K / 2, height = v.Y + v.K - 1, width = v.X + v.K - 1;
  memset(v.framed, 0, sizeof(float) * pictures * height * width * C);
  for (ptrdiff_t n = 0; n < pictures; n++)
    for (ptrdiff_t y = 0; y < v.Y; y++) {
      float *line = v.framed + (n * height + y) * width * C;
      memcpy(line + (border * width + border) * C, xs + (n * v.Y + y) * v.X * C, sizeof(float) * v.X * C);
      for (ptrdiff_t x = 0; x < v.X; x++) v.windows[(n * v.Y + y) * v.X + x] = line + x * C;
    }
}

static void next_line(Convolution v, int pictures, ptrdiff_t C) {
  for (ptrdiff_t i = 0; i < (ptrdiff_t)pictures * v.Y * v.X; i++) v.windows[i] += (v.X + v.K - 1) * C;
}

// ys (N,Y,X,O) = windows of xs (N,Y,X,C)·weightsᵀ + bias; or, where there are dys (N,Y,X,O), weights += dysᵀ·windows.
static void convolve(Convolution v, float *ys, const float *dys, const float *xs, const float *bias, int C, int O) {
  ptrdiff_t places = (ptrdiff_t)v.Y * v.X, line = (ptrdiff_t)v.K * C;
  for (ptrdiff_t n = 0; n < v.N; n += v.together) {
    int pictures = min_int(v.together, v.N - n), M = pictures * places;
    frame(v, xs + n * places * C, pictures, C);
    for (int i = 0; i < v.K; i++) {
      float *weights = v.weights + i * line; // of line i, rows K·line apart
      if (dys)
        gemm(weights, v.K * line, transposed(dys + n * places * O, O), listed(v.windows), NULL, ADD, O, line, M,
             v.products, v.threads);
      else
        gemm(ys + n * places * O, O, listed(v.windows), transposed(weights, v.K * line), bias, i ? ADD : SET, M, O, line,
             v.products, v.threads);
      next_line(v, pictures, C);
    }
  }
}

// to[o][j][i] = from[o][i][j]
static void turn_each(float *to, const float *from, ptrdiff_t O, ptrdiff_t I, ptrdiff_t J) {
  for (ptrdiff_t o = 0; o < O; o++)
    for (ptrdiff_t i = 0; i < I; i++)
      for (ptrdiff_t j = 0; j < J; j++) to[(o * J + j) * I + i] = from[(o * I + i) * J + j];
}

// to[c][J − 1 − j][o] = from[o][c][j]
static void turn_back(float *to, const float *from, ptrdiff_t O, ptrdiff_t C, ptrdiff_t J) {
  for (ptrdiff_t o = 0; o < O; o++)
    for (ptrdiff_t c = 0; c < C; c++)
      for (ptrdiff_t j = 0; j < J; j++) to[(c * J + J - 1 - j) * O + o] = from[(o * C + c) * J + j];
}

size_t conv2d_forward_scratch(int N, int Y, int X, int C, int O, int K, int threads) {
  size_t bytes;
  take_convolution(&bytes, NULL, N, Y, X, C, O, K, threads);
  return bytes;
}

size_t conv2d_backward_scratch(int N, int Y, int X, int C, int O, int K, int threads) {
  return conv2d_forward_scratch(N, Y, X, C, O, K, threads);
}

void conv2d_forward(float *ys, const float *xs, const float *weight, const float *bias, float *scratch, int N, int Y,
                    int X, int C, int O, int K, int threads) {
  size_t bytes;
  Convolution v = take_convolution(&bytes, scratch, N, Y, X, C, O, K, threads);
  turn_each(v.weights, weight, O, C, K * K);
  convolve(v, ys, NULL, xs, bias, C, O);
}

// The gradient of the pictures is a convolution too: of dys, with windows that look the other way.
void conv2d_backward(float *dxs, float *dweight, float *dbias, const float *dys, const float *xs, const float *weight,
                     float *scratch, int N, int Y, int X, int C, int O, int K, int threads) {
  size_t bytes;
  Convolution v = take_convolution(&bytes, scratch, N, Y, X, C, O, K, threads);
  if (dxs) {
    turn_back(v.weights, weight, O, C, K * K);
    convolve(v, dxs, NULL, dys, NULL, O, C);
  }
  turn_each(v.weights, dweight, O, C, K * K);
  convolve(v, NULL, dys, xs, NULL, C, O);
  turn_each(dweight, v.weights, O, K * K, C);
  sum_columns(dbias, dys, (Rows){NULL, 0, N, Y * X}, O, O, ALL, NULL, threads);
}
