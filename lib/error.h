/* SPDX-License-Identifier: MPL-2.0 */
/* An error on its way to whoever reports it: a code and one line of text. */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

/* Large enough for a path, a position and what was expected; longer text is cut. */
#define ERROR_TEXT_MAX 1024

struct error {
        int code; /* positive errno; 0: none */
        char text[ERROR_TEXT_MAX];
};

#define ERROR_INIT                                                                                           \
        {                                                                                                    \
                0,                                                                                           \
                {                                                                                            \
                        0                                                                                    \
                }                                                                                            \
        }

/* Set @error (NULL: nothing is kept) and return -code, for `return error_set(error, EINVAL, …)`. */
int error_set(struct error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same, with ": " and the text of errno value @code appended. */
int error_set_errno(struct error *error, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Put "TEXT: " in front of what is there. Returns -error->code; -EINVAL for NULL, whose code nobody kept. */
int error_prefix(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The analyzer does not look into variadic functions: let it know what they return. */
#ifdef __clang_analyzer__
#define error_set(error, code, ...) ((void)(error_set)(error, code, __VA_ARGS__), -(code))
#define error_set_errno(error, code, ...) ((void)(error_set_errno)(error, code, __VA_ARGS__), -(code))
#endif

#endif
