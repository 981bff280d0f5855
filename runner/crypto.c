/* SPDX-License-Identifier: MPL-2.0 */
/* crypto.so: the jobs of crypto.h by OpenSSL 3. A job is complete in itself, so that any thread can do it. */
#include "config.h"

#include "runner/crypto.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define CURVE_BYTES_MAX 66       /* of P-521 */
#define PIECE_BYTES (256 * 1024) /* of a file */

static const EVP_MD *hash_of(enum crypto_hash hash)
{
        switch (hash) {
        case CRYPTO_SHA_1:
                return EVP_sha1();
        case CRYPTO_SHA_256:
                return EVP_sha256();
        case CRYPTO_SHA_384:
                return EVP_sha384();
        case CRYPTO_SHA_512:
                return EVP_sha512();
        case _CRYPTO_HASH_COUNT:
                break;
        }
        return NULL;
}

static const struct {
        int bits;
        const char *name;
} curves[] = { { 256, "P-256" }, { 384, "P-384" }, { 521, "P-521" } };

static const char *curve_name(int bits)
{
        for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
                if (curves[i].bits == bits)
                        return curves[i].name;
        return NULL;
}

/* The bits of a key's curve; 0: it is none of ours. */
static int curve_bits(const EVP_PKEY *key)
{
        char name[32] = "";

        if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), NULL) != 1)
                return 0;
        if (strcmp(name, "prime256v1") == 0)
                return 256;
        if (strcmp(name, "secp384r1") == 0)
                return 384;
        return strcmp(name, "secp521r1") == 0 ? 521 : 0;
}

static int kind_id(enum crypto_kind kind)
{
        switch (kind) {
        case CRYPTO_RSA:
                return EVP_PKEY_RSA;
        case CRYPTO_EC:
                return EVP_PKEY_EC;
        case CRYPTO_ED25519:
                return EVP_PKEY_ED25519;
        case _CRYPTO_KIND_COUNT:
                break;
        }
        return EVP_PKEY_NONE;
}

static int bytes_make(struct crypto_bytes *ret, size_t size)
{
        ret->bytes = malloc(size ? size : 1);
        if (!ret->bytes)
                return -ENOMEM;
        ret->size = size;
        return 0;
}

static int job_digest(struct crypto_job *job)
{
        unsigned size = 0;

        if (bytes_make(&job->result, EVP_MAX_MD_SIZE) < 0)
                return -ENOMEM;
        if (EVP_Digest(job->data.bytes, job->data.size, job->result.bytes, &size, hash_of(job->hash), NULL) !=
            1)
                return -EIO;
        job->result.size = size;
        return 0;
}

/* 0 or a negative errno. */
static int context_read(EVP_MD_CTX *context, int fd)
{
        _cleanup_free_ uint8_t *piece = malloc(PIECE_BYTES);

        while (piece) {
                ssize_t r = read(fd, piece, PIECE_BYTES);
                if (r == 0)
                        return 0;
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r > 0 && EVP_DigestUpdate(context, piece, (size_t)r) != 1)
                        return -EIO;
        }
        return -ENOMEM;
}

static int job_digest_file(struct crypto_job *job)
{
        unsigned size = 0;
        EVP_MD_CTX *context = EVP_MD_CTX_new();

        int r = context ? bytes_make(&job->result, EVP_MAX_MD_SIZE) : -ENOMEM;
        if (r == 0 && EVP_DigestInit_ex(context, hash_of(job->hash), NULL) != 1)
                r = -EIO;
        if (r == 0)
                r = context_read(context, job->fd);
        if (r == 0 && EVP_DigestFinal_ex(context, job->result.bytes, &size) != 1)
                r = -EIO;
        job->result.size = size;
        EVP_MD_CTX_free(context);
        return r;
}

static int job_hmac(struct crypto_job *job)
{
        unsigned size = 0;

        if (job->key.size > INT_MAX)
                return -E2BIG;
        if (bytes_make(&job->result, EVP_MAX_MD_SIZE) < 0)
                return -ENOMEM;
        if (!HMAC(hash_of(job->hash), job->key.bytes, (int)job->key.size, job->data.bytes, job->data.size,
                  job->result.bytes, &size))
                return -EIO;
        job->result.size = size;
        return 0;
}

/* The key in the job's DER if it is of the job's kind. */
static EVP_PKEY *key_read(const struct crypto_job *job, bool private)
{
        const unsigned char *at = job->key.bytes;
        EVP_PKEY *key = NULL;

        if (job->key.size > LONG_MAX)
                return NULL;
        if (private) {
                PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)job->key.size);
                key = info ? EVP_PKCS82PKEY(info) : NULL;
                PKCS8_PRIV_KEY_INFO_free(info);
        } else {
                key = d2i_PUBKEY(NULL, &at, (long)job->key.size);
        }
        bool whole = at == job->key.bytes + job->key.size;
        if (key && whole && EVP_PKEY_get_base_id(key) == kind_id(job->kind) &&
            (job->kind != CRYPTO_EC || curve_bits(key) != 0))
                return key;
        EVP_PKEY_free(key);
        return NULL;
}

/* ECDSA's r and s: from a SEQUENCE to numbers of fixed width, one after the other. */
static int signature_flatten(struct crypto_job *job, int bits)
{
        size_t width = ((size_t)bits + 7) / 8;
        const unsigned char *at = job->result.bytes;
        uint8_t flat[2 * CURVE_BYTES_MAX];

        ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)job->result.size);
        bool done = signature && 2 * width <= sizeof(flat) && 2 * width <= job->result.size + 16 &&
                    BN_bn2binpad(ECDSA_SIG_get0_r(signature), flat, (int)width) >= 0 &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(signature), flat + width, (int)width) >= 0;
        ECDSA_SIG_free(signature);
        if (!done)
                return -EIO;
        free(job->result.bytes);
        job->result = (struct crypto_bytes){ 0 };
        int r = bytes_make(&job->result, 2 * width);
        if (r == 0)
                memcpy(job->result.bytes, flat, 2 * width);
        return r;
}

static int job_sign(struct crypto_job *job)
{
        EVP_PKEY *key = key_read(job, true);
        EVP_MD_CTX *context = key ? EVP_MD_CTX_new() : NULL;
        const EVP_MD *hash = job->kind == CRYPTO_ED25519 ? NULL : hash_of(job->hash);
        size_t size = 0;
        int r = key ? -EIO : -EBADMSG;

        if (context && EVP_DigestSignInit(context, NULL, hash, NULL, key) == 1 &&
            EVP_DigestSign(context, NULL, &size, job->data.bytes, job->data.size) == 1)
                r = bytes_make(&job->result, size);
        if (r == 0 && EVP_DigestSign(context, job->result.bytes, &size, job->data.bytes, job->data.size) != 1)
                r = -EIO;
        if (r == 0) {
                job->result.size = size;
                if (job->kind == CRYPTO_EC)
                        r = signature_flatten(job, curve_bits(key));
        }
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return r;
}

/* The other way round; false: it cannot be a signature. */
static bool signature_unflatten(const struct crypto_job *job, int bits, struct crypto_bytes *ret)
{
        size_t width = ((size_t)bits + 7) / 8;

        if (job->signature.size != 2 * width)
                return false;
        BIGNUM *r = BN_bin2bn(job->signature.bytes, (int)width, NULL);
        BIGNUM *s = BN_bin2bn(job->signature.bytes + width, (int)width, NULL);
        ECDSA_SIG *signature = ECDSA_SIG_new();
        if (!r || !s || !signature || ECDSA_SIG_set0(signature, r, s) != 1) {
                BN_free(r);
                BN_free(s);
                ECDSA_SIG_free(signature);
                return false;
        }
        int size = i2d_ECDSA_SIG(signature, NULL);
        bool done = size > 0 && bytes_make(ret, (size_t)size) == 0;
        if (done) {
                unsigned char *at = ret->bytes;
                (void)i2d_ECDSA_SIG(signature, &at);
        }
        ECDSA_SIG_free(signature);
        return done;
}

static int job_verify(struct crypto_job *job)
{
        EVP_PKEY *key = key_read(job, false);
        EVP_MD_CTX *context = key ? EVP_MD_CTX_new() : NULL;
        const EVP_MD *hash = job->kind == CRYPTO_ED25519 ? NULL : hash_of(job->hash);
        struct crypto_bytes der = { 0 };
        const struct crypto_bytes *signature = &job->signature;
        int r = key ? -EIO : -EBADMSG;

        if (context && EVP_DigestVerifyInit(context, NULL, hash, NULL, key) == 1) {
                bool possible = true;
                if (job->kind == CRYPTO_EC) {
                        possible = signature_unflatten(job, curve_bits(key), &der);
                        signature = &der;
                }
                job->good = possible && EVP_DigestVerify(context, signature->bytes, signature->size,
                                                         job->data.bytes, job->data.size) == 1;
                r = 0;
        }
        free(der.bytes);
        EVP_MD_CTX_free(context);
        EVP_PKEY_free(key);
        return r;
}

static int write_public(EVP_PKEY *key, struct crypto_bytes *ret)
{
        int size = i2d_PUBKEY(key, NULL);
        int r = size > 0 ? bytes_make(ret, (size_t)size) : -EIO;
        unsigned char *at = ret->bytes;

        if (r == 0)
                (void)i2d_PUBKEY(key, &at);
        return r;
}

static int write_private(EVP_PKEY *key, struct crypto_bytes *ret)
{
        PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
        int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;
        int r = size > 0 ? bytes_make(ret, (size_t)size) : -EIO;
        unsigned char *at = ret->bytes;

        if (r == 0)
                (void)i2d_PKCS8_PRIV_KEY_INFO(info, &at);
        PKCS8_PRIV_KEY_INFO_free(info);
        return r;
}

static int write_pair(EVP_PKEY *key, struct crypto_job *job)
{
        int r = write_private(key, &job->result);

        return r < 0 ? r : write_public(key, &job->second);
}

static bool generate_prepare(EVP_PKEY_CTX *context, const struct crypto_job *job)
{
        if (job->kind == CRYPTO_EC) {
                const char *curve = curve_name(job->size);
                return curve && EVP_PKEY_CTX_set_group_name(context, curve) == 1;
        }
        if (job->kind != CRYPTO_RSA)
                return true;
        if (job->data.size > 8 || EVP_PKEY_CTX_set_rsa_keygen_bits(context, job->size) != 1)
                return false;
        BIGNUM *exponent = BN_bin2bn(job->data.bytes, (int)job->data.size, NULL);
        bool set = exponent && EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) == 1;
        BN_free(exponent);
        return set;
}

static int job_generate(struct crypto_job *job)
{
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(kind_id(job->kind), NULL);
        EVP_PKEY *key = NULL;
        int r = -EIO;

        if (context && EVP_PKEY_keygen_init(context) == 1 && generate_prepare(context, job) &&
            EVP_PKEY_generate(context, &key) == 1)
                r = write_pair(key, job);
        EVP_PKEY_free(key);
        EVP_PKEY_CTX_free(context);
        return r;
}

static int job_import(struct crypto_job *job, bool private)
{
        EVP_PKEY *key = key_read(job, private);

        if (!key)
                return -EBADMSG;
        job->size = job->kind == CRYPTO_EC ? curve_bits(key) : EVP_PKEY_get_bits(key);
        int r = private ? write_pair(key, job) : write_public(key, &job->result);
        EVP_PKEY_free(key);
        return r == -EIO ? -EBADMSG : r;
}

static int crypto_run(struct crypto_job *job)
{
        /* Nothing of the system's configuration, and no clean-up at the exit: the process leaves with _exit(). */
        if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
                return -EIO;
        switch (job->operation) {
        case CRYPTO_DIGEST:
                return job_digest(job);
        case CRYPTO_DIGEST_FILE:
                return job_digest_file(job);
        case CRYPTO_HMAC:
                return job_hmac(job);
        case CRYPTO_SIGN:
                return job_sign(job);
        case CRYPTO_VERIFY:
                return job_verify(job);
        case CRYPTO_GENERATE:
                return job_generate(job);
        case CRYPTO_IMPORT_PUBLIC:
                return job_import(job, false);
        case CRYPTO_IMPORT_PRIVATE:
                return job_import(job, true);
        case _CRYPTO_OPERATION_COUNT:
                break;
        }
        return -EINVAL;
}

extern const struct crypto_ops crypto_ops;

const struct crypto_ops crypto_ops = {
        .abi = CRYPTO_ABI,
        .run = crypto_run,
};
