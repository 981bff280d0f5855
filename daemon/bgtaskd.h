/* SPDX-License-Identifier: MPL-2.0 */
/* The program bgtaskd: arguments in, exit code out. */
#ifndef DAEMON_BGTASKD_H
#define DAEMON_BGTASKD_H

int bgtaskd_main(int argc, char **argv);

#endif
