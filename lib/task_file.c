/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The text of a task file. inih splits lines; this file decides what a line is, so that files read as systemd's do
 * whatever the options inih was built with:
 *
 *   text ── line_next(): continuations joined, comments and blanks dropped, lines counted ──▶ line_check(): has it the
 *   form of a section or an assignment ──▶ inih: key, value ──▶ on_assignment(): task_policy_assign(), or into the
 *   section of a schedule, which section_check() ends
 *
 * A line that is refused never reaches inih. Lines are counted here, as inih does not tell where it is; it asks for
 * a line only when it is done with the one before.
 */
#include "config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"
#include "lib/task_file_internal.h"
#include "lib/util.h"

#define BLANKS " \t\r"
#define TASK "[Task]"
#define SCHEDULE "[Schedule]"
#define SECTIONS TASK " or " SCHEDULE

enum section { SECTION_NONE, SECTION_TASK, SECTION_SCHEDULE, SECTION_SKIPPED /* it was complained of */ };

struct reader {
        struct task_file *file;
        const struct task_specifiers *specifiers;
        const char *path;
        char *at;      /* what was not read yet */
        unsigned next; /* the number of the line there */
        unsigned line; /* where the line that inih has began */
        char *joined;  /* that line; room for all of the text */
        enum section section;
        struct task_file_section schedule;
        int error; /* -ENOMEM */
};

int task_file_complain(struct task_file *file, const char *path, unsigned line, const char *format, ...)
{
        size_t count = strv_length(file->errors);
        _cleanup_free_ char *text = NULL;
        va_list arguments;
        char *whole;

        if (count > TASK_FILE_ERRORS_MAX)
                return 0;
        va_start(arguments, format);
        int length = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (length < 0) {
                text = NULL;
                return -ENOMEM;
        }
        if (count == TASK_FILE_ERRORS_MAX)
                whole = format_string("%s: further errors are not shown", path);
        else if (line)
                whole = format_string("%s:%u: %s", path, line, text);
        else
                whole = format_string("%s: %s", path, text);
        char **errors = whole ? reallocarray(file->errors, count + 2, sizeof(*errors)) : NULL;
        if (!errors) {
                free(whole);
                return -ENOMEM;
        }
        errors[count] = whole;
        errors[count + 1] = NULL;
        file->errors = errors;
        return 0;
}

#define complain(reader, ...)                                                                                \
        ((reader)->error = task_file_complain((reader)->file, (reader)->path, (reader)->line, __VA_ARGS__))

/* ---- did you mean ---- */

/* Edits that make @a @b, without regard to case. */
static size_t text_distance(const char *a, const char *b)
{
        size_t row[64], length = strlen(b);

        if (length >= ARRAY_SIZE(row) || strlen(a) >= ARRAY_SIZE(row))
                return SIZE_MAX;
        for (size_t j = 0; j <= length; j++)
                row[j] = j;
        for (size_t i = 1; a[i - 1]; i++) {
                size_t diagonal = row[0];
                row[0] = i;
                for (size_t j = 1; j <= length; j++) {
                        char left[2] = { a[i - 1], 0 }, right[2] = { b[j - 1], 0 };
                        size_t changed = diagonal + (strcasecmp(left, right) != 0);
                        diagonal = row[j];
                        row[j] = MIN(changed, MIN(row[j], row[j - 1]) + 1);
                }
        }
        return row[length];
}

/* The key of the section that is most like @key; NULL: none is like it. */
static const char *key_suggest(const char *key, bool of_schedule)
{
        size_t count = of_schedule ? schedule_definition_keys() + 1 : TASK_POLICY_KEYS;
        size_t best = MAX(strlen(key) / 3, (size_t)2) + 1;
        const char *suggestion = NULL;

        for (size_t i = 0; i < count; i++) {
                const char *known = !of_schedule    ? task_policy_key(i)
                                    : i + 1 < count ? schedule_definition_key(i)
                                                    : TASK_FILE_SCHEDULE_NAME;
                size_t distance = text_distance(key, known);
                if (distance < best) {
                        best = distance;
                        suggestion = known;
                }
        }
        return suggestion;
}

/* ---- lines ---- */

/* For messages: at most 60 bytes of @text, readable. NULL: out of memory. */
static char *excerpt(const char *text)
{
        size_t length = strnlen(text, 60);

        while (length > 0 && text[length] && ((unsigned char)text[length] & 0xc0) == 0x80)
                length--;
        return text_escape(text, length);
}

int task_file_complain_key(struct task_file *file, const char *path, unsigned line, const char *key,
                           bool of_schedule)
{
        if (strv_length(file->errors) > TASK_FILE_ERRORS_MAX)
                return 0; /* before all keys are compared with it */
        _cleanup_free_ char *found = excerpt(key);
        bool elsewhere = of_schedule ? task_policy_find(key) >= 0
                                     : schedule_definition_find(key) >= 0 ||
                                               strcmp(key, TASK_FILE_SCHEDULE_NAME) == 0;
        const char *suggestion = key_suggest(key, of_schedule);

        if (elsewhere)
                return task_file_complain(file, path, line, "%s=: expected in %s, found in %s", key,
                                          of_schedule ? TASK : SCHEDULE, of_schedule ? SCHEDULE : TASK);
        return task_file_complain(file, path, line, "%s=: unknown key%s%s%s", found ? found : "?",
                                  suggestion ? ", did you mean " : ", bgtaskd.task(5) lists them",
                                  suggestion ? suggestion : "", suggestion ? "=?" : "");
}

/* An odd number of backslashes at the end. */
static bool is_continued(const char *line, size_t length)
{
        size_t backslashes = 0;

        while (backslashes < length && line[length - 1 - backslashes] == '\\')
                backslashes++;
        return backslashes % 2 != 0;
}

/* The next line that is not blank or a comment, with what continues it; NULL: there is none. */
static char *line_next(struct reader *reader)
{
        char *to = reader->joined;
        bool continued = false;

        while (*reader->at && (continued || to == reader->joined)) {
                char *line = reader->at, *end = strchrnul(line, '\n');
                unsigned number = reader->next++;

                reader->at = *end ? end + 1 : end;
                if (end > line && end[-1] == '\r')
                        end--;
                line += strspn(line, BLANKS);
                size_t length = end > line ? (size_t)(end - line) : 0;
                if (length > 0 && (*line == '#' || *line == ';'))
                        continue;
                if (!continued)
                        reader->line = number;
                to = mempcpy(to, line, length);
                continued = is_continued(line, length);
                if (continued)
                        to[-1] = ' ';
                while (!continued && to > reader->joined && strchr(BLANKS, to[-1]))
                        to--;
        }
        while (to > reader->joined && strchr(BLANKS, to[-1]))
                to--; /* the last line of the file was to be continued */
        *to = 0;
        return to > reader->joined ? reader->joined + strspn(reader->joined, BLANKS) : NULL;
}

static void section_end(struct reader *reader)
{
        int r = task_file_section_end(&reader->schedule, reader->path, reader->specifiers, reader->file);

        if (reader->error == 0)
                reader->error = r;
}

/* Whether inih is to see a section. */
static bool section_check(struct reader *reader, const char *line)
{
        section_end(reader);
        reader->section = SECTION_SKIPPED;
        if (strcmp(line, TASK) == 0) {
                reader->section = SECTION_TASK;
        } else if (strcmp(line, SCHEDULE) == 0) {
                reader->section = SECTION_SCHEDULE;
                reader->schedule.line = reader->line;
        } else if (reader->error == 0) {
                _cleanup_free_ char *found = excerpt(line);
                if (line[strlen(line) - 1] == ']')
                        complain(reader, "unknown section %s, expected " SECTIONS, found ? found : "?");
                else
                        complain(reader, "expected " SECTIONS ", found \"%s\"", found ? found : "?");
        }
        return reader->section != SECTION_SKIPPED && reader->error == 0;
}

static bool line_check(struct reader *reader, const char *line, size_t room)
{
        const char *separator = strpbrk(line, "=:"); /* inih takes both */

        if (strlen(line) + 2 > MIN(room, (size_t)TASK_FILE_LINE_MAX)) {
                complain(reader, "expected at most %zu bytes in a line, found %zu",
                         MIN(room, (size_t)TASK_FILE_LINE_MAX) - 2, strlen(line));
                return false;
        }
        if (*line == '[')
                return section_check(reader, line);
        if (reader->section == SECTION_SKIPPED)
                return false;
        if (!separator || *separator == ':' || separator == line) {
                _cleanup_free_ char *found = excerpt(line);
                complain(reader, "expected Key=value, found \"%s\"", found ? found : "?");
                return false;
        }
#if !HAVE_DECL_INI_ALLOW_INLINE_COMMENTS
        const char *comment = strchr(separator, ';');
        if (comment && strchr(BLANKS "=", comment[-1])) {
                complain(reader, "the installed inih cannot read a value with a word that begins with \";\"");
                return false;
        }
#endif
        return true;
}

/* inih's fgets(). */
static char *on_read(char *buffer, int size, void *stream)
{
        struct reader *reader = stream;
        char *line;

        while (reader->error == 0 && (line = line_next(reader)))
                if (line_check(reader, line, (size_t)size)) {
                        stpcpy(stpcpy(buffer, line), "\n");
                        return buffer;
                }
        return NULL;
}

/* ---- assignments ---- */

static void policy_assign(struct reader *reader, const char *name, const char *value)
{
        struct task_file *file = reader->file;
        struct error error = ERROR_INIT;
        int index = task_policy_find(name);

        if (index < 0) {
                reader->error = task_file_complain_key(file, reader->path, reader->line, name, false);
                return;
        }
        if (task_policy_assign(&file->policy, name, value, reader->specifiers, &error) < 0) {
                complain(reader, "%s", error.text);
                return;
        }
        file->origins[index] = (struct task_file_origin){ strv_length(file->files), reader->line };
        if (!*value)
                file->origins[index].line = 0;
}

/* @section is inih's; the reader knows it better. */
static int on_assignment(void *user, const char *section, const char *name, const char *value)
{
        struct reader *reader = user;

        (void)section;
        if (!name)
                return 1; /* an inih that tells of sections too */
        switch (reader->section) {
        case SECTION_NONE: {
                _cleanup_free_ char *key = excerpt(name);
                reader->section = SECTION_SKIPPED; /* one complaint is enough */
                complain(reader, "%s=: expected " SECTIONS " before the first key", key ? key : "?");
                break;
        }
        case SECTION_TASK:
                policy_assign(reader, name, value);
                break;
        case SECTION_SCHEDULE:
                reader->error = task_file_section_add(&reader->schedule, name, value, reader->line);
                break;
        case SECTION_SKIPPED:
                break;
        }
        return 1;
}

/* ---- the text ---- */

/* The number of the line that @at is on. */
static unsigned line_of(const char *text, const char *at)
{
        unsigned line = 1;

        for (; text < at; text++)
                line += *text == '\n';
        return line;
}

/* False: it was complained of. */
static bool text_check(struct reader *reader, const char *text, size_t size)
{
        const char *nul = memchr(text, 0, size);
        size_t length;

        reader->line = 1;
        if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
                complain(reader, "expected text without a byte order mark, found one");
                return false;
        }
        if (nul) {
                reader->line = line_of(text, nul);
                complain(reader, "expected text, found a NUL byte");
                return false;
        }
        for (size_t at = 0; at < size; at += length) {
                length = utf8_sequence(text + at, size - at);
                if (length == 0) {
                        reader->line = line_of(text, text + at);
                        complain(reader, "expected UTF-8, found the byte 0x%02x", (unsigned char)text[at]);
                        return false;
                }
        }
        return true;
}

/* Our own reader decides about lines, comments and continuations: inih is to add nothing to that. */
static void inih_configure(void)
{
#if HAVE_DECL_INI_ALLOW_INLINE_COMMENTS
        ini_allow_multiline = false;
        ini_allow_inline_comments = false;
        ini_allow_bom = false;
        ini_allow_no_value = false;
        ini_use_stack = false;
        ini_allow_realloc = false;
        ini_max_line = TASK_FILE_LINE_MAX;
        ini_initial_alloc = TASK_FILE_LINE_MAX;
#endif
}

int task_file_parse(const char *path, char *text, size_t size, const struct task_specifiers *specifiers,
                    struct task_file *file)
{
        struct reader reader = {
                .file = file, .specifiers = specifiers, .path = path, .at = text, .next = 1
        };
        _cleanup_free_ char *joined = malloc(size + 1);

        if (!joined)
                return -ENOMEM;
        reader.joined = joined;
        if (!text_check(&reader, text, size))
                return reader.error;
        inih_configure();
        int r = ini_parse_stream(on_read, &reader, on_assignment, &reader);
        section_end(&reader);
        task_file_section_done(&reader.schedule);
        if (r == -2)
                return -ENOMEM;
        reader.line = 0;
        if (r != 0 && reader.error == 0)
                complain(&reader, "expected sections and assignments, found something else");
        return reader.error;
}
