/* SPDX-License-Identifier: MPL-2.0 */
/* Exit codes, each in this one place. */
#ifndef LIB_EXIT_CODE_H
#define LIB_EXIT_CODE_H

/* Of a task: Gecko's EXIT_CODE (BackgroundTasksManager.sys.mjs). A task's own codes are 11 to 127. */
enum task_exit {
        TASK_EXIT_SUCCESS = 0,
        TASK_EXIT_START_FAILED = 1, /* before the task: profile locked, name refused */
        TASK_EXIT_NOT_FOUND = 2,
        TASK_EXIT_EXCEPTION = 3,
        TASK_EXIT_TIMEOUT = 4,
        TASK_EXIT_LAST_RESERVED = 10,
};

/* Of our programs themselves: sysexits.h's numbers. */
enum program_exit {
        PROGRAM_EXIT_OK = 0,
        PROGRAM_EXIT_FAILURE = 1,
        PROGRAM_EXIT_USAGE = 64,
        PROGRAM_EXIT_DATAERR = 65,
        PROGRAM_EXIT_NOINPUT = 66,
        PROGRAM_EXIT_UNAVAILABLE = 69,
        PROGRAM_EXIT_SOFTWARE = 70,
        PROGRAM_EXIT_OSERR = 71,
        PROGRAM_EXIT_CANTCREAT = 73,
        PROGRAM_EXIT_IOERR = 74,
        PROGRAM_EXIT_TEMPFAIL = 75,
        PROGRAM_EXIT_PROTOCOL = 76,
        PROGRAM_EXIT_NOPERM = 77,
        PROGRAM_EXIT_CONFIG = 78,
};

/* bgtaskctl run and wait: a run that a signal ended. */
#define PROGRAM_EXIT_SIGNAL_BASE 128

#endif
