/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Cryptography for crypto.subtle. OpenSSL's libcrypto does the work, in a loadable module (crypto.so) that is loaded at
 * the first use. Keys are bytes: HMAC's as they are, the others as DER of SubjectPublicKeyInfo and PKCS #8.
 */
#ifndef RUNNER_CRYPTO_H
#define RUNNER_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define CRYPTO_ABI 2 /* raise it when anything below changes */

/* Numbers that SubtleCrypto.sys.mjs uses, too. */
enum crypto_operation {
        CRYPTO_DIGEST,         /* data: result */
        CRYPTO_HMAC,           /* key, data: result */
        CRYPTO_SIGN,           /* key (PKCS #8), data: result */
        CRYPTO_VERIFY,         /* key (SPKI), data, signature: good */
        CRYPTO_GENERATE,       /* size or curve, exponent in data: result (PKCS #8), second (SPKI) */
        CRYPTO_IMPORT_PUBLIC,  /* key: result (SPKI), size */
        CRYPTO_IMPORT_PRIVATE, /* key: result (PKCS #8), second (SPKI), size */
        CRYPTO_DIGEST_FILE,    /* fd, from where it is to the end: result */
        _CRYPTO_OPERATION_COUNT,
};

enum crypto_hash {
        CRYPTO_SHA_1,
        CRYPTO_SHA_256,
        CRYPTO_SHA_384,
        CRYPTO_SHA_512,
        _CRYPTO_HASH_COUNT,
};

enum crypto_kind {
        CRYPTO_RSA, /* PKCS #1 v1.5 */
        CRYPTO_EC,  /* signatures are r and s, one after the other */
        CRYPTO_ED25519,
        _CRYPTO_KIND_COUNT,
};

struct crypto_bytes {
        uint8_t *bytes; /* malloc'd */
        size_t size;
};

/* What is to be done, and what came of it. Whose memory: whoever made it frees all of it. */
struct crypto_job {
        enum crypto_operation operation;
        enum crypto_hash hash;
        enum crypto_kind kind;
        int size; /* bits: an RSA modulus, or 256, 384, 521 for a curve; an import sets it */
        int fd;   /* whoever made it closes it */
        struct crypto_bytes key;
        struct crypto_bytes data;
        struct crypto_bytes signature;
        struct crypto_bytes result;
        struct crypto_bytes second;
        bool good;
};

/* What crypto.so exports, as `crypto_ops`. */
struct crypto_ops {
        unsigned abi;
        /* Any thread. 0; -EBADMSG: the key is not what it should be; another negative errno: it did not work. */
        int (*run)(struct crypto_job *job);
};

/* Load the module; later calls return the same table. NULL: @error says why. */
const struct crypto_ops *crypto_module_load(struct error *error);

#endif
