/* SPDX-License-Identifier: MPL-2.0 */
/* What a file declares comes back, when written, as the same names and values. */
#include "config.h"

#include <string.h>

#include "lib/prefs_internal.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

static int take(const struct pref_declaration *declaration, void *data)
{
        struct prefs *prefs = data;
        size_t length = strlen(declaration->name);

        fuzz_require(length > 0 && length <= PREF_NAME_MAX && utf8_is_valid(declaration->name, length));
        fuzz_require(declaration->line > 0 && declaration->column > 0);
        if (declaration->value.type == PREF_STRING)
                fuzz_require(utf8_is_valid(declaration->value.string, strlen(declaration->value.string)));
        (void)prefs_declare(prefs, declaration, declaration->user ? PREF_USER : PREF_DEFAULT);
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct prefs *prefs = prefs_new(), *again = prefs_new();
        struct error error = ERROR_INIT;
        char *text = NULL;
        size_t text_size = 0, kept = 0;

        fuzz_require(prefs && again);
        int r = pref_file_parse("f", (const char *)data, size, take, prefs, &error);
        fuzz_require((r == 0) == (error.code == 0));
        fuzz_require(prefs_dump(prefs, &text, &text_size) == 0);
        error.code = 0;
        r = pref_file_parse("again", text, text_size, take, again, &error);
        if (r < 0)
                fprintf(stderr, "%s\n%s", error.text, text);
        fuzz_require(r == 0);

        for (size_t i = 0; i < prefs->count; i++) {
                const struct pref *pref = prefs->list[i];
                struct pref_value value;
                if (pref->user_value.type == PREF_NONE ||
                    (!pref->sticky && pref_value_same(&pref->user_value, &pref->default_value)))
                        continue;
                kept++;
                fuzz_require(prefs_get(again, pref->name, PREF_USER, &value));
                fuzz_require(pref_value_same(&pref->user_value, &value));
        }
        fuzz_require(again->count == kept);
        free(text);
        prefs_free(prefs);
        prefs_free(again);
        return 0;
}
