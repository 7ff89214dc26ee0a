// The whole kernel API on one page. glue.mjs reads these prototypes to make the addon's call table and the list of
// WebAssembly exports; src/engine/backend/kernels.ts is the same list for TypeScript, and a test holds the two against each other.
//
// Letters   N batch, T time, D input size, C context size, H hidden size, V vocabulary size, O outputs, R rows; S source
//           length, A size of a query and of a key; of pictures Y height, X width, C channels, K side of a window.
// Matrices  float32, row after row, without gaps. Ids and lengths are int32.
// Set, add  Outputs and the gradients of activations are set; the gradients of parameters are added to.
// NULL      An optional pointer may be NULL; what that means stands beside it.
// lengths   (N) every row's own T, at least 1; NULL: all T. What inputs hold behind a row's length does not matter;
//           outputs are set to 0 there.
// reverse   1: time runs from a row's last step to its first. Step t keeps its place t in every array.
// scratch   Room the kernel may use as it likes; its …_scratch twin, given the same sizes, says how many bytes.
// threads   How many may take part. The bits of the result do not depend on it.
// int8      1: weight, weight_ih and weight_hh are what quantize made of them.
// Sums run in the order of their index, one product at a time; vectors lie across outputs. So a row's result does not
// depend on the batch around it, and instruction sets with fused multiply-add agree bit for bit.
// Kernels never allocate, print, read a clock or keep state. Every output is distinct from every input unless said.
#pragma once
#include <stddef.h>
#include <stdint.h>

// ys = xs·weightᵀ + bias. The input of row (n, t) is context[n] followed by xs[n, t]; no context: C = 0 and NULL.
//   sets   ys (N,T,O)
//   reads  xs (N,T,D)   context (N,C) or NULL   weight (O,C+D)   bias (O) or NULL
void linear_forward(float *ys, const float *xs, const float *context, const float *weight, const float *bias,
                    float *scratch, int N, int T, int D, int C, int O, int threads, int int8);
size_t linear_forward_scratch(int N, int T, int D, int C, int O, int threads);

// sets   dxs (N,T,D) or NULL   dcontext (N,C) or NULL
// adds   dweight (O,C+D)   dbias (O) or NULL
// reads  dys (N,T,O)   xs   context   weight
void linear_backward(float *dxs, float *dcontext, float *dweight, float *dbias, const float *dys, const float *xs,
                     const float *context, const float *weight, float *scratch, int N, int T, int D, int C, int O,
                     int threads);
size_t linear_backward_scratch(int N, int T, int D, int C, int O, int threads);

// ys[r] = weight[ids[r]].   sets ys (R,D)   reads ids (R), weight (V,D)
void embedding_forward(float *ys, const int32_t *ids, const float *weight, int R, int D);
// dweight[ids[r]] += dys[r].   adds dweight (V,D)   reads dys (R,D), ids (R)
void embedding_backward(float *dweight, const float *dys, const int32_t *ids, int R, int D);

// Weights in int8 with a scale for each output: round(w / scale), scale = max|w| / 127, for G groups of O outputs each
// (an LSTM's weights are 4 groups of H outputs). `packed` takes ⌈O / 16⌉·G panels: [⌈K / 2⌉][16 outputs][2] of int8, and 16
// scales. What is multiplied with them is rounded to int16.
//   sets   packed   reads  weight (G·O,K)
void quantize(float *packed, const float *weight, int G, int O, int K);

// T LSTM steps over a batch of N. Keeps what lstm_backward needs.
//     a = [context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ        gates i | f | g | o
//     c_t = σ(f)·c_{t-1} + σ(i)·tanh(g)        h_t = σ(o)·tanh(c_t)
// x_t is a frame, xs[n, t], or a row of a table, table[ids[n, t]]: give xs, or ids and table. The table is projected once
// and gathered, so give ids where V is small against N·T, and frames of an embedding where it is not.
//   sets   hs, cs (N,T,H)   gates (N,T,4H): i|f|g|o after σ and tanh   hn, cn (N,H): the state after each row's last step
//   reads  xs (N,T,D) or NULL   ids (N,T) and table (V,D) or NULL   context (N,C) or NULL   h0, c0 (N,H) or NULL: zeros
//          weight_ih (4H,C+D)   weight_hh (4H,H)   bias (4H)   lengths (N) or NULL
// Source: Gers, Schmidhuber & Cummins 2000. Twin: lstmForward in src/engine/backend/reference-lstm.ts.
void lstm_forward(float *hs, float *cs, float *gates, float *hn, float *cn, const float *xs, const int32_t *ids,
                  const float *table, const float *context, const float *h0, const float *c0, const float *weight_ih,
                  const float *weight_hh, const float *bias, const int32_t *lengths, float *scratch, int reverse, int N,
                  int T, int D, int C, int H, int V, int threads, int int8);
size_t lstm_forward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// The way back. The gradient of h_t is dhs[n, t], and dhn[n] more after the row's last step.
//   turns  gates (N,T,4H) into the gradient of a, in place: backward runs once for each forward
//   sets   dxs (N,T,D) or NULL   dcontext (N,C) or NULL   dh0, dc0 (N,H) or NULL
//   adds   dtable (V,D) or NULL   dweight_ih (4H,C+D)   dweight_hh (4H,H)   dbias (4H)
//   reads  dhs (N,T,H) or NULL: zeros   dhn, dcn (N,H) or NULL: zeros   and what forward read and kept
void lstm_backward(float *gates, float *dxs, float *dtable, float *dcontext, float *dh0, float *dc0, float *dweight_ih,
                   float *dweight_hh, float *dbias, const float *dhs, const float *dhn, const float *dcn, const float *hs,
                   const float *cs, const float *xs, const int32_t *ids, const float *table, const float *context,
                   const float *h0, const float *c0, const float *weight_ih, const float *weight_hh,
                   const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                   int threads);
size_t lstm_backward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// T GRU steps over a batch of N, as PyTorch and cuDNN take them: r is applied to the hidden part after its bias. The input
// is given as to lstm_forward. Keeps what gru_backward needs.
//     a = [context, x_t]·weight_ihᵀ + bias_ih        b = h_{t-1}·weight_hhᵀ + bias_hh        gates r | z | n
//     r = σ(a_r + b_r)    z = σ(a_z + b_z)    q = b_n    n = tanh(a_n + r·q)        h_t = (1 − z)·n + z·h_{t-1}
//   sets   hs (N,T,H)   gates (N,T,3H): r|z|n after σ and tanh   qs (N,T,H)   hn (N,H): the state after each row's last step
//   reads  xs (N,T,D) or NULL   ids (N,T) and table (V,D) or NULL   context (N,C) or NULL   h0 (N,H) or NULL: zeros
//          weight_ih (3H,C+D)   weight_hh (3H,H)   bias_ih, bias_hh (3H)   lengths (N) or NULL
// Source: Cho et al. 2014, equations 5–8. Twin: gruForward in src/engine/backend/reference-gru.ts.
void gru_forward(float *hs, float *gates, float *qs, float *hn, const float *xs, const int32_t *ids, const float *table,
                 const float *context, const float *h0, const float *weight_ih, const float *weight_hh,
                 const float *bias_ih, const float *bias_hh, const int32_t *lengths, float *scratch, int reverse, int N,
                 int T, int D, int C, int H, int V, int threads, int int8);
size_t gru_forward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// The way back. The gradient of h_t is dhs[n, t], and dhn[n] more after the row's last step.
//   turns  gates (N,T,3H) and qs (N,T,H) into the gradients of a and of q = b_n, in place: backward runs once for each
//          forward. Those of b_r and b_z are those of a_r and a_z
//   sets   dxs (N,T,D) or NULL   dcontext (N,C) or NULL   dh0 (N,H) or NULL
//   adds   dtable (V,D) or NULL   dweight_ih (3H,C+D)   dweight_hh (3H,H)   dbias_ih, dbias_hh (3H)
//   reads  dhs (N,T,H) or NULL: zeros   dhn (N,H) or NULL: zeros   and what forward read and kept
void gru_backward(float *gates, float *qs, float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih,
                  float *dweight_hh, float *dbias_ih, float *dbias_hh, const float *dhs, const float *dhn,
                  const float *hs, const float *xs, const int32_t *ids, const float *table, const float *context,
                  const float *h0, const float *weight_ih, const float *weight_hh, const int32_t *lengths,
                  float *scratch, int reverse, int N, int T, int D, int C, int H, int V, int threads);
size_t gru_backward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// T steps of a plain recurrent network over a batch of N. The input is given as to lstm_forward. The states are all that
// rnn_backward needs.
//     h_t = tanh([context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ)
//   sets   hs (N,T,H)   hn (N,H): the state after each row's last step
//   reads  xs (N,T,D) or NULL   ids (N,T) and table (V,D) or NULL   context (N,C) or NULL   h0 (N,H) or NULL: zeros
//          weight_ih (H,C+D)   weight_hh (H,H)   bias (H)   lengths (N) or NULL
// Source: Elman 1990. Twin: rnnForward in src/engine/backend/reference-rnn.ts.
void rnn_forward(float *hs, float *hn, const float *xs, const int32_t *ids, const float *table, const float *context,
                 const float *h0, const float *weight_ih, const float *weight_hh, const float *bias,
                 const int32_t *lengths, float *scratch, int reverse, int N, int T, int D, int C, int H, int V,
                 int threads, int int8);
size_t rnn_forward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// The way back. The gradient of h_t is dhs[n, t], and dhn[n] more after the row's last step.
//   sets   dxs (N,T,D) or NULL   dcontext (N,C) or NULL   dh0 (N,H) or NULL
//   adds   dtable (V,D) or NULL   dweight_ih (H,C+D)   dweight_hh (H,H)   dbias (H)
//   reads  dhs (N,T,H) or NULL: zeros   dhn (N,H) or NULL: zeros   hs and what forward read
void rnn_backward(float *dxs, float *dtable, float *dcontext, float *dh0, float *dweight_ih, float *dweight_hh,
                  float *dbias, const float *dhs, const float *dhn, const float *hs, const float *xs,
                  const int32_t *ids, const float *table, const float *context, const float *h0, const float *weight_ih,
                  const float *weight_hh, const int32_t *lengths, float *scratch, int reverse, int N, int T, int D,
                  int C, int H, int V, int threads);
size_t rnn_backward_scratch(int N, int T, int D, int C, int H, int V, int threads);

// Attention. Every row n of the batch has T queries, and S keys and values: with lengths (N), so many of them; what is
// behind takes no part. NULL: all S.
//
// scores[n, t, s] = Σ_a queries[n, t, a]·keys[n, s, a].   Source: Luong, Pham & Manning 2015, equation 8, dot.
//   sets   scores (N,T,S): 0 behind a row's length
//   reads  queries (N,T,A)   keys (N,S,A)   lengths (N) or NULL
void dot_scores_forward(float *scores, const float *queries, const float *keys, const int32_t *lengths, float *scratch,
                        int N, int T, int S, int A, int threads);
size_t dot_scores_forward_scratch(int N, int T, int S, int A, int threads);
// sets   dqueries (N,T,A)   dkeys (N,S,A): 0 behind a row's length
// reads  dscores (N,T,S)   queries   keys   lengths
void dot_scores_backward(float *dqueries, float *dkeys, const float *dscores, const float *queries, const float *keys,
                         const int32_t *lengths, float *scratch, int N, int T, int S, int A, int threads);
size_t dot_scores_backward_scratch(int N, int T, int S, int A, int threads);

// scores[n, t, s] = Σ_a vector[a]·tanh(queries[n, t, a] + keys[n, s, a]), in float32 whatever the precision.
//   sets   scores (N,T,S): 0 behind a row's length
//   reads  queries (N,T,A)   keys (N,S,A)   vector (A)   lengths (N) or NULL
// Source: Bahdanau, Cho & Bengio 2015, section A.1.2.
void additive_scores_forward(float *scores, const float *queries, const float *keys, const float *vector,
                             const int32_t *lengths, int N, int T, int S, int A, int threads);
// Computes each tanh anew. Each row's share of dvector is summed up by itself, then added.
//   sets   dqueries (N,T,A)   dkeys (N,S,A): 0 behind a row's length
//   adds   dvector (A)
//   reads  dscores (N,T,S)   and what forward read
void additive_scores_backward(float *dqueries, float *dkeys, float *dvector, const float *dscores, const float *queries,
                              const float *keys, const float *vector, const int32_t *lengths, int N, int T, int S,
                              int A, int threads);

// weights[n, t] = softmax(scale·scores[n, t]), contexts[n, t] = Σ_s weights[n, t, s]·values[n, s].
//   sets   weights (N,T,S): 0 behind a row's length; may be scores   contexts (N,T,H)
//   reads  scores (N,T,S)   values (N,S,H)   lengths (N) or NULL
// Twins of attention: src/engine/backend/reference-attention.ts.
void attend_forward(float *weights, float *contexts, const float *scores, const float *values, const int32_t *lengths,
                    float *scratch, float scale, int N, int T, int S, int H, int threads);
size_t attend_forward_scratch(int N, int T, int S, int H, int threads);
// sets   dscores (N,T,S), dvalues (N,S,H): 0 behind a row's length
// reads  dcontexts (N,T,H)   weights (N,T,S)   values   lengths
void attend_backward(float *dscores, float *dvalues, const float *dcontexts, const float *weights, const float *values,
                     const int32_t *lengths, float *scratch, float scale, int N, int T, int S, int H, int threads);
size_t attend_backward_scratch(int N, int T, int S, int H, int threads);

// losses[r] = lse[r] − Σ_v q[v]·logits[r, v], in nats, times weights[r]; lse = log Σ exp(logits[r]). q is the smoothed
// target, (1 − smoothing)·[v = targets[r]] + smoothing / V, with 0 ≤ smoothing < 1: 0 asks for the target alone.
//   sets   losses (R)   lse (R)
//   reads  logits (R,V)   targets (R)   weights (R) or NULL: ones; 0 masks a row, whose loss and lse are 0
// Source of smoothing: Szegedy et al. 2016, section 7.
void cross_entropy_forward(float *losses, float *lse, const float *logits, const int32_t *targets, const float *weights,
                           float smoothing, int R, int V, int threads);
// dlogits[r, v] = (softmax(logits[r])[v] − q[v])·weights[r]·scale.   dlogits may be logits.
void cross_entropy_backward(float *dlogits, const float *logits, const float *lse, const int32_t *targets,
                            const float *weights, float smoothing, float scale, int R, int V, int threads);
// ys[r, v] = exp((xs[r, v] − max) / temperature) / Σ: probabilities.   sets ys (R,V); ys may be xs   reads xs (R,V)
void softmax(float *ys, const float *xs, float temperature, int R, int V);
// ids[r] = the first v with the greatest logits[r, v].   sets ids (R)   reads logits (R,V)
void argmax(int32_t *ids, const float *logits, int R, int V);

// Zeroes a share `rate` of the elements and divides the rest by 1 − rate; which ones is a function of (seed, stream, step,
// element), so the same call on dys gives dxs.   sets ys (R)   reads xs (R); ys may be xs
// Source: Srivastava et al. 2014; Philox 4×32-10, Salmon et al. 2011.
void dropout(float *ys, const float *xs, float rate, uint32_t seed, uint32_t stream, uint32_t step, int R,
             int threads);

// ys[r, to + j] = xs[r, from + j] for j < columns: puts matrices side by side, or takes one back. What else ys holds stays.
//   sets   `columns` columns of ys (R,O)   reads  xs (R,D)
void copy_columns(float *ys, const float *xs, int R, int O, int to, int D, int from, int columns);
// ys = tanh(xs).   sets ys (R); ys may be xs   reads xs (R)
void tanh_forward(float *ys, const float *xs, int R, int threads);
// dxs = dys·(1 − ys²).   sets dxs (R); dxs may be dys   reads dys, ys (R)
void tanh_backward(float *dxs, const float *dys, const float *ys, int R, int threads);

// ys = max(xs, 0).   sets ys (R); ys may be xs   reads xs (R)
void relu_forward(float *ys, const float *xs, int R, int threads);
// dxs = dys where ys > 0, otherwise 0.   sets dxs (R); dxs may be dys   reads dys, ys (R)
void relu_backward(float *dxs, const float *dys, const float *ys, int R, int threads);

// A convolution of pictures with a window of K × K, K odd. Outside of a picture there are zeros, so it keeps its size.
//     ys[n, y, x, o] = bias[o] + Σ_i Σ_j Σ_c xs[n, y + i − ⌊K/2⌋, x + j − ⌊K/2⌋, c]·weight[o, c, i, j]
//   sets   ys (N,Y,X,O)
//   reads  xs (N,Y,X,C)   weight (O,C,K,K)   bias (O)
// Twins of what is for pictures: src/engine/backend/reference-pictures.ts.
void conv2d_forward(float *ys, const float *xs, const float *weight, const float *bias, float *scratch, int N, int Y,
                    int X, int C, int O, int K, int threads);
size_t conv2d_forward_scratch(int N, int Y, int X, int C, int O, int K, int threads);
// sets   dxs (N,Y,X,C) or NULL
// adds   dweight (O,C,K,K)   dbias (O)
// reads  dys (N,Y,X,O)   xs   weight
void conv2d_backward(float *dxs, float *dweight, float *dbias, const float *dys, const float *xs, const float *weight,
                     float *scratch, int N, int Y, int X, int C, int O, int K, int threads);
size_t conv2d_backward_scratch(int N, int Y, int X, int C, int O, int K, int threads);

// The largest of each 2 × 2 places, channel by channel. An odd last line or column is left out.
//   sets   ys (N,⌊Y/2⌋,⌊X/2⌋,C)   reads  xs (N,Y,X,C)
void max_pool_forward(float *ys, const float *xs, int N, int Y, int X, int C, int threads);
// The gradient goes to the first of the largest, line by line; all others get 0.
//   sets   dxs (N,Y,X,C)   reads  dys (N,⌊Y/2⌋,⌊X/2⌋,C)   xs
void max_pool_backward(float *dxs, const float *dys, const float *xs, int N, int Y, int X, int C, int threads);

// ys += xs.   adds ys (R)   reads xs (R)
void accumulate(float *ys, const float *xs, int R);
// Σ x² over all R rows of xs (V,D), then V is R; or over the R rows whose ids are given, each once. Blocks are added up in
// float32, then in double.
double sum_of_squares(const float *xs, const int32_t *ids, float *scratch, int R, int D, int threads);
size_t sum_of_squares_scratch(int R, int D, int threads);
// value −= rate·scale·grad, and grad becomes 0 for the next update, in all R rows of D or in those whose ids are given.
//   changes value, grad (V,D)   reads ids (R) or NULL
void sgd(float *value, float *grad, const int32_t *ids, float rate, float scale, int R, int D, int threads);
// g = scale·grad;  m += (1−β₁)(g−m);  v += (1−β₂)(g²−v);  value −= rate·(m/bias1) / (√(v/bias2) + epsilon),
// bias1 = 1 − β₁ᵗ, bias2 = 1 − β₂ᵗ; grad becomes 0.   changes value, m, v, grad (R).   Source: Kingma & Ba 2015, algorithm 1.
void adam(float *value, float *m, float *v, float *grad, float rate, float scale, float beta1, float beta2,
          float epsilon, float bias1, float bias2, int R, int threads);
