/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Lines as crontab(5) has them: minute, hour, day of the month, month, day of the week; or "@daily" and its like. They
 * are compiled to calendars (calendar.h), and elapse by the same code.
 *
 * cron's own rule for days holds: when neither of the two fields of days begins with "*", a day that fits one of them
 * is enough; else it must fit both.
 *
 * "H" is a number that is the same each time for the same @seed, and evenly spread over seeds: of the field's whole
 * range (of days of the month 1 to 28), or "H(a-b)", or "H/n", each n-th from one of the first n on.
 */
#ifndef LIB_CRON_H
#define LIB_CRON_H

#include "lib/calendar.h"

/* 0; 1: "@reboot", which is no calendar: *ret is not set. @seed NULL: "H" is refused. -EINVAL with a text that names the
 * field and what was expected; -ENOMEM. */
int cron_parse(const char *text, const char *seed, struct calendar **ret, struct error *error);

#endif
