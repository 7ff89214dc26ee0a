// The GRU. For each row of the batch, with the gates r | z | n:
//
//     a_t = [context, x_t]·weight_ihᵀ + bias_ih    b_t = h_{t-1}·weight_hhᵀ + bias_hh      (3H)
//     r = σ(a_r + b_r)    z = σ(a_z + b_z)    q = b_n    n = tanh(a_n + r·q)               (H)
//     h_t = (1 − z)·n + z·h_{t-1}, computed as z·(h_{t-1} − n) + n                         (H)
//
// and back, once dh_t holds what came from everything that used h_t:
//
//     da_n = dh_t·(1 − z)·(1 − n²)            dq = da_n·r
//     da_r = da_n·q·r·(1 − r)                 da_z = dh_t·(h_{t-1} − n)·z·(1 − z)
//     dh_{t-1} = [da_r, da_z, dq]·weight_hh + dh_t·z
//
// Memory, in floats. Kept from forward to backward: hs and qs, N·T·H each, and gates, 3·N·T·H, together 5·N·T·H; da is
// written over gates, and dq over qs. Scratch: weight_hh in panels, 3·H·H with H rounded up to whole vectors; the
// projected table, 3·V·H, or the frames, which go into gates; the projected context, 3·N·H; on the way back dh·z, N·H,
// and N·T pointers. What the products need comes on top (GEMM_SCRATCH). docs/gru-rnn.md derives all of it.
#include "kernels.h"
#include "recurrent.h"

static NOINLINE void gru_formula(const Step *s, vf r, vf z, vf q, vf x, int H, int u, int n) {
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

// s->carry is dh·z.
static NOINLINE void gru_derivative(const StepBack *s, vf dh, int H, int u, int n) {
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

static const Cell gru = {.gates = 3, .apart = 1, .formula = gru_formula, .derivative = gru_derivative};
static void gru_steps(const void *layer, Part part) { forward_steps(gru, layer, part); }
static void gru_direct(const void *layer, Part part) { direct_steps(gru, layer, part); }
static void gru_steps_back(const void *layer, Part part) { backward_steps(gru, layer, part); }

size_t gru_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(FORWARD, N, T, C, H, V, 3, threads);
}

void gru_forward(float *hs, float *gates, float *qs, float *hn, const float *xs, const int32_t *ids, const float *table,
                 const float *context, const float *h0, const float *weight_ih, const float *weight_hh,
                 const float *bias_ih, const float *bias_hh, const int32_t *lengths, float *scratch, int reverse, int N,
                 int T, int D, int C, int H, int V, int threads, int int8) {
  Forward l = {.batch = {lengths, reverse, N, T},
               .input = {xs, ids, table, context, weight_ih, bias_ih, D, C, V, 3 * H},
               .hs = hs, .qs = qs, .gates = gates, .h0 = h0, .weight = weight_hh, .bias = bias_hh, .H = H, .int8 = int8};
  forward(&l, gru_steps, gru_direct, hn, scratch, threads);
  zero_padding(qs, l.batch, H);
}

size_t gru_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(BACKWARD, N, T, C, H, V, 3, threads);
}

void gru_backward(float *gates, float *qs, float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih,
                  float *dweight_hh, float *dbias_ih, float *dbias_hh, const float *dhs, const float *dhn,
                  const float *hs, const float *xs, const int32_t *ids, const float *table, const float *context,
                  const float *h0, const float *weight_ih, const float *weight_hh, const int32_t *lengths,
                  float *scratch, int reverse, int N, int T, int D, int C, int H, int V, int threads) {
  Backward l = {.batch = {lengths, reverse, N, T},
                .input = {xs, ids, table, context, weight_ih, NULL, D, C, V, 3 * H},
                .hs = hs, .h0 = h0, .weight = weight_hh, .dhs = dhs, .gates = gates, .qs = qs,
                .carry_last = dhn, .carry_first = dh0, .H = H};
  backward(&l, gru_steps_back, scratch, threads);
  state_backward(&l, dh0, ADD, dweight_hh, gates, 3 * H, 0, 2 * H, threads); // r and z
  state_backward(&l, dh0, ADD, dweight_hh, qs, H, 2 * H, H, threads);
  sum_columns(dbias_hh, gates, l.batch, 3 * H, 2 * H, ALL, NULL, threads);
  sum_columns(dbias_hh + 2 * H, qs, l.batch, H, H, ALL, NULL, threads);
  input_backward(&l, dxs, dtable, dcontext, dweight_ih, dbias_ih, threads);
}
