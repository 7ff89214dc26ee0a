#include "kernels.h"
#include "simd.h"

// Philox 4×32-10: four random words from a counter and a key.
static void philox(uint32_t x[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    uint64_t a = (uint64_t)0xD2511F53u * x[0], b = (uint64_t)0xCD9E8D57u * x[2];
    uint32_t y0 = (uint32_t)(b >> 32) ^ x[1] ^ k0, y2 = (uint32_t)(a >> 32) ^ x[3] ^ k1;
    x[1] = (uint32_t)b, x[3] = (uint32_t)a, x[0] = y0, x[2] = y2;
  }
}

void dropout(float *ys, const float *xs, float rate, uint32_t seed, uint32_t stream, uint32_t step, int R) {
  uint32_t limit = (uint32_t)(rate * 16777216.0f); // the upper 24 bits of a word decide
  float scale = 1 / (1 - rate);
  for (int r = 0; r < R; r += 4) {
    uint32_t words[4] = {(uint32_t)r / 4, step, 0, 0};
    philox(words, seed, stream);
    for (int i = 0; i < 4 && r + i < R; i++) ys[r + i] = words[i] >> 8 < limit ? 0 : xs[r + i] * scale;
  }
}
