/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/sandbox_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

/* Rows of a facet are together; the order is that of the text. */
static const struct mechanism_row {
        enum sandbox_mechanism mechanism;
        const char *facet;
        const char *word;
} mechanism_rows[] = {
        { SANDBOX_FS_MOUNT, "fs", "mount" },           { SANDBOX_FS_LANDLOCK, "fs", "landlock" },
        { SANDBOX_NET_NETNS, "net", "netns" },         { SANDBOX_NET_SECCOMP, "net", "seccomp" },
        { SANDBOX_NET_LANDLOCK, "net", "landlock" },   { SANDBOX_NET_ALLOWED, "net", "allowed" },
        { SANDBOX_CALLS_SECCOMP, "calls", "seccomp" }, { SANDBOX_CALLS_MDWE, "calls", "mdwe" },
        { SANDBOX_KILL_PIDNS, "kill", "pidns" },       { SANDBOX_KILL_NOFORK, "kill", "nofork" },
        { SANDBOX_KILL_CGROUP, "kill", "cgroup" },     { SANDBOX_KILL_PDEATHSIG, "kill", "pdeathsig" },
        { SANDBOX_LIMITS_RLIMIT, "limits", "rlimit" }, { SANDBOX_LIMITS_CGROUP, "limits", "cgroup" },
        { SANDBOX_UID_USERNS, "uid", "userns" },       { SANDBOX_UID_DROPPED, "uid", "dropped" },
        { SANDBOX_UID_SHARED, "uid", "shared" },       { SANDBOX_CAPS_DROPPED, "caps", "dropped" },
        { SANDBOX_IPC_IPCNS, "ipc", "ipcns" },         { SANDBOX_CGROUP_V2, "cgroup", "v2" },
};

_Static_assert(ARRAY_SIZE(mechanism_rows) == SANDBOX_MECHANISM_COUNT, "a row for each mechanism");
_Static_assert(SANDBOX_MECHANISM_COUNT <= 32, "as many as fit into struct sandbox");

void sandbox_add(struct sandbox *sandbox, enum sandbox_mechanism mechanism)
{
        sandbox->mechanisms |= UINT32_C(1) << mechanism;
}

bool sandbox_has(const struct sandbox *sandbox, enum sandbox_mechanism mechanism)
{
        return sandbox->mechanisms & UINT32_C(1) << mechanism;
}

/* The words of the facet that begins at row @first, "+" between them; returns the row behind it. */
static size_t facet_text(const struct sandbox *sandbox, size_t first, char *text, size_t size)
{
        const char *facet = mechanism_rows[first].facet;
        size_t used = 0, i = first;

        text[0] = '\0';
        for (; i < ARRAY_SIZE(mechanism_rows) && strcmp(mechanism_rows[i].facet, facet) == 0; i++) {
                const struct mechanism_row *row = &mechanism_rows[i];
                if (!sandbox_has(sandbox, row->mechanism))
                        continue;
                int n = snprintf(text + used, size - used, "%s%s", used ? "+" : "", row->word);
                used = MIN(used + (size_t)n, size - 1);
                if (row->mechanism == SANDBOX_FS_LANDLOCK) {
                        n = snprintf(text + used, size - used, "%u", sandbox->landlock);
                        used = MIN(used + (size_t)n, size - 1);
                }
        }
        return i;
}

void sandbox_text(const struct sandbox *sandbox, char ret[static SANDBOX_TEXT_MAX])
{
        size_t used = 0;

        for (size_t i = 0; i < ARRAY_SIZE(mechanism_rows);) {
                char words[SANDBOX_TEXT_MAX];
                const char *facet = mechanism_rows[i].facet;
                i = facet_text(sandbox, i, words, sizeof(words));
                int n = snprintf(ret + used, SANDBOX_TEXT_MAX - used, "%s%s=%s", used ? " " : "", facet,
                                 words[0] ? words : "none");
                used = MIN(used + (size_t)n, SANDBOX_TEXT_MAX - 1);
        }
}

/* "A, B, C": the facets, or the words of @facet. */
static void list_expected(const char *facet, char *text, size_t size)
{
        const char *last = "";
        size_t used = 0;

        text[0] = '\0';
        for (size_t i = 0; i < ARRAY_SIZE(mechanism_rows); i++) {
                const struct mechanism_row *row = &mechanism_rows[i];
                const char *word = facet ? row->word : row->facet;
                if ((facet && strcmp(row->facet, facet) != 0) || strcmp(word, last) == 0)
                        continue;
                int n = snprintf(text + used, size - used, "%s%s", used ? ", " : "", word);
                used = MIN(used + (size_t)n, size - 1);
                last = word;
        }
}

/* The row of @word (of @size bytes) in @facet, and the number behind it; NULL: there is none. */
static const struct mechanism_row *row_find(const char *facet, const char *word, size_t size,
                                            int64_t *ret_least)
{
        for (size_t i = 0; i < ARRAY_SIZE(mechanism_rows); i++) {
                const struct mechanism_row *row = &mechanism_rows[i];
                size_t length = strlen(row->word);
                char number[8] = "";
                if (strcmp(row->facet, facet) != 0 || size < length || memcmp(row->word, word, length) != 0)
                        continue;
                if (size == length) {
                        *ret_least = 0;
                        return row;
                }
                if (row->mechanism != SANDBOX_FS_LANDLOCK || size - length >= sizeof(number))
                        continue;
                memcpy(number, word + length, size - length);
                if (parse_int64(number, 1, 999, ret_least) == 0)
                        return row;
        }
        return NULL;
}

/* One requirement. @sandbox NULL: only its words are looked at. 0, -EINVAL, or 1: not in force. */
static int requirement_test(const struct sandbox *sandbox, const char *requirement, struct error *error)
{
        char facet[16] = "", expected[SANDBOX_TEXT_MAX];
        const char *equals = strchr(requirement, '=');
        size_t size = equals ? (size_t)(equals - requirement) : strlen(requirement);
        int result = 0;

        memcpy(facet, requirement, MIN(size, sizeof(facet) - 1));
        list_expected(facet, expected, sizeof(expected));
        if (!equals || size >= sizeof(facet) || !expected[0]) {
                list_expected(NULL, expected, sizeof(expected));
                return error_set(error, EINVAL, "\"%s\": expected FACET=MECHANISM, the facet one of %s",
                                 requirement, expected);
        }
        for (const char *word = equals + 1;; word += size + 1) {
                int64_t least = 0;
                size = strcspn(word, "+");
                const struct mechanism_row *row = row_find(facet, word, size, &least);
                if (!row)
                        return error_set(error, EINVAL, "\"%s\": expected one of %s after \"%s=\"",
                                         requirement, expected, facet);
                if (sandbox && (!sandbox_has(sandbox, row->mechanism) || sandbox->landlock < least))
                        result = 1;
                if (word[size] == '\0')
                        return result;
        }
}

/* "FACET=WORD+WORD" of @size bytes. */
static bool facet_parse(const char *text, size_t size, struct sandbox *sandbox)
{
        char facet[SANDBOX_TEXT_MAX];
        const char *end = text + size, *word = memchr(text, '=', size);

        if (!word || size >= sizeof(facet))
                return false;
        memcpy(facet, text, (size_t)(word - text));
        facet[word - text] = '\0';
        if (end - word == 5 && memcmp(word, "=none", 5) == 0)
                return true;
        while (word < end) {
                int64_t least = 0;
                word++;
                const char *next = memchr(word, '+', (size_t)(end - word));
                if (!next)
                        next = end;
                const struct mechanism_row *row = row_find(facet, word, (size_t)(next - word), &least);
                if (!row)
                        return false;
                sandbox_add(sandbox, row->mechanism);
                if (row->mechanism == SANDBOX_FS_LANDLOCK)
                        sandbox->landlock = (unsigned)least;
                word = next;
        }
        return true;
}

int sandbox_parse(const char *text, struct sandbox *ret, struct error *error)
{
        struct sandbox sandbox = { 0 };

        for (const char *at = text; *at;) {
                size_t size = strcspn(at, " ");
                if (!facet_parse(at, size, &sandbox))
                        return error_set(error, EBADMSG, "\"%.*s\" is not FACET=MECHANISM",
                                         (int)MIN(size, 80U), at);
                at += size;
                at += strspn(at, " ");
        }
        if (!*text)
                return error_set(error, EBADMSG, "nothing was said");
        *ret = sandbox;
        return 0;
}

int sandbox_requirement_check(const char *requirement, struct error *error)
{
        return requirement_test(NULL, requirement, error);
}

int sandbox_require(const struct sandbox *sandbox, char *const *require, struct error *error)
{
        char text[SANDBOX_TEXT_MAX];

        for (; require && *require; require++) {
                int r = requirement_test(sandbox, *require, error);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                sandbox_text(sandbox, text);
                return error_set(error, EPERM, "the task requires %s, in force is %s", *require, text);
        }
        return 0;
}
