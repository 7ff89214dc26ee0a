#include "kernels.h"
#include "recurrent.h"

typedef struct {
  Room room;
  Rows batch;
  Input input;
  float *hs, *cs, *gates;
  const float *h0, *c0, *weight;
  int H, int8;
} LstmForward;

// Where one row's step reads and writes.
typedef struct {
  const float *x, *context, *h_before, *c_before; // x, context: projected
  float *gates, *h, *c, *kept;
} LstmStep;

static LstmStep lstm_step(const LstmForward *l, int n, int s) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H;
  int N = l->batch.N;
  return (LstmStep){.x = projected(l->room.projection, l->gates, l->input, at),
                    .context = l->input.context ? l->room.projection.context + n * 4 * H : NULL,
                    .h_before = terms_of(state_before(l->batch, l->hs, l->h0, n, s, H), kept(l->room, N, n, s + 1)),
                    .c_before = state_before(l->batch, l->cs, l->c0, n, s, H),
                    .gates = l->gates + at * 4 * H,
                    .h = l->hs + at * H,
                    .c = l->cs + at * H,
                    .kept = kept(l->room, N, n, s)};
}

INLINE vf lstm_start(LstmStep s, int at, int n) {
  vf x = load_part(s.x + at, n);
  return s.context ? x + load_part(s.context + at, n) : x;
}

static __attribute__((noinline)) void lstm_units(const LstmStep *s, const vf a[4], int H, int u, int n) {
  vf i = vec_sigmoid(a[0]), f = vec_sigmoid(a[1]), g = vec_tanh(a[2]), o = vec_sigmoid(a[3]);
  vf c = i * g;
  if (s->c_before) c = f * load_part(s->c_before + u, n) + c;
  vf h = o * vec_tanh(c);
  store_part(s->gates + u, i, n);
  store_part(s->gates + H + u, f, n);
  store_part(s->gates + 2 * H + u, g, n);
  store_part(s->gates + 3 * H + u, o, n);
  store_part(s->c + u, c, n);
  store_part(s->h + u, h, n);
  keep_terms(s->kept + u / PAIR, h);
}

INLINE void lstm_tile(int rows, const LstmStep *steps, const float *panel, int K, int H, int u, int n) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].h_before;
    UNROLL for (int gate = 0; gate < 4; gate++) sums[r][gate] = lstm_start(steps[r], gate * H + u, n);
  }
  tile(rows, 4, sums, hs, panel, K);
  UNROLL for (int r = 0; r < rows; r++) {
    vf a[4] = {sums[r][0], sums[r][1], sums[r][2], sums[r][3]}; // a copy: what has an address leaves the registers
    lstm_units(&steps[r], a, H, u, n);
  }
}

static void lstm_pack(const void *layer, Range units) {
  const LstmForward *l = layer;
  pack_gates(l->room.weights, l->weight, 4, l->H, units);
}

static void lstm_steps(const void *layer, Part part) {
  const LstmForward *l = layer;
  int H = l->H, K = terms(H), block = unit_block(4 * K, VL);
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    int tiles = (count + ROWS - 1) / ROWS;
    for (int from = part.units.from; from < part.units.to; from += block)
      for (int i = 0; i < tiles; i++) {
        Range some = part_of(count, 1, tiles, i);
        int rows = some.to - some.from;
        LstmStep steps[ROWS];
        for (int r = 0; r < rows; r++) steps[r] = lstm_step(l, part.list[some.from + r], s);
        for (int u = from; u < min_int(part.units.to, from + block); u += VL)
          WITH_ROWS(rows, lstm_tile, steps, l->room.weights + (ptrdiff_t)u * 4 * K, s || l->h0 ? K : 0, H, u,
                    min_int(VL, H - u))
      }
  }
}

// A step of few rows, from the weights as they lie.
static void lstm_direct_tile(int rows, const LstmForward *l, const int32_t *list, int s, int u) {
  int H = l->H, C = l->input.C, n = min_int(VL, H - u);
  Weights ih = weights(l->input.weight, C + l->input.D, H, l->int8), hh = weights(l->weight, H, H, l->int8);
  Strip from_x[4], from_h[4];
  vf sums[ROWS][4], more[ROWS][4];
  LstmStep steps[ROWS];
  const float *xs[ROWS], *contexts[ROWS], *hs[ROWS];
  for (int gate = 0; gate < 4; gate++) from_x[gate] = strip(ih, gate, u), from_h[gate] = strip(hh, gate, u);
  for (int r = 0; r < rows; r++) {
    steps[r] = lstm_step(l, list[r], s);
    xs[r] = given(l->input, place(l->batch, list[r], s)), hs[r] = state_before(l->batch, l->hs, l->h0, list[r], s, H);
    contexts[r] = l->input.context + (ptrdiff_t)list[r] * C;
    for (int gate = 0; gate < 4; gate++) {
      sums[r][gate] = load_part(l->input.bias + gate * H + u, n);
      more[r][gate] = splat(0);
    }
  }
  dot(rows, 4, sums, xs, ih, from_x, C, l->input.D);
  if (l->input.context) {
    dot(rows, 4, more, contexts, ih, from_x, 0, C);
    for (int r = 0; r < rows; r++)
      for (int gate = 0; gate < 4; gate++) sums[r][gate] += more[r][gate];
  }
  if (hs[0]) dot(rows, 4, sums, hs, hh, from_h, 0, H);
  for (int r = 0; r < rows; r++) {
    vf a[4] = {sums[r][0], sums[r][1], sums[r][2], sums[r][3]};
    lstm_units(&steps[r], a, H, u, n);
  }
}

static void lstm_direct(const void *layer, Part part) {
  const LstmForward *l = layer;
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    for (int u = part.units.from; u < part.units.to; u += VL)
      for (int i = 0; i < count; i += ROWS)
        lstm_direct_tile(min_int(ROWS, count - i), l, part.list + i, s, u);
  }
}

size_t lstm_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, FORWARD, NULL, N, T, C, H, V, 4, threads);
}

void lstm_forward(float *hs, float *cs, float *gates, float *hn, float *cn, const float *xs, const int32_t *ids,
                  const float *table, const float *context, const float *h0, const float *c0, const float *weight_ih,
                  const float *weight_hh, const float *bias, const int32_t *lengths, float *scratch, int reverse, int N,
                  int T, int D, int C, int H, int V, int threads, int int8) {
  LstmForward l = {.batch = {lengths, reverse, N, T},
                   .input = {xs, ids, table, context, weight_ih, bias, D, C, V, 4 * H},
                   .hs = hs, .cs = cs, .gates = gates, .h0 = h0, .c0 = c0, .weight = weight_hh, .H = H, .int8 = int8};
  int direct = unpacked(N * T, int8);
  take_room(&l.room, FORWARD, scratch, N, T, C, H, V, 4, threads);
  if (!direct) {
    project(l.room.projection, gates, l.input, N, T, threads);
    keep_rows(l.room, h0, N, H, 1);
  }
  run_recurrence((Recurrence){&l, direct ? NULL : lstm_pack, direct ? lstm_direct : lstm_steps, l.batch, l.room.list, H},
                 FORWARD, 4 * (direct ? C + D + H : H), threads);
  last_states(hn, l.batch, hs, H);
  last_states(cn, l.batch, cs, H);
  zero_padding(hs, l.batch, H);
  zero_padding(cs, l.batch, H);
  zero_padding(gates, l.batch, 4 * H);
}

typedef struct {
  Room room;
  Rows batch;
  const float *dhs, *dhn, *cs, *c0, *weight;
  float *gates;
  int H;
} LstmBackward;

// Where one row's step reads and writes on the way back.
typedef struct {
  const float *dh, *dh_more, *c, *c_before; // dh_more: dhn, in the row's last step
  float *gates, *dc, *kept;                 // dc: in, of c_t; out, of c_{t-1}
  const float *dgates_after;                // terms (4H) of the row's next step
} LstmStepBack;

static LstmStepBack lstm_step_back(const LstmBackward *l, ptrdiff_t n, int s, int last) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H;
  const float *after = last ? NULL : l->gates + place(l->batch, n, s + 1) * 4 * H;
  return (LstmStepBack){.dh = l->dhs ? l->dhs + at * H : NULL,
                        .dh_more = last && l->dhn ? l->dhn + n * H : NULL,
                        .c = l->cs + at * H,
                        .c_before = state_before(l->batch, l->cs, l->c0, n, s, H),
                        .gates = l->gates + at * 4 * H,
                        .dc = l->room.carry + n * H,
                        .kept = kept(l->room, l->batch.N, n, s),
                        .dgates_after = terms_of(after, kept(l->room, l->batch.N, n, s + 1))};
}

static __attribute__((noinline)) void lstm_units_back(const LstmStepBack *s, vf dh, int H, int u, int n) {
  if (s->dh) dh += load_part(s->dh + u, n);
  if (s->dh_more) dh += load_part(s->dh_more + u, n);
  vf i = load_part(s->gates + u, n), f = load_part(s->gates + H + u, n);
  vf g = load_part(s->gates + 2 * H + u, n), o = load_part(s->gates + 3 * H + u, n);
  vf tanh_c = vec_tanh(load_part(s->c + u, n)), c_before = s->c_before ? load_part(s->c_before + u, n) : splat(0);
  vf dc = load_part(s->dc + u, n) + dh * o * (1.0f - tanh_c * tanh_c);
  vf da[4] = {dc * g * i * (1.0f - i), dc * c_before * f * (1.0f - f), dc * i * (1.0f - g * g),
              dh * tanh_c * o * (1.0f - o)};
  UNROLL for (int gate = 0; gate < 4; gate++) {
    store_part(s->gates + gate * H + u, da[gate], n);
    keep_terms(s->kept + gate * gate_terms(H) + u / PAIR, da[gate]);
  }
  store_part(s->dc + u, dc * f, n);
}

INLINE void lstm_tile_back(int rows, int vectors, const LstmStepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *as[ROWS];
  UNROLL for (int r = 0; r < rows; r++) {
    as[r] = steps[r].dgates_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, as, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      lstm_units_back(&steps[r], sums[r][v], H, u + v * VL, min_int(VL, H - u - v * VL));
}

static void lstm_pack_back(const void *layer, Range units) {
  const LstmBackward *l = layer;
  pack_units(l->room.weights, l->weight, 4, l->H, units);
}

static void lstm_steps_back(const void *layer, Part part) {
  const LstmBackward *l = layer;
  int H = l->H, T = l->batch.T, K = (int)(4 * gate_terms(H)), block = unit_block(K, PANEL);
  for (int s = part.steps.to - 1; s >= part.steps.from; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, last ? s + 1 : s + 2, last ? s + 1 : T);
      int tiles = (count + ROWS - 1) / ROWS;
      for (int from = part.units.from; from < part.units.to; from += block)
        for (int i = 0; i < tiles; i++) {
          Range some = part_of(count, 1, tiles, i);
          int rows = some.to - some.from;
          LstmStepBack steps[ROWS];
          for (int r = 0; r < rows; r++) steps[r] = lstm_step_back(l, part.list[some.from + r], s, last);
          for (int u = from; u < min_int(part.units.to, from + block); u += PANEL)
            WITH_TILE(rows, vectors_of(part.units.to - u), lstm_tile_back, steps, l->room.weights + (ptrdiff_t)u * K,
                      last ? 0 : K, H, u)
        }
    }
}

size_t lstm_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  Room room;
  return take_room(&room, BACKWARD, NULL, N, T, C, H, V, 4, threads);
}

void lstm_backward(float *gates, float *dxs, float *dtable, float *dcontext, float *dh0, float *dc0, float *dweight_ih,
                   float *dweight_hh, float *dbias, const float *dhs, const float *dhn, const float *dcn, const float *hs,
                   const float *cs, const float *xs, const int32_t *ids, const float *table, const float *context,
                   const float *h0, const float *c0, const float *weight_ih, const float *weight_hh,
                   const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                   int threads) {
  LstmBackward l = {.batch = {lengths, reverse, N, T},
                    .dhs = dhs, .dhn = dhn, .cs = cs, .c0 = c0, .weight = weight_hh, .gates = gates, .H = H};
  Input input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 4 * H};
  take_room(&l.room, BACKWARD, scratch, N, T, C, H, V, 4, threads);
  if (dcn) memcpy(l.room.carry, dcn, sizeof(float) * N * H);
  else memset(l.room.carry, 0, sizeof(float) * N * H);
  run_recurrence((Recurrence){&l, lstm_pack_back, lstm_steps_back, l.batch, l.room.list, H}, BACKWARD, 4 * H, threads);
  if (dc0) memcpy(dc0, l.room.carry, sizeof(float) * N * H);
  state_backward(l.room, dh0, SET, dweight_hh, gates, 4 * H, weight_hh, hs, h0, l.batch, 4 * H, H, threads);
  project_backward(l.room.projection, l.room.before, dxs, dtable, dcontext, dweight_ih, dbias, gates, input, l.batch,
                   threads);
}
