/* SPDX-License-Identifier: MPL-2.0 */
/* What a run takes from the daemon as its policy: refused with a line of words, or the same again when written. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/task_policy.h"
#include "lib/util.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct error error = ERROR_INIT;
        struct task_policy policy, copy;
        char *text = malloc(size + 1);

        fuzz_require(text);
        memcpy(text, data, size);
        text[size] = 0;
        int r = task_policy_parse(text, &policy, &error);
        fuzz_require((r == 0) == (error.code == 0));
        fuzz_require(!strchr(error.text, '\n'));
        if (r == 0) {
                char *once = task_policy_format(&policy), *twice;
                /* Quotes may make it longer than what was read. */
                if (once) {
                        fuzz_require(task_policy_parse(once, &copy, &error) == 0);
                        twice = task_policy_format(&copy);
                        fuzz_require(twice && strcmp(once, twice) == 0);
                        task_policy_done(&copy);
                        free(twice);
                }
                free(once);
                task_policy_done(&policy);
        }
        free(text);
        return 0;
}
