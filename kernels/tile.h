// The innermost loop of every product: a tile of ROWS × 4 vectors of sums that stays in registers while k runs.
//
// What is multiplied are terms of 32 bits: a float32 is a term, and in a build for bfloat16 two k's share one, whose
// products are added in float32. Arrays of terms are declared as float, so that one code serves both.
#pragma once
#include "vecmath.h"

#ifdef BF16
#include <immintrin.h>
#define PAIR 2 // k's in a term

// Rounds to the nearest bfloat16, ties to even: 16 bits in the upper half of each lane. NaN stays NaN.
INLINE vi bf16_bits(vf x) {
  vi bits = (vi)x, rounded = bits + 0x7FFF + ((bits >> 16) & 1);
  return (vi)choose(x == x, (vf)rounded, x) & (~0xFFFF - (vi){0});
}
// One vector of terms from VL columns of k = 2i and k = 2i + 1.
INLINE vf join(const vf xs[PAIR]) { return (vf)(bf16_bits(xs[1]) | (vi)((vu)bf16_bits(xs[0]) >> 16)); }
// VL numbers that follow each other along k, as VL/2 terms.
INLINE void store_terms(float *to, vf x) {
  typedef int16_t half __attribute__((vector_size(2 * VL), aligned(4), may_alias));
  *(half *)to = __builtin_convertvector(bf16_bits(x) >> 16, half);
}
INLINE vf spread(const float *term) { return (vf)(*(const int32_t *)term - (vi){0}); }
INLINE vf multiply_add(vf sum, vf a, vf b) { return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b); }
#else
#define PAIR 1
INLINE vf join(const vf xs[PAIR]) { return xs[0]; }
INLINE void store_terms(float *to, vf x) { store(to, x); }
INLINE vf spread(const float *term) { return splat(*term); }
INLINE vf multiply_add(vf sum, vf a, vf b) { return sum + a * b; }
#endif

INLINE int terms(int K) { return (K + PAIR - 1) / PAIR; }

// sums[r][v] += Σ_k a[r][k]·b[k][v] over K terms, k in order. `rows` and `vectors` are constants where this is used.
INLINE void tile(int rows, int vectors, vf sums[ROWS][4], const float *const a[ROWS], const float *b, int K) {
  for (int k = 0; k < K; k++, b += vectors * VL) {
    vf bs[4];
    UNROLL for (int v = 0; v < vectors; v++) bs[v] = load(b + v * VL);
    UNROLL for (int r = 0; r < rows; r++) {
      vf x = spread(a[r] + k);
      UNROLL for (int v = 0; v < vectors; v++) sums[r][v] = multiply_add(sums[r][v], x, bs[v]);
    }
  }
}

// Calls body(rows, …) with a constant for rows, so that each becomes code of its own; WITH_TILE likewise for both.
#if ROWS == 2
#define WITH_ROWS(rows, body, ...)           \
  switch (rows) {                            \
    case 1: body(1, __VA_ARGS__); break;     \
    default: body(2, __VA_ARGS__);           \
  }
#else
#define WITH_ROWS(rows, body, ...)           \
  switch (rows) {                            \
    case 1: body(1, __VA_ARGS__); break;     \
    case 2: body(2, __VA_ARGS__); break;     \
    case 3: body(3, __VA_ARGS__); break;     \
    case 4: body(4, __VA_ARGS__); break;     \
    case 5: body(5, __VA_ARGS__); break;     \
    default: body(6, __VA_ARGS__);           \
  }
#endif
#define WITH_TILE(rows, vectors, body, ...)                  \
  switch (vectors) {                                         \
    case 1: WITH_ROWS(rows, body, 1, __VA_ARGS__) break;     \
    case 2: WITH_ROWS(rows, body, 2, __VA_ARGS__) break;     \
    case 3: WITH_ROWS(rows, body, 3, __VA_ARGS__) break;     \
    default: WITH_ROWS(rows, body, 4, __VA_ARGS__)           \
  }
