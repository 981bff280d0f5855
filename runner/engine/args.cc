/* SPDX-License-Identifier: MPL-2.0 */
/* args.cc - eng_args_get(): the arguments of a native, checked and taken apart. */
#include "runner/engine/internal.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static bool arg_string(eng *e, eng_val v, const char **ret, size_t *ret_size, const char **ret_expected)
{
        *ret_expected = "a string";
        if (!value_of(v).isString())
                return false;
        size_t size;
        const char *text = eng_to_string(e, v, &size);
        if (!text)
                return false;
        *ret_expected = "a string without null characters";
        if (!ret_size && memchr(text, '\0', size))
                return false;
        *ret = text;
        if (ret_size)
                *ret_size = size;
        return true;
}

static bool arg_int32(eng_val v, int32_t *ret)
{
        if (!value_of(v).isNumber())
                return false;
        double n = value_of(v).toNumber();
        if (!(n >= INT32_MIN && n <= INT32_MAX) || n != trunc(n))
                return false;
        *ret = static_cast<int32_t>(n);
        return true;
}

/* One argument of type @letter into the next places of @places. On failure either an exception is
 * pending, or *ret_expected says what was expected. */
static bool arg_take(eng *e, eng_val v, char letter, va_list *places, const char **ret_expected)
{
        const JS::Value &value = value_of(v);
        switch (letter) {
        case 's':
                return arg_string(e, v, va_arg(*places, const char **), nullptr, ret_expected);
        case 'S': {
                const char **text = va_arg(*places, const char **);
                return arg_string(e, v, text, va_arg(*places, size_t *), ret_expected);
        }
        case 'i':
                *ret_expected = "a 32 bit integer";
                return arg_int32(v, va_arg(*places, int32_t *));
        case 'd':
                *ret_expected = "a number";
                if (!value.isNumber())
                        return false;
                *va_arg(*places, double *) = value.toNumber();
                return true;
        case 'b':
                *va_arg(*places, bool *) = JS::ToBoolean(handle_of(v));
                return true;
        case 'y': {
                *ret_expected = "an ArrayBuffer or a view of one";
                if (eng_typeof(e, v) != ENG_BYTES)
                        return false;
                const void **bytes = va_arg(*places, const void **);
                *bytes = eng_to_bytes(e, v, va_arg(*places, size_t *));
                return *bytes;
        }
        case 'f':
                *ret_expected = "a function";
                if (!value.isObject() || !JS::IsCallable(&value.toObject()))
                        return false;
                *va_arg(*places, eng_val *) = v;
                return true;
        case 'o':
                *ret_expected = "an object";
                if (!value.isObject())
                        return false;
                *va_arg(*places, eng_val *) = v;
                return true;
        case 'v':
                *va_arg(*places, eng_val *) = v;
                return true;
        default:
                *ret_expected = "something that its format describes";
                return false;
        }
}

static void arg_skip(char letter, va_list *places)
{
        (void)va_arg(*places, void *);
        if (letter == 'S' || letter == 'y')
                (void)va_arg(*places, void *);
}

bool eng_args_get(eng *e, eng_args *args, const char *what, const char *format, ...)
{
        va_list places;
        bool optional = false, ok = may_run(e);
        size_t index = 0;

        va_start(places, format);
        for (const char *f = format; ok && *f; f++) {
                if (*f == '|') {
                        optional = true;
                        continue;
                }
                eng_val v = eng_arg(args, index++);
                if (optional && value_of(v).isUndefined()) {
                        arg_skip(*f, &places);
                        continue;
                }
                const char *expected = nullptr;
                ok = arg_take(e, v, *f, &places, &expected);
                if (!ok && !e->terminating && !JS_IsExceptionPending(e->cx))
                        eng_throw(e, ENG_E_TYPE, "%s: argument %zu must be %s", what, index, expected);
        }
        va_end(places);
        return ok;
}
