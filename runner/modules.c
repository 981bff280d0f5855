/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/modules.h"

#include <dlfcn.h>
#include <errno.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"

const void *modules_load(const char *file, const char *symbol, unsigned abi, const char *what,
                         struct error *error)
{
        _cleanup_free_ char *path = path_join(paths_lib_directory(), file);

        if (!path) {
                error_set(error, ENOMEM, "out of memory");
                return NULL;
        }
        void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        const unsigned *table = module ? dlsym(module, symbol) : NULL;
        if (!table) {
                error_set(error, ELIBACC, "cannot load the %s module: %s", what, dlerror());
                return NULL;
        }
        if (*table != abi) {
                error_set(error, ELIBACC, "%s is of another version of bgtaskd", path);
                return NULL;
        }
        return table;
}
