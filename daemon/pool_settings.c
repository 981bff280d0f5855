/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/pool_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

enum pool_key { POOL_WEIGHT, POOL_MAX_RUNNING, POOL_MAX_QUEUED, POOL_KEY_COUNT };

static const struct {
        const char *name;
        int32_t min, max, fallback;
        const char *help;
} pool_keys[POOL_KEY_COUNT] = {
        [POOL_WEIGHT] = { "weight", 1, 1000, 100,
                          "The pool's share of the slots while runs of several pools wait." },
        [POOL_MAX_RUNNING] = { "maxRunning", 0, 1024, 1024,
                               "How many runs of the pool may be in progress at a time, of those of "
                               "bgtaskd.runs.maxRunning; further ones wait." },
        [POOL_MAX_QUEUED] = { "maxQueued", 0, 1000000, 1000000,
                              "How many runs of the pool may wait, of those of bgtaskd.runs.maxQueued; "
                              "further ones are refused." },
};

static int32_t *pool_value(struct pool_setting *pool, enum pool_key key)
{
        switch (key) {
        case POOL_WEIGHT:
                return &pool->weight;
        case POOL_MAX_RUNNING:
                return &pool->max_running;
        case POOL_MAX_QUEUED:
        case POOL_KEY_COUNT:
                break;
        }
        return &pool->max_queued;
}

static struct pool_setting pool_make(const char *name, size_t length)
{
        struct pool_setting pool = { 0 };

        memcpy(pool.name, name, length);
        for (int key = 0; key < POOL_KEY_COUNT; key++)
                *pool_value(&pool, (enum pool_key)key) = pool_keys[key].fallback;
        return pool;
}

/* ---- one preference ---- */

/* The pool's name and the key of "bgtaskd.pools.NAME.KEY". -EINVAL with @error. */
static int name_split(const char *name, size_t *ret_length, enum pool_key *ret_key, struct error *error)
{
        const char *pool = name + strlen(POOL_SETTINGS_PREFIX);
        size_t length = strcspn(pool, ".");
        _cleanup_free_ char *copy = strndup(pool, length);

        if (!copy)
                return error_set(error, ENOMEM, "out of memory");
        if (!pool[length] || schedule_value_pool(&copy, NULL) < 0)
                return error_set(error, EINVAL,
                                 "%s: expected " POOL_SETTINGS_PREFIX
                                 "NAME.KEY, with a name of at most %d letters, "
                                 "digits, \"_\" and \"-\"",
                                 name, SCHEDULE_POOL_NAME_MAX);
        for (int key = 0; key < POOL_KEY_COUNT; key++)
                if (strcmp(pool + length + 1, pool_keys[key].name) == 0) {
                        *ret_length = length;
                        *ret_key = (enum pool_key)key;
                        return 0;
                }
        return error_set(error, ENOENT, "%s: expected weight, maxRunning or maxQueued after the pool's name",
                         name);
}

static int32_t value_take(const struct prefs *prefs, const char *name, enum pool_key key, struct error *error)
{
        struct pref_value value;
        int32_t fallback = pool_keys[key].fallback;

        if (!prefs_get(prefs, name, PREF_USER, &value) || value.type != PREF_INT)
                error_set(error, EINVAL, "%s is no integer; expected %d to %d; using %d", name,
                          pool_keys[key].min, pool_keys[key].max, fallback);
        else if (value.integer < pool_keys[key].min || value.integer > pool_keys[key].max)
                error_set(error, ERANGE, "%s is %d; expected %d to %d; using %d", name, value.integer,
                          pool_keys[key].min, pool_keys[key].max, fallback);
        else
                return value.integer;
        return fallback;
}

/* ---- all of them ---- */

/* Names come sorted: those of one pool follow one another. The default one is there. */
static struct pool_setting *settings_of(struct pool_settings *settings, const char *name, size_t length)
{
        struct pool_setting *last = &settings->pools[settings->count - 1];

        if (length == strlen(POOL_DEFAULT) && strncmp(name, POOL_DEFAULT, length) == 0)
                return settings->pools;
        if (strncmp(last->name, name, length) == 0 && !last->name[length])
                return last;
        if (settings->count == POOLS_MAX)
                return NULL;
        settings->pools[settings->count] = pool_make(name, length);
        return &settings->pools[settings->count++];
}

static int compare_names(const void *a, const void *b)
{
        const struct pool_setting *first = a, *second = b;

        return strcmp(first->name, second->name);
}

static void settings_take(struct pool_settings *settings, const struct prefs *prefs, const char *name,
                          struct error *error)
{
        enum pool_key key = POOL_KEY_COUNT;
        size_t length = 0;

        if (name_split(name, &length, &key, error) < 0)
                return;
        struct pool_setting *pool = settings_of(settings, name + strlen(POOL_SETTINGS_PREFIX), length);
        if (pool)
                *pool_value(pool, key) = value_take(prefs, name, key, error);
        else
                error_set(error, E2BIG, "%s is of one pool too many; expected at most %d pools", name,
                          POOLS_MAX);
}

int pool_settings_load(const struct prefs *prefs, struct pool_settings *ret, settings_report report,
                       void *data)
{
        struct pool_settings settings = { calloc(POOLS_MAX, sizeof(*settings.pools)), 1 };
        char **names = prefs_names(prefs, POOL_SETTINGS_PREFIX);
        int errors = 0;

        if (!settings.pools || !names) {
                strv_free(names);
                pool_settings_done(&settings);
                return -ENOMEM;
        }
        settings.pools[0] = pool_make(POOL_DEFAULT, strlen(POOL_DEFAULT));
        for (char **name = names; *name; name++) {
                struct error error = ERROR_INIT;
                settings_take(&settings, prefs, *name, &error);
                if (!error.code)
                        continue;
                errors++;
                report(*name, &error, data);
        }
        strv_free(names);
        qsort(settings.pools + 1, settings.count - 1, sizeof(*settings.pools), compare_names);
        *ret = settings;
        return errors;
}

void pool_settings_done(struct pool_settings *settings)
{
        free(settings->pools);
        *settings = (struct pool_settings){ 0 };
}

const struct pool_setting *pool_settings_find(const struct pool_settings *settings, const char *name)
{
        size_t low = 1, high = settings->count;

        if (!name || !*name || strcmp(name, POOL_DEFAULT) == 0)
                return settings->pools;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(name, settings->pools[middle].name);
                if (order == 0)
                        return &settings->pools[middle];
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

int pool_settings_check(const struct pool_settings *settings, const char *name, struct error *error)
{
        char names[ERROR_TEXT_MAX / 2] = "";
        size_t size = 0;

        if (pool_settings_find(settings, name))
                return 0;
        for (size_t i = 0; i < settings->count && size < sizeof(names); i++)
                size += (size_t)snprintf(names + size, sizeof(names) - size, "%s%s", i ? ", " : "",
                                         settings->pools[i].name);
        return error_set(error, EINVAL,
                         "a pool that the preferences " POOL_SETTINGS_PREFIX "* define (%s%s), found \"%s\"",
                         names, size >= sizeof(names) ? "…" : "", name);
}

void pool_settings_print(FILE *out)
{
        for (int key = 0; key < POOL_KEY_COUNT; key++)
                fprintf(out, POOL_SETTINGS_PREFIX "NAME.%s = %d    (%d to %d)\n    %s\n", pool_keys[key].name,
                        pool_keys[key].fallback, pool_keys[key].min, pool_keys[key].max, pool_keys[key].help);
}
