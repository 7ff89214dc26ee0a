// One parallel-for for all kernels.
#pragma once

#define MOST_THREADS 64

// Runs run(job, task) for every task below `tasks` (at most MOST_THREADS), each once, on this thread and on those of the
// pool that are free, and returns when all are done. What a task computes must not depend on the thread that runs it.
void parallel_for(int tasks, void (*run)(void *job, int task), void *job);

// Native only: WebAssembly's threads come from outside.
// A user of the pool comes, and goes; the last that goes takes the threads with it. It has no kernel at work then.
void enter_pool(void);
void leave_pool(void);
// Lets the pool have so many threads, the caller's among them.
void start_threads(int threads);
