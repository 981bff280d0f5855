/* SPDX-License-Identifier: MPL-2.0 */
/* What a daemon takes from its store and its clients as a definition: refused with a line of words, or the same again
 * when written, as a whole and key by key. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/schedule_definition.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

/* A value in words, set into a definition that has nothing, is that value. */
static void values_check(const struct schedule_definition *definition)
{
        struct schedule_definition copy;

        schedule_definition_init(&copy);
        for (size_t i = 0; i < schedule_definition_keys(); i++) {
                struct error error = ERROR_INIT;
                char *value = schedule_definition_value(definition, i), *again;
                fuzz_require(value);
                int r = schedule_definition_set(&copy, schedule_definition_key(i), value, &error);
                if (r < 0)
                        fprintf(stderr, "%s\n", error.text);
                fuzz_require(r == 0);
                again = schedule_definition_value(&copy, i);
                fuzz_require(again && strcmp(value, again) == 0);
                fuzz_require(schedule_definition_is_default(definition, i) ==
                             schedule_definition_is_default(&copy, i));
                free(value);
                free(again);
        }
        schedule_definition_done(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error error = ERROR_INIT;
        struct schedule_definition definition, copy;
        char *text = malloc(size + 1);

        fuzz_require(text);
        memcpy(text, data, size);
        text[size] = 0;
        int r = schedule_definition_parse(text, &definition, &error);
        fuzz_require((r == 0) == (error.code == 0));
        fuzz_require(!strchr(error.text, '\n'));
        if (r == 0) {
                char *once = schedule_definition_format(&definition), *twice;
                r = schedule_definition_check(&definition, &error);
                fuzz_require((r == 0) == (error.code == 0));
                /* Quotes may make it longer than what was read. */
                if (once) {
                        fuzz_require(schedule_definition_parse(once, &copy, &error) == 0);
                        twice = schedule_definition_format(&copy);
                        fuzz_require(twice && strcmp(once, twice) == 0);
                        fuzz_require(schedule_definition_hash(once) == schedule_definition_hash(twice));
                        schedule_definition_done(&copy);
                        free(twice);
                }
                free(once);
                values_check(&definition);
                schedule_definition_done(&definition);
        }
        free(text);
        return 0;
}
