#include "columns.h"
#include "kernels.h"

void embedding_forward(float *ys, const int32_t *ids, const float *weight, int R, int D) {
  for (ptrdiff_t r = 0; r < R; r++) memcpy(ys + r * D, weight + (ptrdiff_t)ids[r] * D, sizeof(float) * D);
}

void embedding_backward(float *dweight, const float *dys, const int32_t *ids, int R, int D) {
  for (ptrdiff_t r = 0; r < R; r++) add_to(dweight + (ptrdiff_t)ids[r] * D, dys + r * D, D);
}
