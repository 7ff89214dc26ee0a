#include "kernels.h"
#include "recurrent.h"

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before, *c_before;
  float *gates, *h, *c;
} LstmStep;

static __attribute__((noinline)) void lstm_units(LstmStep s, const vf a[4], int H, int u, int n) {
  vf i = vec_sigmoid(a[0]), f = vec_sigmoid(a[1]), g = vec_tanh(a[2]), o = vec_sigmoid(a[3]);
  vf c = i * g;
  if (s.c_before) c = f * load_part(s.c_before + u, n) + c;
  store_part(s.gates + u, i, n);
  store_part(s.gates + H + u, f, n);
  store_part(s.gates + 2 * H + u, g, n);
  store_part(s.gates + 3 * H + u, o, n);
  store_part(s.c + u, c, n);
  store_part(s.h + u, o * vec_tanh(c), n);
}

INLINE void lstm_tile(int rows, const LstmStep *steps, const float *panel, int K, int H, int u, int n) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].h_before;
    UNROLL for (int gate = 0; gate < 4; gate++) {
      sums[r][gate] = load_part(steps[r].x + gate * H + u, n);
      if (steps[r].context) sums[r][gate] += load_part(steps[r].context + gate * H + u, n);
    }
  }
  tile(rows, 4, sums, hs, 1, panel, K);
  UNROLL for (int r = 0; r < rows; r++) {
    vf a[4] = {sums[r][0], sums[r][1], sums[r][2], sums[r][3]}; // a copy: what has an address leaves the registers
    lstm_units(steps[r], a, H, u, n);
  }
}

size_t lstm_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, NULL, N, 0, C, H, V, 4 * H);
}

void lstm_forward(float *hs, float *cs, float *gates, float *hn, float *cn, const float *xs, const int32_t *ids,
                  const float *table, const float *context, const float *h0, const float *c0, const float *weight_ih,
                  const float *weight_hh, const float *bias, const int32_t *lengths, float *scratch, int reverse, int N,
                  int T, int D, int C, int H, int V, int threads) {
  Room room;
  take_room(&room, scratch, N, 0, C, H, V, 4 * H);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, bias, D, C, V, 4 * H};
  project(room.projection, gates, input, N, T);
  pack_gates(room.weights, weight_hh, 4, H);
  for (int s = 0; s < T; s++) {
    int count = list_rows(room.list, batch, s + 1, T), K = s || h0 ? H : 0;
    for (int i = 0; i < count; i += ROWS) {
      int rows = min_int(ROWS, count - i);
      LstmStep steps[ROWS];
      for (int r = 0; r < rows; r++) {
        int n = room.list[i + r];
        ptrdiff_t at = place(batch, n, s);
        steps[r] = (LstmStep){.x = projected(room.projection, gates, input, at),
                              .context = context ? room.projection.context + (ptrdiff_t)n * 4 * H : NULL,
                              .h_before = state_before(batch, hs, h0, n, s, H),
                              .c_before = state_before(batch, cs, c0, n, s, H),
                              .gates = gates + at * 4 * H,
                              .h = hs + at * H,
                              .c = cs + at * H};
      }
      for (int u = 0; u < H; u += VL)
        WITH_ROWS(rows, lstm_tile, steps, room.weights + (ptrdiff_t)u * H * 4, K, H, u, min_int(VL, H - u))
    }
  }
  last_states(hn, batch, hs, H);
  last_states(cn, batch, cs, H);
  zero_padding(hs, batch, H);
  zero_padding(cs, batch, H);
  zero_padding(gates, batch, 4 * H);
}

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *dh_more, *c, *c_before; // dh_more: dhn, in the row's last step
  float *gates, *dc;                        // dc: in, of c_t; out, of c_{t-1}
  const float *dgates_after;                // (4H) of the row's next step
} LstmStepBack;

static __attribute__((noinline)) void lstm_units_back(LstmStepBack s, vf dh, int H, int u, int n) {
  if (s.dh) dh += load_part(s.dh + u, n);
  if (s.dh_more) dh += load_part(s.dh_more + u, n);
  vf i = load_part(s.gates + u, n), f = load_part(s.gates + H + u, n);
  vf g = load_part(s.gates + 2 * H + u, n), o = load_part(s.gates + 3 * H + u, n);
  vf tanh_c = vec_tanh(load_part(s.c + u, n)), c_before = s.c_before ? load_part(s.c_before + u, n) : splat(0);
  vf dc = load_part(s.dc + u, n) + dh * o * (1.0f - tanh_c * tanh_c);
  store_part(s.gates + u, dc * g * i * (1.0f - i), n);
  store_part(s.gates + H + u, dc * c_before * f * (1.0f - f), n);
  store_part(s.gates + 2 * H + u, dc * i * (1.0f - g * g), n);
  store_part(s.gates + 3 * H + u, dh * tanh_c * o * (1.0f - o), n);
  store_part(s.dc + u, dc * f, n);
}

INLINE void lstm_tile_back(int rows, int vectors, const LstmStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *as[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    as[r] = steps[r].dgates_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, as, 1, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      lstm_units_back(steps[r], sums[r][v], H, u + v * VL, min_int(VL, H - u - v * VL));
}

size_t lstm_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, NULL, N, T, C, H, V, 4 * H);
}

void lstm_backward(float *gates, float *dxs, float *dtable, float *dcontext, float *dh0, float *dc0, float *dweight_ih,
                   float *dweight_hh, float *dbias, const float *dhs, const float *dhn, const float *dcn, const float *hs,
                   const float *cs, const float *xs, const int32_t *ids, const float *table, const float *context,
                   const float *h0, const float *c0, const float *weight_ih, const float *weight_hh,
                   const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                   int threads) {
  Room room;
  take_room(&room, scratch, N, T, C, H, V, 4 * H);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 4 * H};
  pack_columns(room.weights, matrix(weight_hh, H), 4 * H, H);
  if (dcn) memcpy(room.carry, dcn, sizeof(float) * N * H);
  else memset(room.carry, 0, sizeof(float) * N * H);
  for (int s = T - 1; s >= 0; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(room.list, batch, last ? s + 1 : s + 2, last ? s + 1 : T);
      for (int i = 0; i < count; i += ROWS) {
        int rows = min_int(ROWS, count - i);
        LstmStepBack steps[ROWS];
        for (int r = 0; r < rows; r++) {
          ptrdiff_t n = room.list[i + r], at = place(batch, n, s);
          steps[r] = (LstmStepBack){.dh = dhs ? dhs + at * H : NULL,
                                    .dh_more = last && dhn ? dhn + n * H : NULL,
                                    .c = cs + at * H,
                                    .c_before = state_before(batch, cs, c0, n, s, H),
                                    .gates = gates + at * 4 * H,
                                    .dc = room.carry + n * H,
                                    .dgates_after = last ? NULL : gates + place(batch, n, s + 1) * 4 * H};
        }
        for (int u = 0; u < H; u += PANEL)
          WITH_TILE(rows, (min_int(PANEL, H - u) + VL - 1) / VL, lstm_tile_back, steps,
                    room.weights + (ptrdiff_t)u * 4 * H, last ? 0 : 4 * H, H, u)
      }
    }
  if (dc0) memcpy(dc0, room.carry, sizeof(float) * N * H);
  state_backward(room, dh0, SET, dweight_hh, gates, 4 * H, weight_hh, hs, h0, batch, 4 * H, H);
  project_backward(room.projection, room.before, dxs, dtable, dcontext, dweight_ih, dbias, gates, input, batch);
}
