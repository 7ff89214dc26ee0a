// Node-API glue: arenas, and one `call` that runs a kernel from the table of an instruction set. No arithmetic.
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "processor.h"
#include "table.h"
#include "threads.h"

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, NULL, message);
  return NULL;
}

typedef struct {
  char *base;
  size_t bytes;
} Arena;

static void finalize(napi_env env, void *data, void *hint) {
  Arena *arena = hint;
  if (arena->base) release_memory(arena->base, arena->bytes);
  free(arena);
}

// open(bytes) → ArrayBuffer of zeros: address space is reserved. A byte may be touched after `commit`.
static napi_value open_arena(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1], buffer;
  double bytes;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) || napi_get_value_double(env, argv[0], &bytes)) return NULL;
  Arena *arena = malloc(sizeof *arena);
  if (!arena) return fail(env, "out of memory");
  *arena = (Arena){reserve_memory((size_t)bytes), (size_t)bytes};
  if (!arena->base) {
    free(arena);
    return fail(env, "the system refuses to reserve the address space");
  }
  napi_status status = napi_create_external_arraybuffer(env, arena->base, arena->bytes, finalize, arena, &buffer);
  if (status == napi_no_external_buffers_allowed) { // the one failure after which finalize is not called
    finalize(env, NULL, arena);
    return fail(env, "this runtime has no external array buffers");
  }
  if (status != napi_ok) return NULL;
  return buffer;
}

// commit(buffer, bytes): the first bytes may be touched from now on.
static napi_value commit(napi_env env, napi_callback_info info) {
  size_t argc = 2, length;
  napi_value argv[2];
  void *base;
  double bytes;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) ||
      napi_get_arraybuffer_info(env, argv[0], &base, &length) || napi_get_value_double(env, argv[1], &bytes))
    return NULL;
  if (!base) return fail(env, "the backend is closed");
  if (!(bytes >= 0 && bytes <= length)) return fail(env, "more than the arena has");
  if (!commit_memory(base, (size_t)bytes)) return fail(env, "the system has no more memory");
  return NULL;
}

// close(buffer): gives the memory back at once; the views of it become empty.
static napi_value close_arena(napi_env env, napi_callback_info info) {
  size_t argc = 1, bytes;
  napi_value argv[1];
  void *base;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) ||
      napi_get_arraybuffer_info(env, argv[0], &base, &bytes) || !base)
    return NULL;
  decommit_memory(base, bytes);
  napi_detach_arraybuffer(env, argv[0]);
  return NULL;
}

// startThreads(count): lets the pool have so many, the caller's among them.
static napi_value start(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  uint32_t count;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) || napi_get_value_uint32(env, argv[0], &count)) return NULL;
  start_threads((int)(count < MOST_THREADS ? count : MOST_THREADS));
  return NULL;
}

// The addon may be loaded in several JavaScript threads, which share the pool.
static void leave(void *data) { leave_pool(); }

// call(buffer, table, kernel, arguments: Float64Array) → number. Offset 0 is NULL; the arena's first bytes stay unused.
static napi_value call(napi_env env, napi_callback_info info) {
  size_t argc = 4, bytes, count;
  napi_value argv[4], result;
  void *base, *values;
  uint32_t table, kernel;
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) ||
      napi_get_arraybuffer_info(env, argv[0], &base, &bytes) || napi_get_value_uint32(env, argv[1], &table) ||
      napi_get_value_uint32(env, argv[2], &kernel) ||
      napi_get_typedarray_info(env, argv[3], NULL, &count, &values, NULL, NULL))
    return NULL;
  if (!base) return fail(env, "the backend is closed");
  if (table >= TABLES || kernel >= KERNELS) return fail(env, "no such kernel");
  uint32_t mode = flush_to_zero();
  double out = tables[table].calls[kernel](values, base);
  restore_mode(mode);
  return napi_create_double(env, out, &result) == napi_ok ? result : NULL;
}

static napi_value strings(napi_env env, const char *const *from, const int *keep, uint32_t count) {
  napi_value list, item;
  napi_create_array(env, &list);
  for (uint32_t i = 0; i < count; i++) {
    if (keep && !keep[i]) napi_get_null(env, &item);
    else napi_create_string_utf8(env, from[i], NAPI_AUTO_LENGTH, &item);
    napi_set_element(env, list, i, item);
  }
  return list;
}

NAPI_MODULE_INIT() {
  const char *sets[TABLES];
  int runs[TABLES];
  enter_pool();
  napi_add_env_cleanup_hook(env, leave, NULL);
  for (int i = 0; i < TABLES; i++) sets[i] = tables[i].name, runs[i] = processor_runs(tables[i].name);
  const napi_property_descriptor properties[] = {
      {"open", NULL, open_arena, NULL, NULL, NULL, napi_enumerable, NULL},
      {"commit", NULL, commit, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_arena, NULL, NULL, NULL, napi_enumerable, NULL},
      {"startThreads", NULL, start, NULL, NULL, NULL, napi_enumerable, NULL},
      {"call", NULL, call, NULL, NULL, NULL, napi_enumerable, NULL},
      // Names in the order of the tables, best first; null where the processor lacks the instruction set.
      {"instructionSets", NULL, NULL, NULL, NULL, strings(env, sets, runs, TABLES), napi_enumerable, NULL},
      {"kernels", NULL, NULL, NULL, NULL, strings(env, kernel_names, NULL, KERNELS), napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
