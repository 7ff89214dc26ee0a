// Address space for an arena: reserved at once, backed by memory when it is touched.
#pragma once
#include <stddef.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE // macOS
#define MAP_NORESERVE 0
#endif

static void *reserve_memory(size_t bytes) {
  void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return base == MAP_FAILED ? NULL : base;
}

// Gives the memory back and keeps the addresses, so that a stray view can do no harm.
static void decommit_memory(void *base, size_t bytes) { mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0); }

static void release_memory(void *base, size_t bytes) { munmap(base, bytes); }
