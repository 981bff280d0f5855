/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/table.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

#define TABLE_GAP 2

struct table_cell {
        char *text;
        enum text_color color;
};

struct table {
        const struct table_column *columns;
        size_t column_count;
        struct table_cell *cells;
        size_t cell_count, cell_room;
        bool incomplete; /* out of memory while it was filled */
};

struct table *table_new(const struct table_column *columns)
{
        struct table *table = calloc(1, sizeof(*table));

        if (!table)
                return NULL;
        table->columns = columns;
        while (columns[table->column_count].title)
                table->column_count++;
        assert(table->column_count > 0 && table->column_count <= TABLE_COLUMNS_MAX);
        return table;
}

void table_free(struct table *table)
{
        if (!table)
                return;
        for (size_t i = 0; i < table->cell_count; i++)
                free(table->cells[i].text);
        free(table->cells);
        free(table);
}

void table_add(struct table *table, char *text, enum text_color color)
{
        if (table->cell_count == table->cell_room) {
                size_t room = table->cell_room ? 2 * table->cell_room : 64;
                struct table_cell *cells = reallocarray(table->cells, room, sizeof(*cells));

                if (!cells) {
                        free(text);
                        table->incomplete = true;
                        return;
                }
                table->cells = cells;
                table->cell_room = room;
        }
        table->cells[table->cell_count].text = text;
        table->cells[table->cell_count].color = color;
        table->cell_count++;
}

static const char *table_text(const struct table_cell *cell)
{
        return cell->text ? cell->text : "";
}

static void table_measure(const struct table *table, size_t *widths)
{
        for (size_t c = 0; c < table->column_count; c++)
                widths[c] = text_width(table->columns[c].title);
        for (size_t i = 0; i < table->cell_count; i++)
                widths[i % table->column_count] = MAX(widths[i % table->column_count],
                                                      text_width(table_text(&table->cells[i])));
}

/* Take what is too much from the last column, then from the flexible ones. */
static void table_shrink(const struct table *table, size_t *widths, size_t terminal)
{
        size_t last = table->column_count - 1, total = TABLE_GAP * last, excess, give;

        for (size_t c = 0; c < table->column_count; c++)
                total += widths[c];
        if (total <= terminal)
                return;
        excess = total - terminal;

        give = widths[last] > TABLE_LAST_MIN ? MIN(excess, widths[last] - TABLE_LAST_MIN) : 0;
        widths[last] -= give;
        excess -= give;
        for (size_t c = 0; c < last && excess > 0; c++) {
                if (!table->columns[c].flexible || widths[c] <= TABLE_FLEXIBLE_MIN)
                        continue;
                give = MIN(excess, widths[c] - TABLE_FLEXIBLE_MIN);
                widths[c] -= give;
                excess -= give;
        }
}

/* One cell. Blanks in front of it are only printed once there is something behind them: *pad counts them. */
static int table_print_cell(const struct table_column *column, size_t width, const char *text,
                            enum text_color color, FILE *out, size_t *pad)
{
        _cleanup_free_ char *shown = text_cut(text, width);
        size_t rest;

        if (!shown)
                return -ENOMEM;
        rest = width - MIN(width, text_width(shown));
        if (column->right)
                *pad += rest;
        if (shown[0]) {
                fprintf(out, "%*s%s%s%s", (int)*pad, "", text_color_begin(color), shown,
                        text_color_end(color));
                *pad = 0;
        }
        *pad += (column->right ? 0 : rest) + TABLE_GAP;
        return 0;
}

int table_print(const struct table *table, FILE *out, size_t width, bool color)
{
        size_t widths[TABLE_COLUMNS_MAX] = { 0 }, pad = 0;
        int r = table->incomplete ? -ENOMEM : 0;

        assert(table->column_count > 0 && table->column_count <= TABLE_COLUMNS_MAX);
        table_measure(table, widths);
        if (width > 0)
                table_shrink(table, widths, width);

        for (size_t c = 0; c < table->column_count && r == 0; c++)
                r = table_print_cell(&table->columns[c], widths[c], table->columns[c].title,
                                     color ? TEXT_BOLD : TEXT_PLAIN, out, &pad);
        for (size_t i = 0; i < table->cell_count && r == 0; i++) {
                size_t c = i % table->column_count;

                if (c == 0) {
                        fputc('\n', out);
                        pad = 0;
                }
                r = table_print_cell(&table->columns[c], widths[c], table_text(&table->cells[i]),
                                     color ? table->cells[i].color : TEXT_PLAIN, out, &pad);
        }
        fputc('\n', out);
        return r;
}
