/* SPDX-License-Identifier: MPL-2.0 */
/* Signals that mean a fault of the program, when they do not: sent with kill(2), they end the run as any other
 * process. */
#ifndef RUNNER_FAULTS_H
#define RUNNER_FAULTS_H

/* Once the engine is there. 0 or -errno. */
int faults_init(void);

#endif
