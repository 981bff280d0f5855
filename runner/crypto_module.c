/* SPDX-License-Identifier: MPL-2.0 */
/* The main program's side of crypto.so: its loading. */
#include "config.h"

#include "runner/crypto.h"
#include "runner/modules.h"

const struct crypto_ops *crypto_module_load(struct error *error)
{
        static const struct crypto_ops *ops;

        if (!ops)
                ops = modules_load("crypto.so", "crypto_ops", CRYPTO_ABI, "cryptography", error);
        return ops;
}
