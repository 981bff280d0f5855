/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Whether the rows of a pass account for each of its nominal times exactly once: what `bgtaskctl audit` proves.
 *
 * Rows tile a pass: each begins where the one before it ends. That alone shows that nothing was taken out or put in
 * twice. With the definition at hand the nominal times are computed again, and each row has to have just those that
 * it says.
 */
#ifndef LIB_SCHEDULE_AUDIT_H
#define LIB_SCHEDULE_AUDIT_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/schedule_times.h"

struct schedule_audit {
        const struct schedule_times *times; /* NULL: the tiling alone is looked at */
        int64_t at_us;                      /* accounted for up to here */
        int64_t rows, nominal_times; /* so many were looked at; times that are not counted do not count */
};

/* @from_us: what the pass, or the part of it that is looked at, begins behind. */
void schedule_audit_begin(struct schedule_audit *audit, const struct schedule_times *times, int64_t from_us);
/* The next row. @count -1: it has too many to count. -EINVAL with a text that says what is wrong; the audit goes on
 * behind the row. */
int schedule_audit_row(struct schedule_audit *audit, int64_t after_us, int64_t first_us, int64_t last_us,
                       int64_t count, struct error *error);
/* There are no further rows up to @until_us. -EINVAL: there should be. */
int schedule_audit_end(struct schedule_audit *audit, int64_t until_us, struct error *error);

#endif
