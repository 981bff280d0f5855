/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/logind.h"

#include <dlfcn.h>
#include <stdbool.h>

#include "lib/clock.h"
#include "lib/util.h"

#define LIBRARY "libsystemd.so.0"
#define SERVICE "org.freedesktop.login1"
#define OBJECT "/org/freedesktop/login1"
#define INTERFACE "org.freedesktop.login1.Manager"
#define PATIENCE_US (200 * (uint64_t)USEC_PER_MSEC)
#define AGAIN_US (60 * (int64_t)USEC_PER_SEC)

typedef struct sd_bus sd_bus;
typedef struct sd_bus_error sd_bus_error;

/* sd-bus(3), as libsystemd has had it since version 240. */
static struct {
        bool is_loaded, is_there;
        int (*open_system)(sd_bus **ret);
        int (*set_method_call_timeout)(sd_bus *bus, uint64_t us);
        int (*get_property_trivial)(sd_bus *bus, const char *destination, const char *path,
                                    const char *interface, const char *member, sd_bus_error *error, char type,
                                    void *ret);
        sd_bus *(*flush_close_unref)(sd_bus *bus);
        int64_t not_before_us; /* monotonic: it did not answer */
} library;

static bool library_load(void)
{
        if (library.is_loaded)
                return library.is_there;
        library.is_loaded = true;
        void *handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
        if (!handle)
                return false;
        const struct {
                const char *name;
                void **function;
        } functions[] = {
                { "sd_bus_open_system", (void **)&library.open_system },
                { "sd_bus_set_method_call_timeout", (void **)&library.set_method_call_timeout },
                { "sd_bus_get_property_trivial", (void **)&library.get_property_trivial },
                { "sd_bus_flush_close_unref", (void **)&library.flush_close_unref },
        };
        library.is_there = true;
        for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
                *functions[i].function = dlsym(handle, functions[i].name);
                library.is_there = library.is_there && *functions[i].function;
        }
        return library.is_there;
}

enum logind_answer logind_idle(int64_t *ret_since_us)
{
        enum logind_answer answer = LOGIND_ABSENT;
        sd_bus *bus = NULL;
        uint64_t since_us = 0;
        int idle = 0;

        if (clock_monotonic_us() < library.not_before_us || !library_load())
                return LOGIND_ABSENT;
        if (library.open_system(&bus) >= 0 && library.set_method_call_timeout(bus, PATIENCE_US) >= 0 &&
            library.get_property_trivial(bus, SERVICE, OBJECT, INTERFACE, "IdleHint", NULL, 'b', &idle) >=
                    0 &&
            (!idle || library.get_property_trivial(bus, SERVICE, OBJECT, INTERFACE, "IdleSinceHint", NULL,
                                                   't', &since_us) >= 0))
                answer = idle ? LOGIND_IDLE : LOGIND_ACTIVE;
        if (bus)
                library.flush_close_unref(bus);
        if (answer == LOGIND_ABSENT)
                library.not_before_us = clock_monotonic_us() + AGAIN_US;
        *ret_since_us = (int64_t)MIN(since_us, (uint64_t)INT64_MAX);
        return answer;
}
