/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

void sheet_line(const struct sheet *sheet, const char *label, char *value, enum text_color color)
{
        enum text_color shown = sheet->color ? color : TEXT_PLAIN;
        _cleanup_free_ char *owned = value;

        if (owned)
                printf("%*s: %s%s%s\n", SHEET_LABEL_WIDTH, label, text_color_begin(shown), owned,
                       text_color_end(shown));
}

void sheet_block(const struct sheet *sheet, const char *text)
{
        while (*text) {
                size_t length = strcspn(text, "\n");
                _cleanup_free_ char *line = text_escape(text, length);

                printf("%*s  %s\n", SHEET_LABEL_WIDTH, "", line ? line : "");
                text += length + (text[length] == '\n');
        }
}
