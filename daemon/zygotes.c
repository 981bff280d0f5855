/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/zygotes.h"

#include <errno.h>
#include <stdlib.h>

struct zygotes {
        struct zygote *of_kind[ZYGOTE_KIND_COUNT];
};

static struct zygote_config zygotes_config_of(const struct zygote_config *config, size_t kind)
{
        struct zygote_config result = *config;

        result.kind = (enum zygote_kind)kind;
        return result;
}

int zygotes_new(struct event_base *base, const struct zygote_config *config, const struct zygote_hooks *hooks,
                void *data, struct zygotes **ret)
{
        struct zygotes *zygotes = calloc(1, sizeof(*zygotes));

        if (!zygotes)
                return -ENOMEM;
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++) {
                const struct zygote_config of_kind = zygotes_config_of(config, kind);
                int r = zygote_new(base, &of_kind, hooks, data, &zygotes->of_kind[kind]);
                if (r < 0) {
                        zygotes_free(zygotes);
                        return r;
                }
        }
        *ret = zygotes;
        return 0;
}

void zygotes_free(struct zygotes *zygotes)
{
        if (!zygotes)
                return;
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++)
                zygote_free(zygotes->of_kind[kind]);
        free(zygotes);
}

void zygotes_configure(struct zygotes *zygotes, const struct zygote_config *config)
{
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++) {
                const struct zygote_config of_kind = zygotes_config_of(config, kind);
                zygote_configure(zygotes->of_kind[kind], &of_kind);
        }
}

struct zygote *zygotes_get(const struct zygotes *zygotes, enum zygote_kind kind)
{
        return zygotes->of_kind[kind];
}

bool zygotes_has_process(const struct zygotes *zygotes, pid_t pid)
{
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++)
                if (zygote_has_process(zygotes->of_kind[kind], pid))
                        return true;
        return false;
}

bool zygotes_reaped(struct zygotes *zygotes, pid_t pid, int status)
{
        for (size_t kind = 0; kind < ZYGOTE_KIND_COUNT; kind++)
                if (zygote_reaped(zygotes->of_kind[kind], pid, status))
                        return true;
        return false;
}
