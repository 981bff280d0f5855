/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/print.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "client/bgtaskctl.h"
#include "client/interrupt.h"
#include "client/records.h"
#include "lib/cleanup.h"
#include "lib/exit_code.h"

/* ---- documents ---- */

void print_json(const json_t *value)
{
        json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        putchar('\n');
}

void print_array_add(struct print_array *array, const json_t *value)
{
        fputs(array->filled ? ",\n" : "[\n", stdout);
        array->filled = true;
        json_dumpf(value, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
}

void print_array_end(const struct print_array *array)
{
        fputs(array->filled ? "\n]\n" : "[]\n", stdout);
}

int print_array(const json_t *values, struct error *error)
{
        struct print_array array = { 0 };
        size_t i;
        json_t *value;

        json_array_foreach(values, i, value)
                print_array_add(&array, value);
        print_array_end(&array);
        return print_flush(error);
}

int print_table(const struct table *table, struct error *error)
{
        if (table_print(table, stdout, text_terminal_width(stdout), text_use_color(stdout)) < 0)
                return ctl_fail(error, PROGRAM_EXIT_OSERR, "out of memory");
        return print_flush(error);
}

static int print_failed(int error_number, const char *where, struct error *error)
{
        if (error_number == EPIPE)
                return PROGRAM_EXIT_SIGNAL_BASE + SIGPIPE;
        return ctl_fail(error, PROGRAM_EXIT_IOERR, "cannot write to %s: %s", where, strerror(error_number));
}

int print_flush(struct error *error)
{
        errno = 0;
        if (fflush(stdout) == 0 && !ferror(stdout))
                return 0;
        return print_failed(errno ? errno : EIO, "stdout", error);
}

/* ---- output of tasks ---- */

int print_bytes(int fd, const void *data, size_t size, struct error *error)
{
        const char *at = data;

        while (size > 0) {
                ssize_t n = write(fd, at, size);

                if (n >= 0) {
                        at += n;
                        size -= (size_t)n;
                        continue;
                }
                if (interrupt_signal())
                        return PROGRAM_EXIT_SIGNAL_BASE + interrupt_signal();
                if (errno == EAGAIN) { /* whoever gave us the descriptor made it non-blocking */
                        struct pollfd wait = { .fd = fd, .events = POLLOUT };

                        poll(&wait, 1, -1);
                } else if (errno != EINTR) {
                        return print_failed(errno, fd == STDERR_FILENO ? "stderr" : "stdout", error);
                }
        }
        return 0;
}
