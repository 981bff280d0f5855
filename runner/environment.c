/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/environment.h"

#include <errno.h>
#include <stdbool.h>
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
