/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test_engine.h"

struct test_seen seen;

static const struct test_module *known;
static size_t known_count;
static struct test_module changed;

void test_modules(const struct test_module *modules, size_t count)
{
        known = modules;
        known_count = count;
}

void test_module_set(const char *url, const char *text)
{
        changed.url = url;
        changed.text = text;
}

/* "./x" is relative to "dir/", "bad:" cannot be resolved, all else is a URL. */
static char *resolve(void *data, const char *specifier, const char *referrer)
{
        char *url;
        (void)data;
        if (strncmp(specifier, "bad:", 4) == 0)
                return NULL;
        if (strncmp(specifier, "./", 2) != 0)
                return strdup(specifier);
        return asprintf(&url, "%s/%s", referrer ? "mem:" : "root:", specifier + 2) < 0 ? NULL : url;
}

static enum eng_load load(void *data, const char *url, char **ret_text, size_t *ret_size, char **ret_reason)
{
        const char *text = NULL;
        (void)data;
        seen.loads++;
        for (size_t i = 0; i < known_count; i++)
                if (strcmp(known[i].url, url) == 0)
                        text = known[i].text;
        if (changed.url && strcmp(changed.url, url) == 0)
                text = changed.text;
        if (!text)
                return ENG_LOAD_NOT_FOUND;
        if (text[0] == '!') {
                *ret_reason = strdup(text + 1);
                return ENG_LOAD_UNREADABLE;
        }
        *ret_text = strdup(text);
        *ret_size = strlen(text);
        return ENG_LOAD_OK;
}

static bool import_meta(void *data, eng *e, const char *url, eng_val meta)
{
        (void)data;
        return eng_set(e, meta, "extra", eng_cstring(e, strcmp(url, "mem:/meta") == 0 ? "known" : "other"));
}

static void keep_text(eng *e, eng_val v)
{
        struct eng_error error;
        eng_describe(e, v, &error);
        snprintf(seen.last, sizeof seen.last, "%s", error.message);
}

static void unhandled_rejection(void *data, eng *e, eng_val promise, eng_val reason)
{
        (void)data;
        ck_assert_int_eq(eng_promise_state(e, promise, NULL), ENG_REJECTED);
        seen.rejections++;
        keep_text(e, reason);
}

static void job_error(void *data, eng *e, eng_val exception)
{
        (void)data;
        seen.job_errors++;
        keep_text(e, exception);
}

static void warning(void *data, eng *e, const struct eng_error *w)
{
        (void)data;
        (void)e;
        seen.warnings++;
        snprintf(seen.last, sizeof seen.last, "%s:%u: %s", w->file ? w->file : "?", w->line, w->message);
}

static bool interrupted(void *data, eng *e, int why)
{
        (void)data;
        seen.interrupts++;
        seen.why = why;
        const char *stack = eng_current_stack(e);
        snprintf(seen.stack, sizeof seen.stack, "%s", stack ? stack : "");
        return seen.go_on;
}

struct eng_hooks test_hooks = {
        .resolve = resolve,
        .load = load,
        .import_meta = import_meta,
        .unhandled_rejection = unhandled_rejection,
        .job_error = job_error,
        .warning = warning,
        .interrupted = interrupted,
};

eng *test_start(void)
{
        eng *e = eng_new(&test_hooks);
        ck_assert_ptr_nonnull(e);
        return e;
}

const char *caught(eng *e)
{
        struct eng_error error;
        eng_val exception = eng_catch(e);
        ck_assert_ptr_nonnull(exception);
        eng_describe(e, exception, &error);
        return error.message;
}

eng_val run(eng *e, const char *source)
{
        eng_val v = eng_eval(e, source, strlen(source), "test.js", 1);
        if (!v)
                ck_abort_msg("%s: %s", source, eng_pending(e) ? caught(e) : "terminated");
        return v;
}

double run_number(eng *e, const char *source)
{
        double n;
        ck_assert(eng_to_number(e, run(e, source), &n));
        return n;
}

const char *run_string(eng *e, const char *source)
{
        const char *s = eng_to_string(e, run(e, source), NULL);
        ck_assert_ptr_nonnull(s);
        return s;
}

const char *run_throws(eng *e, const char *source)
{
        ck_assert_ptr_null(eng_eval(e, source, strlen(source), "test.js", 1));
        return caught(e);
}

int main(void)
{
        SRunner *runner = srunner_create(engine_values_suite());
        srunner_add_suite(runner, engine_args_suite());
        srunner_add_suite(runner, engine_cache_suite());
        srunner_add_suite(runner, engine_errors_suite());
        srunner_add_suite(runner, engine_fork_suite());
        srunner_add_suite(runner, engine_jobs_suite());
        srunner_add_suite(runner, engine_limits_suite());
        srunner_add_suite(runner, engine_modules_suite());
        srunner_add_suite(runner, engine_scopes_suite());
        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
