// What recurrent layers share beside their steps: scratch, packed weights, and the way back into weight_hh and h0.
#pragma once
#include "recurrent-input.h"

typedef struct {
  Projection projection;
  float *weights;       // (G,H) weight_hh in panels
  float *carry;         // (N,H) the gradient that runs back through time beside the gates
  const float **before; // (N,T) where each step's earlier hidden state stands, then its frame
  int32_t *list;        // (N) rows at work
} Room;

// Returns its bytes; given NULL it only counts. T is 0 on the way forward, which needs neither carry nor before.
static size_t take_room(Room *room, float *scratch, int N, int T, int C, int H, int V, int G) {
  char *at = (char *)scratch;
  room->projection = take_projection(&at, N, C, V, G);
  room->weights = take(&at, sizeof(float) * G * padded(H));
  room->list = take(&at, sizeof(int32_t) * N);
  room->carry = take(&at, T ? sizeof(float) * N * H : 0);
  room->before = take(&at, sizeof(float *) * N * T);
  return (size_t)(at - (char *)scratch);
}

// A panel holds VL units: [k][gate][unit], so that a tile ends with the gates of its units in registers.
static void pack_gates(float *panels, const float *weight, int gates, int H) {
  if (H % VL) memset(panels, 0, sizeof(float) * H * gates * padded(H));
  for (int u = 0; u < H; u += VL)
    for (int gate = 0; gate < gates; gate++)
      pack_transposed(panels + (ptrdiff_t)u * H * gates + gate * VL, gates * VL,
                      weight + ((ptrdiff_t)gate * H + u) * H, H, H, H - u);
}

// From G columns of dgates (N,T,width), zero in the padding, to the gradients of what they saw of the state: weight_hh
// (G,H), which is added to, and h0 unless NULL.
static void state_backward(Room room, float *dh0, Mode mode, float *dweight, const float *dgates, int width,
                           const float *weight, const float *hs, const float *h0, Rows b, int G, int H) {
  float *panel = room.projection.panel;
  if (dh0) {
    for (int n = 0; n < b.N; n++) room.before[n] = dgates + place(b, n, 0) * width;
    gemm(dh0, H, (Matrix){.rows = room.before, .col = 1}, matrix(weight, H), NULL, mode, b.N, H, G, panel);
  }
  list_states_before(room.before, b, hs, h0, H);
  gemm(dweight, H, transposed(dgates, width), (Matrix){.rows = room.before, .col = 1}, NULL, ADD, G, H, b.N * b.T,
       panel);
}
