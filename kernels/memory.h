// Address space for an arena: reserved at once, backed by memory when it is touched; on Windows when it is committed.
#pragma once
#include <stddef.h>

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static void *reserve_memory(size_t bytes) { return VirtualAlloc(NULL, bytes, MEM_RESERVE, PAGE_NOACCESS); }

// Makes the first bytes usable: zeros where they were not before. Returns 0 where the system has no more memory.
static int commit_memory(void *base, size_t bytes) {
  return !bytes || VirtualAlloc(base, bytes, MEM_COMMIT, PAGE_READWRITE) != NULL;
}

// Gives the memory back and keeps the addresses, so that a stray view can do no harm.
static void decommit_memory(void *base, size_t bytes) { VirtualFree(base, bytes, MEM_DECOMMIT); }

static void release_memory(void *base, size_t bytes) { VirtualFree(base, 0, MEM_RELEASE); }
#else
#include <sys/mman.h>

#ifndef MAP_NORESERVE // macOS
#define MAP_NORESERVE 0
#endif

static void *reserve_memory(size_t bytes) {
  void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return base == MAP_FAILED ? NULL : base;
}

static int commit_memory(void *base, size_t bytes) { return 1; }

static void decommit_memory(void *base, size_t bytes) { mmap(base, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0); }

static void release_memory(void *base, size_t bytes) { munmap(base, bytes); }
#endif
