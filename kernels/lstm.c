// The LSTM. For each row of the batch, with the gates i | f | g | o:
//
//     a_t = [context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ                  (4H)
//     i = σ(a_i)    f = σ(a_f)    g = tanh(a_g)    o = σ(a_o)                      (H)
//     c_t = f·c_{t-1} + i·g        h_t = o·tanh(c_t)                               (H)
//
// and back, once dh_t and dc_t hold what came from everything that used h_t and c_t:
//
//     dc_t += dh_t·o·(1 − tanh²(c_t))
//     da_i = dc_t·g·i·(1 − i)      da_f = dc_t·c_{t-1}·f·(1 − f)
//     da_g = dc_t·i·(1 − g²)       da_o = dh_t·tanh(c_t)·o·(1 − o)
//     dc_{t-1} = dc_t·f            dh_{t-1} = da_t·weight_hh
//
// Memory, in floats. Kept from forward to backward: hs and cs, N·T·H each, and gates, 4·N·T·H, together 6·N·T·H; da is
// written over gates. Scratch: weight_hh in panels, 4·H·H with H rounded up to whole vectors; the projected table, 4·V·H,
// or the frames, which go into gates; the projected context, 4·N·H; on the way back dc, N·H, and N·T pointers. What the
// products need comes on top (GEMM_SCRATCH). docs/lstm.md derives all of it.
#include "kernels.h"
#include "recurrent.h"

static NOINLINE void lstm_formula(const Step *s, vf i, vf f, vf g, vf o, int H, int u, int n) {
  i = vec_sigmoid(i), f = vec_sigmoid(f), g = vec_tanh(g), o = vec_sigmoid(o);
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

// s->carry is dc.
static NOINLINE void lstm_derivative(const StepBack *s, vf dh, int H, int u, int n) {
  if (s->dh) dh += load_part(s->dh + u, n);
  if (s->dh_more) dh += load_part(s->dh_more + u, n);
  vf i = load_part(s->gates + u, n), f = load_part(s->gates + H + u, n);
  vf g = load_part(s->gates + 2 * H + u, n), o = load_part(s->gates + 3 * H + u, n);
  vf tanh_c = vec_tanh(load_part(s->c + u, n)), c_before = s->c_before ? load_part(s->c_before + u, n) : splat(0);
  vf dc = load_part(s->carry + u, n) + dh * o * (1.0f - tanh_c * tanh_c);
  vf da[4] = {dc * g * i * (1.0f - i), dc * c_before * f * (1.0f - f), dc * i * (1.0f - g * g),
              dh * tanh_c * o * (1.0f - o)};
  UNROLL for (int gate = 0; gate < 4; gate++) {
    store_part(s->gates + gate * H + u, da[gate], n);
    keep_terms(s->kept + gate * gate_terms(H) + u / PAIR, da[gate]);
  }
  store_part(s->carry + u, dc * f, n);
}

static const Cell lstm = {.gates = 4, .cell_state = 1, .formula = lstm_formula, .derivative = lstm_derivative};
static void lstm_steps(const void *layer, Part part) { forward_steps(lstm, layer, part); }
static void lstm_direct(const void *layer, Part part) { direct_steps(lstm, layer, part); }
static void lstm_steps_back(const void *layer, Part part) { backward_steps(lstm, layer, part); }

size_t lstm_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(FORWARD, N, T, C, H, V, 4, threads);
}

void lstm_forward(float *hs, float *cs, float *gates, float *hn, float *cn, const float *xs, const int32_t *ids,
                  const float *table, const float *context, const float *h0, const float *c0, const float *weight_ih,
                  const float *weight_hh, const float *bias, const int32_t *lengths, float *scratch, int reverse, int N,
                  int T, int D, int C, int H, int V, int threads, int int8) {
  Forward l = {.batch = {lengths, reverse, N, T},
               .input = {xs, ids, table, context, weight_ih, bias, D, C, V, 4 * H},
               .hs = hs, .cs = cs, .gates = gates, .h0 = h0, .c0 = c0, .weight = weight_hh, .H = H, .int8 = int8};
  forward(&l, lstm_steps, lstm_direct, hn, scratch, threads);
  last_states(cn, l.batch, cs, H);
  zero_padding(cs, l.batch, H);
}

size_t lstm_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(BACKWARD, N, T, C, H, V, 4, threads);
}

void lstm_backward(float *gates, float *dxs, float *dtable, float *dcontext, float *dh0, float *dc0, float *dweight_ih,
                   float *dweight_hh, float *dbias, const float *dhs, const float *dhn, const float *dcn, const float *hs,
                   const float *cs, const float *xs, const int32_t *ids, const float *table, const float *context,
                   const float *h0, const float *c0, const float *weight_ih, const float *weight_hh,
                   const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                   int threads) {
  Backward l = {.batch = {lengths, reverse, N, T},
                .input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 4 * H},
                .hs = hs, .cs = cs, .h0 = h0, .c0 = c0, .weight = weight_hh, .dhs = dhs, .dhn = dhn, .gates = gates,
                .carry_last = dcn, .carry_first = dc0, .H = H};
  backward(&l, lstm_steps_back, scratch, threads);
  state_backward(&l, dh0, SET, dweight_hh, gates, 4 * H, 0, 4 * H, threads);
  input_backward(&l, dxs, dtable, dcontext, dweight_ih, dbias, threads);
}
