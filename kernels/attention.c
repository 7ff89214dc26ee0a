#include "gemm.h"
#include "kernels.h"
#include "lanes.h"

// One struct for all: what dot_scores calls queries and keys, attend calls contexts and values.
typedef struct Attention Attention;
struct Attention {
  void (*row)(const Attention *a, ptrdiff_t n, float *room);
  float *scores, *contexts, *dscores, *dqueries, *dkeys; // set
  const float *given, *queries, *keys, *vector;          // given: scores, their gradient, or weights
  const int32_t *lengths;
  float *scratch; // ROOM for each part, or NULL
  int N, T, S, A, parts;
};

INLINE int length_of(const Attention *a, ptrdiff_t n) { return a->lengths ? a->lengths[n] : a->S; }

static void rows_part(void *job, int task) {
  const Attention *a = job;
  Range rows = part_of(a->N, 1, a->parts, task);
  for (ptrdiff_t n = rows.from; n < rows.to; n++)
    a->row(a, n, a->scratch ? a->scratch + (ptrdiff_t)task * ROOM : NULL);
}

// Runs a job's row for every row of the batch; each of N·T·S·A places costs about as much as `cost` multiplications.
static void for_rows(Attention a, int cost, int threads) {
  a.parts = worth(threads, (double)a.N * a.T * a.S * a.A * cost);
  parallel_for(a.parts, rows_part, &a);
}

// The products of one row n with its keys or values; scores (T,S) of a row, queries (T,A), keys (S,A).

static void product(float *c, int width, Matrix a, Matrix b, int M, int N, int K, float *room) {
  Product p = {c, width, a, b, NULL, SET, M, N, K, 1, room};
  multiply(&p, (Range){0, M}, (Range){0, N}, room);
}

// scores = queries·keysᵀ
static void compare(float *scores, const float *queries, const float *keys, int T, int S, int A, int length,
                    float *room) {
  product(scores, S, matrix(queries, A), transposed(keys, A), T, length, A, room);
  for (ptrdiff_t t = 0; t < T; t++) memset(scores + t * S + length, 0, sizeof(float) * (S - length));
}

// queries = scores·keys
static void mix(float *queries, const float *scores, const float *keys, int T, int S, int A, int length, float *room) {
  product(queries, A, matrix(scores, S), matrix(keys, A), T, A, length, room);
}

// keys = scoresᵀ·queries
static void share_out(float *keys, const float *scores, const float *queries, int T, int S, int A, int length,
                      float *room) {
  product(keys, A, transposed(scores, S), matrix(queries, A), length, A, T, room);
  memset(keys + (ptrdiff_t)length * A, 0, sizeof(float) * (S - length) * A);
}

// Where row n of an array (N,T,S), (N,T,A) or (N,S,A) stands.
#define TS(xs) ((xs) + n * a->T * a->S)
#define TA(xs) ((xs) + n * a->T * a->A)
#define SA(xs) ((xs) + n * a->S * a->A)
#define SIZES a->T, a->S, a->A, length_of(a, n), room

static void dot_scores_row(const Attention *a, ptrdiff_t n, float *room) {
  compare(TS(a->scores), TA(a->queries), SA(a->keys), SIZES);
}

static void dot_scores_back_row(const Attention *a, ptrdiff_t n, float *room) {
  mix(TA(a->dqueries), TS(a->given), SA(a->keys), SIZES);
  share_out(SA(a->dkeys), TS(a->given), TA(a->queries), SIZES);
}

static void attend_row(const Attention *a, ptrdiff_t n, float *room) {
  int length = length_of(a, n);
  for (ptrdiff_t t = 0; t < a->T; t++) {
    float *weights = TS(a->scores) + t * a->S;
    softmax_row(weights, TS(a->given) + t * a->S, 1, length);
    memset(weights + length, 0, sizeof(float) * (a->S - length));
  }
  mix(TA(a->contexts), TS(a->scores), SA(a->keys), SIZES);
}

static void attend_back_row(const Attention *a, ptrdiff_t n, float *room) {
  share_out(SA(a->dkeys), TS(a->given), TA(a->queries), SIZES);
  compare(TS(a->dscores), TA(a->queries), SA(a->keys), SIZES);
  for (ptrdiff_t t = 0; t < a->T; t++) {
    float *ds = TS(a->dscores) + t * a->S;
    const float *weights = TS(a->given) + t * a->S;
    float mean = dot_along(weights, ds, length_of(a, n));
    for (int s = 0; s < length_of(a, n); s++) ds[s] = weights[s] * (ds[s] - mean);
  }
}

#define STEPS 16 // steps at a time: their sums of VL keys stay in the cache

static void additive_scores_row(const Attention *a, ptrdiff_t n, float *room) {
  int length = length_of(a, n), A = a->A;
  memset(TS(a->scores), 0, sizeof(float) * a->T * a->S);
  for (int s = 0; s < length; s += VL)
    for (int t = 0; t < a->T; t += STEPS) {
      vf sums[STEPS] = {0};
      int steps = min_int(STEPS, a->T - t);
      for (int k = 0; k < A; k += VL) {
        vf across[VL];
        transpose_part(across, SA(a->keys) + (ptrdiff_t)s * A + k, A, length - s, A - k);
        for (int i = 0; i < steps; i++) {
          const float *query = TA(a->queries) + (ptrdiff_t)(t + i) * A + k;
          for (int j = 0; j < min_int(VL, A - k); j++) sums[i] += a->vector[k + j] * vec_tanh(query[j] + across[j]);
        }
      }
      for (int i = 0; i < steps; i++)
        store_part(TS(a->scores) + (ptrdiff_t)(t + i) * a->S + s, sums[i], length - s);
    }
}

typedef struct {
  Attention of;
  float *dvector;
} AdditiveBack;

// Of row n, the columns k … k+width.
INLINE void additive_scores_back(const AdditiveBack *j, ptrdiff_t n, int k, int width) {
  const Attention *a = &j->of;
  ptrdiff_t A = a->A, length = length_of(a, n);
  const float *queries = TA(a->queries) + k, *keys = SA(a->keys) + k;
  float *dqueries = TA(a->dqueries) + k, *dkeys = SA(a->dkeys) + k;
  vf vector = load_part(a->vector + k, width), dvector = splat(0);
  for (ptrdiff_t s = 0; s < a->S; s++) store_part(dkeys + s * A, splat(0), width);
  for (ptrdiff_t t = 0; t < a->T; t++) {
    const float *dscores = TS(a->given) + t * a->S;
    vf query = load_part(queries + t * A, width), dquery = splat(0);
    for (ptrdiff_t s = 0; s < length; s++) {
      vf y = vec_tanh(query + load_part(keys + s * A, width));
      vf dx = dscores[s] * vector * (1.0f - y * y);
      dvector += dscores[s] * y;
      dquery += dx;
      store_part(dkeys + s * A, load_part(dkeys + s * A, width) + dx, width);
    }
    store_part(dqueries + t * A, dquery, width);
  }
  store_part(j->dvector + k, load_part(j->dvector + k, width) + dvector, width);
}

// Divided over a, so that dvector is added to in the order of the rows.
static void additive_scores_back_part(void *job, int task) {
  const AdditiveBack *j = job;
  Range part = part_of(j->of.A, VL, j->of.parts, task);
  for (ptrdiff_t n = 0; n < j->of.N; n++)
    for (int k = part.from; k < part.to; k += VL)
      part.to - k < VL ? additive_scores_back(j, n, k, part.to - k) : additive_scores_back(j, n, k, VL);
}

size_t dot_scores_forward_scratch(int N, int T, int S, int A, int threads) { return GEMM_SCRATCH(threads); }
size_t dot_scores_backward_scratch(int N, int T, int S, int A, int threads) { return GEMM_SCRATCH(threads); }
size_t attend_forward_scratch(int N, int T, int S, int H, int threads) { return GEMM_SCRATCH(threads); }
size_t attend_backward_scratch(int N, int T, int S, int H, int threads) { return GEMM_SCRATCH(threads); }

void dot_scores_forward(float *scores, const float *queries, const float *keys, const int32_t *lengths, float *scratch,
                        int N, int T, int S, int A, int threads) {
  for_rows((Attention){.row = dot_scores_row, .scores = scores, .queries = queries, .keys = keys, .lengths = lengths,
                       .scratch = scratch, .N = N, .T = T, .S = S, .A = A},
           1, threads);
}

void dot_scores_backward(float *dqueries, float *dkeys, const float *dscores, const float *queries, const float *keys,
                         const int32_t *lengths, float *scratch, int N, int T, int S, int A, int threads) {
  for_rows((Attention){.row = dot_scores_back_row, .dqueries = dqueries, .dkeys = dkeys, .given = dscores,
                       .queries = queries, .keys = keys, .lengths = lengths, .scratch = scratch, .N = N, .T = T, .S = S,
                       .A = A},
           2, threads);
}

void additive_scores_forward(float *scores, const float *queries, const float *keys, const float *vector,
                             const int32_t *lengths, int N, int T, int S, int A, int threads) {
  for_rows((Attention){.row = additive_scores_row, .scores = scores, .queries = queries, .keys = keys, .vector = vector,
                       .lengths = lengths, .N = N, .T = T, .S = S, .A = A},
           16, threads);
}

void additive_scores_backward(float *dqueries, float *dkeys, float *dvector, const float *dscores, const float *queries,
                              const float *keys, const float *vector, const int32_t *lengths, int N, int T, int S,
                              int A, int threads) {
  int parts = worth(threads, (double)N * T * S * A * 16);
  AdditiveBack job = {{.dqueries = dqueries, .dkeys = dkeys, .given = dscores, .queries = queries, .keys = keys,
                       .vector = vector, .lengths = lengths, .N = N, .T = T, .S = S, .A = A, .parts = parts},
                      dvector};
  parallel_for(parts, additive_scores_back_part, &job);
}

void attend_forward(float *weights, float *contexts, const float *scores, const float *values, const int32_t *lengths,
                    float *scratch, int N, int T, int S, int H, int threads) {
  for_rows((Attention){.row = attend_row, .scores = weights, .contexts = contexts, .given = scores, .keys = values,
                       .lengths = lengths, .scratch = scratch, .N = N, .T = T, .S = S, .A = H},
           1, threads);
}

void attend_backward(float *dscores, float *dvalues, const float *dcontexts, const float *weights, const float *values,
                     const int32_t *lengths, float *scratch, int N, int T, int S, int H, int threads) {
  for_rows((Attention){.row = attend_back_row, .dscores = dscores, .dkeys = dvalues, .given = weights,
                       .queries = dcontexts, .keys = values, .lengths = lengths, .scratch = scratch, .N = N, .T = T,
                       .S = S, .A = H},
           2, threads);
}
