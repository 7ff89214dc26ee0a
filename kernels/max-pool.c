#include "gemm.h"
#include "kernels.h"

typedef struct {
  float *to;
  const float *dys, *xs; // dys: NULL forward
  int rows, Y, X, C, parts;
} MaxPool;

// Forward sets the VL channels of a window to the largest of its four numbers; back, the first of the largest is given the
// gradient, and the others 0. `at`: where the four stand.
INLINE void max_pool_window(const MaxPool *p, ptrdiff_t window, ptrdiff_t pooled, const ptrdiff_t at[4], int n) {
  vf xs[4], most;
  UNROLL for (int i = 0; i < 4; i++) {
    xs[i] = load_part(p->xs + window + at[i], n);
    most = i ? choose(xs[i] > most, xs[i], most) : xs[i];
  }
  if (!p->dys) return store_part(p->to + pooled, most, n);
  vf dy = load_part(p->dys + pooled, n);
  UNROLL for (int i = 0; i < 4; i++) {
    vi is_largest = xs[i] == most;
    store_part(p->to + window + at[i], choose(is_largest, dy, splat(0)), n);
    dy = choose(is_largest, splat(0), dy);
  }
}

static void max_pool_part(void *job, int task) {
  const MaxPool *p = job;
  ptrdiff_t C = p->C, line = p->X * C, height = p->Y / 2, width = p->X / 2;
  const ptrdiff_t at[4] = {0, C, line, line + C};
  Range part = part_of(p->rows, 1, p->parts, task);
  for (ptrdiff_t r = part.from; r < part.to; r++)
    for (ptrdiff_t x = 0; x < width; x++)
      for (int c = 0; c < p->C; c += VL) {
        ptrdiff_t window = (r / height * p->Y + r % height * 2) * line + 2 * x * C + c;
        max_pool_window(p, window, (r * width + x) * C + c, at, p->C - c);
      }
}

static void max_pool(float *to, const float *dys, const float *xs, int N, int Y, int X, int C, int threads) {
  MaxPool p = {to, dys, xs, N * (Y / 2), Y, X, C, worth(threads, 2.0 * N * Y * X * C)};
  parallel_for(p.parts, max_pool_part, &p);
}

void max_pool_forward(float *ys, const float *xs, int N, int Y, int X, int C, int threads) {
  max_pool(ys, NULL, xs, N, Y, X, C, threads);
}

void max_pool_backward(float *dxs, const float *dys, const float *xs, int N, int Y, int X, int C, int threads) {
  if (Y % 2 || X % 2) memset(dxs, 0, sizeof(float) * N * Y * X * C); // a line that is left over is in no window
  max_pool(dxs, dys, xs, N, Y, X, C, threads);
}
