/* SPDX-License-Identifier: MPL-2.0 */
/* What the processor can do, by the names that nsISystemInfo has. */
#ifndef RUNNER_PROCESSOR_H
#define RUNNER_PROCESSOR_H

/* Name @index, from 0 on, of those that the processor has; NULL: there are no more. Asked of the processor itself: kernels
 * of virtual machines leave features out of /proc/cpuinfo, and sandboxes the file. */
const char *processor_feature(unsigned index);

#endif
