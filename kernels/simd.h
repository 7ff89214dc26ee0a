// A dozen vector operations on GCC vector extensions: one source, every instruction set.
#pragma once
#include <stddef.h>
#include <stdint.h>

// WebAssembly has no C library; these become its bulk memory instructions.
#ifdef __wasm__
#define memcpy __builtin_memcpy
#define memset __builtin_memset
#else
#include <string.h>
#endif

#if defined(__AVX512F__)
#define VL 16 // floats in a vector
#elif defined(__AVX__)
#define VL 8
#else
#define VL 4
#endif

// Rows of a tile, whose ROWS × 4 sums stay in registers: 6 where there are 32 registers, 2 where there are 16.
#if defined(__AVX512F__) || defined(__aarch64__)
#define ROWS 6
#else
#define ROWS 2
#endif

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vf __attribute__((vector_size(4 * VL)));
typedef int32_t vi __attribute__((vector_size(4 * VL)));
typedef uint32_t vu __attribute__((vector_size(4 * VL)));
typedef float vf_any __attribute__((vector_size(4 * VL), aligned(4), may_alias));

INLINE vf load(const float *p) { return *(const vf_any *)p; }
INLINE void store(float *p, vf x) { *(vf_any *)p = x; }
INLINE vf splat(float x) { return x - (vf){0}; } // x + 0 would have to turn −0 into 0
INLINE vf choose(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

INLINE int min_int(int a, int b) { return a < b ? a : b; }
INLINE int max_int(int a, int b) { return a > b ? a : b; }

// The first n ≤ VL floats; the others read as 0 and are not written.
INLINE vf load_part(const float *p, int n) {
  if (n >= VL) return load(p);
  float x[VL] = {0};
  for (int i = 0; i < n; i++) x[i] = p[i];
  return load(x);
}
INLINE void store_part(float *p, vf v, int n) {
  if (n >= VL) return store(p, v);
  float x[VL];
  store(x, v);
  for (int i = 0; i < n; i++) p[i] = x[i];
}

// The lower, or the upper, halves of a and b, element by element in turn.
#if VL == 16
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define UPPER(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif VL == 8
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define UPPER(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define LOWER(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define UPPER(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

// columns[i][j] = from[j·row + i] for all i < VL and j < rows, and 0 for the other j: log₂ VL rounds in which rows j and
// j + VL/2 take turns.
INLINE void transpose(vf columns[VL], const float *from, ptrdiff_t row, int rows) {
  vf next[VL];
  UNROLL for (int j = 0; j < VL; j++) columns[j] = j < rows ? load(from + j * row) : splat(0);
  UNROLL for (int round = VL; round > 1; round /= 2) {
    UNROLL for (int j = 0; j < VL / 2; j++) {
      next[2 * j] = LOWER(columns[j], columns[j + VL / 2]);
      next[2 * j + 1] = UPPER(columns[j], columns[j + VL / 2]);
    }
    UNROLL for (int j = 0; j < VL; j++) columns[j] = next[j];
  }
}

// The same of a block with fewer rows (j) or columns (i) than VL; what is missing is 0.
INLINE void transpose_part(vf columns[VL], const float *from, ptrdiff_t row, int rows, int width) {
  if (width >= VL) return rows >= VL ? transpose(columns, from, row, VL) : transpose(columns, from, row, rows);
  float part[VL][VL] = {0};
  for (int j = 0; j < min_int(rows, VL); j++)
    for (int i = 0; i < min_int(width, VL); i++) part[i][j] = from[j * row + i];
  UNROLL for (int i = 0; i < VL; i++) columns[i] = load(part[i]);
}

// n rounded up to whole vectors.
INLINE ptrdiff_t padded(ptrdiff_t n) { return (n + VL - 1) / VL * VL; }
