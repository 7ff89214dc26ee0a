#include "kernels.h"
#include "recurrent.h"

typedef struct {
  Room room;
  Rows batch;
  Input input;
  float *hs;
  const float *h0, *weight;
  int H, int8;
} RnnForward;

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before;
  float *h, *kept;
} RnnStep;

static RnnStep rnn_step(const RnnForward *l, int n, int s) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H;
  int N = l->batch.N;
  return (RnnStep){.x = projected(l->room.projection, l->hs, l->input, at),
                   .context = l->input.context ? l->room.projection.context + n * H : NULL,
                   .h_before = terms_of(state_before(l->batch, l->hs, l->h0, n, s, H), kept(l->room, N, n, s + 1)),
                   .h = l->hs + at * H,
                   .kept = kept(l->room, N, n, s)};
}

INLINE vf rnn_start(RnnStep s, int u, int n) {
  vf x = load_part(s.x + u, n);
  return s.context ? x + load_part(s.context + u, n) : x;
}

static __attribute__((noinline)) void rnn_units(const RnnStep *s, vf a, int u, int n) {
  vf h = vec_tanh(a);
  store_part(s->h + u, h, n);
  keep_terms(s->kept + u / PAIR, h);
}

INLINE void rnn_tile(int rows, int vectors, const RnnStep *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].h_before;
    UNROLL for (int v = 0; v < vectors; v++)
      sums[r][v] = rnn_start(steps[r], u + v * VL, min_int(VL, H - u - v * VL));
  }
  tile(rows, vectors, sums, hs, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++) rnn_units(&steps[r], sums[r][v], u + v * VL, min_int(VL, H - u - v * VL));
}

static void rnn_pack(const void *layer, Range units) {
  const RnnForward *l = layer;
  int H = l->H;
  pack_columns(l->room.weights + (ptrdiff_t)units.from * terms(H), transposed(l->weight, H), 0, H, units.from,
               units.to - units.from);
}

static void rnn_steps(const void *layer, Part part) {
  const RnnForward *l = layer;
  int H = l->H, K = terms(H), block = unit_block(K, PANEL);
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    int tiles = (count + ROWS - 1) / ROWS;
    for (int from = part.units.from; from < part.units.to; from += block)
      for (int i = 0; i < tiles; i++) {
        Range some = part_of(count, 1, tiles, i);
        int rows = some.to - some.from;
        RnnStep steps[ROWS];
        for (int r = 0; r < rows; r++) steps[r] = rnn_step(l, part.list[some.from + r], s);
        for (int u = from; u < min_int(part.units.to, from + block); u += PANEL)
          WITH_TILE(rows, vectors_of(part.units.to - u), rnn_tile, steps, l->room.weights + (ptrdiff_t)u * K,
                    s || l->h0 ? K : 0, H, u)
      }
  }
}

// A step of few rows, from the weights as they lie.
static void rnn_direct_tile(int rows, int vectors, const RnnForward *l, const int32_t *list, int s, int u) {
  int H = l->H, C = l->input.C;
  Weights ih = weights(l->input.weight, C + l->input.D, H, l->int8), hh = weights(l->weight, H, H, l->int8);
  Strip from_x[4], from_h[4];
  vf sums[ROWS][4], more[ROWS][4];
  const float *xs[ROWS], *contexts[ROWS], *hs[ROWS];
  for (int v = 0; v < vectors; v++) from_x[v] = strip(ih, 0, u + v * VL), from_h[v] = strip(hh, 0, u + v * VL);
  for (int r = 0; r < rows; r++) {
    xs[r] = given(l->input, place(l->batch, list[r], s)), hs[r] = state_before(l->batch, l->hs, l->h0, list[r], s, H);
    contexts[r] = l->input.context + (ptrdiff_t)list[r] * C;
    for (int v = 0; v < vectors; v++) {
      sums[r][v] = load_part(l->input.bias + u + v * VL, min_int(VL, H - u - v * VL));
      more[r][v] = splat(0);
    }
  }
  dot(rows, vectors, sums, xs, ih, from_x, C, l->input.D);
  if (l->input.context) {
    dot(rows, vectors, more, contexts, ih, from_x, 0, C);
    for (int r = 0; r < rows; r++)
      for (int v = 0; v < vectors; v++) sums[r][v] += more[r][v];
  }
  if (hs[0]) dot(rows, vectors, sums, hs, hh, from_h, 0, H);
  for (int r = 0; r < rows; r++) {
    RnnStep step = rnn_step(l, list[r], s);
    for (int v = 0; v < vectors; v++) rnn_units(&step, sums[r][v], u + v * VL, min_int(VL, H - u - v * VL));
  }
}

static void rnn_direct(const void *layer, Part part) {
  const RnnForward *l = layer;
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    for (int u = part.units.from; u < part.units.to; u += PANEL)
      for (int i = 0; i < count; i += ROWS)
        rnn_direct_tile(min_int(ROWS, count - i), vectors_of(part.units.to - u), l, part.list + i, s, u);
  }
}

size_t rnn_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, FORWARD, NULL, N, T, C, H, V, 1, threads);
}

void rnn_forward(float *hs, float *hn, const float *xs, const int32_t *ids, const float *table, const float *context,
                 const float *h0, const float *weight_ih, const float *weight_hh, const float *bias,
                 const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                 int threads, int int8) {
  RnnForward l = {.batch = {lengths, reverse, N, T},
                  .input = {xs, ids, table, context, weight_ih, bias, D, C, V, H},
                  .hs = hs, .h0 = h0, .weight = weight_hh, .H = H, .int8 = int8};
  int direct = unpacked(N * T, int8);
  take_room(&l.room, FORWARD, scratch, N, T, C, H, V, 1, threads);
  if (!direct) {
    project(l.room.projection, hs, l.input, N, T, threads); // a frame stands where its state will
    keep_rows(l.room, h0, N, H, 1);
  }
  run_recurrence((Recurrence){&l, direct ? NULL : rnn_pack, direct ? rnn_direct : rnn_steps, l.batch, l.room.list, H},
                 FORWARD, direct ? C + D + H : H, threads);
  last_states(hn, l.batch, hs, H);
  zero_padding(hs, l.batch, H);
}

typedef struct {
  Room room;
  Rows batch;
  const float *dhs, *dhn, *hs, *weight;
  float *das; // (N,T,H)
  int H;
} RnnBackward;

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *dh_more, *h; // dh_more: dhn, in the row's last step
  float *da, *kept;
  const float *da_after; // terms of the row's next step
} RnnStepBack;

static RnnStepBack rnn_step_back(const RnnBackward *l, ptrdiff_t n, int s, int last) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H;
  const float *after = last ? NULL : l->das + place(l->batch, n, s + 1) * H;
  return (RnnStepBack){.dh = l->dhs ? l->dhs + at * H : NULL,
                       .dh_more = last && l->dhn ? l->dhn + n * H : NULL,
                       .h = l->hs + at * H,
                       .da = l->das + at * H,
                       .kept = kept(l->room, l->batch.N, n, s),
                       .da_after = terms_of(after, kept(l->room, l->batch.N, n, s + 1))};
}

static __attribute__((noinline)) void rnn_units_back(const RnnStepBack *s, vf dh, int u, int n) {
  if (s->dh) dh += load_part(s->dh + u, n);
  if (s->dh_more) dh += load_part(s->dh_more + u, n);
  vf h = load_part(s->h + u, n), da = dh * (1.0f - h * h);
  store_part(s->da + u, da, n);
  keep_terms(s->kept + u / PAIR, da);
}

INLINE void rnn_tile_back(int rows, int vectors, const RnnStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *as[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    as[r] = steps[r].da_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, as, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      rnn_units_back(&steps[r], sums[r][v], u + v * VL, min_int(VL, H - u - v * VL));
}

static void rnn_pack_back(const void *layer, Range units) {
  const RnnBackward *l = layer;
  pack_units(l->room.weights, l->weight, 1, l->H, units);
}

static void rnn_steps_back(const void *layer, Part part) {
  const RnnBackward *l = layer;
  int H = l->H, T = l->batch.T, K = (int)gate_terms(H), block = unit_block(K, PANEL);
  for (int s = part.steps.to - 1; s >= part.steps.from; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, last ? s + 1 : s + 2, last ? s + 1 : T);
      int tiles = (count + ROWS - 1) / ROWS;
      for (int from = part.units.from; from < part.units.to; from += block)
        for (int i = 0; i < tiles; i++) {
          Range some = part_of(count, 1, tiles, i);
          int rows = some.to - some.from;
          RnnStepBack steps[ROWS];
          for (int r = 0; r < rows; r++) steps[r] = rnn_step_back(l, part.list[some.from + r], s, last);
          for (int u = from; u < min_int(part.units.to, from + block); u += PANEL)
            WITH_TILE(rows, vectors_of(part.units.to - u), rnn_tile_back, steps, l->room.weights + (ptrdiff_t)u * K,
                      last ? 0 : K, H, u)
        }
    }
}

static size_t take_rnn_backward(Room *room, float **das, float *scratch, int N, int T, int C, int H, int V,
                                int threads) {
  size_t bytes = take_room(room, BACKWARD, scratch, N, T, C, H, V, 1, threads);
  *das = scratch + bytes / sizeof(float);
  return bytes + sizeof(float) * N * T * H;
}

size_t rnn_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  float *das;
  return take_rnn_backward(&room, &das, NULL, N, T, C, H, V, threads);
}

void rnn_backward(float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih, float *dweight_hh,
                  float *dbias, const float *dhs, const float *dhn, const float *hs, const float *xs,
                  const int32_t *ids, const float *table, const float *context, const float *h0, const float *weight_ih,
                  const float *weight_hh, const int32_t *lengths, float *scratch, int reverse, int N, int T, int D,
                  int C, int H, int V, int threads) {
  RnnBackward l = {.batch = {lengths, reverse, N, T}, .dhs = dhs, .dhn = dhn, .hs = hs, .weight = weight_hh, .H = H};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, H};
  take_rnn_backward(&l.room, &l.das, scratch, N, T, C, H, V, threads);
  zero_padding(l.das, l.batch, H);
  run_recurrence((Recurrence){&l, rnn_pack_back, rnn_steps_back, l.batch, l.room.list, H}, BACKWARD, H, threads);
  state_backward(l.room, dh0, SET, dweight_hh, l.das, H, weight_hh, hs, h0, l.batch, H, H, threads);
  project_backward(l.room.projection, l.room.before, dxs, dtable, dcontext, dweight_ih, dbias, l.das, input, l.batch,
                   threads);
}
