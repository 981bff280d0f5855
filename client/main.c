/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/bgtaskctl.h"

int main(int argc, char **argv)
{
        return bgtaskctl_main(argc, argv);
}
