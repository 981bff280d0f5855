/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <math.h>

#include "runner/exit_status.h"

void exit_status_from_number(double number, struct exit_status *ret)
{
        double integer = isfinite(number) ? trunc(number) : 0;

        /* Modulo 2^32 is exact in doubles; of its result the low 8 bits are those of ToInt32. */
        double modulo = fmod(integer, 4294967296.0);
        ret->code = (int)((int64_t)modulo & 0xff);
        if (integer >= 9223372036854775808.0)
                ret->value = INT64_MAX;
        else if (integer <= -9223372036854775808.0)
                ret->value = INT64_MIN;
        else
                ret->value = (int64_t)integer;
        ret->truncated = ret->value != ret->code;
}

bool exit_status_from_value(eng *e, eng_val v, struct exit_status *ret)
{
        double number;

        if (eng_typeof(e, v) == ENG_SYMBOL) { /* in Gecko's words: a number is what it wants as well */
                eng_throw(e, ENG_E_TYPE, "can't convert symbol to string");
                return false;
        }
        if (!eng_to_number(e, v, &number))
                return false;
        exit_status_from_number(number, ret);
        return true;
}
