/* SPDX-License-Identifier: MPL-2.0 */
/* What SubtleCrypto.sys.mjs gets: jobs of crypto.h as promises. What takes long is done by another thread. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/builtin.h"
#include "runner/crypto.h"
#include "runner/work.h"

/* Beyond this, or when a private RSA key has to do with it, a job is not for the event loop's thread. */
#define INLINE_BYTES ((size_t)64 * 1024)
#define DATA_BYTES_MAX ((size_t)1 << 30)
#define JOBS_MAX 1000

struct job {
        struct work work; /* first */
        struct crypto_job crypto;
        int outcome;
};

static const struct crypto_ops *ops;
static unsigned job_count;

static void job_free(struct work *work)
{
        struct job *job = (struct job *)work;
        struct crypto_bytes *const all[] = { &job->crypto.key, &job->crypto.data, &job->crypto.signature,
                                             &job->crypto.result, &job->crypto.second };

        for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
                if (all[i]->bytes)
                        explicit_bzero(all[i]->bytes, all[i]->size);
                free(all[i]->bytes);
        }
        free(job);
        job_count--;
}

/* [result, second, size] of an import or a pair; the boolean of a verification; else the bytes. */
static eng_val job_value(eng *e, const struct crypto_job *job)
{
        if (job->operation == CRYPTO_VERIFY)
                return eng_bool(job->good);
        eng_val result = eng_uint8array(e, job->result.bytes, job->result.size);
        if (job->operation < CRYPTO_GENERATE)
                return result;
        const eng_val parts[] = {
                result,
                job->second.bytes ? eng_uint8array(e, job->second.bytes, job->second.size) : ENG_NUL,
                eng_number(e, job->size),
        };
        return parts[0] && parts[1] && parts[2] ? eng_array(e, 3, parts) : NULL;
}

/* A job that failed rejects with a word: "data" (the key is not good) or "operation". */
static eng_val job_result(struct work *work, eng *e)
{
        const struct job *job = (struct job *)work;

        if (job->outcome == 0)
                return job_value(e, &job->crypto);
        return eng_throw_value(e, eng_cstring(e, job->outcome == -EBADMSG ? "data" : "operation"));
}

static void job_run(struct work *work)
{
        struct job *job = (struct job *)work;

        job->outcome = ops->run(&job->crypto);
}

static bool bytes_read(eng *e, eng_val object, const char *name, struct crypto_bytes *ret)
{
        eng_val v = eng_get(e, object, name);

        if (!v || eng_is_undefined(v))
                return v != NULL;
        const void *bytes = eng_to_bytes(e, v, &ret->size);
        if (!bytes)
                return false;
        if (ret->size > DATA_BYTES_MAX) {
                ret->size = 0;
                eng_throw(e, ENG_E_RANGE, "%s has more than %zu bytes", name, DATA_BYTES_MAX);
                return false;
        }
        ret->bytes = malloc(ret->size ? ret->size : 1);
        if (!ret->bytes) {
                eng_throw(e, ENG_E_INTERNAL, "out of memory");
                return false;
        }
        memcpy(ret->bytes, bytes, ret->size);
        return true;
}

static bool number_read(eng *e, eng_val object, const char *name, int count, int *ret)
{
        int32_t value = 0;
        eng_val v = eng_get(e, object, name);

        if (!v || (!eng_is_undefined(v) && !eng_to_int32(e, v, &value)))
                return false;
        if (value < 0 || value >= count) {
                eng_throw(e, ENG_E_RANGE, "crypto: %s is %d", name, value);
                return false;
        }
        *ret = value;
        return true;
}

static bool job_read(eng *e, eng_val object, struct crypto_job *job)
{
        int operation, hash, kind;

        if (!number_read(e, object, "operation", _CRYPTO_OPERATION_COUNT, &operation) ||
            !number_read(e, object, "hash", _CRYPTO_HASH_COUNT, &hash) ||
            !number_read(e, object, "kind", _CRYPTO_KIND_COUNT, &kind) ||
            !number_read(e, object, "size", 16385, &job->size) || !bytes_read(e, object, "key", &job->key) ||
            !bytes_read(e, object, "data", &job->data) ||
            !bytes_read(e, object, "signature", &job->signature))
                return false;
        job->operation = (enum crypto_operation)operation;
        job->hash = (enum crypto_hash)hash;
        job->kind = (enum crypto_kind)kind;
        return true;
}

static bool is_long(const struct crypto_job *job)
{
        bool private = job->operation == CRYPTO_SIGN || job->operation == CRYPTO_GENERATE;

        return job->data.size > INLINE_BYTES || (private && job->kind == CRYPTO_RSA);
}

/* run({ operation, hash, kind, size, key, data, signature }): a promise of what job_value() says. */
static eng_val crypto_run(eng *e, eng_args *args, void *data)
{
        struct error error = ERROR_INIT;
        eng_val object;

        if (!eng_args_get(e, args, "run", "o", &object))
                return NULL;
        if (!ops)
                ops = crypto_module_load(&error);
        if (!ops)
                return eng_throw(e, ENG_E_ERROR, "%s", error.text);
        struct job *job = job_count < JOBS_MAX ? calloc(1, sizeof(*job)) : NULL;
        if (!job)
                return eng_throw(e, ENG_E_RANGE, "too many cryptographic operations at a time");
        job_count++;
        job->work = (struct work){ .run = job_run, .result = job_result, .free = job_free };
        if (!job_read(e, object, &job->crypto)) {
                job_free(&job->work);
                return NULL;
        }
        if (is_long(&job->crypto))
                return work_submit(data, e, &job->work);
        job_run(&job->work);
        eng_val result = job_result(&job->work, e);
        job_free(&job->work);
        return result ? eng_promise_resolved(e, result) : eng_promise_rejected(e, eng_catch(e));
}

static const struct builtin_function crypto_functions[] = {
        { "run", 1, crypto_run },
        { NULL, 0, NULL },
};

static eng_val crypto_create(struct host *host, eng *e)
{
        return builtin_object(host, e, crypto_functions);
}

const struct builtin builtin_crypto = { "crypto", crypto_create };
