// The scratch of a recurrent layer: its weights in panels, and what its steps hand to one another beside their outputs.
#pragma once
#include "recurrent-input.h"
#include "weights.h"

typedef struct {
  Projection projection;
  float *weights;       // weight_hh in panels
  float *carry;         // (N,H) backward: the gradient that runs back beside weight_hh; dc of the LSTM, dh·z of the GRU
  const float **before; // (N,T) backward: where each step's earlier hidden state stands, then its frame
  int32_t *list;        // (threads,N) rows at work
  float *das;           // (N,T,H) backward, if there is one gate: da, for there are no kept gates to write it over
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
  room->das = take(&at, back && gates == 1 ? sizeof(float) * N * T * H : 0);
  return (size_t)(at - (char *)scratch);
}

// How much that is, for the …_scratch twins.
static size_t room_bytes(Direction way, int N, int T, int C, int H, int V, int gates, int threads) {
  Room room;
  return take_room(&room, way, NULL, N, T, C, H, V, gates, threads);
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

// Panels of VL units forward: [k][gate][unit], so that a tile ends with the gates of its units in registers. With one
// gate there is nothing to keep together: panels of 4·VL units.
static void pack_gates(float *panels, const float *weight, int gates, int H, Range units) {
  if (gates == 1) {
    float *to = panels + (ptrdiff_t)units.from * terms(H);
    return pack_columns(to, transposed(weight, H), 0, H, units.from, units.to - units.from);
  }
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
