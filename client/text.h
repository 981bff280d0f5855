/* SPDX-License-Identifier: MPL-2.0 */
/* Values in words for people. Pointers returned are malloc'd, NULL when out of memory, unless said otherwise. */
#ifndef CLIENT_TEXT_H
#define CLIENT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum text_color {
        TEXT_PLAIN,
        TEXT_BOLD,
        TEXT_GREEN,
        TEXT_YELLOW,
        TEXT_RED,
};

/* Whether @out may be coloured: a terminal, no NO_COLOR, TERM neither "dumb" nor absent. */
bool text_use_color(FILE *out);
/* The escape sequence that begins @color; "" for TEXT_PLAIN. Static. */
const char *text_color_begin(enum text_color color);
const char *text_color_end(enum text_color color);

/* Columns that valid UTF-8 without control characters takes on a terminal. */
size_t text_width(const char *text);
/* At most @width columns of @text; what was cut shows as "...". */
char *text_cut(const char *text, size_t width);
/* Columns of the terminal @out is on; 0: none, or it is not known. */
size_t text_terminal_width(FILE *out);

/* The arguments of a run as a shell's words; "" for none. */
char *text_words(const json_t *args);
/* One word, quoted where a shell would need it. */
char *text_word(const char *text, size_t size);
/* A string of the daemon's on one line, control characters escaped; "" for NULL. */
char *text_line(const char *text);

/* "SIGKILL". */
char *text_signal(int64_t signal_number);
/* Local time, or @absent when the time is 0. */
char *text_time(int64_t at_us, const char *absent);
/* Rounded to milliseconds, long ones to seconds. */
char *text_duration(int64_t us);
/* "1.5 MiB". */
char *text_bytes(int64_t bytes);
/* A user's name, or the number. */
char *text_user(int64_t uid);

#endif
