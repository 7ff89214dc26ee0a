// What threads need of the system: to start, to sleep until a bell rings, and to rest while others finish.
#pragma once
#include <stdint.h>

// Rounds that an idle thread spins before it sleeps: some 200 µs, longer than most gaps between two kernels of a step.
// To be woken takes 50 to 100 µs.
#define SPINS 10000

#if defined(__x86_64__)
static inline void pause_processor(void) { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
static inline void pause_processor(void) { __asm__ volatile("isb"); }
#else
static inline void pause_processor(void) {}
#endif

#if defined(__wasm__)

#define EXPORT __attribute__((visibility("default")))
typedef struct {
  int32_t sleepers, rings;
} Bell;
#define QUIET_BELL {0}

static inline void ring(Bell *bell) {
  if (!__atomic_load_n(&bell->sleepers, __ATOMIC_SEQ_CST)) return;
  __atomic_fetch_add(&bell->rings, 1, __ATOMIC_SEQ_CST);
  __builtin_wasm_memory_atomic_notify(&bell->rings, UINT32_MAX);
}

// Sleeps unless there is work, until the bell rings.
static inline void wait_for(Bell *bell, int (*ready)(void)) {
  int32_t rings = __atomic_load_n(&bell->rings, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
  if (!ready()) __builtin_wasm_memory_atomic_wait32(&bell->rings, rings, -1);
  __atomic_fetch_sub(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
}

static inline void rest(int spins) {} // a page's main thread may not sleep

#else

#include "processor.h"
#define EXPORT static

#ifdef _WIN32
#include <windows.h>
typedef HANDLE Thread;
typedef SRWLOCK Lock;
typedef CONDITION_VARIABLE Signal;
#define lock(l) AcquireSRWLockExclusive(l)
#define unlock(l) ReleaseSRWLockExclusive(l)
#define wait_signal(s, l) SleepConditionVariableSRW(s, l, INFINITE, 0)
#define signal_all(s) WakeAllConditionVariable(s)
#define yield_processor() SwitchToThread()
#define QUIET_LOCK SRWLOCK_INIT
#define QUIET_BELL {0, SRWLOCK_INIT, CONDITION_VARIABLE_INIT}
#else
#include <pthread.h>
#include <sched.h>
typedef pthread_t Thread;
typedef pthread_mutex_t Lock;
typedef pthread_cond_t Signal;
#define lock(l) pthread_mutex_lock(l)
#define unlock(l) pthread_mutex_unlock(l)
#define wait_signal(s, l) pthread_cond_wait(s, l)
#define signal_all(s) pthread_cond_broadcast(s)
#define yield_processor() sched_yield()
#define QUIET_LOCK PTHREAD_MUTEX_INITIALIZER
#define QUIET_BELL {0, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER}
#endif

typedef struct {
  int32_t sleepers;
  Lock lock;
  Signal signal;
} Bell;

static inline void ring(Bell *bell) {
  if (!__atomic_load_n(&bell->sleepers, __ATOMIC_SEQ_CST)) return;
  lock(&bell->lock);
  signal_all(&bell->signal);
  unlock(&bell->lock);
}

// Sleeps until `ready`, which is asked again whenever the bell rings.
static inline void wait_for(Bell *bell, int (*ready)(void)) {
  lock(&bell->lock);
  __atomic_fetch_add(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
  while (!ready()) wait_signal(&bell->signal, &bell->lock);
  __atomic_fetch_sub(&bell->sleepers, 1, __ATOMIC_SEQ_CST);
  unlock(&bell->lock);
}

// While the others finish: spin, and after a while let whoever needs this core have it.
static inline void rest(int spins) {
  if (spins < SPINS) pause_processor();
  else yield_processor();
}

typedef struct {
  void (*run)(int self);
  int self;
} Life;
static Life lives[64];

#ifdef _WIN32
static DWORD WINAPI live(void *life) {
#else
static void *live(void *life) {
#endif
  flush_to_zero();
  ((Life *)life)->run(((Life *)life)->self);
  return 0;
}

static inline int start_thread(Thread *thread, void (*run)(int self), int self) {
  lives[self] = (Life){run, self};
#ifdef _WIN32
  *thread = CreateThread(NULL, 0, live, &lives[self], 0, NULL);
  return *thread != NULL;
#else
  return pthread_create(thread, NULL, live, &lives[self]) == 0;
#endif
}

static inline void join_thread(Thread thread) {
#ifdef _WIN32
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
#else
  pthread_join(thread, NULL);
#endif
}
#endif
