/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/schedule_audit.h"

#include <errno.h>
#include <inttypes.h>

#include "lib/clock.h"
#include "lib/util.h"

void schedule_audit_begin(struct schedule_audit *audit, const struct schedule_times *times, int64_t from_us)
{
        *audit = (struct schedule_audit){ .times = times, .at_us = from_us };
}

static const char *in_words(int64_t at_us, char buffer[32])
{
        return timestamp_format(at_us, 1, buffer, 32);
}

/* All nominal times of the row, one by one. */
static int row_compare(const struct schedule_audit *audit, int64_t first_us, int64_t last_us, int64_t count,
                       struct error *error)
{
        char one[32], other[32];
        int64_t at_us = schedule_times_next(audit->times, audit->at_us), seen = 0;

        if (at_us != first_us)
                return error_set(error, EINVAL,
                                 at_us && at_us < first_us ? "%s has no row: the next one is of %s"
                                                           : "the next nominal time is %s, the row's %s",
                                 at_us ? in_words(at_us, one) : "none", in_words(first_us, other));
        for (; at_us && at_us <= last_us; at_us = schedule_times_next(audit->times, at_us)) {
                seen++;
                if (at_us == last_us)
                        return count < 0 || count == seen ? 0
                                                          : error_set(error, EINVAL,
                                                                      "the row from %s has %" PRId64
                                                                      " nominal times and says %" PRId64,
                                                                      in_words(first_us, one), seen, count);
        }
        return error_set(error, EINVAL, "the row from %s ends at %s, which is no nominal time",
                         in_words(first_us, one), in_words(last_us, other));
}

int schedule_audit_row(struct schedule_audit *audit, int64_t after_us, int64_t first_us, int64_t last_us,
                       int64_t count, struct error *error)
{
        char one[32], other[32];
        int r = 0;

        audit->rows++;
        audit->nominal_times += MAX(count, INT64_C(0));
        if (after_us != audit->at_us)
                r = error_set(error, EINVAL, "the row of %s is behind %s, which no row ends with",
                              in_words(first_us, one), in_words(after_us, other));
        else if (first_us <= after_us || last_us < first_us || count == 0 ||
                 (count == 1) != (first_us == last_us))
                r = error_set(error, EINVAL, "the row of %s contradicts itself", in_words(first_us, one));
        else if (audit->times)
                r = row_compare(audit, first_us, last_us, count, error);
        audit->at_us = MAX(audit->at_us, last_us);
        return r;
}

int schedule_audit_end(struct schedule_audit *audit, int64_t until_us, struct error *error)
{
        char text[32];
        int64_t next_us = audit->times ? schedule_times_next(audit->times, audit->at_us) : 0;

        if (!next_us || next_us > until_us)
                return 0;
        return error_set(error, EINVAL, "%s has no row", in_words(next_us, text));
}
