/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A plain program with libbgtask, for tests:
 *   bgtask_client run TASK ARGS...
 *   bgtask_client detached TASK ARGS...
 *   bgtask_client register ID INTERVAL TIMEOUT COMMAND ARGS...
 *   bgtask_client delete ID | exists ID | delete-all
 * It prints what the function returned, and the error's text behind a negative number.
 */
#include <bgtask.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int call(int argc, char **argv, struct bgtask_error *error)
{
        const char *const *args = (const char *const *)argv;
        const char *verb = argv[1];
        int64_t id = 0;

        if (strcmp(verb, "run") == 0 && argc >= 3) {
                int r = bgtask_run(argv[2], args + 3, &id, error);
                printf("%" PRId64 " ", id);
                return r;
        }
        if (strcmp(verb, "detached") == 0 && argc >= 3)
                return bgtask_run_detached(argv[2], args + 3, error);
        if (strcmp(verb, "register") == 0 && argc >= 6) {
                const struct bgtask_registration registration = {
                        .command = argv[5],
                        .args = args + 6,
                        .interval_sec = strtoll(argv[3], NULL, 10),
                        .execution_timeout_sec = strtoll(argv[4], NULL, 10),
                        .description = "of a test",
                };
                return bgtask_register(argv[2], &registration, error);
        }
        if (strcmp(verb, "delete") == 0 && argc == 3)
                return bgtask_delete(argv[2], error);
        if (strcmp(verb, "exists") == 0 && argc == 3)
                return bgtask_exists(argv[2], error);
        if (strcmp(verb, "delete-all") == 0)
                return bgtask_delete_all(error);
        return -1;
}

int main(int argc, char **argv)
{
        struct bgtask_error error = { 0 };

        if (argc < 2)
                return EXIT_FAILURE;
        int r = call(argc, argv, &error);
        printf("%d %s\n", r, r < 0 ? error.text : "");
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
