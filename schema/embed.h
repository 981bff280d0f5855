/* SPDX-License-Identifier: MPL-2.0 */
/* The files of this folder as data, made by embed.awk. */
#ifndef SCHEMA_EMBED_H
#define SCHEMA_EMBED_H

#include <stddef.h>

/* A Varlink interface description. */
struct schema_interface {
        const char *name; /* "io.bgtaskd.Manager"; NULL after the last */
        const char *text;
        size_t size;
};
extern const struct schema_interface schema_interfaces[];

/* The same, by name. */
extern const char schema_manager_varlink[];
extern const size_t schema_manager_varlink_size;
extern const char schema_service_varlink[];
extern const size_t schema_service_varlink_size;

/* NNNN-NAME.sql, in order; versions count from 1 without a gap. */
struct schema_migration {
        int version; /* 0 after the last */
        const char *name;
        const char *sql;
};
extern const struct schema_migration schema_migrations[];

#endif
