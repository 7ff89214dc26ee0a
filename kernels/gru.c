#include "kernels.h"
#include "recurrent.h"

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before;
  float *gates, *q, *h;
} GruStep;

static __attribute__((noinline)) void gru_units(GruStep s, vf r, vf z, vf q, int H, int u, int n) {
  vf x = load_part(s.x + 2 * H + u, n), h_before = s.h_before ? load_part(s.h_before + u, n) : splat(0);
  if (s.context) x += load_part(s.context + 2 * H + u, n);
  r = vec_sigmoid(r), z = vec_sigmoid(z);
  vf candidate = vec_tanh(r * q + x);
  store_part(s.gates + u, r, n);
  store_part(s.gates + H + u, z, n);
  store_part(s.gates + 2 * H + u, candidate, n);
  store_part(s.q + u, q, n);
  store_part(s.h + u, z * (h_before - candidate) + candidate, n);
}

// The sums are r, z and q; the input's part of the candidate stays apart until r is known.
INLINE void gru_tile(int rows, const GruStep *steps, const float *panel, const float *bias, int K, int H, int u,
                     int n) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].h_before;
    UNROLL for (int gate = 0; gate < 3; gate++) sums[r][gate] = load_part(bias + gate * H + u, n);
    UNROLL for (int gate = 0; gate < 2; gate++) {
      sums[r][gate] += load_part(steps[r].x + gate * H + u, n);
      if (steps[r].context) sums[r][gate] += load_part(steps[r].context + gate * H + u, n);
    }
  }
  tile(rows, 3, sums, hs, 1, panel, K);
  UNROLL for (int r = 0; r < rows; r++) gru_units(steps[r], sums[r][0], sums[r][1], sums[r][2], H, u, n);
}

size_t gru_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, NULL, N, 0, C, H, V, 3 * H);
}

void gru_forward(float *hs, float *gates, float *qs, float *hn, const float *xs, const int32_t *ids, const float *table,
                 const float *context, const float *h0, const float *weight_ih, const float *weight_hh,
                 const float *bias_ih, const float *bias_hh, const int32_t *lengths, float *scratch, int reverse, int N,
                 int T, int D, int C, int H, int V, int threads) {
  Room room;
  take_room(&room, scratch, N, 0, C, H, V, 3 * H);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, bias_ih, D, C, V, 3 * H};
  project(room.projection, gates, input, N, T);
  pack_gates(room.weights, weight_hh, 3, H);
  for (int s = 0; s < T; s++) {
    int count = list_rows(room.list, batch, s + 1, T), K = s || h0 ? H : 0;
    for (int i = 0; i < count; i += ROWS) {
      int rows = min_int(ROWS, count - i);
      GruStep steps[ROWS];
      for (int r = 0; r < rows; r++) {
        int n = room.list[i + r];
        ptrdiff_t at = place(batch, n, s);
        steps[r] = (GruStep){.x = projected(room.projection, gates, input, at),
                             .context = context ? room.projection.context + (ptrdiff_t)n * 3 * H : NULL,
                             .h_before = state_before(batch, hs, h0, n, s, H),
                             .gates = gates + at * 3 * H,
                             .q = qs + at * H,
                             .h = hs + at * H};
      }
      for (int u = 0; u < H; u += VL)
        WITH_ROWS(rows, gru_tile, steps, room.weights + (ptrdiff_t)u * H * 3, bias_hh, K, H, u, min_int(VL, H - u))
    }
  }
  last_states(hn, batch, hs, H);
  zero_padding(hs, batch, H);
  zero_padding(gates, batch, 3 * H);
  zero_padding(qs, batch, H);
}

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *h_before;
  float *gates, *q, *carry;             // carry: in, what the next step's z hands back to h_t; out, ours to h_{t-1}
  const float *dgates_after, *dq_after; // of the row's next step
} GruStepBack;

static __attribute__((noinline)) void gru_units_back(GruStepBack s, vf dh, int H, int u, int n) {
  dh += load_part(s.carry + u, n);
  if (s.dh) dh += load_part(s.dh + u, n);
  vf r = load_part(s.gates + u, n), z = load_part(s.gates + H + u, n);
  vf candidate = load_part(s.gates + 2 * H + u, n), q = load_part(s.q + u, n);
  vf h_before = s.h_before ? load_part(s.h_before + u, n) : splat(0);
  vf da = dh * (1.0f - z) * (1.0f - candidate * candidate);
  store_part(s.gates + u, da * q * r * (1.0f - r), n);
  store_part(s.gates + H + u, dh * (h_before - candidate) * z * (1.0f - z), n);
  store_part(s.gates + 2 * H + u, da, n);
  store_part(s.q + u, da * r, n);
  store_part(s.carry + u, dh * z, n);
}

// weight_hh took part in r, z and q: its panels are as deep as these.
INLINE void gru_tile_back(int rows, int vectors, const GruStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *gates[ROWS], *qs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    gates[r] = steps[r].dgates_after, qs[r] = steps[r].dq_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, gates, 1, panel, 2 * K);
  tile(rows, vectors, sums, qs, 1, panel + 2 * K * vectors * VL, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      gru_units_back(steps[r], sums[r][v], H, u + v * VL, min_int(VL, H - u - v * VL));
}

size_t gru_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, NULL, N, T, C, H, V, 3 * H);
}

void gru_backward(float *gates, float *qs, float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih,
                  float *dweight_hh, float *dbias_ih, float *dbias_hh, const float *dhs, const float *dhn,
                  const float *hs, const float *xs, const int32_t *ids, const float *table, const float *context,
                  const float *h0, const float *weight_ih, const float *weight_hh, const int32_t *lengths,
                  float *scratch, int reverse, int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  take_room(&room, scratch, N, T, C, H, V, 3 * H);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 3 * H};
  pack_columns(room.weights, matrix(weight_hh, H), 3 * H, H);
  if (dhn) memcpy(room.carry, dhn, sizeof(float) * N * H);
  else memset(room.carry, 0, sizeof(float) * N * H);
  for (int s = T - 1; s >= 0; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(room.list, batch, last ? s + 1 : s + 2, last ? s + 1 : T);
      for (int i = 0; i < count; i += ROWS) {
        int rows = min_int(ROWS, count - i);
        GruStepBack steps[ROWS];
        for (int r = 0; r < rows; r++) {
          ptrdiff_t n = room.list[i + r], at = place(batch, n, s), after = last ? 0 : place(batch, n, s + 1);
          steps[r] = (GruStepBack){.dh = dhs ? dhs + at * H : NULL,
                                   .h_before = state_before(batch, hs, h0, n, s, H),
                                   .gates = gates + at * 3 * H,
                                   .q = qs + at * H,
                                   .carry = room.carry + n * H,
                                   .dgates_after = gates + after * 3 * H,
                                   .dq_after = qs + after * H};
        }
        for (int u = 0; u < H; u += PANEL)
          WITH_TILE(rows, (min_int(PANEL, H - u) + VL - 1) / VL, gru_tile_back, steps,
                    room.weights + (ptrdiff_t)u * 3 * H, last ? 0 : H, H, u)
      }
    }
  if (dh0) memcpy(dh0, room.carry, sizeof(float) * N * H);
  ptrdiff_t q = (ptrdiff_t)2 * H; // where q begins in weight_hh
  state_backward(room, dh0, ADD, dweight_hh, gates, 3 * H, weight_hh, hs, h0, batch, 2 * H, H);
  state_backward(room, dh0, ADD, dweight_hh + q * H, qs, H, weight_hh + q * H, hs, h0, batch, H, H);
  for (ptrdiff_t i = 0; i < (ptrdiff_t)N * T; i++) add_to(dbias_hh, gates + i * 3 * H, 2 * H);
  add_rows(dbias_hh + q, qs, (ptrdiff_t)N * T, H);
  project_backward(room.projection, room.before, dxs, dtable, dcontext, dweight_ih, dbias_ih, gates, input, batch);
}
