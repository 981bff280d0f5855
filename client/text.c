/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/text.h"

#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/util.h"

#define TEXT_CUT "..."

/* ---- terminals ---- */

bool text_use_color(FILE *out)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

        if (no_color && no_color[0])
                return false;
        return term && term[0] && strcmp(term, "dumb") != 0 && isatty(fileno(out));
}

const char *text_color_begin(enum text_color color)
{
        switch (color) {
        case TEXT_PLAIN:
                return "";
        case TEXT_BOLD:
                return "\033[1m";
        case TEXT_GREEN:
                return "\033[32m";
        case TEXT_YELLOW:
                return "\033[33m";
        case TEXT_RED:
                return "\033[31m";
        }
        return "";
}

const char *text_color_end(enum text_color color)
{
        return color == TEXT_PLAIN ? "" : "\033[0m";
}

/* Length in bytes of the character at @text and its width in columns. A byte that is no character of the
 * locale counts as one column. */
static size_t text_step(const char *text, mbstate_t *state, size_t *ret_width)
{
        wchar_t character;
        size_t length = mbrtowc(&character, text, strlen(text), state);
        int width;

        if (length == (size_t)-1 || length == (size_t)-2 || length == 0) {
                memset(state, 0, sizeof(*state));
                *ret_width = 1;
                return 1;
        }
        width = wcwidth(character);
        *ret_width = width < 0 ? 1 : (size_t)width;
        return length;
}

size_t text_width(const char *text)
{
        mbstate_t state = { 0 };
        size_t total = 0, width;

        while (*text) {
                text += text_step(text, &state, &width);
                total += width;
        }
        return total;
}

char *text_cut(const char *text, size_t width)
{
        size_t cut = strlen(TEXT_CUT), total = 0, bytes = 0;
        mbstate_t state = { 0 };

        if (text_width(text) <= width)
                return strdup(text);
        if (width <= cut)
                return strndup(TEXT_CUT, width);
        while (text[bytes]) {
                size_t columns, length = text_step(text + bytes, &state, &columns);

                if (total + columns > width - cut)
                        break;
                total += columns;
                bytes += length;
        }
        return format_string("%.*s" TEXT_CUT, (int)bytes, text);
}

size_t text_terminal_width(FILE *out)
{
        const char *columns = getenv("COLUMNS");
        struct winsize size;
        int64_t number;

        if (!isatty(fileno(out)))
                return 0;
        if (columns && parse_int64(columns, 1, 10000, &number) == 0)
                return (size_t)number;
        if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
                return size.ws_col;
        return 0;
}

/* ---- words ---- */

/* One character of a shell's $'...'; it has the escapes of text_escape(). */
static void text_word_character(const char *character, size_t length, FILE *out)
{
        _cleanup_free_ char *escaped = text_escape(character, length);

        if (*character == '\'' || *character == '\\')
                fputc('\\', out);
        fputs(escaped ? escaped : "?", out);
}

char *text_word(const char *text, size_t size)
{
        static const char plain[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_";
        _cleanup_free_ char *escaped = text_escape(text, size);
        char *word = NULL;
        size_t word_size;
        FILE *out;

        if (!escaped)
                return NULL;
        if (size > 0 && strspn(text, plain) == size)
                return steal_pointer(escaped);
        if (strcmp(escaped, text) == 0 && strlen(text) == size && !strchr(text, '\''))
                return format_string("'%s'", text);

        out = open_memstream(&word, &word_size);
        if (!out)
                return NULL;
        fputs("$'", out);
        for (size_t at = 0, length; at < size; at += length) {
                length = utf8_sequence(text + at, size - at);
                if (length == 0)
                        length = 1;
                text_word_character(text + at, length, out);
        }
        fputc('\'', out);
        fclose(out);
        return word;
}

char *text_words(const json_t *args)
{
        char *words = NULL;
        size_t size, i;
        json_t *arg;
        FILE *out = open_memstream(&words, &size);

        if (!out)
                return NULL;
        json_array_foreach(args, i, arg) {
                _cleanup_free_ char *word = text_word(json_string_value(arg), json_string_length(arg));

                fprintf(out, "%s%s", i > 0 ? " " : "", word ? word : "?");
        }
        fclose(out);
        return words;
}

char *text_line(const char *text)
{
        return text ? text_escape(text, strlen(text)) : strdup("");
}

/* ---- figures ---- */

char *text_signal(int64_t signal_number)
{
        const char *name = signal_number > 0 && signal_number < NSIG ? sigabbrev_np((int)signal_number)
                                                                     : NULL;

        if (name)
                return format_string("SIG%s", name);
        return format_string("signal %" PRId64, signal_number);
}

char *text_time(int64_t at_us, const char *absent)
{
        char buffer[64];

        return strdup(at_us == 0 ? absent : timestamp_format(at_us, false, buffer, sizeof(buffer)));
}

char *text_duration(int64_t us)
{
        int64_t unit = us >= 100 * (int64_t)USEC_PER_SEC ? (int64_t)USEC_PER_SEC
                       : us >= (int64_t)USEC_PER_MSEC    ? (int64_t)USEC_PER_MSEC
                                                         : 1;
        char buffer[64];

        return strdup(duration_format((us + unit / 2) / unit * unit, buffer, sizeof(buffer)));
}

char *text_bytes(int64_t bytes)
{
        static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
        double value = (double)bytes;
        size_t unit = 0;

        if (bytes < 1024)
                return format_string("%" PRId64 " B", bytes);
        for (value /= 1024; value >= 1023.95 && unit + 1 < ARRAY_SIZE(units); unit++)
                value /= 1024;
        return format_string("%.1f %s", value, units[unit]);
}

char *text_user(int64_t uid)
{
        struct passwd entry, *found = NULL;
        char buffer[4096];

        if (getpwuid_r((uid_t)uid, &entry, buffer, sizeof(buffer), &found) == 0 && found)
                return text_line(entry.pw_name);
        return format_string("%" PRId64, uid);
}
