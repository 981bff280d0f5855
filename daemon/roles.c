/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/roles.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define LOOKUP_SIZE_MAX ((size_t)1024 * 1024) /* of a group with all its members */

/* The kinds of preferences; what follows the prefix is a name or a number, or nothing for the default. */
static const struct kind {
        const char *prefix;
        const char *shown, *help;
        const char *expected;
        enum role lowest;
        bool group, named;
} kinds[] = {
        { ROLES_PREFIX "user.", ROLES_PREFIX "user.NAME", "The role of a user, by name or number.",
          "\"none\", \"see\", \"run\", \"edit\" or \"admin\"", ROLE_NONE, false, true },
        { ROLES_PREFIX "group.", ROLES_PREFIX "group.NAME",
          "The role of a group's members, by its name or number.",
          "\"see\", \"run\", \"edit\" or \"admin\" (only a user can be shut out, with \"none\")", ROLE_SEE,
          true, true },
        { ROLES_PREFIX "default", ROLES_PREFIX "default",
          "The role of the members of the control socket's group; without it \"run\", and in a user's instance "
          "\"none\".",
          "\"none\", \"see\", \"run\", \"edit\" or \"admin\"", ROLE_NONE, true, false },
};

static const char *const role_names[ROLE_COUNT] = {
        [ROLE_NONE] = "none", [ROLE_SEE] = "see",     [ROLE_RUN] = "run",
        [ROLE_EDIT] = "edit", [ROLE_ADMIN] = "admin",
};

const char *role_name(enum role role)
{
        return role_names[role];
}

int role_parse(const char *name)
{
        for (int role = 0; role < ROLE_COUNT; role++)
                if (strcmp(role_names[role], name) == 0)
                        return role;
        return -1;
}

/* ---- names ---- */

/* A number is one, whatever names there are. The highest stands for "no one" in the kernel's interfaces. */
static bool id_parse(const char *name, id_t *ret)
{
        char *end;

        if (!*name || strspn(name, "0123456789") != strlen(name) || strlen(name) > 10)
                return false;
        uintmax_t value = strtoumax(name, &end, 10);
        if (value >= UINT32_MAX)
                return false;
        *ret = (id_t)value;
        return true;
}

/* 0: found; ENOENT: there is none; else why it is not known. */
static int id_ask(bool group, const char *name, char *buffer, size_t size, id_t *ret)
{
        struct passwd user, *found_user = NULL;
        struct group of_name, *found_group = NULL;
        int code = group ? getgrnam_r(name, &of_name, buffer, size, &found_group)
                         : getpwnam_r(name, &user, buffer, size, &found_user);

        if (code)
                return code;
        if (found_group)
                *ret = found_group->gr_gid;
        else if (found_user)
                *ret = found_user->pw_uid;
        else
                return ENOENT;
        return 0;
}

static int id_look_up(bool group, const char *name, id_t *ret)
{
        if (id_parse(name, ret))
                return 0;
        for (size_t size = 4096; size <= LOOKUP_SIZE_MAX; size *= 4) {
                _cleanup_free_ char *buffer = malloc(size);
                if (!buffer)
                        return ENOMEM;
                int code = id_ask(group, name, buffer, size, ret);
                if (code != ERANGE)
                        return code;
        }
        return ERANGE;
}

/* ---- loading ---- */

static const struct kind *kind_of(const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
                size_t length = strlen(kinds[i].prefix);
                if (kinds[i].named ? strncmp(name, kinds[i].prefix, length) == 0 && name[length]
                                   : strcmp(name, kinds[i].prefix) == 0)
                        return &kinds[i];
        }
        return NULL;
}

static int role_take(const struct prefs *prefs, const char *name, const struct kind *kind, enum role *ret,
                     struct error *error)
{
        struct pref_value value = { .type = PREF_NONE };
        int role = -1;

        if (prefs_get(prefs, name, PREF_USER, &value) && value.type == PREF_STRING)
                role = role_parse(value.string);
        if (role >= (int)kind->lowest) {
                *ret = (enum role)role;
                return 0;
        }
        if (value.type == PREF_STRING)
                return error_set(error, EINVAL, "%s is \"%.64s\"; expected %s", name, value.string,
                                 kind->expected);
        return error_set(error, EINVAL, "%s is not a string; expected %s", name, kind->expected);
}

/* Whom a preference names; NULL kind->named has no one. */
static int entry_take(const char *name, const struct kind *kind, struct role_entry *entry,
                      struct error *error)
{
        const char *who = name + strlen(kind->prefix);
        const char *what = kind->group ? "group" : "user";
        int code = id_look_up(kind->group, who, &entry->id);

        entry->group = kind->group;
        if (code == ENOENT)
                return error_set(error, ENOENT, "%s: there is no %s %s; expected the name or number of a %s",
                                 name, what, who, what);
        if (code)
                return error_set_errno(error, code, "%s: the %s %s cannot be looked up", name, what, who);
        return 0;
}

static int roles_take(struct roles *roles, const struct prefs *prefs, const char *name, struct error *error)
{
        const struct kind *kind = kind_of(name);
        struct role_entry *entry = &roles->entries[roles->count];

        if (!kind)
                return error_set(error, ENOENT,
                                 "%s is not a preference of bgtaskd; expected %suser.NAME, %sgroup.NAME or "
                                 "%sdefault",
                                 name, ROLES_PREFIX, ROLES_PREFIX, ROLES_PREFIX);
        if (!kind->named)
                return role_take(prefs, name, kind, &roles->fallback, error);
        int r = role_take(prefs, name, kind, &entry->role, error);
        if (r == 0)
                r = entry_take(name, kind, entry, error);
        if (r == 0)
                roles->count++;
        return r;
}

int roles_load(const struct prefs *prefs, bool system, struct roles *ret, settings_report report, void *data)
{
        char **names = prefs_names(prefs, ROLES_PREFIX);
        struct roles roles = { .fallback = system ? ROLE_RUN : ROLE_NONE };
        int errors = 0;

        roles.entries = names ? calloc(strv_length(names) + 1, sizeof(*roles.entries)) : NULL;
        if (!roles.entries) {
                strv_free(names);
                return -ENOMEM;
        }
        for (char **name = names; *name; name++) {
                struct error error = ERROR_INIT;
                if (roles_take(&roles, prefs, *name, &error) == 0)
                        continue;
                report(*name, &error, data);
                errors++;
        }
        strv_free(names);
        if (errors) {
                roles_done(&roles);
                roles.closed = true;
        }
        *ret = roles;
        return errors;
}

void roles_done(struct roles *roles)
{
        free(roles->entries);
        *roles = (struct roles){ .fallback = ROLE_NONE };
}

/* ---- asking ---- */

static bool entry_is_of(const struct role_entry *entry, uid_t uid, const gid_t *groups, size_t group_count)
{
        if (!entry->group)
                return entry->id == uid;
        for (size_t i = 0; i < group_count; i++)
                if (entry->id == groups[i])
                        return true;
        return false;
}

enum role roles_find(const struct roles *roles, uid_t uid, bool member, const gid_t *groups,
                     size_t group_count)
{
        enum role role = member ? roles->fallback : ROLE_NONE;

        for (size_t i = 0; i < roles->count; i++) {
                const struct role_entry *entry = &roles->entries[i];
                if (!entry_is_of(entry, uid, groups, group_count))
                        continue;
                if (entry->role == ROLE_NONE)
                        return ROLE_NONE;
                role = MAX(role, entry->role);
        }
        return role;
}

bool roles_open(const struct roles *roles)
{
        for (size_t i = 0; i < roles->count; i++)
                if (roles->entries[i].role > ROLE_NONE)
                        return true;
        return false;
}

void roles_print(FILE *out)
{
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
                fprintf(out, "%s    (%s)\n    %s\n", kinds[i].shown, kinds[i].expected, kinds[i].help);
}
