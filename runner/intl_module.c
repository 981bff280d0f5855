/* SPDX-License-Identifier: MPL-2.0 */
/* The main program's side of intl.so: its loading. */
#include "config.h"

#include "runner/intl.h"
#include "runner/modules.h"

const struct intl_ops *intl_module_load(struct error *error)
{
        static const struct intl_ops *ops;

        if (!ops)
                ops = modules_load("intl.so", "intl_ops", INTL_ABI, "language data", error);
        return ops;
}
