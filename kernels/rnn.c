#include "kernels.h"
#include "recurrent.h"

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before;
  float *h;
} RnnStep;

static __attribute__((noinline)) void rnn_units(RnnStep s, vf a, int u, int n) {
  store_part(s.h + u, vec_tanh(a), n);
}

INLINE void rnn_tile(int rows, int vectors, const RnnStep *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].h_before;
    UNROLL for (int v = 0; v < vectors; v++) {
      int at = u + v * VL, n = min_int(VL, H - at);
      sums[r][v] = load_part(steps[r].x + at, n);
      if (steps[r].context) sums[r][v] += load_part(steps[r].context + at, n);
    }
  }
  tile(rows, vectors, sums, hs, 1, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) rnn_units(steps[r], sums[r][v], u + v * VL, min_int(VL, H - u - v * VL));
}

size_t rnn_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, NULL, N, 0, C, H, V, H);
}

void rnn_forward(float *hs, float *hn, const float *xs, const int32_t *ids, const float *table, const float *context,
                 const float *h0, const float *weight_ih, const float *weight_hh, const float *bias,
                 const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                 int threads) {
  Room room;
  take_room(&room, scratch, N, 0, C, H, V, H);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, bias, D, C, V, H};
  project(room.projection, hs, input, N, T); // a frame stands where its state will
  pack_columns(room.weights, transposed(weight_hh, H), H, H);
  for (int s = 0; s < T; s++) {
    int count = list_rows(room.list, batch, s + 1, T), K = s || h0 ? H : 0;
    for (int i = 0; i < count; i += ROWS) {
      int rows = min_int(ROWS, count - i);
      RnnStep steps[ROWS];
      for (int r = 0; r < rows; r++) {
        int n = room.list[i + r];
        ptrdiff_t at = place(batch, n, s);
        steps[r] = (RnnStep){.x = projected(room.projection, hs, input, at),
                             .context = context ? room.projection.context + (ptrdiff_t)n * H : NULL,
                             .h_before = state_before(batch, hs, h0, n, s, H),
                             .h = hs + at * H};
      }
      for (int u = 0; u < H; u += PANEL)
        WITH_TILE(rows, (min_int(PANEL, H - u) + VL - 1) / VL, rnn_tile, steps, room.weights + (ptrdiff_t)u * H, K, H,
                  u)
    }
  }
  last_states(hn, batch, hs, H);
  zero_padding(hs, batch, H);
}

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *dh_more, *h; // dh_more: dhn, in the row's last step
  float *da;
  const float *da_after; // of the row's next step
} RnnStepBack;

static __attribute__((noinline)) void rnn_units_back(RnnStepBack s, vf dh, int u, int n) {
  if (s.dh) dh += load_part(s.dh + u, n);
  if (s.dh_more) dh += load_part(s.dh_more + u, n);
  vf h = load_part(s.h + u, n);
  store_part(s.da + u, dh * (1.0f - h * h), n);
}

INLINE void rnn_tile_back(int rows, int vectors, const RnnStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *as[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    as[r] = steps[r].da_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, as, 1, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      rnn_units_back(steps[r], sums[r][v], u + v * VL, min_int(VL, H - u - v * VL));
}

// das: (N,T,H)
static size_t take_rnn_backward(Room *room, float **das, float *scratch, int N, int T, int C, int H, int V) {
  size_t bytes = take_room(room, scratch, N, T, C, H, V, H);
  *das = scratch + bytes / sizeof(float);
  return bytes + sizeof(float) * N * T * H;
}

size_t rnn_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  float *das;
  return take_rnn_backward(&room, &das, NULL, N, T, C, H, V);
}

void rnn_backward(float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih, float *dweight_hh,
                  float *dbias, const float *dhs, const float *dhn, const float *hs, const float *xs,
                  const int32_t *ids, const float *table, const float *context, const float *h0, const float *weight_ih,
                  const float *weight_hh, const int32_t *lengths, float *scratch, int reverse, int N, int T, int D,
                  int C, int H, int V, int threads) {
  Room room;
  float *das;
  take_rnn_backward(&room, &das, scratch, N, T, C, H, V);
  Rows batch = {lengths, reverse, N, T};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, H};
  pack_columns(room.weights, matrix(weight_hh, H), H, H);
  zero_padding(das, batch, H);
  for (int s = T - 1; s >= 0; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(room.list, batch, last ? s + 1 : s + 2, last ? s + 1 : T);
      for (int i = 0; i < count; i += ROWS) {
        int rows = min_int(ROWS, count - i);
        RnnStepBack steps[ROWS];
        for (int r = 0; r < rows; r++) {
          ptrdiff_t n = room.list[i + r], at = place(batch, n, s);
          steps[r] = (RnnStepBack){.dh = dhs ? dhs + at * H : NULL,
                                   .dh_more = last && dhn ? dhn + n * H : NULL,
                                   .h = hs + at * H,
                                   .da = das + at * H,
                                   .da_after = last ? NULL : das + place(batch, n, s + 1) * H};
        }
        for (int u = 0; u < H; u += PANEL)
          WITH_TILE(rows, (min_int(PANEL, H - u) + VL - 1) / VL, rnn_tile_back, steps,
                    room.weights + (ptrdiff_t)u * H, last ? 0 : H, H, u)
      }
    }
  state_backward(room, dh0, SET, dweight_hh, das, H, weight_hh, hs, h0, batch, H, H);
  project_backward(room.projection, room.before, dxs, dtable, dcontext, dweight_ih, dbias, das, input, batch);
}
