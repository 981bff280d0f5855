/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"

/* A line is cut to this; four times as much once escaped is still one write to a pipe's buffer. */
#define LOG_TEXT_MAX 4096

static const char *log_program = "bgtaskd";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_to_journal;

static const struct {
        const char *name;
        enum log_level level;
} level_names[] = {
        { "error", LOG_LEVEL_ERROR }, { "warning", LOG_LEVEL_WARNING }, { "notice", LOG_LEVEL_NOTICE },
        { "info", LOG_LEVEL_INFO },   { "debug", LOG_LEVEL_DEBUG },
};

/* JOURNAL_STREAM is "DEVICE:INODE" of the stream that systemd connected. It is inherited by everything, so
 * it counts only when it is our stderr that it names. */
static bool stderr_is_journal(void)
{
        const char *text = getenv("JOURNAL_STREAM");
        struct stat status;
        char own[64];

        if (!text || fstat(STDERR_FILENO, &status) < 0)
                return false;
        snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
        return strcmp(text, own) == 0;
}

void log_init(const char *program, enum log_level max)
{
        log_program = program;
        log_max = max;
        log_to_journal = stderr_is_journal();
}

bool log_level_parse(const char *text, enum log_level *ret)
{
        int64_t number;

        for (size_t i = 0; i < ARRAY_SIZE(level_names); i++)
                if (strcmp(text, level_names[i].name) == 0) {
                        *ret = level_names[i].level;
                        return true;
                }
        if (parse_int64(text, LOG_LEVEL_ERROR, LOG_LEVEL_DEBUG, &number) < 0)
                return false;
        *ret = (enum log_level)number;
        return true;
}

void log_write(enum log_level level, const char *format, ...)
{
        int saved = errno;
        char text[LOG_TEXT_MAX];
        va_list arguments;

        if (level > log_max)
                return;

        va_start(arguments, format);
        int length = vsnprintf(text, sizeof(text), format, arguments);
        va_end(arguments);
        if (length < 0)
                return;

        /* One write a line, so that lines of several processes do not mix. Out of memory: unescaped, but said. */
        char *escaped = text_escape(text, MIN((size_t)length, sizeof(text) - 1));
        const char *shown = escaped ? escaped : text;
        char *line = log_to_journal ? format_string("<%d>%s\n", (int)level, shown)
                                    : format_string("%s: %s\n", log_program, shown);
        if (line)
                (void)fd_write_all(STDERR_FILENO, line, strlen(line));
        else
                (void)fd_write_all(STDERR_FILENO, shown, strlen(shown));
        free(line);
        free(escaped);
        errno = saved;
}
