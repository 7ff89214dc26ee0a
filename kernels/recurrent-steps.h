// The steps of a recurrent layer, forward and backward: the loops over steps, rows and units that all cells share, and
// the Cell that says what is different in each.
#pragma once
#include "recurrent-room.h"

// One call, forward and backward. cs, c0: the LSTM's; qs, bias: the GRU's; NULL elsewhere.
typedef struct {
  Rows batch;
  Input input;
  float *hs, *cs, *qs; // (N,T,H)
  float *gates;        // (N,T,G) after the formula; before it, the projected frames
  const float *h0, *c0, *weight, *bias; // weight (G,H) and bias (G) of the hidden part
  int H, int8;
  Room room;
} Forward;
typedef struct {
  Rows batch;
  Input input;
  const float *hs, *cs, *h0, *c0, *weight, *dhs, *dhn;
  float *gates, *qs;       // what forward left, to be turned into its gradient; gates: NULL if it left none
  const float *carry_last; // (N,H) what `carry` begins with, or NULL: zeros
  float *carry_first;      // (N,H) takes what it ends with, unless NULL
  int H;
  Room room;
} Backward;

// Where one row's step reads and writes, forward and backward. What was before the first step is NULL: zeros.
typedef struct {
  const float *x, *context; // projected, to be added up; context: or NULL
  const float *h_before, *c_before, *terms_before;
  float *gates, *h, *c, *q, *kept; // kept: h as terms
} Step;
typedef struct {
  const float *dh, *dh_more; // dh_more: dhn, in the row's last step
  const float *h, *h_before, *c, *c_before;
  float *gates, *q;             // in: what forward kept; out: the gradients
  float *carry;                 // in: from the row's next step; out: to the one before
  float *kept;                  // the gradients as terms, gate by gate
  const float *after, *q_after; // the terms of the row's next step
} StepBack;

// What sets a cell apart. The loops take it as a constant, so the compiler makes loops of its own for each. The functions
// work on n ≤ VL units, from unit u on, of one row's step. They are called, not inlined: tiles of all sizes share them.
typedef struct {
  int gates;
  int cell_state; // 1: it carries c_t beside h_t
  int apart;      // 1: the hidden part has a bias of its own, and the last gate's, q, stays apart from the gate's input
  // Takes the sums of its gates in their order and, where `apart`, the last gate's input after them. Sets what is kept.
  void (*formula)(const Step *s, vf first, vf second, vf third, vf fourth, int H, int u, int n);
  // Takes the gradient of h_t that came back through weight_hh. Sets the gradients of the gates.
  void (*derivative)(const StepBack *s, vf dh, int H, int u, int n);
} Cell;

INLINE Step step_of(Cell c, const Forward *l, int n, int s) {
  ptrdiff_t at = place(l->batch, n, s), H = l->H, G = c.gates * H;
  int N = l->batch.N;
  const float *h_before = state_before(l->batch, l->hs, l->h0, n, s, H);
  Step step = {.x = projected(l->room.projection, l->gates, l->input, at),
               .context = l->input.context ? l->room.projection.context + n * G : NULL,
               .h_before = h_before,
               .terms_before = terms_of(h_before, kept(l->room, N, n, s + 1)),
               .gates = l->gates + at * G,
               .h = l->hs + at * H,
               .kept = kept(l->room, N, n, s)};
  if (c.cell_state) step.c = l->cs + at * H, step.c_before = state_before(l->batch, l->cs, l->c0, n, s, H);
  if (c.apart) step.q = l->qs + at * H;
  return step;
}

// What one thread does in one go: all steps of some rows, or one step of some units.
typedef struct {
  Range rows, units, steps;
  int32_t *list; // room for the numbers of the rows
} Part;
typedef void Steps(const void *layer, Part part);

#define OWN_CACHE (512 * 1024) // bytes of weights that stay in a core's own cache beside the rest

// Units whose weights stay in that cache while all rows pass by.
INLINE int unit_block(int G, int unit) { return max_int(unit, (int)(OWN_CACHE / 2 / sizeof(float) / G) / unit * unit); }

// A tile has a vector for each gate of VL units; or, of a cell with one gate, up to four vectors of units.
INLINE int tile_units(Cell c) { return c.gates == 1 ? PANEL : VL; }
INLINE int tile_vectors(Cell c, int units) { return c.gates == 1 ? vectors_of(units) : c.gates; }
INLINE int gate_of(Cell c, int v) { return v % c.gates; }
INLINE int unit_of(Cell c, int u, int v) { return u + v / c.gates * VL; }

INLINE vf input_part(Step s, int at, int n) {
  vf x = load_part(s.x + at, n);
  return s.context ? x + load_part(s.context + at, n) : x;
}

// What the hidden part is added to.
INLINE vf begin(Cell c, vf x, const float *bias, int gate, int H, int u, int n) {
  if (!c.apart) return x;
  vf b = load_part(bias + gate * H + u, n);
  return gate < c.gates - 1 ? b + x : b;
}
// x: the last gate's input.
INLINE void finish(Cell c, const Step *s, const vf *sums, vf x, int H, int u, int n) {
  vf none = splat(0);
  if (c.gates == 1) c.formula(s, sums[0], none, none, none, H, u, n);
  else if (c.gates == 3) c.formula(s, sums[0], sums[1], sums[2], x, H, u, n);
  else c.formula(s, sums[0], sums[1], sums[2], sums[3], H, u, n);
}

INLINE void forward_tile(int rows, int vectors, Cell c, const Forward *l, const Step *steps, const float *panel, int K,
                         int u) {
  vf sums[ROWS][4];
  const float *hs[ROWS];
  int H = l->H, last = (c.gates - 1) * H;
  UNROLL for (int r = 0; r < rows; r++) {
    hs[r] = steps[r].terms_before;
    UNROLL for (int v = 0; v < vectors; v++) {
      int gate = gate_of(c, v), unit = unit_of(c, u, v), n = min_int(VL, H - unit);
      sums[r][v] = begin(c, input_part(steps[r], gate * H + unit, n), l->bias, gate, H, unit, n);
    }
  }
  tile(rows, vectors, sums, hs, panel, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v += c.gates) {
      int unit = unit_of(c, u, v), n = min_int(VL, H - unit);
      finish(c, &steps[r], sums[r] + v, c.apart ? input_part(steps[r], last + unit, n) : splat(0), H, unit, n);
    }
}

// All steps of some rows, or one step of some units. Where the weights are many, a block of units at a time sees all
// rows.
INLINE void forward_steps(Cell c, const Forward *l, Part part) {
  int H = l->H, K = terms(H), width = tile_units(c), block = unit_block(c.gates * K, width);
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    int tiles = (count + ROWS - 1) / ROWS;
    for (int from = part.units.from; from < part.units.to; from += block)
      for (int i = 0; i < tiles; i++) {
        Range some = part_of(count, 1, tiles, i);
        int rows = some.to - some.from;
        Step steps[ROWS];
        for (int r = 0; r < rows; r++) steps[r] = step_of(c, l, part.list[some.from + r], s);
        for (int u = from; u < min_int(part.units.to, from + block); u += width)
          WITH_TILE(rows, tile_vectors(c, part.units.to - u), forward_tile, c, l, steps,
                    l->room.weights + (ptrdiff_t)u * c.gates * K, s || l->h0 ? K : 0, u)
      }
  }
}

// A step of few rows, from the weights as they lie: nothing is projected beforehand.
INLINE void direct_tile(Cell c, int rows, int vectors, const Forward *l, const int32_t *list, int s, int u) {
  int H = l->H, C = l->input.C;
  Weights ih = weights(l->input.weight, C + l->input.D, H, l->int8), hh = weights(l->weight, H, H, l->int8);
  Strip from_x[4], from_h[4];
  vf inputs[ROWS][4], more[ROWS][4], hidden[ROWS][4], (*sums)[4] = c.apart ? hidden : inputs;
  const float *xs[ROWS], *contexts[ROWS], *hs[ROWS];
  for (int v = 0; v < vectors; v++) {
    from_x[v] = strip(ih, gate_of(c, v), unit_of(c, u, v));
    from_h[v] = strip(hh, gate_of(c, v), unit_of(c, u, v));
  }
  for (int r = 0; r < rows; r++) {
    xs[r] = given(l->input, place(l->batch, list[r], s)), hs[r] = state_before(l->batch, l->hs, l->h0, list[r], s, H);
    contexts[r] = l->input.context + (ptrdiff_t)list[r] * C;
    for (int v = 0; v < vectors; v++) {
      int unit = unit_of(c, u, v);
      inputs[r][v] = load_part(l->input.bias + gate_of(c, v) * H + unit, min_int(VL, H - unit));
      more[r][v] = splat(0);
    }
  }
  dot(rows, vectors, inputs, xs, ih, from_x, C, l->input.D);
  if (l->input.context) dot(rows, vectors, more, contexts, ih, from_x, 0, C);
  for (int r = 0; r < rows; r++)
    for (int v = 0; v < vectors; v++) {
      int unit = unit_of(c, u, v);
      if (l->input.context) inputs[r][v] += more[r][v];
      sums[r][v] = begin(c, inputs[r][v], l->bias, gate_of(c, v), H, unit, min_int(VL, H - unit));
    }
  if (hs[0]) dot(rows, vectors, sums, hs, hh, from_h, 0, H);
  for (int r = 0; r < rows; r++) {
    Step step = step_of(c, l, list[r], s);
    for (int v = 0; v < vectors; v += c.gates) {
      int unit = unit_of(c, u, v);
      finish(c, &step, sums[r] + v, inputs[r][v + c.gates - 1], H, unit, min_int(VL, H - unit));
    }
  }
}

INLINE void direct_steps(Cell c, const Forward *l, Part part) {
  for (int s = part.steps.from; s < part.steps.to; s++) {
    int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, s + 1, l->batch.T);
    for (int u = part.units.from; u < part.units.to; u += tile_units(c))
      for (int i = 0; i < count; i += ROWS)
        direct_tile(c, min_int(ROWS, count - i), tile_vectors(c, part.units.to - u), l, part.list + i, s, u);
  }
}

// last: the row has no step after this one.
INLINE StepBack step_back_of(Cell c, const Backward *l, ptrdiff_t n, int s, int last) {
  ptrdiff_t at = place(l->batch, n, s), after = last ? 0 : place(l->batch, n, s + 1), H = l->H, G = c.gates * H;
  const float *terms_after = kept(l->room, l->batch.N, n, s + 1);
  StepBack step = {.dh = l->dhs ? l->dhs + at * H : NULL,
                   .dh_more = last && l->dhn ? l->dhn + n * H : NULL,
                   .h = l->hs + at * H,
                   .gates = l->gates + at * G,
                   .carry = l->room.carry + n * H,
                   .kept = kept(l->room, l->batch.N, n, s),
                   .after = terms_of(l->gates + after * G, terms_after)};
  if (c.cell_state) step.c = l->cs + at * H, step.c_before = state_before(l->batch, l->cs, l->c0, n, s, H);
  if (c.apart) {
    step.h_before = state_before(l->batch, l->hs, l->h0, n, s, H);
    step.q = l->qs + at * H;
    step.q_after = terms_of(l->qs + after * H, terms_after + (c.gates - 1) * gate_terms(H));
  }
  return step;
}

// K terms of each gate; 0 in a row's last step.
INLINE void backward_tile(int rows, int vectors, Cell c, const StepBack *steps, const float *panel, int K, int H, int u) {
  vf sums[ROWS][4];
  const float *das[ROWS], *dqs[ROWS];
  int joint = c.apart ? c.gates - 1 : c.gates;
  UNROLL for (int r = 0; r < rows; r++) {
    das[r] = steps[r].after, dqs[r] = steps[r].q_after;
    UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
  tile(rows, vectors, sums, das, panel, joint * K);
  if (c.apart) tile(rows, vectors, sums, dqs, panel + joint * K * vectors * VL, K);
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      c.derivative(&steps[r], sums[r][v], H, u + v * VL, min_int(VL, H - u - v * VL));
}

INLINE void backward_steps(Cell c, const Backward *l, Part part) {
  int H = l->H, T = l->batch.T, K = (int)gate_terms(H), block = unit_block(c.gates * K, PANEL);
  for (int s = part.steps.to - 1; s >= part.steps.from; s--)
    for (int last = 0; last < 2; last++) { // the rows that go on after step s, then those that end in it
      int count = list_rows(part.list, l->batch, part.rows.from, part.rows.to, last ? s + 1 : s + 2, last ? s + 1 : T);
      int tiles = (count + ROWS - 1) / ROWS;
      for (int from = part.units.from; from < part.units.to; from += block)
        for (int i = 0; i < tiles; i++) {
          Range some = part_of(count, 1, tiles, i);
          int rows = some.to - some.from;
          StepBack steps[ROWS];
          for (int r = 0; r < rows; r++) steps[r] = step_back_of(c, l, part.list[some.from + r], s, last);
          for (int u = from; u < min_int(part.units.to, from + block); u += PANEL)
            WITH_TILE(rows, vectors_of(part.units.to - u), backward_tile, c, steps,
                      l->room.weights + (ptrdiff_t)u * c.gates * K, last ? 0 : K, H, u)
        }
    }
}
