// A pool of threads that spin for a moment when there is no work, then sleep.
#include "threads.h"
#include "system.h"

#define LINE __attribute__((aligned(64))) // a cache line of its own

static struct {
  LINE uint64_t open;       // the tasks that nobody has taken, a bit for each
  LINE int32_t unfinished;  // tasks that are not done
  LINE int32_t busy;        // 1 while a parallel_for is under way
  void (*run)(void *job, int task);
  void *job;
  int32_t stopped;
} pool;
static LINE Bell bell = QUIET_BELL; // rings when there is work

// The next task, first of all the one with this thread's number: so a thread meets the same part of the weights in every
// step, in its own cache. −1: none is left.
static int take_task(int self) {
  uint64_t open = __atomic_load_n(&pool.open, __ATOMIC_ACQUIRE);
  while (open) {
    int task = open >> self & 1 ? self : __builtin_ctzll(open);
    uint64_t bit = 1ull << task;
    open = __atomic_fetch_and(&pool.open, ~bit, __ATOMIC_ACQ_REL);
    if (open & bit) return task;
  }
  return -1;
}

static void work(int self) {
  for (int task; (task = take_task(self)) >= 0;) {
    pool.run(pool.job, task);
    __atomic_fetch_sub(&pool.unfinished, 1, __ATOMIC_RELEASE);
  }
}

void parallel_for(int tasks, void (*run)(void *job, int task), void *job) {
  int32_t idle = 0;
  if (tasks <= 1 || !__atomic_compare_exchange_n(&pool.busy, &idle, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
    for (int task = 0; task < tasks; task++) run(job, task); // another arena has the pool
    return;
  }
  pool.run = run, pool.job = job;
  __atomic_store_n(&pool.unfinished, tasks, __ATOMIC_RELAXED);
  __atomic_store_n(&pool.open, tasks < 64 ? (1ull << tasks) - 1 : ~0ull, __ATOMIC_SEQ_CST);
  ring(&bell);
  work(0);
  for (int spins = 0; __atomic_load_n(&pool.unfinished, __ATOMIC_ACQUIRE) > 0; spins++) rest(spins);
  __atomic_store_n(&pool.busy, 0, __ATOMIC_RELEASE);
}

static int has_work(void) {
  return __atomic_load_n(&pool.open, __ATOMIC_SEQ_CST) || __atomic_load_n(&pool.stopped, __ATOMIC_SEQ_CST);
}

// What thread `self` (1, 2, …) does all its life.
EXPORT void run_thread(int self) {
  while (!__atomic_load_n(&pool.stopped, __ATOMIC_SEQ_CST)) {
    work(self);
    for (int spins = 0; spins < SPINS && !has_work(); spins++) pause_processor();
    if (!has_work()) wait_for(&bell, has_work);
  }
}

#ifndef __wasm__
static Thread started[MOST_THREADS];
static int count = 1, users = 0;
static Lock changes = QUIET_LOCK; // users may come and go at the same moment

void enter_pool(void) {
  lock(&changes);
  users++;
  unlock(&changes);
}

void start_threads(int threads) {
  lock(&changes);
  __atomic_store_n(&pool.stopped, 0, __ATOMIC_SEQ_CST);
  while (count < threads && count < MOST_THREADS && start_thread(&started[count], run_thread, count)) count++;
  unlock(&changes); // fewer than that will do
}

void leave_pool(void) {
  lock(&changes);
  if (--users == 0) {
    __atomic_store_n(&pool.stopped, 1, __ATOMIC_SEQ_CST);
    ring(&bell);
    while (count > 1) join_thread(started[--count]);
  }
  unlock(&changes);
}
#endif
