/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/modes.h"

int main(int argc, char **argv)
{
        return runner_main(argc, argv);
}
