// What the processor can run, and its treatment of numbers too small for full precision.
#pragma once
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

static int processor_runs(const char *set) {
  unsigned a, b, c, d, a7 = 0, b7 = 0, c7, d7, low = 0, high;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  __get_cpuid_count(7, 0, &a7, &b7, &c7, &d7);
  if (c & bit_OSXSAVE) __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  int sse42 = (c & bit_SSE4_2) && (c & bit_POPCNT);
  int avx2 = sse42 && (low & 6) == 6 && (c & bit_FMA) && (c & bit_F16C) && (c & bit_MOVBE) && (b7 & bit_AVX2) &&
             (b7 & bit_BMI) && (b7 & bit_BMI2);
  int avx512 = avx2 && (low & 0xE6) == 0xE6 && (b7 & bit_AVX512F) && (b7 & bit_AVX512BW) && (b7 & bit_AVX512CD) &&
               (b7 & bit_AVX512DQ) && (b7 & bit_AVX512VL);
  unsigned a71 = 0;
  if (a7 >= 1) __get_cpuid_count(7, 1, &a71, &b, &c, &d);
  if (!strcmp(set, "AVX-512-BF16")) return avx512 && (a71 & 1 << 5);
  return !strcmp(set, "AVX-512") ? avx512 : !strcmp(set, "AVX2") ? avx2 : sse42;
}

static uint32_t flush_to_zero(void) {
  uint32_t mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040);
  return mode;
}
static void restore_mode(uint32_t mode) { _mm_setcsr(mode); }
#else
static int processor_runs(const char *set) { return 1; }

static uint32_t flush_to_zero(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
  return (uint32_t)mode;
}
static void restore_mode(uint32_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)mode)); }
#endif
