/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Log lines on stderr, one a call. On a terminal or in a file: "PROGRAM: text". Under systemd (JOURNAL_STREAM
 * names our stderr): "<N>text", N being the syslog level. Control characters in the text are escaped.
 */
#ifndef LIB_LOG_H
#define LIB_LOG_H

#include <stdbool.h>

enum log_level {
        LOG_LEVEL_ERROR = 3,
        LOG_LEVEL_WARNING = 4,
        LOG_LEVEL_NOTICE = 5,
        LOG_LEVEL_INFO = 6,
        LOG_LEVEL_DEBUG = 7,
};

/* @program: static string. Lines above @max are dropped. */
void log_init(const char *program, enum log_level max);
/* "error", "warning", "notice", "info", "debug" or a number; false: none of them. */
bool log_level_parse(const char *text, enum log_level *ret);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...) log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
