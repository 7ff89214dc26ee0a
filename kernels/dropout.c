#include "gemm.h"
#include "kernels.h"

#define COUNTERS 16 // counters at a time, four words from each

// Philox 4×32-10: four random words from a counter and a key, here from as many counters side by side.
static void philox(uint32_t x[4][COUNTERS], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
    for (int i = 0; i < COUNTERS; i++) {
      uint64_t a = (uint64_t)0xD2511F53u * x[0][i], b = (uint64_t)0xCD9E8D57u * x[2][i];
      uint32_t y0 = (uint32_t)(b >> 32) ^ x[1][i] ^ k0, y2 = (uint32_t)(a >> 32) ^ x[3][i] ^ k1;
      x[1][i] = (uint32_t)b, x[3][i] = (uint32_t)a, x[0][i] = y0, x[2][i] = y2;
    }
}

typedef struct {
  float *ys;
  const float *xs;
  uint32_t limit, seed, stream, step;
  float scale;
  int R, parts;
} Dropout;

static void dropout_part(void *job, int task) {
  const Dropout *d = job;
  Range part = part_of(d->R, 4 * COUNTERS, d->parts, task);
  for (int start = part.from; start < part.to; start += 4 * COUNTERS) {
    uint32_t words[4][COUNTERS] = {0};
    for (int i = 0; i < COUNTERS; i++) words[0][i] = (uint32_t)start / 4 + i, words[1][i] = d->step;
    philox(words, d->seed, d->stream);
    for (int i = 0; i < 4 * COUNTERS && start + i < part.to; i++)
      d->ys[start + i] = words[i % 4][i / 4] >> 8 < d->limit ? 0 : d->xs[start + i] * d->scale;
  }
}

void dropout(float *ys, const float *xs, float rate, uint32_t seed, uint32_t stream, uint32_t step, int R,
             int threads) {
  Dropout d = {ys, xs, (uint32_t)(rate * 16777216.0f), seed, stream, step, 1 / (1 - rate), R, // the upper 24 bits decide
               worth(threads, (double)R * 16)};
  parallel_for(d.parts, dropout_part, &d);
}
