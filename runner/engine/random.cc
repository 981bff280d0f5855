/* SPDX-License-Identifier: MPL-2.0 */
/*
 * random.cc - Math.random.
 *
 * The engine's own generator is seeded once a realm, so all children of a zygote would draw the same
 * numbers if one had been drawn before the fork. This one keeps its state on a page that the kernel wipes
 * in a child, and seeds itself when it finds it empty. xoroshiro128+ (Blackman and Vigna).
 */
#include "runner/engine/internal.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

struct RandomState {
        uint64_t a, b; /* both 0: not seeded */
};

static RandomState *state;

static bool seed(void)
{
        ssize_t n;
        do
                n = getrandom(state, sizeof *state, 0);
        while (n < 0 && errno == EINTR);
        if (n != static_cast<ssize_t>(sizeof *state)) {
                *state = { 0, 0 };
                return false;
        }
        state->a |= 1;
        return true;
}

static inline uint64_t rotate(uint64_t x, int by)
{
        return (x << by) | (x >> (64 - by));
}

static bool math_random(JSContext *cx, unsigned argc, JS::Value *vp)
{
        JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
        if ((state->a | state->b) == 0 && !seed()) {
                JS_ReportErrorASCII(cx, "no random numbers can be had from the system");
                return false;
        }
        uint64_t a = state->a, b = state->b, sum = a + b;
        b ^= a;
        state->a = rotate(a, 24) ^ b ^ (b << 16);
        state->b = rotate(b, 37);
        args.rval().setDouble(static_cast<double>(sum >> 11) * 0x1p-53);
        return true;
}

bool eng_random_untouched(eng *e)
{
        (void)e;
        return (state->a | state->b) == 0;
}

/* In a child: whatever happened, numbers are its own and can be had. */
bool random_restart(void)
{
        *state = { 0, 0 };
        if (!seed())
                return false;
        *state = { 0, 0 };
        return true;
}

bool random_init(void)
{
        size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
        void *page = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
                return false;
        (void)madvise(page, size, MADV_WIPEONFORK); /* without it, random_restart() has to do */
        state = static_cast<RandomState *>(page);
        return true;
}

/* Called when Math has come into being. */
bool random_define(eng *e, JS::HandleObject global)
{
        JS::RootedValue math(e->cx);
        if (!JS_GetProperty(e->cx, global, "Math", &math) || !math.isObject())
                return false;
        JS::RootedObject object(e->cx, &math.toObject());
        return JS_DefineFunction(e->cx, object, "random", math_random, 0, 0);
}
