#include "gemm.h"
#include "kernels.h"
#include "lanes.h"

// One struct for every kernel, so that all walk through the batch alike. attend's weights, contexts and values stand
// where the scores, queries and keys do: the products are the same.
typedef struct Attention {
  void (*run)(const struct Attention *row);
  float *scores, *queries, *keys, *vector; // set, or added to: of these, or of their gradients
  const float *scores_in, *queries_in, *keys_in, *vector_in;
  const int32_t *lengths;
  float *scratch; // ROOM for each part
  int N, T, S, A, parts;
  int length; // of the row at work
  float scale; // of scores
} Attention;

// The arrays of row n.
INLINE Attention row_at(const Attention *a, ptrdiff_t n) {
  Attention row = *a;
  ptrdiff_t scores = n * a->T * a->S, queries = n * a->T * a->A, keys = n * a->S * a->A;
  row.scores += scores, row.queries += queries, row.keys += keys;
  row.scores_in += scores, row.queries_in += queries, row.keys_in += keys;
  row.length = a->lengths ? a->lengths[n] : a->S;
  return row;
}

static void rows_part(void *job, int task) {
  const Attention *a = job;
  Range rows = part_of(a->N, 1, a->parts, task);
  for (int n = rows.from; n < rows.to; n++) {
    Attention row = row_at(a, n);
    row.scratch += (ptrdiff_t)task * ROOM;
    a->run(&row);
  }
}

// Each of the N·T·S·A terms costs about as much as `cost` multiplications.
static void divide(void (*part)(void *, int), Attention a, int cost, int threads) {
  a.parts = worth(threads, (double)a.N * a.T * a.S * a.A * cost);
  parallel_for(a.parts, part, &a);
}

static void product(float *c, int width, Matrix a, Matrix b, int M, int N, int K, float *room) {
  Product p = {c, width, a, b, NULL, SET, M, N, K, 1, room};
  multiply(&p, (Range){0, M}, (Range){0, N}, room);
}

// Zeroes what is behind the row's length in scores (T,S).
static void zero_scores(const Attention *r) {
  for (ptrdiff_t t = 0; t < r->T; t++)
    memset(r->scores + t * r->S + r->length, 0, sizeof(float) * (r->S - r->length));
}

// scores = queries·keysᵀ
static void set_scores(const Attention *r) {
  product(r->scores, r->S, matrix(r->queries_in, r->A), transposed(r->keys_in, r->A), r->T, r->length, r->A, r->scratch);
  zero_scores(r);
}

// queries = scores·keys
static void set_queries(const Attention *r, const float *scores) {
  product(r->queries, r->A, matrix(scores, r->S), matrix(r->keys_in, r->A), r->T, r->A, r->length, r->scratch);
}

// keys = scoresᵀ·queries
static void set_keys(const Attention *r) {
  product(r->keys, r->A, transposed(r->scores_in, r->S), matrix(r->queries_in, r->A), r->length, r->A, r->T, r->scratch);
  memset(r->keys + (ptrdiff_t)r->length * r->A, 0, sizeof(float) * (r->S - r->length) * r->A);
}

static void dot_scores_back_row(const Attention *r) {
  set_queries(r, r->scores_in);
  set_keys(r);
}

static void attend_row(const Attention *r) {
  for (ptrdiff_t i = 0; i < (ptrdiff_t)r->T * r->S; i += r->S)
    softmax_row(r->scores + i, r->scores_in + i, 1 / r->scale, r->length);
  zero_scores(r);
  set_queries(r, r->scores);
}

static void attend_back_row(const Attention *r) {
  set_keys(r);
  set_scores(r); // the gradients of the weights
  for (ptrdiff_t i = 0; i < (ptrdiff_t)r->T * r->S; i += r->S) {
    float *ds = r->scores + i;
    const float *weights = r->scores_in + i;
    float mean = dot_along(weights, ds, r->length);
    for (int s = 0; s < r->length; s++) ds[s] = r->scale * (weights[s] * (ds[s] - mean));
  }
}

#define STEPS 16 // at a time: their sums stay in the cache

static void additive_scores_row(const Attention *r) {
  ptrdiff_t A = r->A;
  for (int s = 0; s < r->length; s += VL)
    for (int t = 0; t < r->T; t += STEPS) {
      vf sums[STEPS] = {0};
      int steps = min_int(STEPS, r->T - t);
      for (int k = 0; k < A; k += VL) {
        vf across[VL];
        transpose_part(across, r->keys_in + s * A + k, A, r->length - s, r->A - k);
        for (int i = 0; i < steps; i++)
          for (int j = 0; j < min_int(VL, r->A - k); j++)
            sums[i] += r->vector_in[k + j] * vec_tanh(r->queries_in[(t + i) * A + k + j] + across[j]);
      }
      for (int i = 0; i < steps; i++) store_part(r->scores + (ptrdiff_t)(t + i) * r->S + s, sums[i], r->length - s);
    }
  zero_scores(r);
}

// Of columns k … k+width.
INLINE void additive_scores_back(const Attention *r, int k, int width) {
  ptrdiff_t A = r->A;
  vf vector = load_part(r->vector_in + k, width), dvector = splat(0);
  for (ptrdiff_t s = 0; s < r->S; s++) store_part(r->keys + s * A + k, splat(0), width);
  for (ptrdiff_t t = 0; t < r->T; t++) {
    const float *dscores = r->scores_in + t * r->S;
    vf query = load_part(r->queries_in + t * A + k, width), dquery = splat(0);
    for (ptrdiff_t s = 0; s < r->length; s++) {
      float *dkey = r->keys + s * A + k;
      vf y = vec_tanh(query + load_part(r->keys_in + s * A + k, width));
      vf dx = dscores[s] * vector * (1.0f - y * y);
      dvector += dscores[s] * y;
      dquery += dx;
      store_part(dkey, load_part(dkey, width) + dx, width);
    }
    store_part(r->queries + t * A + k, dquery, width);
  }
  store_part(r->vector + k, load_part(r->vector + k, width) + dvector, width);
}

// Threads share the columns, so that dvector is added to in the order of the rows.
static void additive_scores_back_part(void *job, int task) {
  const Attention *a = job;
  Range part = part_of(a->A, VL, a->parts, task);
  for (int n = 0; n < a->N; n++) {
    Attention row = row_at(a, n);
    for (int k = part.from; k < part.to; k += VL)
      part.to - k < VL ? additive_scores_back(&row, k, part.to - k) : additive_scores_back(&row, k, VL);
  }
}

size_t dot_scores_forward_scratch(int N, int T, int S, int A, int threads) { return GEMM_SCRATCH(threads); }
size_t dot_scores_backward_scratch(int N, int T, int S, int A, int threads) { return GEMM_SCRATCH(threads); }
size_t attend_forward_scratch(int N, int T, int S, int H, int threads) { return GEMM_SCRATCH(threads); }
size_t attend_backward_scratch(int N, int T, int S, int H, int threads) { return GEMM_SCRATCH(threads); }

void dot_scores_forward(float *scores, const float *queries, const float *keys, const int32_t *lengths, float *scratch,
                        int N, int T, int S, int A, int threads) {
  divide(rows_part,
         (Attention){.run = set_scores, .scores = scores, .queries_in = queries, .keys_in = keys, .lengths = lengths,
                     .scratch = scratch, .N = N, .T = T, .S = S, .A = A},
         1, threads);
}

void dot_scores_backward(float *dqueries, float *dkeys, const float *dscores, const float *queries, const float *keys,
                         const int32_t *lengths, float *scratch, int N, int T, int S, int A, int threads) {
  divide(rows_part,
         (Attention){.run = dot_scores_back_row, .queries = dqueries, .keys = dkeys, .scores_in = dscores,
                     .queries_in = queries, .keys_in = keys, .lengths = lengths, .scratch = scratch, .N = N, .T = T,
                     .S = S, .A = A},
         2, threads);
}

void additive_scores_forward(float *scores, const float *queries, const float *keys, const float *vector,
                             const int32_t *lengths, int N, int T, int S, int A, int threads) {
  divide(rows_part,
         (Attention){.run = additive_scores_row, .scores = scores, .queries_in = queries, .keys_in = keys,
                     .vector_in = vector, .lengths = lengths, .N = N, .T = T, .S = S, .A = A},
         16, threads);
}

void additive_scores_backward(float *dqueries, float *dkeys, float *dvector, const float *dscores, const float *queries,
                              const float *keys, const float *vector, const int32_t *lengths, int N, int T, int S,
                              int A, int threads) {
  divide(additive_scores_back_part,
         (Attention){.queries = dqueries, .keys = dkeys, .vector = dvector, .scores_in = dscores, .queries_in = queries,
                     .keys_in = keys, .vector_in = vector, .lengths = lengths, .N = N, .T = T, .S = S, .A = A},
         16, threads);
}

void attend_forward(float *weights, float *contexts, const float *scores, const float *values, const int32_t *lengths,
                    float *scratch, float scale, int N, int T, int S, int H, int threads) {
  divide(rows_part,
         (Attention){.run = attend_row, .scale = scale, .scores = weights, .queries = contexts, .scores_in = scores, .keys_in = values,
                     .lengths = lengths, .scratch = scratch, .N = N, .T = T, .S = S, .A = H},
         1, threads);
}

void attend_backward(float *dscores, float *dvalues, const float *dcontexts, const float *weights, const float *values,
                     const int32_t *lengths, float *scratch, float scale, int N, int T, int S, int H, int threads) {
  divide(rows_part,
         (Attention){.run = attend_back_row, .scale = scale, .scores = dscores, .keys = dvalues, .scores_in = weights,
                     .queries_in = dcontexts, .keys_in = values, .lengths = lengths, .scratch = scratch, .N = N, .T = T,
                     .S = S, .A = H},
         2, threads);
}
