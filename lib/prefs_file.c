/* SPDX-License-Identifier: MPL-2.0 */
/* Preferences from files and to prefs.js. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/prefs.h"
#include "lib/prefs_internal.h"
#include "lib/util.h"

/* ---- load ---- */

struct load {
        struct prefs *prefs;
        enum pref_branch branch;
        const char *path;
        struct error first; /* of a declaration that the store refused */
};

static const char *type_describe(enum pref_type type)
{
        switch (type) {
        case PREF_STRING:
                return "a string";
        case PREF_INT:
                return "a number";
        case PREF_BOOL:
                return "true or false";
        case PREF_NONE:
                break;
        }
        return "nothing";
}

/* A declaration of the wrong type is passed over; the rest of the file counts, as it does in Gecko. */
static int load_declaration(const struct pref_declaration *declaration, void *data)
{
        struct load *load = data;
        struct pref_value present = { .type = PREF_NONE };
        int r = prefs_declare(load->prefs, declaration, load->branch);

        if (r == -ENOMEM)
                return error_set(&load->first, ENOMEM, "%s: out of memory", load->path);
        if (r == 0 || load->first.code)
                return 0;
        if (!prefs_get(load->prefs, declaration->name, PREF_DEFAULT, &present))
                (void)prefs_get(load->prefs, declaration->name, PREF_USER, &present);
        (void)error_set(&load->first, -r, "%s:%u:%u: %s: expected %s, found %s", load->path,
                        declaration->line, declaration->column, declaration->name,
                        type_describe(present.type), type_describe(declaration->value.type));
        return 0;
}

int prefs_load(struct prefs *prefs, const char *path, enum pref_branch branch, struct error *error)
{
        struct load load = { .prefs = prefs, .branch = branch, .path = path };
        _cleanup_free_ char *text = NULL;
        size_t size;
        bool dirty = prefs->dirty;
        int r = file_read(AT_FDCWD, path, PREF_FILE_MAX, &text, &size);

        if (r < 0)
                return error_set_errno(error, -r, "%s", path);
        r = pref_file_parse(path, text, size, load_declaration, &load, error);
        prefs->dirty = dirty; /* what was read need not be written */
        if (load.first.code && (r == 0 || r == -ENOMEM)) {
                if (error)
                        *error = load.first;
                return -load.first.code;
        }
        return r;
}

/* ---- save ---- */

static const char save_header[] =
        "// Preferences of a background task, written when they change.\n"
        "//\n"
        "// What is edited here while the task runs is overwritten. Values to be set at every start belong in\n"
        "// user.js beside this file.\n"
        "\n";

static void string_print(FILE *out, const char *text)
{
        fputc('"', out);
        for (const char *p = text; *p; p++) {
                unsigned char c = (unsigned char)*p;
                if (c == '"' || c == '\\')
                        fprintf(out, "\\%c", c);
                else if (c == '\n')
                        fputs("\\n", out);
                else if (c == '\r')
                        fputs("\\r", out);
                else if (c < 0x20 || c == 0x7f)
                        fprintf(out, "\\x%02x", c);
                else
                        fputc(c, out);
        }
        fputc('"', out);
}

static void pref_print(FILE *out, const struct pref *pref)
{
        fputs("user_pref(", out);
        string_print(out, pref->name);
        fputs(", ", out);
        switch (pref->user_value.type) {
        case PREF_STRING:
                string_print(out, pref->user_value.string);
                break;
        case PREF_INT:
                fprintf(out, "%d", (int)pref->user_value.integer);
                break;
        case PREF_BOOL:
                fputs(pref->user_value.boolean ? "true" : "false", out);
                break;
        case PREF_NONE:
                break;
        }
        fputs(");\n", out);
}

/* A value that came to equal a default set after it is not worth a line. */
static bool is_saved(const struct pref *pref)
{
        return pref->user_value.type != PREF_NONE &&
               (pref->sticky || !pref_value_same(&pref->default_value, &pref->user_value));
}

int prefs_dump(const struct prefs *prefs, char **ret_text, size_t *ret_size)
{
        FILE *out = open_memstream(ret_text, ret_size);

        if (!out)
                return -errno;
        fputs(save_header, out);
        for (size_t i = 0; i < prefs->count; i++)
                if (is_saved(prefs->list[i]))
                        pref_print(out, prefs->list[i]);
        bool failed = ferror(out);
        return fclose(out) != 0 || failed ? -ENOMEM : 0;
}

int prefs_save(struct prefs *prefs, const char *path, struct error *error)
{
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        int r = prefs_dump(prefs, &text, &size);

        if (r < 0)
                return error_set_errno(error, -r, "cannot write %s", path);
        if (size > PREF_FILE_MAX)
                return error_set(error, EFBIG, "cannot write %s: the preferences are over %d MiB together",
                                 path, PREF_FILE_MAX / (1024 * 1024));

        /* The rename replaces a link instead of writing where it leads. */
        r = file_write_atomic(AT_FDCWD, path, text, size, 0600, true);
        if (r < 0)
                return error_set_errno(error, -r, "cannot write %s", path);
        prefs->dirty = false;
        return 0;
}
