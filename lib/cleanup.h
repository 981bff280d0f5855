/* SPDX-License-Identifier: MPL-2.0 */
/* The one clean-up idiom: a variable that is released when its scope ends. */
#ifndef LIB_CLEANUP_H
#define LIB_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))
#define _cleanup_free_ _cleanup_(cleanup_free)
#define _cleanup_close_ _cleanup_(cleanup_close)
#define _cleanup_fclose_ _cleanup_(cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)

/* Defines `NAME_cleanup` for _cleanup_(NAME_cleanup) on a `TYPE *`, where FREE accepts NULL. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot have them */
#define CLEANUP_DEFINE(type, free_function)                                                                  \
        static inline void free_function##_cleanup(type **p)                                                 \
        {                                                                                                    \
                free_function(*p);                                                                           \
        }                                                                                                    \
        struct cleanup_semicolon_##free_function
/* NOLINTEND(bugprone-macro-parentheses) */

/* Hand a pointer or descriptor on and forget it here. */
#define steal_pointer(pointer)                                                                               \
        ({                                                                                                   \
                __typeof__(&(pointer)) _at = &(pointer);                                                     \
                __typeof__(pointer) _value = *_at;                                                           \
                *_at = NULL;                                                                                 \
                _value;                                                                                      \
        })

static inline void cleanup_free(void *p)
{
        free(*(void **)p);
}

/* Closes and keeps errno, so that it can run on an error path. */
static inline int close_keep_errno(int fd)
{
        if (fd >= 0) {
                int saved = errno;
                close(fd);
                errno = saved;
        }
        return -1;
}

static inline int steal_fd(int *fd)
{
        int value = *fd;
        *fd = -1;
        return value;
}

static inline void cleanup_close(int *fd)
{
        close_keep_errno(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
        if (*f)
                fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
        if (*d)
                closedir(*d);
}

#endif
