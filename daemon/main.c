/* SPDX-License-Identifier: MPL-2.0 */
/* Starts the program; everything else is in a library that tests link too. */
#include "config.h"

#include "daemon/bgtaskd.h"

int main(int argc, char **argv)
{
        return bgtaskd_main(argc, argv);
}
