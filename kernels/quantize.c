#include "kernels.h"
#include "weights.h"

void quantize(float *packed, const float *weight, int G, int O, int K) {
  int8_t *panel = (int8_t *)packed;
  for (int group = 0; group < G; group++)
    for (int o = 0; o < O; o += PANEL_LANES, panel += panel_bytes(K)) {
      float *scales = (float *)(panel + panel_bytes(K)) - PANEL_LANES;
      memset(panel, 0, panel_bytes(K));
      for (int lane = 0; lane < PANEL_LANES; lane++) {
        const float *row = weight + ((ptrdiff_t)group * O + min_int(o + lane, O - 1)) * K;
        float most = 0;
        for (int k = 0; k < K; k++) most = __builtin_fabsf(row[k]) > most ? __builtin_fabsf(row[k]) : most;
        scales[lane] = most / 127;
        for (int k = 0; k < K; k++)
          panel[((ptrdiff_t)k / 2 * PANEL_LANES + lane) * 2 + k % 2] =
              most > 0 ? (int8_t)__builtin_rintf(row[k] * 127 / most) : 0;
      }
    }
}
