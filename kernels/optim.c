#include "columns.h"
#include "kernels.h"

void accumulate(float *ys, const float *xs, int R) { add_to(ys, xs, R); }

// Blocks of 1024 in 16 lanes of float32, then double: the same bits whatever the width of a vector.
double sum_of_squares(const float *xs, int R) {
  double total = 0;
  for (int start = 0; start < R; start += 1024) {
    float lanes[16] = {0};
    int end = min_int(R, start + 1024), i = start;
    for (; i + 16 <= end; i += 16)
      for (int l = 0; l < 16; l++) lanes[l] += xs[i + l] * xs[i + l];
    for (int l = 0; i < end; i++, l++) lanes[l] += xs[i] * xs[i];
    for (int l = 0; l < 16; l++) total += lanes[l];
  }
  return total;
}

void sgd(float *value, const float *grad, float rate, float scale, int R) {
  float step = rate * scale;
  for (int i = 0; i < R; i++) value[i] -= step * grad[i];
}

void adam(float *value, float *m, float *v, const float *grad, float rate, float scale, float beta1, float beta2,
          float epsilon, float bias1, float bias2, int R) {
  float step = rate / bias1, unbias = 1 / bias2;
  for (int i = 0; i < R; i++) {
    float g = scale * grad[i];
    m[i] += (1 - beta1) * (g - m[i]);
    v[i] += (1 - beta2) * (g * g - v[i]);
    value[i] -= step * m[i] / (__builtin_sqrtf(v[i] * unbias) + epsilon);
  }
}
