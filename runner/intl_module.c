/* SPDX-License-Identifier: MPL-2.0 */
/* The main program's side of intl.so: its loading. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/intl.h"

const struct intl_ops *intl_module_load(struct error *error)
{
        static const struct intl_ops *ops;

        if (ops)
                return ops;
        _cleanup_free_ char *path = path_join(paths_lib_directory(), "intl.so");
        if (!path) {
                error_set(error, ENOMEM, "out of memory");
                return NULL;
        }
        void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        const struct intl_ops *found = module ? dlsym(module, "intl_ops") : NULL;
        if (!found) {
                error_set(error, ELIBACC, "cannot load the module for languages: %s", dlerror());
                return NULL;
        }
        if (found->abi != INTL_ABI) {
                error_set(error, ELIBACC, "%s is of another version of bgtaskd", path);
                return NULL;
        }
        ops = found;
        return ops;
}
