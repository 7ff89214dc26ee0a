// Matrix products, divided over threads. B is packed into panels of four vectors' width; A is read where it lies, or
// turned round where its rows are columns.
#pragma once
#include "threads.h"
#include "tile.h"

#define PANEL (4 * VL)            // columns of a full panel
#define TERMS 256                 // of a block: its panels stay in the cache
#define DEPTH (TERMS * PAIR)      // k's of a block
#define CHUNK 704                 // columns whose panels are packed together: whole panels
#define BLOCK 96                  // rows of A that are made ready together

// Element (i, j) stands at at[i·row + j·col], where one of row and col is 1; or, where rows is given, at rows[i][j], and
// a NULL row is zeros.
typedef struct {
  const float *at;
  ptrdiff_t row, col;
  const float *const *rows;
} Matrix;

INLINE Matrix matrix(const float *at, ptrdiff_t row) { return (Matrix){at, row, 1, NULL}; }
INLINE Matrix transposed(const float *at, ptrdiff_t row) { return (Matrix){at, 1, row, NULL}; }
INLINE Matrix listed(const float *const *rows) { return (Matrix){NULL, 0, 1, rows}; }
INLINE const float *row_of(Matrix m, ptrdiff_t i) { return m.rows ? m.rows[i] : m.at + i * m.row; }

typedef enum { SET, ADD } Mode;
typedef struct {
  int from, to;
} Range;

// Part `task` of 0 … total, cut at multiples of `unit`.
INLINE Range part_of(int total, int unit, int parts, int task) {
  int64_t units = (total + unit - 1) / unit;
  return (Range){min_int(total, (int)(units * task / parts) * unit),
                 min_int(total, (int)(units * (task + 1) / parts) * unit)};
}
// How many threads so many multiplications are worth: to share work out costs about as much as 50,000 of them.
INLINE int worth(int threads, double multiplications) {
  double most = 1 + multiplications / 100000;
  return min_int(min_int(threads, MOST_THREADS), most < MOST_THREADS ? (int)most : MOST_THREADS);
}

// Rows k … k+depth of b, columns n … n+width, as a panel [terms(depth)][vectors·VL]; what is missing is zero.
static NOINLINE void pack(float *panel, int vectors, Matrix b, int k, int depth, int n, int width) {
  ptrdiff_t W = vectors * VL;
  if (b.col != 1) { // its columns are contiguous
    for (int j = 0; j < width; j += VL)
      for (int i = 0; i < depth; i += VL) {
        vf columns[VL];
        transpose_part(columns, b.at + (n + j) * b.col + k + i, b.col, width - j, depth - i);
        float *to = panel + i / PAIR * W + j;
        for (int t = 0; t < terms(min_int(VL, depth - i)); t++) store(to + t * W, join(columns + t * PAIR));
      }
    return;
  }
  for (int i = 0; i < depth; i += PAIR)
    for (int j = 0; j < width; j += VL) {
      vf xs[PAIR];
      UNROLL for (int p = 0; p < PAIR; p++) {
        const float *from = i + p < depth ? row_of(b, k + i + p) : NULL;
        xs[p] = from ? load_part(from + n + j, min_int(VL, width - j)) : splat(0);
      }
      store(panel + i / PAIR * W + j, join(xs));
    }
}

INLINE int vectors_of(int width) { return min_int(4, (width + VL - 1) / VL); }

// Columns n … n+width of b as panels, each `depth` deep; the last has only the vectors it needs.
static void pack_columns(float *panels, Matrix b, int k, int depth, int n, int width) {
  for (int j = 0; j < width; j += PANEL)
    pack(panels + (ptrdiff_t)j * terms(depth), vectors_of(width - j), b, k, depth, n + j, min_int(PANEL, width - j));
}

// Asks for n floats that will be needed soon: rows of a matrix lie pages apart, where no processor looks ahead by itself.
INLINE void fetch(const float *at, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += 16) __builtin_prefetch(at + i, 0, 2);
}

// Where the terms of rows m … m+rows of a, from k on, stand: where a lies itself, or in `room` [rows][TERMS].
static NOINLINE void make_ready(const float *ready[BLOCK], float *room, Matrix a, int m, int rows, int k, int depth) {
  for (int r = 0; r < rows; r++) ready[r] = a.col == 1 && PAIR == 1 ? row_of(a, m + r) + k : room + r * TERMS;
  if (a.col != 1)
    for (int i = 0; i < depth; i += VL) // along each row of memory first: the next lie pages apart
      for (int r = 0; r < rows; r += VL) {
        vf columns[VL];
        for (int j = VL; j < min_int(2 * VL, depth - i); j++) fetch(a.at + (k + i + j) * a.col + m + r, VL);
        transpose_part(columns, a.at + (k + i) * a.col + m + r, a.col, depth - i, rows - r);
        for (int c = 0; c < min_int(VL, rows - r); c++) store_terms(room + (r + c) * TERMS + i / PAIR, columns[c]);
      }
  else if (PAIR > 1)
    for (int r = 0; r < rows; r++)
      for (int i = 0; i < depth; i += VL)
        store_terms(room + r * TERMS + i / PAIR, load_part(row_of(a, m + r) + k + i, min_int(VL, depth - i)));
}

INLINE void gemm_tile(int rows, int vectors, float *c, ptrdiff_t ldc, const float *const a[ROWS], const float *panel,
                      int K, int width, const float *bias, Mode mode) {
  vf sums[ROWS][4];
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = v + 1 < vectors ? VL : width - v * VL;
    UNROLL for (int r = 0; r < rows; r++)
      sums[r][v] = mode == ADD ? load_part(c + r * ldc + v * VL, n) : bias ? load_part(bias + v * VL, n) : splat(0);
  }
  tile(rows, vectors, sums, a, panel, K);
  UNROLL for (int v = 0; v < vectors; v++) {
    int n = v + 1 < vectors ? VL : width - v * VL;
    UNROLL for (int r = 0; r < rows; r++) store_part(c + r * ldc + v * VL, sums[r][v], n);
  }
}

typedef struct {
  float *c;
  ptrdiff_t ldc;
  Matrix a, b;
  const float *bias;
  Mode mode;
  int M, N, K, parts;
  float *scratch;
} Product;

#define ROOM (TERMS * (CHUNK + BLOCK)) // floats for each thread
#define GEMM_SCRATCH(threads) (sizeof(float) * ROOM * (threads))

static void multiply(const Product *p, Range rows, Range columns, float *room) {
  float *panels = room, *turned = room + TERMS * CHUNK;
  int height = rows.to - rows.from, blocks = max_int(1, (height + BLOCK - 1) / BLOCK);
  int depths = max_int(1, (p->K + DEPTH - 1) / DEPTH);
  for (int chunk = columns.from; chunk < columns.to; chunk += CHUNK)
    for (int d = 0; d < depths; d++) {
      Range ks = part_of(p->K, VL, depths, d); // of nearly the same depth, as blocks are of the same height
      int depth = ks.to - ks.from, end = min_int(columns.to, chunk + CHUNK);
      Mode mode = d > 0 ? ADD : p->mode;
      pack_columns(panels, p->b, ks.from, depth, chunk, end - chunk);
      for (int i = 0; i < blocks; i++) {
        Range block = part_of(height, 1, blocks, i);
        int m = rows.from + block.from, some = block.to - block.from, tiles = (some + ROWS - 1) / ROWS;
        const float *ready[BLOCK];
        make_ready(ready, turned, p->a, m, some, ks.from, depth);
        for (int n = chunk; n < end; n += PANEL)
          for (int t = 0; t < tiles; t++) {
            Range tile = part_of(some, 1, tiles, t), next = part_of(some, 1, tiles, t + 1);
            for (int r = next.from; r < next.to && t + 1 < tiles; r++) {
              if (n == chunk) fetch(ready[r], terms(depth));
              fetch(p->c + (m + r) * p->ldc + n, min_int(PANEL, end - n));
            }
            WITH_TILE(tile.to - tile.from, vectors_of(end - n), gemm_tile, p->c + (m + tile.from) * p->ldc + n, p->ldc,
                      ready + tile.from, panels + (ptrdiff_t)(n - chunk) * terms(depth), terms(depth), end - n,
                      p->bias ? p->bias + n : NULL, mode)
          }
      }
    }
}

static void multiply_part(void *job, int task) {
  const Product *p = job;
  Range rows = {0, p->M}, columns = {0, p->N};
  if (p->N >= p->M) columns = part_of(p->N, VL, p->parts, task);
  else rows = part_of(p->M, 1, p->parts, task);
  if (rows.from < rows.to && columns.from < columns.to) multiply(p, rows, columns, p->scratch + (ptrdiff_t)task * ROOM);
}

// c[m][n] = bias[n] + Σ_k a[m][k]·b[k][n], or += Σ (then no bias).   a (M,K)   b (K,N)   c (M,N), rows ldc apart
// The larger of M and N is divided over the threads.   scratch: GEMM_SCRATCH(threads) bytes
static void gemm(float *c, ptrdiff_t ldc, Matrix a, Matrix b, const float *bias, Mode mode, int M, int N, int K,
                 float *scratch, int threads) {
  int parts = worth(threads, (double)M * N * K);
  Product p = {c, ldc, a, b, bias, mode, M, N, K, parts, scratch};
  parallel_for(parts, multiply_part, &p);
}
