// Which rows of a batch are at work in a step, and where their data stand: what every recurrent layer shares.
#pragma once
#include "simd.h"

typedef struct {
  const int32_t *lengths; // NULL: all T
  int reverse, N, T;
} Rows;

INLINE int row_length(Rows b, int n) { return b.lengths ? b.lengths[n] : b.T; }

// The place n·T + t of row n's step s.
INLINE ptrdiff_t place(Rows b, int n, int s) {
  return (ptrdiff_t)n * b.T + (b.reverse ? row_length(b, n) - 1 - s : s);
}

// Lists those of the rows from … to with `least` ≤ length ≤ `most`, and returns how many there are.
static int list_rows(int32_t *list, Rows b, int from, int to, int least, int most) {
  int count = 0;
  for (int n = from; n < to; n++)
    if (least <= row_length(b, n) && row_length(b, n) <= most) list[count++] = n;
  return count;
}

// The state (H) that row n's step s started from; NULL: zeros.
INLINE const float *state_before(Rows b, const float *states, const float *first, int n, int s, int H) {
  return s ? states + place(b, n, s - 1) * H : first ? first + (ptrdiff_t)n * H : NULL;
}

// before[n·T + t]: the state that the step at (n, t) started from; NULL also in the padding.
static void list_states_before(const float **before, Rows b, const float *states, const float *first, int H) {
  memset(before, 0, sizeof(*before) * b.N * b.T);
  for (int n = 0; n < b.N; n++)
    for (int s = 0; s < row_length(b, n); s++) before[place(b, n, s)] = state_before(b, states, first, n, s, H);
}

// Sets last (N,H) to the state after each row's last step.
static void last_states(float *last, Rows b, const float *states, int H) {
  for (int n = 0; n < b.N; n++)
    memcpy(last + (ptrdiff_t)n * H, states + place(b, n, row_length(b, n) - 1) * H, sizeof(float) * H);
}

// Zeroes what stands behind each row's length in xs (N,T,width).
static void zero_padding(float *xs, Rows b, int width) {
  for (int n = 0; b.lengths && n < b.N; n++) {
    ptrdiff_t length = row_length(b, n);
    memset(xs + ((ptrdiff_t)n * b.T + length) * width, 0, sizeof(float) * (b.T - length) * width);
  }
}

// Hands out the next bytes of a scratch area, in whole cache lines. Run on NULL it only counts.
INLINE void *take(char **at, size_t bytes) {
  void *here = *at;
  *at += (bytes + 63) / 64 * 64;
  return here;
}
