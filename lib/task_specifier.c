/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/task_specifier.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define EXPANDED_MAX (64 * 1024)

/* Each malloc'd; NULL: cannot be known. */

static char *user_field(bool home)
{
        struct passwd entry, *found = NULL;
        char buffer[4096];

        if (getpwuid_r(geteuid(), &entry, buffer, sizeof(buffer), &found) != 0 || !found)
                return NULL;
        return strdup(home ? found->pw_dir : found->pw_name);
}

static char *home_directory(const struct task_specifiers *specifiers)
{
        const char *home = getenv("HOME");

        return home && home[0] == '/' ? strdup(home) : user_field(true);
}

static char *user_name(const struct task_specifiers *specifiers)
{
        return user_field(false);
}

static char *user_number(const struct task_specifiers *specifiers)
{
        return format_string("%lld", (long long)geteuid());
}

static char *task_name(const struct task_specifiers *specifiers)
{
        return strdup(specifiers->task);
}

static char *file_name(const struct task_specifiers *specifiers)
{
        return format_string("%s.task", specifiers->task);
}

static char *directory(const struct task_specifiers *specifiers, const char *of_system, const char *variable,
                       const char *below_home)
{
        if (specifiers->system_instance)
                return strdup(of_system);
        const char *value = getenv(variable);
        if (value && value[0] == '/')
                return strdup(value);
        _cleanup_free_ char *home = below_home ? home_directory(specifiers) : NULL;
        return home ? path_join(home, below_home) : NULL;
}

static char *state_directory(const struct task_specifiers *specifiers)
{
        return directory(specifiers, "/var/lib", "XDG_STATE_HOME", ".local/state");
}

static char *cache_directory(const struct task_specifiers *specifiers)
{
        return directory(specifiers, "/var/cache", "XDG_CACHE_HOME", ".cache");
}

static char *configuration_directory(const struct task_specifiers *specifiers)
{
        return directory(specifiers, "/etc", "XDG_CONFIG_HOME", ".config");
}

static char *runtime_directory(const struct task_specifiers *specifiers)
{
        return directory(specifiers, "/run", "XDG_RUNTIME_DIR", NULL);
}

static char *percent(const struct task_specifiers *specifiers)
{
        return strdup("%");
}

static const struct {
        char letter;
        char *(*value)(const struct task_specifiers *specifiers);
} table[] = {
        { '%', percent },         { 'C', cache_directory },   { 'E', configuration_directory },
        { 'h', home_directory },  { 'n', file_name },         { 'N', task_name },
        { 'S', state_directory }, { 't', runtime_directory }, { 'u', user_name },
        { 'U', user_number },
};

static int specifier_print(const struct task_specifiers *specifiers, char letter, FILE *out,
                           struct error *error)
{
        for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
                if (table[i].letter != letter)
                        continue;
                _cleanup_free_ char *value = table[i].value(specifiers);
                if (!value)
                        return error_set(error, ENOENT, "%%%c cannot be known here", letter);
                fputs(value, out);
                return 0;
        }
        char found[] = "%x";
        found[1] = letter;
        return error_set(error, EINVAL,
                         "expected %%%% or one of %%C %%E %%h %%n %%N %%S %%t %%u %%U, found %s",
                         letter > 0x20 && letter < 0x7f ? found : "a single %");
}

int task_specifiers_expand(const struct task_specifiers *specifiers, const char *text, char **ret,
                           struct error *error)
{
        _cleanup_free_ char *expanded = NULL;
        size_t size = 0;
        int r = 0;

        if (!specifiers) {
                *ret = strdup(text);
                return *ret ? 0 : error_set(error, ENOMEM, "out of memory");
        }
        FILE *out = open_memstream(&expanded, &size);
        if (!out)
                return error_set(error, ENOMEM, "out of memory");
        for (const char *p = text; *p && r == 0; p++) {
                if (*p != '%')
                        fputc(*p, out);
                else
                        r = specifier_print(specifiers, *++p, out, error);
                if (!*p)
                        break;
                if (r == 0 && ftell(out) > EXPANDED_MAX)
                        r = error_set(error, EINVAL, "expected at most %d bytes, found more", EXPANDED_MAX);
        }
        bool failed = ferror(out);
        if ((fclose(out) != 0 || failed) && r == 0)
                r = error_set(error, ENOMEM, "out of memory");
        if (r < 0)
                return r;
        *ret = steal_pointer(expanded);
        return 0;
}

char *task_specifiers_protect(const char *text)
{
        char *copy = malloc(2 * strlen(text) + 1), *to = copy;

        if (!copy)
                return NULL;
        for (; *text; text++) {
                if (*text == '%')
                        *to++ = '%';
                *to++ = *text;
        }
        *to = 0;
        return copy;
}
