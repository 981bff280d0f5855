/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/environment.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

/* A "*" at the end stands for anything. */
static const char *const environment_passed[] = {
        /* the machine and the user, as systemd sets them for a service */
        "HOME",
        "INVOCATION_ID",
        "LANG",
        "LANGUAGE",
        "LC_*",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        /* how a task prints and what it trusts; proxies are those of the system */
        "NO_COLOR",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "ALL_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "all_proxy",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        /* background task mode */
        "BGTASK_*",
        "MOZ_APP_*",
        "MOZ_BACKGROUNDTASKS_*",
        "XPCSHELL_TESTING_MODULES_URI",
};

/* Whether the name of an assignment, @length bytes of it, is @pattern. */
static bool name_matches(const char *assignment, size_t length, const char *pattern)
{
        size_t size = strlen(pattern);

        if (size > 0 && pattern[size - 1] == '*')
                return length >= size - 1 && strncmp(assignment, pattern, size - 1) == 0;
        return length == size && strncmp(assignment, pattern, size) == 0;
}

static bool is_passed(const struct task_policy *policy, const char *assignment)
{
        size_t length = strcspn(assignment, "=");

        for (size_t i = 0; i < ARRAY_SIZE(environment_passed); i++)
                if (name_matches(assignment, length, environment_passed[i]))
                        return true;
        for (char **name = policy->pass_environment; name && *name; name++)
                if (strlen(*name) == length && strncmp(assignment, *name, length) == 0)
                        return true;
        return false;
}

void environment_clean(const struct task_policy *policy)
{
        char **to = environ;

        for (char **at = environ; at && *at; at++) {
                if (is_passed(policy, *at))
                        *to++ = *at;
                else
                        explicit_bzero(*at, strlen(*at));
        }
        if (to)
                *to = NULL;
}

int environment_set(const struct task_policy *policy, struct error *error)
{
        for (char **assignment = policy->environment; assignment && *assignment; assignment++) {
                size_t length = strcspn(*assignment, "=");
                _cleanup_free_ char *name = strndup(*assignment, length);
                if (!name || setenv(name, *assignment + length + 1, 1) < 0)
                        return error_set_errno(error, ENOMEM, "environment");
        }
        return 0;
}

/* ---- while threads may read it ---- */

#define ROOM_MIN 64

static char **variables; /* environ, once something was changed here */
static size_t variables_room;

/* Memory that stays, since somebody may still look at it. */
static struct kept {
        struct kept *before;
} * all_kept;

/* Zeroes; NULL: out of memory. */
static void *kept_new(size_t size)
{
        struct kept *kept = calloc(1, sizeof(*kept) + size);

        if (!kept)
                return NULL;
        kept->before = all_kept;
        all_kept = kept;
        return kept + 1;
}

/* "NAME=VALUE"; NULL: out of memory. */
static char *text_new(const char *name, const char *value)
{
        size_t size = strlen(name) + strlen(value) + 2;
        char *text = kept_new(size);

        if (text)
                snprintf(text, size, "%s=%s", name, value);
        return text;
}

static size_t variable_find(const char *name, size_t length, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strncmp(environ[i], name, length) == 0 && environ[i][length] == '=')
                        return i;
        return count;
}

/* Room for one more and the end, in an array that is ours. */
static int variables_own(size_t count)
{
        if (environ == variables && count + 2 <= variables_room)
                return 0;
        size_t room = MAX(count * 2, (size_t)ROOM_MIN);
        char **larger = kept_new(room * sizeof(*larger));
        if (!larger)
                return -ENOMEM;
        if (count > 0)
                memcpy(larger, environ, count * sizeof(*larger));
        variables = larger;
        variables_room = room;
        __atomic_store_n(&environ, larger, __ATOMIC_RELEASE);
        return 0;
}

int environment_change(const char *name, const char *value)
{
        size_t length = strlen(name), count = environ ? strv_length(environ) : 0;

        if (length == 0 || strchr(name, '='))
                return -EINVAL;
        size_t at = variable_find(name, length, count);
        if (!value && at == count)
                return 0;
        int r = variables_own(count);
        if (r < 0)
                return r;
        char *text = value ? text_new(name, value) : variables[count - 1];
        if (!text)
                return -ENOMEM;
        __atomic_store_n(&variables[at], text, __ATOMIC_RELEASE);
        if (!value)
                __atomic_store_n(&variables[count - 1], NULL, __ATOMIC_RELEASE);
        return 0;
}
