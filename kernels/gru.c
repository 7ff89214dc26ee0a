#include "kernels.h"
#include "recurrent.h"

typedef struct {
  Room room;
  Rows batch;
  Input input;
  float *hs, *gates, *qs;
  const float *h0, *weight, *bias; // of the hidden part
  int H, int8;
} GruForward;

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before, *terms_before;
  float *gates, *q, *h, *kept;
} GruStep;

static GruStep gru_step(const GruForward *l, int n, int s) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H;
  int N = l->batch.N;
  const float *h_before = state_before(l->batch, l->hs, l->h0, n, s, H);
  return (GruStep){.x = projected(l->room.projection, l->gates, l->input, at),
                   .context = l->input.context ? l->room.projection.context + n * 3 * H : NULL,
                   .h_before = h_before,
                   .terms_before = terms_of(h_before, kept(l->room, N, n, s + 1)),
                   .gates = l->gates + at * 3 * H,
                   .q = l->qs + at * H,
                   .h = l->hs + at * H,
                   .kept = kept(l->room, N, n, s)};
}

INLINE vf gru_input(GruStep s, int at, int n) {
  vf x = load_part(s.x + at, n);
  return s.context ? x + load_part(s.context + at, n) : x;
}

// x: the input's part of the candidate, which stays apart until r is known.
static __attribute__((noinline)) void gru_units(const GruStep *s, vf r, vf z, vf q, vf x, int H, int u, int n) {
  vf h_before = s->h_before ? load_part(s->h_before + u, n) : splat(0);
  r = vec_sigmoid(r), z = vec_sigmoid(z);
  vf candidate = vec_tanh(r * q + x), h = z * (h_before - candidate) + candidate;
  store_part(s->gates + u, r, n);
  store_part(s->gates + H + u, z, n);
  store_part(s->gates + 2 * H + u, candidate, n);
  store_part(s->q + u, q, n);
  store_part(s->h + u, h, n);
  keep_terms(s->kept + u / PAIR, h);
}

INLINE void gru_tile(int rows, const GruStep *steps, const float *panel, const float *bias, int K, int H, int u,
                     int n) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].terms_before;
    UNROLL for (int gate = 0; gate < 3; gate++) sums[r][gate] = load_part(bias + gate * H + u, n); // r, z and q
    UNROLL for (int gate = 0; gate < 2; gate++) sums[r][gate] += gru_input(steps[r], gate * H + u, n);
  }
  tile(rows, 3, sums, hs, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    gru_units(&steps[r], sums[r][0], sums[r][1], sums[r][2], gru_input(steps[r], 2 * H + u, n), H, u, n);
}

static void gru_pack(const void *layer, Range units) {
  const GruForward *l = layer;
  pack_gates(l->room.weights, l->weight, 3, l->H, units);
}

static void gru_steps(const void *layer, Part part) {
  const GruForward *l = layer;
  int H = l->H, K = terms(H), block = unit_block(3 * K, VL);
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    int tiles = (count + ROWS - 1) / ROWS;
    for (int from = part.units.from; from < part.units.to; from += block)
      for (int i = 0; i < tiles; i++) {
        Range some = part_of(count, 1, tiles, i);
        int rows = some.to - some.from;
        GruStep steps[ROWS];
        for (int r = 0; r < rows; r++) steps[r] = gru_step(l, part.list[some.from + r], s);
        for (int u = from; u < min_int(part.units.to, from + block); u += VL)
          WITH_ROWS(rows, gru_tile, steps, l->room.weights + (ptrdiff_t)u * 3 * K, l->bias, s || l->h0 ? K : 0, H, u,
                    min_int(VL, H - u))
      }
  }
}

// A step of few rows, from the weights as they lie.
static void gru_direct_tile(int rows, const GruForward *l, const int32_t *list, int s, int u) {
  int H = l->H, C = l->input.C, n = min_int(VL, H - u);
  Weights ih = weights(l->input.weight, C + l->input.D, H, l->int8), hh = weights(l->weight, H, H, l->int8);
  Strip from_x[4], from_h[4];
  vf sums[ROWS][4], inputs[ROWS][4], more[ROWS][4];
  GruStep steps[ROWS];
  const float *xs[ROWS], *contexts[ROWS], *hs[ROWS];
  for (int gate = 0; gate < 3; gate++) from_x[gate] = strip(ih, gate, u), from_h[gate] = strip(hh, gate, u);
  for (int r = 0; r < rows; r++) {
    steps[r] = gru_step(l, list[r], s);
    xs[r] = given(l->input, place(l->batch, list[r], s)), hs[r] = steps[r].h_before;
    contexts[r] = l->input.context + (ptrdiff_t)list[r] * C;
    for (int gate = 0; gate < 3; gate++) {
      inputs[r][gate] = load_part(l->input.bias + gate * H + u, n);
      more[r][gate] = splat(0);
    }
  }
  dot(rows, 3, inputs, xs, ih, from_x, C, l->input.D);
  if (l->input.context) {
    dot(rows, 3, more, contexts, ih, from_x, 0, C);
    for (int r = 0; r < rows; r++)
      for (int gate = 0; gate < 3; gate++) inputs[r][gate] += more[r][gate];
  }
  for (int r = 0; r < rows; r++)
    for (int gate = 0; gate < 3; gate++) {
      sums[r][gate] = load_part(l->bias + gate * H + u, n);
      if (gate < 2) sums[r][gate] += inputs[r][gate];
    }
  if (hs[0]) dot(rows, 3, sums, hs, hh, from_h, 0, H);
  for (int r = 0; r < rows; r++)
    gru_units(&steps[r], sums[r][0], sums[r][1], sums[r][2], inputs[r][2], H, u, n);
}

static void gru_direct(const void *layer, Part part) {
  const GruForward *l = layer;
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    for (int u = part.units.from; u < part.units.to; u += VL)
      for (int i = 0; i < count; i += ROWS)
        gru_direct_tile(min_int(ROWS, count - i), l, part.list + i, s, u);
  }
}

size_t gru_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, FORWARD, NULL, N, T, C, H, V, 3, threads);
}

void gru_forward(float *hs, float *gates, float *qs, float *hn, const float *xs, const int32_t *ids, const float *table,
                 const float *context, const float *h0, const float *weight_ih, const float *weight_hh,
                 const float *bias_ih, const float *bias_hh, const int32_t *lengths, float *scratch, int reverse, int N,
                 int T, int D, int C, int H, int V, int threads, int int8) {
  GruForward l = {.batch = {lengths, reverse, N, T},
                  .input = {xs, ids, table, context, weight_ih, bias_ih, D, C, V, 3 * H},
                  .hs = hs, .gates = gates, .qs = qs, .h0 = h0, .weight = weight_hh, .bias = bias_hh, .H = H, .int8 = int8};
  int direct = unpacked(N * T, int8);
  take_room(&l.room, FORWARD, scratch, N, T, C, H, V, 3, threads);
  if (!direct) {
    project(l.room.projection, gates, l.input, N, T, threads);
    keep_rows(l.room, h0, N, H, 1);
  }
  run_recurrence((Recurrence){&l, direct ? NULL : gru_pack, direct ? gru_direct : gru_steps, l.batch, l.room.list, H},
                 FORWARD, 3 * (direct ? C + D + H : H), threads);
  last_states(hn, l.batch, hs, H);
  zero_padding(hs, l.batch, H);
  zero_padding(gates, l.batch, 3 * H);
  zero_padding(qs, l.batch, H);
}

typedef struct {
  Room room;
  Rows batch;
  const float *dhs, *hs, *h0, *weight;
  float *gates, *qs;
  int H;
} GruBackward;

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *h_before;
  float *gates, *q, *carry, *kept;      // carry: in, what the next step's z hands back to h_t; out, ours to h_{t-1}
  const float *dgates_after, *dq_after; // terms of the row's next step
} GruStepBack;

static GruStepBack gru_step_back(const GruBackward *l, ptrdiff_t n, int s, int last) {
  ptrdiff_t at = place(l->batch, n, s), after = last ? 0 : place(l->batch, n, s + 1), H = l->H;
  const float *kept_after = kept(l->room, l->batch.N, n, s + 1);
  return (GruStepBack){.dh = l->dhs ? l->dhs + at * H : NULL,
                       .h_before = state_before(l->batch, l->hs, l->h0, n, s, H),
                       .gates = l->gates + at * 3 * H,
                       .q = l->qs + at * H,
                       .carry = l->room.carry + n * H,
                       .kept = kept(l->room, l->batch.N, n, s),
                       .dgates_after = terms_of(l->gates + after * 3 * H, kept_after),
                       .dq_after = terms_of(l->qs + after * H, kept_after + 2 * gate_terms(H))};
}

static __attribute__((noinline)) void gru_units_back(const GruStepBack *s, vf dh, int H, int u, int n) {
  dh += load_part(s->carry + u, n);
  if (s->dh) dh += load_part(s->dh + u, n);
  vf r = load_part(s->gates + u, n), z = load_part(s->gates + H + u, n);
  vf candidate = load_part(s->gates + 2 * H + u, n), q = load_part(s->q + u, n);
  vf h_before = s->h_before ? load_part(s->h_before + u, n) : splat(0);
  vf da = dh * (1.0f - z) * (1.0f - candidate * candidate), dq = da * r;
  vf dr = da * q * r * (1.0f - r), dz = dh * (h_before - candidate) * z * (1.0f - z);
  store_part(s->gates + u, dr, n);
  store_part(s->gates + H + u, dz, n);
  store_part(s->gates + 2 * H + u, da, n);
  store_part(s->q + u, dq, n);
  store_part(s->carry + u, dh * z, n);
  keep_terms(s->kept + u / PAIR, dr);
  keep_terms(s->kept + gate_terms(H) + u / PAIR, dz);
  keep_terms(s->kept + 2 * gate_terms(H) + u / PAIR, dq);
}

// weight_hh took part in r, z and q: its panels are as deep as these. K terms in each.
INLINE void gru_tile_back(int rows, int vectors, const GruStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *gates[ROWS], *qs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    gates[r] = steps[r].dgates_after, qs[r] = steps[r].dq_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, gates, panel, 2 * K);
  tile(rows, vectors, sums, qs, panel + 2 * K * vectors * VL, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      gru_units_back(&steps[r], sums[r][v], H, u + v * VL, min_int(VL, H - u - v * VL));
}

static void gru_pack_back(const void *layer, Range units) {
  const GruBackward *l = layer;
  pack_units(l->room.weights, l->weight, 3, l->H, units);
}

static void gru_steps_back(const void *layer, Part part) {
  const GruBackward *l = layer;
  int H = l->H, T = l->batch.T, K = (int)gate_terms(H), block = unit_block(3 * K, PANEL);
  for (int s = part.steps.to - 1; s >= part.steps.from; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, last ? s + 1 : s + 2, last ? s + 1 : T);
      int tiles = (count + ROWS - 1) / ROWS;
      for (int from = part.units.from; from < part.units.to; from += block)
        for (int i = 0; i < tiles; i++) {
          Range some = part_of(count, 1, tiles, i);
          int rows = some.to - some.from;
          GruStepBack steps[ROWS];
          for (int r = 0; r < rows; r++) steps[r] = gru_step_back(l, part.list[some.from + r], s, last);
          for (int u = from; u < min_int(part.units.to, from + block); u += PANEL)
            WITH_TILE(rows, vectors_of(part.units.to - u), gru_tile_back, steps, l->room.weights + (ptrdiff_t)u * 3 * K,
                      last ? 0 : K, H, u)
        }
    }
}

size_t gru_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, BACKWARD, NULL, N, T, C, H, V, 3, threads);
}

void gru_backward(float *gates, float *qs, float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih,
                  float *dweight_hh, float *dbias_ih, float *dbias_hh, const float *dhs, const float *dhn,
                  const float *hs, const float *xs, const int32_t *ids, const float *table, const float *context,
                  const float *h0, const float *weight_ih, const float *weight_hh, const int32_t *lengths,
                  float *scratch, int reverse, int N, int T, int D, int C, int H, int V, int threads) {
  GruBackward l = {.batch = {lengths, reverse, N, T},
                   .dhs = dhs, .hs = hs, .h0 = h0, .weight = weight_hh, .gates = gates, .qs = qs, .H = H};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 3 * H};
  take_room(&l.room, BACKWARD, scratch, N, T, C, H, V, 3, threads);
  if (dhn) memcpy(l.room.carry, dhn, sizeof(float) * N * H);
  else memset(l.room.carry, 0, sizeof(float) * N * H);
  run_recurrence((Recurrence){&l, gru_pack_back, gru_steps_back, l.batch, l.room.list, H}, BACKWARD, 3 * H, threads);
  if (dh0) memcpy(dh0, l.room.carry, sizeof(float) * N * H);
  ptrdiff_t q = (ptrdiff_t)2 * H; // where q begins in weight_hh
  state_backward(l.room, dh0, ADD, dweight_hh, gates, 3 * H, weight_hh, hs, h0, l.batch, 2 * H, H, threads);
  state_backward(l.room, dh0, ADD, dweight_hh + q * H, qs, H, weight_hh + q * H, hs, h0, l.batch, H, H, threads);
  sum_columns(dbias_hh, gates, l.batch, 3 * H, 2 * H, ALL, NULL, threads);
  sum_columns(dbias_hh + q, qs, l.batch, H, H, ALL, NULL, threads);
  project_backward(l.room.projection, l.room.before, dxs, dtable, dcontext, dweight_ih, dbias_ih, gates, input, l.batch,
                   threads);
}
