/* SPDX-License-Identifier: MPL-2.0 */
/* Clocks in microseconds, and durations in words. */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

int64_t clock_realtime_us(void);
int64_t clock_monotonic_us(void);
/* Until clock_monotonic_us() is @monotonic_us, whatever signals come. */
void clock_sleep_until_us(int64_t monotonic_us);
int64_t clock_boottime_us(void); /* as monotonic, and goes on while the system is suspended */

/* systemd's time spans (systemd.time(7)): "6h", "1min 30s", "1.5h", "2 days", "100ms"; a bare number is
 * seconds. 0 to 2^62 us. -EINVAL with a text that says what was expected. */
int duration_parse(const char *text, int64_t *ret_us, struct error *error);
/* "6h", "1min 30s", "350ms": at most two units, none that is zero. Room for 32 bytes. */
const char *duration_format(int64_t us, char *buffer, size_t size);
/* "2026-11-22 22:15:42" in local time, or with " UTC" when @utc. Room for 32 bytes. */
const char *timestamp_format(int64_t realtime_us, int utc, char *buffer, size_t size);

#endif
