// What recurrent layers share beside their steps: scratch, packed weights, how threads divide the steps, and the way back
// into weight_hh and h0.
#pragma once
#include "recurrent-input.h"
#include "weights.h"

typedef struct {
  Projection projection;
  float *weights;       // weight_hh in panels
  float *carry;         // (N,H) backward: the gradient that runs back through time beside the gates
  const float **before; // (N,T) backward: where each step's earlier hidden state stands, then its frame
  int32_t *list;        // (threads,N) rows at work
  float *kept;          // (2,N,row_terms): what the next step multiplies, as terms; float32 is multiplied where it lies
  ptrdiff_t kept_row;
} Room;

typedef enum { FORWARD, BACKWARD } Direction;

// The terms of one gate on the way back; in bfloat16 they begin with a whole vector.
INLINE ptrdiff_t gate_terms(int H) { return PAIR > 1 ? padded(H) / PAIR : H; }

// Returns its bytes; given NULL it only counts.
static size_t take_room(Room *room, Direction way, float *scratch, int N, int T, int C, int H, int V, int gates,
                        int threads) {
  char *at = (char *)scratch;
  int back = way == BACKWARD;
  room->projection = take_projection(&at, N, C, V, gates * H, threads);
  room->weights = take(&at, sizeof(float) * padded(H) * (back ? gates * gate_terms(H) : gates * terms(H)));
  room->list = take(&at, sizeof(int32_t) * N * threads);
  room->carry = take(&at, back ? sizeof(float) * N * H : 0);
  room->before = take(&at, back ? sizeof(float *) * N * T : 0);
  room->kept_row = (back ? gates : 1) * padded(H) / PAIR;
  room->kept = take(&at, PAIR > 1 ? sizeof(float) * 2 * N * room->kept_row : 0);
  return (size_t)(at - (char *)scratch);
}

// Where the terms stand that step s of row n leaves to the step after it.
INLINE float *kept(Room room, int N, int n, int s) {
  return room.kept + ((ptrdiff_t)(s & 1) * N + n) * room.kept_row;
}
// The same terms where they are read; in float32 they are the numbers themselves.
INLINE const float *terms_of(const float *numbers, const float *kept) { return PAIR > 1 && numbers ? kept : numbers; }
INLINE void keep_terms(float *at, vf x) {
  if (PAIR > 1) store_terms(at, x);
}
// The first step's terms.
static void keep_rows(Room room, const float *states, int N, int H, int s) {
  for (int n = 0; PAIR > 1 && states && n < N; n++)
    for (int u = 0; u < H; u += VL)
      keep_terms(kept(room, N, n, s) + u / PAIR, load_part(states + (ptrdiff_t)n * H + u, min_int(VL, H - u)));
}

// Panels of VL units forward: [k][gate][unit], so that a tile ends with the gates of its units in registers.
static void pack_gates(float *panels, const float *weight, int gates, int H, Range units) {
  for (int u = units.from; u < units.to; u += VL)
    for (int gate = 0; gate < gates; gate++)
      for (int i = 0; i < H; i += VL) {
        vf columns[VL];
        transpose_part(columns, weight + ((ptrdiff_t)gate * H + u) * H + i, H, H - u, H - i);
        float *to = panels + ((ptrdiff_t)u * terms(H) + i / PAIR * VL) * gates + gate * VL;
        for (int t = 0; t < terms(min_int(VL, H - i)); t++) store(to + t * gates * VL, join(columns + t * PAIR));
      }
}

// Panels of 4·VL units backward, as deep as all gates together.
static void pack_units(float *panels, const float *weight, int gates, int H, Range units) {
  for (int u = units.from; u < units.to; u += PANEL)
    for (int gate = 0; gate < gates; gate++) {
      int width = min_int(PANEL, units.to - u), W = vectors_of(width) * VL;
      float *to = panels + (ptrdiff_t)u * gates * gate_terms(H) + gate * gate_terms(H) * W;
      pack(to, W / VL, matrix(weight, H), gate * H, H, u, width);
      if (gate_terms(H) > terms(H)) memset(to + terms(H) * W, 0, sizeof(float) * (gate_terms(H) - terms(H)) * W);
    }
}

// What one thread does in one go: all steps of some rows, or one step of some units.
typedef struct {
  Range rows, units, steps;
  int32_t *list; // room for the numbers of the rows
} Part;

typedef struct {
  const void *layer;
  void (*pack)(const void *layer, Range units); // NULL: the weights are read where they lie
  void (*steps)(const void *layer, Part part);
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

#define OWN_CACHE (512 * 1024) // bytes of weights that stay in a core's own cache beside the rest

// Units whose weights stay in that cache while all rows pass by.
INLINE int unit_block(int G, int unit) { return max_int(unit, (int)(OWN_CACHE / 2 / sizeof(float) / G) / unit * unit); }

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

// From `columns` of dgates (N,T,width), zero in the padding, to the gradients of what they saw of the state: weight_hh
// (columns,H), which is added to, and h0 unless NULL.
static void state_backward(Room room, float *dh0, Mode mode, float *dweight, const float *dgates, int width,
                           const float *weight, const float *hs, const float *h0, Rows b, int columns, int H,
                           int threads) {
  float *panels = room.projection.panels;
  if (dh0) {
    for (int n = 0; n < b.N; n++) room.before[n] = dgates + place(b, n, 0) * width;
    gemm(dh0, H, listed(room.before), matrix(weight, H), NULL, mode, b.N, H, columns, panels, threads);
  }
  list_states_before(room.before, b, hs, h0, H);
  gemm(dweight, H, transposed(dgates, width), listed(room.before), NULL, ADD, columns, H, b.N * b.T, panels, threads);
}
