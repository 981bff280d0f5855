/* SPDX-License-Identifier: MPL-2.0 */
/* What SubtleCrypto.sys.mjs gets: jobs of crypto.h as promises. What takes long is done by another thread. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "runner/builtin.h"
#include "runner/crypto.h"
#include "runner/denial.h"
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
        close_keep_errno(job->crypto.fd);
        free(job);
        job_count--;
}

/* [result, second, size] of an import or a pair; the boolean of a verification; else the bytes. */
static eng_val job_value(eng *e, const struct crypto_job *job)
{
        if (job->operation == CRYPTO_VERIFY)
                return eng_bool(job->good);
        eng_val result = eng_uint8array(e, job->result.bytes, job->result.size);
        if (job->operation < CRYPTO_GENERATE || job->operation == CRYPTO_DIGEST_FILE)
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
        if (job->crypto.operation == CRYPTO_DIGEST_FILE)
                return eng_number(e, job->outcome);
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

/* A new job, and libcrypto; NULL: exception pending. */
static struct job *job_new(eng *e)
{
        struct error error = ERROR_INIT;

        if (!ops)
                ops = crypto_module_load(&error);
        if (!ops) {
                eng_throw(e, ENG_E_ERROR, "%s", error.text);
                return NULL;
        }
        struct job *job = job_count < JOBS_MAX ? calloc(1, sizeof(*job)) : NULL;
        if (!job) {
                eng_throw(e, ENG_E_RANGE, "too many cryptographic operations at a time");
                return NULL;
        }
        job_count++;
        job->work = (struct work){ .run = job_run, .result = job_result, .free = job_free };
        job->crypto.fd = -1;
        return job;
}

/* run({ operation, hash, kind, size, key, data, signature }): a promise of what job_value() says. */
static eng_val crypto_run(eng *e, eng_args *args, void *data)
{
        eng_val object;

        if (!eng_args_get(e, args, "run", "o", &object))
                return NULL;
        struct job *job = job_new(e);
        if (!job)
                return NULL;
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

/* A descriptor of what is no directory, or a negative errno. */
static int file_open(const char *path)
{
        struct stat status;

        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0)
                return -errno;
        if (fstat(fd, &status) == 0 && !S_ISDIR(status.st_mode))
                return fd;
        close(fd);
        return -EISDIR;
}

/* digestFile(path, hash): a promise of the bytes, however large the file is, or a negative errno. */
static eng_val crypto_digest_file(eng *e, eng_args *args, void *data)
{
        const char *path;
        int32_t hash;

        if (!eng_args_get(e, args, "digestFile", "si", &path, &hash))
                return NULL;
        if (hash < 0 || hash >= _CRYPTO_HASH_COUNT)
                return eng_throw(e, ENG_E_RANGE, "crypto: hash is %d", hash);
        int fd = file_open(path);
        if (fd < 0) {
                denial_file(DENIAL_READ, path, -fd);
                return eng_number(e, fd);
        }
        struct job *job = job_new(e);
        if (!job) {
                close(fd);
                return NULL;
        }
        job->crypto.operation = CRYPTO_DIGEST_FILE;
        job->crypto.hash = (enum crypto_hash)hash;
        job->crypto.fd = fd;
        return work_submit(data, e, &job->work);
}

static const struct builtin_function crypto_functions[] = {
        { "run", 1, crypto_run },
        { "digestFile", 2, crypto_digest_file },
        { NULL, 0, NULL },
};

static eng_val crypto_create(struct host *host, eng *e)
{
        return builtin_object(host, e, crypto_functions);
}

const struct builtin builtin_crypto = { "crypto", crypto_create };
