/* SPDX-License-Identifier: MPL-2.0 */
/* "Label: value" lines, the labels aligned to the right, as `show` and `status` print them. */
#ifndef CLIENT_SHEET_H
#define CLIENT_SHEET_H

#include <stdbool.h>

#include "client/text.h"

#define SHEET_LABEL_WIDTH 12

struct sheet {
        bool color;
};

/* One line. @value (malloc'd) is taken over; NULL: the line is left out. */
void sheet_line(const struct sheet *sheet, const char *label, char *value, enum text_color color);
/* Lines of @text, indented under the values; control characters within a line are escaped. */
void sheet_block(const struct sheet *sheet, const char *text);

#endif
