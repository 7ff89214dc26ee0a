// One parallel-for for all kernels.
#pragma once

#define MOST_THREADS 64

// Runs run(job, task) for every task below `tasks` (at most MOST_THREADS), each once, on this thread and on those of the
// pool that are free, and returns when all are done. What a task computes must not depend on the thread that runs it.
void parallel_for(int tasks, void (*run)(void *job, int task), void *job);

// Lets the pool have so many threads, the caller's among them. Native only: WebAssembly's come from outside.
void start_threads(int threads);
// Ends them; no kernel may be at work.
void stop_threads(void);
