/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A preference of 0 is a value; an export that is falsy means "use the default". What is negative, not a
 * number or absurdly large would never end or never fire in Gecko: here it is reported, and the default counts.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>

#include "lib/util.h"
#include "runner/timing.h"

#define LOAD_MIN_US (30 * (int64_t)USEC_PER_SEC)

static int64_t pref_time(const struct prefs *prefs, const char *name, int32_t fallback,
                         timing_complaint complain, void *data)
{
        char message[256];

        int32_t value = prefs_get_int(prefs, name, fallback);
        if (value >= 0)
                return value;
        snprintf(message, sizeof(message), "preference %s is %d, expected 0 or more; using %d", name,
                 (int)value, (int)fallback);
        complain(data, message);
        return fallback;
}

void timing_from_prefs(const struct prefs *prefs, timing_complaint complain, void *data, struct timing *ret)
{
        ret->timeout_us = pref_time(prefs, TIMING_TIMEOUT_PREF, 600, complain, data) * (int64_t)USEC_PER_SEC;
        ret->minimum_us = pref_time(prefs, TIMING_MINIMUM_PREF, 500, complain, data) * (int64_t)USEC_PER_MSEC;
        ret->delay_us = pref_time(prefs, TIMING_DELAY_PREF, 0, complain, data) * (int64_t)USEC_PER_MSEC;
        ret->shutdown_us = pref_time(prefs, TIMING_SHUTDOWN_PREF, 5000, complain, data) *
                           (int64_t)USEC_PER_MSEC;
        ret->load_us = MAX(ret->timeout_us, LOAD_MIN_US);
}

void timing_from_policy(const struct task_policy *policy, struct timing *timing)
{
        /* "infinity" is the longest that the clocks here count. */
        if (policy->runtime_max_us > 0)
                timing->timeout_us = MIN(policy->runtime_max_us, TIMING_MAX_US);
        if (policy->runtime_min_us >= 0)
                timing->minimum_us = MIN(policy->runtime_min_us, TIMING_MAX_US);
}

bool timing_parse(double number, int64_t unit_us, int64_t *ret_us)
{
        double us = ceil(number * (double)unit_us);

        if (!(number > 0) || !(us <= (double)TIMING_MAX_US))
                return false;
        *ret_us = (int64_t)us;
        return true;
}

static void export_time(eng *e, eng_val namespace, const char *name, int64_t unit_us,
                        timing_complaint complain, void *data, int64_t *us)
{
        char message[512];
        double number = 0;

        eng_val v = eng_get(e, namespace, name);
        enum eng_type type = eng_typeof(e, v);
        if (v && !eng_truthy(e, v) && !(type == ENG_NUMBER && eng_to_number(e, v, &number) && isnan(number)))
                return;
        if (v && eng_to_number(e, v, &number) && timing_parse(number, unit_us, us))
                return;
        if (eng_terminating(e))
                return;
        eng_catch(e);
        const char *text = v ? eng_to_source(e, v) : NULL;
        if (!text)
                eng_catch(e);
        snprintf(message, sizeof(message),
                 "export %s is %.100s, expected a number above 0; using the default", name,
                 text ? text : "unreadable");
        complain(data, message);
}

void timing_from_module(eng *e, eng_val namespace, timing_complaint complain, void *data,
                        struct timing *timing)
{
        eng_scope scope;

        eng_scope_open(e, &scope);
        export_time(e, namespace, "backgroundTaskTimeoutSec", USEC_PER_SEC, complain, data,
                    &timing->timeout_us);
        export_time(e, namespace, "backgroundTaskMinRuntimeMS", USEC_PER_MSEC, complain, data,
                    &timing->minimum_us);
        eng_scope_close(e, &scope, NULL);
}
