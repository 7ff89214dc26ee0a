// The plain recurrent network. For each row of the batch:
//
//     a_t = [context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ    h_t = tanh(a_t)       (H)
//
// and back, once dh_t holds what came from everything that used h_t:
//
//     da_t = dh_t·(1 − h_t²)        dh_{t-1} = da_t·weight_hh
//
// Memory, in floats. Kept from forward to backward: hs, N·T·H. Scratch: weight_hh in panels, H·H with H rounded up to
// whole vectors; the projected table, V·H, or the frames, which go into hs; the projected context, N·H; on the way back
// da, N·T·H, since hs is needed until the end, N·H that only other cells use, and N·T pointers. What the products need
// comes on top (GEMM_SCRATCH). docs/gru-rnn.md derives all of it.
#include "kernels.h"
#include "recurrent.h"

// It has one gate, a, and leaves the other three arguments alone.
static NOINLINE void rnn_formula(const Step *s, vf a, vf b, vf c, vf d, int H, int u, int n) {
  vf h = vec_tanh(a);
  store_part(s->h + u, h, n);
  keep_terms(s->kept + u / PAIR, h);
}

static NOINLINE void rnn_derivative(const StepBack *s, vf dh, int H, int u, int n) {
  if (s->dh) dh += load_part(s->dh + u, n);
  if (s->dh_more) dh += load_part(s->dh_more + u, n);
  vf h = load_part(s->h + u, n), da = dh * (1.0f - h * h);
  store_part(s->gates + u, da, n);
  keep_terms(s->kept + u / PAIR, da);
}

static const Cell rnn = {.gates = 1, .formula = rnn_formula, .derivative = rnn_derivative};
static void rnn_steps(const void *layer, Part part) { forward_steps(rnn, layer, part); }
static void rnn_direct(const void *layer, Part part) { direct_steps(rnn, layer, part); }
static void rnn_steps_back(const void *layer, Part part) { backward_steps(rnn, layer, part); }

size_t rnn_forward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(FORWARD, N, T, C, H, V, 1, threads);
}

void rnn_forward(float *hs, float *hn, const float *xs, const int32_t *ids, const float *table, const float *context,
                 const float *h0, const float *weight_ih, const float *weight_hh, const float *bias,
                 const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                 int threads, int int8) {
  Forward l = {.batch = {lengths, reverse, N, T},
               .input = {xs, ids, table, context, weight_ih, bias, D, C, V, H},
               .hs = hs, .gates = hs, // a projected frame stands where its state will
               .h0 = h0, .weight = weight_hh, .H = H, .int8 = int8};
  forward(&l, rnn_steps, rnn_direct, hn, scratch, threads);
}

size_t rnn_backward_scratch(int N, int T, int D, int C, int H, int V, int threads) {
  return room_bytes(BACKWARD, N, T, C, H, V, 1, threads);
}

void rnn_backward(float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih, float *dweight_hh,
                  float *dbias, const float *dhs, const float *dhn, const float *hs, const float *xs,
                  const int32_t *ids, const float *table, const float *context, const float *h0, const float *weight_ih,
                  const float *weight_hh, const int32_t *lengths, float *scratch, int reverse, int N, int T, int D,
                  int C, int H, int V, int threads) {
  Backward l = {.batch = {lengths, reverse, N, T},
                .input = {xs, ids, table, context, weight_ih, NULL, D, C, V, H},
                .hs = hs, .h0 = h0, .weight = weight_hh, .dhs = dhs, .dhn = dhn, .H = H};
  backward(&l, rnn_steps_back, scratch, threads);
  state_backward(&l, dh0, SET, dweight_hh, l.gates, H, 0, H, threads);
  input_backward(&l, dxs, dtable, dcontext, dweight_ih, dbias, threads);
}
