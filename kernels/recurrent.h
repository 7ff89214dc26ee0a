// The driver of the recurrent layers: everything but the formulas, which are in lstm.c, gru.c and rnn.c.
//     before the steps    the input's part of a, for all of them in one product; weight_hh is packed
//     each step forward   a = the input's part + h_{t-1}·weight_hhᵀ; the cell's formula makes h_t of it
//     each step back      dh = da_{t+1}·weight_hh; the cell's derivative makes da_t of it
//     after the steps     the gradients of weights and inputs, each in one product over all steps
// The loops over steps, rows and units are in recurrent-steps.h; scratch and packing are in recurrent-room.h.
#pragma once
#include "recurrent-steps.h"

typedef struct {
  const void *layer;
  void (*pack)(const void *layer, Range units); // NULL: the weights are read where they lie
  Steps *steps;
  Rows batch;
  int32_t *list;
  int H, parts, by_units, step;
} Recurrence;

static void pack_part(void *job, int task) {
  const Recurrence *r = job;
  r->pack(r->layer, part_of(r->H, r->by_units ? VL : PANEL, r->parts, task));
}
static void run_part(void *job, int task) {
  const Recurrence *r = job;
  Part part = {{0, r->batch.N}, {0, r->H}, {0, r->batch.T}, r->list};
  if (r->by_units) {
    part.units = part_of(r->H, VL, r->parts, task);
    part.steps = (Range){r->step, r->step + 1};
    part.list += (ptrdiff_t)task * r->batch.N;
  } else {
    part.rows = part_of(r->batch.N, 1, r->parts, task);
    part.list += part.rows.from;
  }
  r->steps(r->layer, part);
}

// Runs all steps. Threads share the rows of the batch, each with all steps of its own, without waiting for each other;
// or, where the weights are too many for a core's own cache or the rows too few, the units of each step in turn.
// `terms` are the numbers that a unit is made from.
static void run_recurrence(Recurrence r, Direction way, int terms, int threads) {
  double weights = (double)r.H * terms, step = r.pack ? weights * r.batch.N : 4 * weights;
  r.parts = worth(threads, step * r.batch.T);
  r.by_units = r.batch.N < 3 * r.parts || weights * sizeof(float) > OWN_CACHE;
  if (r.by_units) r.parts = worth(threads, step);
  if (r.pack) parallel_for(r.parts, pack_part, &r);
  if (!r.by_units) {
    if (r.batch.N >= 4 * ROWS * r.parts) r.parts = min_int(2 * r.parts, MOST_THREADS); // who is done early helps
    return parallel_for(r.parts, run_part, &r);
  }
  for (int s = 0; s < r.batch.T; s++) {
    r.step = way == FORWARD ? s : r.batch.T - 1 - s;
    parallel_for(r.parts, run_part, &r);
  }
}

static void pack_forward(const void *layer, Range units) {
  const Forward *l = layer;
  pack_gates(l->room.weights, l->weight, l->input.G / l->H, l->H, units);
}
static void pack_backward(const void *layer, Range units) {
  const Backward *l = layer;
  pack_units(l->room.weights, l->weight, l->input.G / l->H, l->H, units);
}

// Sets hs, hn, gates, and what the formula keeps; the padding of cs and qs is left to the caller. steps and direct are
// the cell's own forward_steps and direct_steps.
static void forward(Forward *l, Steps *steps, Steps *direct, float *hn, float *scratch, int threads) {
  Rows b = l->batch;
  Input in = l->input;
  int H = l->H, gates = in.G / H, few = unpacked(b.N * b.T, l->int8);
  take_room(&l->room, FORWARD, scratch, b.N, b.T, in.C, H, in.V, gates, threads);
  if (!few) {
    project(l->room.projection, l->gates, in, b.N, b.T, threads);
    keep_rows(l->room, l->h0, b.N, H, 1);
  }
  run_recurrence((Recurrence){l, few ? NULL : pack_forward, few ? direct : steps, b, l->room.list, H}, FORWARD,
                 gates * (few ? in.C + in.D + H : H), threads);
  last_states(hn, b, l->hs, H);
  zero_padding(l->hs, b, H);
  if (l->gates != l->hs) zero_padding(l->gates, b, in.G);
}

// Turns gates and qs into their gradients. What these mean for weights and inputs is left to the caller.
static void backward(Backward *l, Steps *steps, float *scratch, int threads) {
  Rows b = l->batch;
  int H = l->H, G = l->input.G;
  size_t carry = sizeof(float) * b.N * H;
  take_room(&l->room, BACKWARD, scratch, b.N, b.T, l->input.C, H, l->input.V, G / H, threads);
  if (!l->gates) zero_padding(l->gates = l->room.das, b, G);
  if (l->carry_last) memcpy(l->room.carry, l->carry_last, carry);
  else memset(l->room.carry, 0, carry);
  run_recurrence((Recurrence){l, pack_backward, steps, b, l->room.list, H}, BACKWARD, G, threads);
  if (l->carry_first) memcpy(l->carry_first, l->room.carry, carry);
}

// From da (N,T,width), zero in the padding, to the gradients of what `columns` of it saw of the state: rows `first` … of
// weight_hh (G,H), which are added to, and h0 unless NULL.
static void state_backward(const Backward *l, float *dh0, Mode mode, float *dweight, const float *da, int width,
                           int first, int columns, int threads) {
  float *panels = l->room.projection.panels;
  const float **before = l->room.before;
  Rows b = l->batch;
  ptrdiff_t H = l->H;
  if (dh0) {
    for (int n = 0; n < b.N; n++) before[n] = da + place(b, n, 0) * width;
    gemm(dh0, H, listed(before), matrix(l->weight + first * H, H), NULL, mode, b.N, H, columns, panels, threads);
  }
  list_states_before(before, b, l->hs, l->h0, H);
  gemm(dweight + first * H, H, transposed(da, width), listed(before), NULL, ADD, columns, H, b.N * b.T, panels, threads);
}

// From da to the gradients of the input and its weight.
static void input_backward(const Backward *l, float *dxs, float *dtable, float *dcontext, float *dweight, float *dbias,
                           int threads) {
  project_backward(l->room.projection, l->room.before, dxs, dtable, dcontext, dweight, dbias, l->gates, l->input,
                   l->batch, threads);
}
