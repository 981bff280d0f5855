/* SPDX-License-Identifier: MPL-2.0 */
/* The command line of bgtask-runner, one argument a line. */
#include "config.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/options.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct options *options, size_t argc)
{
        switch (options->mode) {
        case OPTIONS_RUN:
                fuzz_require(options->task && options->args);
                /* An argument becomes at most two, and the task's name is none. */
                fuzz_require(strv_length(options->args) <= 2 * argc);
                break;
        case OPTIONS_WRITE_CACHE:
                fuzz_require(options->cache_file);
                break;
        case OPTIONS_ZYGOTE:
        case OPTIONS_SANDBOX_REPORT:
        case OPTIONS_HELP:
        case OPTIONS_VERSION:
                break;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct options options;
        struct error error = ERROR_INIT;

        _cleanup_free_ char *text = strndup((const char *)data, size);
        fuzz_require(text);
        _cleanup_free_ char **argv = calloc(size + 3, sizeof(*argv));
        fuzz_require(argv);
        int argc = 0;
        argv[argc++] = text;
        for (char *line = text; line; argc++) {
                argv[argc] = line;
                line = strchr(line, '\n');
                if (line)
                        *line++ = '\0';
        }
        int r = options_parse(argc, argv, &options, &error);
        fuzz_require(r <= 0);
        if (r < 0) {
                fuzz_require(error.code == -r && error.text[0] && !strchr(error.text, '\n'));
                return 0;
        }
        check(&options, (size_t)argc);
        options_done(&options);
        return 0;
}
