/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Values of task files, in systemd's notation. Blanks around a value are the caller's to remove. -EINVAL and
 * -ERANGE come without words: the table of keys knows what was expected.
 */
#ifndef LIB_TASK_VALUE_H
#define LIB_TASK_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/* 1 yes y true t on; 0 no n false f off; in any case. */
int task_value_bool(const char *text, bool *ret);
/* A time span, a bare number being seconds, or "infinity": INT64_MAX. */
int task_value_span(const char *text, int64_t *ret_us);
/* "100", "1.5G", "512 M": bytes with suffixes to the base 1024, or "infinity": UINT64_MAX. */
int task_value_size(const char *text, uint64_t *ret_bytes);
/* A decimal number, or "infinity": UINT64_MAX. */
int task_value_count(const char *text, uint64_t *ret);
/* "150%", a whole number. */
int task_value_percent(const char *text, uint32_t *ret);
/* An absolute path without ".." is brought to its plain form in place: no "//", no "/./", no slash at the end. A
 * "-" in front stays. */
int task_value_path(char *path);
/* NAME=VALUE as the environment has it. */
bool task_value_is_environment(const char *text);
/* A name or a number that a user can have. */
bool task_value_is_user(const char *text);

/* The next word of *@text, which moves on: blanks end words, "…" and '…' hold together, \ escapes as in C, and \s
 * is a blank. 1: *ret_word is set, malloc'd; 0: no more words; -EINVAL, -ENOMEM. */
int task_value_word(const char **text, char **ret_word);
/* malloc'd: such that task_value_word() reads @text from it. */
char *task_value_quote(const char *text);

#endif
