// What a recurrent layer does with its input before and after the steps: the projection onto its gates (G = their number
// times H), from frames or from a table of V rows, and a context that is the same in every step.
#pragma once
#include "columns.h"

typedef struct {
  const float *xs;    // (N,T,D), or NULL: ids and table are given
  const int32_t *ids; // (N,T)
  const float *table; // (V,D)
  const float *context, *weight, *bias; // (N,C) or NULL, (G,C+D), (G)
  int D, C, V, G;
} Input;

// The projected input of a place: rows of `steps` (N,T,G or V,G) and, unless NULL, of `context` (N,G), to be added up.
typedef struct {
  float *steps, *context, *panels;
} Projection;

// `gates` (N,T,G) takes the projected frames.
static void project(Projection p, float *gates, Input in, int N, int T, int threads) {
  int columns = in.C + in.D, R = in.xs ? N * T : in.V;
  gemm(in.xs ? gates : p.steps, in.G, matrix(in.xs ? in.xs : in.table, in.D), transposed(in.weight + in.C, columns),
       in.bias, SET, R, in.G, in.D, p.panels, threads);
  if (in.context)
    gemm(p.context, in.G, matrix(in.context, in.C), transposed(in.weight, columns), NULL, SET, N, in.G, in.C, p.panels,
         threads);
}

INLINE const float *projected(Projection p, const float *gates, Input in, ptrdiff_t place) {
  return in.xs ? gates + place * in.G : p.steps + (ptrdiff_t)in.ids[place] * in.G;
}

// The frame or the row of the table at a place, as it was given.
INLINE const float *given(Input in, ptrdiff_t place) {
  return in.xs ? in.xs + place * in.D : in.table + (ptrdiff_t)in.ids[place] * in.D;
}

// frames[n·T + t]: the frame at (n, t); NULL in the padding, which may hold anything.
static void list_frames(const float **frames, Rows b, const float *xs, int D) {
  memset(frames, 0, sizeof(*frames) * b.N * b.T);
  for (int n = 0; n < b.N; n++)
    for (ptrdiff_t i = (ptrdiff_t)n * b.T, end = i + row_length(b, n); i < end; i++) frames[i] = xs + i * D;
}

// From dgates (N,T,G), zero in the padding, to the gradients of the input, its weight and its bias.
// p.steps and p.context serve as room for sums, `frames` (N,T) for where the frames stand.
static void project_backward(Projection p, const float **frames, float *dxs, float *dtable, float *dcontext,
                             float *dweight, float *dbias, const float *dgates, Input in, Rows b, int threads) {
  int columns = in.C + in.D, R = b.N * b.T;
  const float *dsteps = dgates;
  Matrix steps = listed(frames);
  sum_columns(dbias, dgates, b, in.G, in.G, ALL, NULL, threads);
  if (in.ids) { // add up the places of a word: V rows instead of N·T
    memset(p.steps, 0, sizeof(float) * in.V * in.G);
    sum_columns(p.steps, dgates, b, in.G, in.G, BY_ID, in.ids, threads);
    dsteps = p.steps, steps = matrix(in.table, in.D), R = in.V;
  } else list_frames(frames, b, in.xs, in.D);
  gemm(dweight + in.C, columns, transposed(dsteps, in.G), steps, NULL, ADD, in.G, in.D, R, p.panels, threads);
  float *dinput = in.ids ? dtable : dxs;
  if (dinput)
    gemm(dinput, in.D, matrix(dsteps, in.G), matrix(in.weight + in.C, columns), NULL, in.ids ? ADD : SET, R, in.D, in.G,
         p.panels, threads);
  if (!in.context) return;
  memset(p.context, 0, sizeof(float) * b.N * in.G);
  sum_columns(p.context, dgates, b, in.G, in.G, BY_ROW, NULL, threads);
  gemm(dweight, columns, transposed(p.context, in.G), matrix(in.context, in.C), NULL, ADD, in.G, in.C, b.N, p.panels,
       threads);
  if (dcontext)
    gemm(dcontext, in.C, matrix(p.context, in.G), matrix(in.weight, columns), NULL, SET, b.N, in.C, in.G, p.panels,
         threads);
}

// Room for the sums of a projection, V of them where the input is a table; see `take`.
static Projection take_projection(char **at, int N, int C, int V, int G, int threads) {
  return (Projection){.steps = take(at, sizeof(float) * V * G),
                      .context = take(at, C ? sizeof(float) * N * G : 0),
                      .panels = take(at, GEMM_SCRATCH(threads))};
}
