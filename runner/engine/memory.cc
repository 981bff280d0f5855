/* SPDX-License-Identifier: MPL-2.0 */
/*
 * memory.cc - the limit of memory, collections, and the native stack.
 *
 * The collector's own limit counts only part of what a script uses and, when it is near, collects without
 * end. So the limit proper is soft: at the end of each collection, and of each checkpoint of jobs, the
 * private memory of the process is looked at, and beyond the limit the script is interrupted. The
 * collector's limit stands behind it at four times as much; whoever starts the process may set RLIMIT_DATA
 * behind that.
 */
#include "runner/engine/internal.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const size_t DEFAULT_LIMIT = 256u << 20;
static const size_t STACK_MOST = 7u << 20;

static uint64_t now_us(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return static_cast<uint64_t>(t.tv_sec) * 1000000 + static_cast<uint64_t>(t.tv_nsec) / 1000;
}

/* Pages of our own, in bytes; 0: not known (no /proc in the sandbox). */
static size_t private_from_proc(void)
{
        char line[128];
        unsigned long resident, shared;
        int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return 0;
        ssize_t n = read(fd, line, sizeof line - 1);
        close(fd);
        if (n <= 0)
                return 0;
        line[n] = '\0';
        if (sscanf(line, "%*u %lu %lu", &resident, &shared) != 2 || shared > resident)
                return 0;
        return (resident - shared) * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

/* An estimate that is too small by what wasm maps. */
static size_t private_estimated(eng *e)
{
        struct mallinfo2 m = mallinfo2();
        return JS_GetGCParameter(e->cx, JSGC_BYTES) + m.uordblks + m.hblkhd;
}

static size_t memory_private(eng *e)
{
        size_t size = private_from_proc();
        return size ? size : private_estimated(e);
}

/* The most that was ever resident, without a look into /proc. */
static size_t resident_peak(void)
{
        struct rusage usage;
        return getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<size_t>(usage.ru_maxrss) * 1024 : SIZE_MAX;
}

void memory_check(eng *e)
{
        if (resident_peak() <= e->soft_limit || memory_private(e) <= e->soft_limit)
                return;
        e->over_limit = true;
        JS_RequestInterruptCallback(e->cx);
}

/* Largest right before a collection. */
static void heap_look(eng *e)
{
        size_t size = private_estimated(e);
        if (size > e->heap_peak)
                e->heap_peak = size;
}

static void collection(JSContext *, JSGCStatus status, JS::GCReason, void *data)
{
        auto *e = static_cast<eng *>(data);
        if (status == JSGC_BEGIN) {
                e->gc_started_us = now_us();
                heap_look(e);
                return;
        }
        e->gc_count++;
        e->gc_time_us += now_us() - e->gc_started_us;
        memory_check(e);
}

/* After a termination: what ran before is garbage now. What is still there, plus a quarter, is granted to
 * those who clean up. */
void memory_make_room(eng *e)
{
        size_t limit = e->hooks.heap_max;
        if (resident_peak() <= limit)
                return;
        eng_collect(e, true);
        malloc_trim(0);
        size_t left = memory_private(e);
        e->soft_limit = (left > limit ? left : limit) + limit / 4;
        e->over_limit = false;
}

void eng_collect(eng *e, bool shrink)
{
        JS::PrepareForFullGC(e->cx);
        JS::NonIncrementalGC(e->cx, shrink ? JS::GCOptions::Shrink : JS::GCOptions::Normal,
                             JS::GCReason::API);
}

uint64_t eng_malloc_bytes(eng *e)
{
        JS::AutoSaveExceptionState saved(e->cx);
        JS::RootedObject info(e->cx, e->terminating ? nullptr : js::gc::NewMemoryInfoObject(e->cx));
        JS::RootedValue zone(e->cx), bytes(e->cx);
        double n = 0;
        if (info && JS_GetProperty(e->cx, info, "zone", &zone) && zone.isObject()) {
                JS::RootedObject zone_object(e->cx, &zone.toObject());
                if (JS_GetProperty(e->cx, zone_object, "mallocBytes", &bytes) && bytes.isNumber())
                        n = bytes.toNumber();
        }
        JS_ClearPendingException(e->cx);
        saved.restore();
        return static_cast<uint64_t>(n);
}

void eng_stats_get(eng *e, struct eng_stats *ret)
{
        ret->gc_heap_bytes = JS_GetGCParameter(e->cx, JSGC_BYTES);
        ret->gc_count = e->gc_count;
        ret->gc_time_us = e->gc_time_us;
        heap_look(e);
        ret->heap_peak_bytes = e->heap_peak;
}

/* What of the stack lies above the frames of now: arguments, environment, and the frames below us. */
static size_t stack_used(size_t limit)
{
        uintptr_t top = getauxval(AT_EXECFN), here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
        return top > here && top - here < limit ? top - here : 0; /* 0: not on the main thread's stack */
}

/* The rest, an eighth or 256 KiB, is for C code that is called at the limit. */
size_t memory_stack_quota(size_t wanted)
{
        struct rlimit r;
        if (wanted > 0)
                return wanted;
        if (getrlimit(RLIMIT_STACK, &r) < 0 || r.rlim_cur == RLIM_INFINITY || r.rlim_cur > (64u << 20))
                return STACK_MOST;
        size_t limit = r.rlim_cur;
        size_t reserve = limit / 8 > (256u << 10) ? limit / 8 : 256u << 10;
        reserve += stack_used(limit);
        size_t quota = limit > reserve * 2 ? limit - reserve : limit / 2;
        return quota < STACK_MOST ? quota : STACK_MOST;
}

void eng_heap_max_set(eng *e, size_t heap_max, size_t hard)
{
        e->hooks.heap_max = heap_max;
        e->soft_limit = heap_max;
        JS_SetGCParameter(e->cx, JSGC_MAX_BYTES,
                          hard < UINT32_MAX ? static_cast<uint32_t>(hard) : UINT32_MAX);
}

void memory_init(eng *e)
{
        size_t limit = e->hooks.heap_max ? e->hooks.heap_max : DEFAULT_LIMIT;
        eng_heap_max_set(e, limit, limit < SIZE_MAX / 4 ? limit * 4 : SIZE_MAX);
        JS_SetNativeStackQuota(e->cx, memory_stack_quota(e->hooks.stack_quota));
        JS_SetGCCallback(e->cx, collection, e);
}
