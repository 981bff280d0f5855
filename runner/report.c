/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/report.h"

#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/run_file.h"
#include "lib/run_file_write.h"
#include "lib/util.h"

#define OUTPUT_WAITS 25000 /* of OUTPUT_STEP_NS: 5 s */
#define OUTPUT_STEP_NS 200000

static struct run_file_writer run_file = RUN_FILE_WRITER_INIT;
static atomic_flag run_file_finished = ATOMIC_FLAG_INIT; /* the watchdog's thread ends runs too */

/* A text under construction that is written in one piece. */
struct message {
        char *text;
        size_t size;
        FILE *stream;
};

static bool message_open(struct message *message)
{
        *message = (struct message){ 0 };
        message->stream = open_memstream(&message->text, &message->size);
        return message->stream != NULL;
}

static void message_send(struct message *message, int fd)
{
        if (fclose(message->stream) == 0)
                (void)fd_write_all(fd, message->text, message->size);
        free(message->text);
}

static void add_indented(FILE *out, const char *text)
{
        while (text && *text) {
                size_t size = strcspn(text, "\n");
                if (size > 0)
                        fprintf(out, "    %.*s\n", (int)MIN(size, (size_t)4096), text);
                text += size + (text[size] == '\n');
        }
}

static const char *or_empty(const char *text)
{
        return text ? text : "";
}

void report_banner(void)
{
        static const char banner[] = "*** You are running in background task mode. ***\n"
                                     "*** You are running in headless mode.\n";

        (void)fd_write_all(STDERR_FILENO, banner, sizeof(banner) - 1);
}

static void positioned(const char *kind, const struct eng_error *error)
{
        struct message message;

        if (!message_open(&message))
                return;
        fprintf(message.stream, "JavaScript %s: ", kind);
        if (error->file && error->line > 0)
                fprintf(message.stream, "%s, line %u: ", error->file, error->line);
        else if (error->file)
                fprintf(message.stream, "%s: ", error->file);
        fprintf(message.stream, "%s\n", or_empty(error->message));
        add_indented(message.stream, error->stack);
        message_send(&message, STDERR_FILENO);
}

void report_uncaught(const struct eng_error *error)
{
        positioned("error", error);
}

void report_warning(const struct eng_error *warning)
{
        positioned("warning", warning);
}

void report_manager(const char *text, const struct eng_error *detail)
{
        struct message message;

        if (!message_open(&message))
                return;
        fprintf(message.stream, "console.error: BackgroundTasksManager: \n  %s\n", text);
        if (detail && detail->stack) {
                size_t size = strlen(detail->stack);
                fprintf(message.stream, "  Message: %s\n  Stack:\n    %s%s\n", or_empty(detail->message),
                        detail->stack, size > 0 && detail->stack[size - 1] == '\n' ? "" : "\n");
        } else if (detail) {
                fprintf(message.stream, "  %s\n", or_empty(detail->message));
        }
        message_send(&message, STDOUT_FILENO);
}

void report_line(const char *stack, const char *format, ...)
{
        struct message message;
        _cleanup_free_ char *text = NULL;
        va_list ap;

        va_start(ap, format);
        int size = vasprintf(&text, format, ap);
        va_end(ap);
        if (size < 0) {
                text = NULL;
                return;
        }
        if (!message_open(&message))
                return;
        fprintf(message.stream, "bgtask-runner: %s\n", text);
        add_indented(message.stream, stack);
        message_send(&message, STDERR_FILENO);
}

void report_to_file(int fd)
{
        run_file_writer_init(&run_file, fd);
}

int64_t report_frozen_us(void)
{
        return run_file_read_frozen(&run_file);
}

void report_entered(void)
{
        (void)run_file_write_entered(&run_file);
}

/* Only what is in a FIFO can be lost with us. */
static bool is_fifo(int fd)
{
        struct stat status;

        return fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* Whether the daemon has yet to read something. */
static bool has_unread(void)
{
        struct pollfd outputs[2];

        for (int i = 0; i < 2; i++)
                outputs[i] = (struct pollfd){ .fd = is_fifo(STDOUT_FILENO + i) ? STDOUT_FILENO + i : -1,
                                              .events = POLLIN };
        return poll(outputs, ARRAY_SIZE(outputs), 0) > 0;
}

static void keep_unread(void)
{
        _cleanup_free_ char *buffer = malloc(RUN_FILE_OUTPUT_MAX);

        for (int stream = 0; buffer && stream < 2; stream++) {
                size_t size = 0;
                ssize_t n = fd_set_nonblocking(STDOUT_FILENO + stream, true);
                while (n >= 0 && size < RUN_FILE_OUTPUT_MAX &&
                       (n = read(STDOUT_FILENO + stream, buffer + size, RUN_FILE_OUTPUT_MAX - size)) > 0)
                        size += (size_t)n;
                (void)run_file_write_output(&run_file, stream, buffer, size);
        }
}

void report_output(int fd)
{
        static const struct timespec step = { .tv_nsec = OUTPUT_STEP_NS };
        struct pollfd daemon = { .fd = fd, .events = 0 }; /* its end is always told of */

        if (run_file.fd < 0)
                return;
        /* Nothing tells when a FIFO has been read. A daemon that is held up for longer has it still to read. */
        for (int i = 0; i < OUTPUT_WAITS && has_unread(); i++)
                if (ppoll(&daemon, 1, &step, NULL) > 0 && daemon.revents & POLLHUP) {
                        keep_unread();
                        return;
                }
}

/* Into the file first: who hears of the end can rely on it. A file that takes nothing more says what it said before,
 * and the daemon is told all the same. */
static void write_report(const struct wire_report *report)
{
        switch (report->event) {
        case WIRE_EVENT_STARTED:
                (void)run_file_write_running(&run_file, report->limit_us, report->sandbox);
                return;
        case WIRE_EVENT_SETUP_FAILED:
        case WIRE_EVENT_FINISHED:
                if (!atomic_flag_test_and_set(&run_file_finished))
                        (void)run_file_write_finished(&run_file, report);
                return;
        case WIRE_EVENT_DENIED:
        case WIRE_EVENT_SIGNAL:
                return;
        }
}

/* The daemon reads as long as the run lives; if it does not, the next one reads the file. */
static void send_report(int fd, const struct wire_report *report)
{
        write_report(report);
        _cleanup_free_ char *text = NULL;
        size_t size;

        if (fd >= 0 && wire_report_encode(report, &text, &size) == 0)
                (void)wire_send(fd, text, size, NULL, 0);
}

void report_started(int fd, int64_t limit_us, const struct sandbox *sandbox)
{
        char text[SANDBOX_TEXT_MAX];
        const struct wire_report report = { .event = WIRE_EVENT_STARTED,
                                            .at_us = clock_realtime_us(),
                                            .limit_us = limit_us,
                                            .sandbox = text };

        sandbox_text(sandbox, text);
        send_report(fd, &report);
}

void report_finished(int fd, const struct wire_result *result)
{
        const struct wire_report report = { .event = WIRE_EVENT_FINISHED, .result = *result };

        send_report(fd, &report);
}

void report_setup_failed(int fd, const char *stage, const struct error *error)
{
        const struct wire_report report = {
                .event = WIRE_EVENT_SETUP_FAILED,
                .result.message = (char *)error->text,
                .stage = (char *)stage,
                .error = error->code,
        };

        send_report(fd, &report);
}
