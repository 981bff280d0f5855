/* SPDX-License-Identifier: MPL-2.0 */
/* The attempts as a program: `attempt NAME` makes one, `attempt --list` tells which there are. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/escape/attempt.h"

int main(int argc, char **argv)
{
        struct target target;
        char line[512], here[4096];

        if (argc != 2)
                return 64;
        if (strcmp(argv[1], "--list") == 0) {
                attempts_print();
                return 0;
        }
        target_load(&target);
        target.profile = getcwd(here, sizeof(here)) ? here : "/tmp";
        if (attempt_make(&target, argv[1], line, sizeof(line)) < 0)
                return 64;
        fputs(line, stdout);
        return 0;
}
