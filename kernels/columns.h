// Sums down the columns of a matrix, row by row; threads share the columns.
#pragma once
#include "gemm.h"
#include "rows.h"

INLINE void add_to(float *sums, const float *row, int n) {
  int j = 0;
  for (; j + VL <= n; j += VL) store(sums + j, load(sums + j) + load(row + j));
  for (; j < n; j++) sums[j] += row[j];
}

typedef enum { ALL, BY_ROW, BY_ID } Group;

typedef struct {
  float *sums;
  const float *xs;
  Rows batch;
  ptrdiff_t width, columns;
  Group group;
  const int32_t *ids;
  int parts;
} Sum;

static void sum_part(void *job, int task) {
  const Sum *s = job;
  Range part = part_of((int)s->columns, VL, s->parts, task);
  for (int n = 0; n < s->batch.N; n++)
    for (ptrdiff_t i = (ptrdiff_t)n * s->batch.T, end = i + row_length(s->batch, n); i < end; i++) {
      ptrdiff_t to = s->group == ALL ? 0 : s->group == BY_ROW ? n : s->ids[i];
      add_to(s->sums + to * s->columns + part.from, s->xs + i * s->width + part.from, part.to - part.from);
    }
}

// sums[g][j] += xs[n][t][j] for j < columns and every (n, t) that is not padding. g: always 0 (ALL), n (BY_ROW), or the
// id at (n, t), which ids (N,T) holds (BY_ID). xs (N,T,width)
static void sum_columns(float *sums, const float *xs, Rows batch, int width, int columns, Group group,
                        const int32_t *ids, int threads) {
  Sum s = {sums, xs, batch, width, columns, group, ids, worth(threads, (double)batch.N * batch.T * columns)};
  parallel_for(s.parts, sum_part, &s);
}
