// exp, σ and tanh of a vector; log of a number. Polynomials fitted by weighted least squares on Chebyshev nodes.
#pragma once
#include "simd.h"

// Relative error below 2.5e-7 for −87.3 ≤ x ≤ 88.3; x outside is taken to the nearer end; NaN stays NaN.
INLINE vf vec_exp(vf x) {
  const vf least = splat(-87.3f), most = splat(88.3f), magic = splat(12582912.0f); // 1.5·2²³ rounds to an integer
  x = choose(x < least, least, x);
  x = choose(x > most, most, x);
  vf shifted = x * 1.44269504f + magic;
  vf n = shifted - magic;
  vf r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  vf q = splat(1.39421e-3f);
  q = q * r + 8.36378e-3f;
  q = q * r + 4.166636e-2f;
  q = q * r + 0.16666573f;
  q = q * r + 0.5f;
  vf power = (vf)(((vi)shifted - 0x4B400000 + 127) << 23);
  return (q * (r * r) + r + 1.0f) * power;
}

// Absolute error below 2e-7.
INLINE vf vec_sigmoid(vf x) { return 1.0f / (1.0f + vec_exp(-x)); }

// Relative error below 4e-7: a polynomial near zero, where 1 − 2/(e²ˣ + 1) would cancel.
INLINE vf vec_tanh(vf x) {
  vf u = x * x;
  vf p = splat(-6.28365e-3f);
  p = p * u + 2.112144e-2f;
  p = p * u + -5.387631e-2f;
  p = p * u + 0.13332932f;
  p = p * u + -0.33333331f;
  vf near = x * u * p + x;
  vf far = 1.0f - 2.0f / (vec_exp(x + x) + 1.0f);
  return choose(u < splat(0.36f), near, far);
}

// Natural logarithm of a positive number, relative error below 1e-12: log m + e·log 2 with m in [√½, √2). NaN stays NaN.
INLINE double log_of(double x) {
  if (!(x < __builtin_inf())) return x;
  union { double x; uint64_t bits; } u = {x};
  int e = (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0xFFFFFFFFFFFFFull) | 0x3FF0000000000000ull;
  if (u.x > 1.4142135623730951) u.x *= 0.5, e++;
  double s = (u.x - 1) / (u.x + 1), z = s * s, sum = 0;
  for (int k = 15; k >= 1; k -= 2) sum = sum * z + 1.0 / k;
  return 2 * s * sum + e * 0.6931471805599453;
}
