/**
 * NumPy's legacy generator as far as shuffling needs it: the Mersenne Twister MT19937, seeded by an integer, and the
 * order in which `np.random.seed(seed); np.random.shuffle(np.arange(n))` leaves n things.
 *
 * Source: Matsumoto & Nishimura 1998; NumPy's legacy distributions (masked rejection for bounded integers).
 */
export function numpyShuffle(seed: number, n: number): Int32Array {
  const next = mersenneTwister(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = next() & mask;
    while (j > i) j = next() & mask;
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/** A function that gives the generator's next 32 bits. */
export function mersenneTwister(seed: number): () => number {
  const [size, shift] = [624, 397];
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const before = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let at = size;
  const twist = (): void => {
    for (let i = 0; i < size; i++) {
      const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % size] ?? 0) & 0x7fffffff);
      state[i] = (state[(i + shift) % size] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === size) twist();
    let y = state[at++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
