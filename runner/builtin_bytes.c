/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.bytes: what is computed from bytes and may take long; each function answers with a promise.
 *
 *   gzip(bytes) -> Uint8Array           the format of gzip(1), without a name and a time
 *   lz4Encode(bytes) -> Uint8Array      a block of LZ4; of no bytes none
 *   lz4Decode(bytes, size) -> Uint8Array or null: no such block, or it is of more than @size bytes
 */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/lz4.h"
#include "runner/work.h"

#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's frame */
#define GZIP_MEMORY 8
#define LZ4_GROWTH_MAX 255

struct job {
        struct work work;
        uint8_t *in, *out; /* malloc'd */
        size_t in_size, out_size;
        double room; /* for what comes out */
        int code;    /* 0 or -errno */
};

static eng_val job_result(struct work *work, eng *e)
{
        struct job *job = (struct job *)work;

        if (job->code == -EBADMSG)
                return ENG_NUL;
        if (job->code < 0)
                return eng_throw(e, ENG_E_INTERNAL, "%s", strerror(-job->code));
        return eng_uint8array_take(e, steal_pointer(job->out), job->out_size);
}

static void job_free(struct work *work)
{
        struct job *job = (struct job *)work;

        free(job->in);
        free(job->out);
        free(job);
}

static eng_val job_submit(struct host *host, eng *e, eng_val bytes, double room, void (*run)(struct work *))
{
        struct job *job = calloc(1, sizeof(*job));
        size_t size;
        const void *content = job ? eng_to_bytes(e, bytes, &size) : NULL;

        if (!content) {
                free(job);
                return eng_pending(e) ? NULL : eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        job->work = (struct work){ .run = run, .result = job_result, .free = job_free };
        job->in = malloc(size + 1);
        job->in_size = size;
        job->room = room;
        if (!job->in) {
                free(job);
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        memcpy(job->in, content, size);
        return work_submit(host, e, &job->work);
}

static void gzip_run(struct work *work)
{
        struct job *job = (struct job *)work;
        z_stream stream = { .next_in = job->in };

        job->code = -ENOMEM;
        if (job->in_size > INT_MAX)
                return;
        stream.avail_in = (uInt)job->in_size;
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                         Z_DEFAULT_STRATEGY) != Z_OK)
                return;
        uLong bound = deflateBound(&stream, job->in_size);
        job->out = malloc(bound);
        stream.next_out = job->out;
        stream.avail_out = (uInt)bound;
        if (job->out && deflate(&stream, Z_FINISH) == Z_STREAM_END) {
                job->out_size = stream.total_out;
                job->code = 0;
        }
        deflateEnd(&stream);
}

static eng_val bytes_gzip(eng *e, eng_args *args, void *data)
{
        eng_val bytes;

        if (!eng_args_get(e, args, "gzip", "v", &bytes))
                return NULL;
        return job_submit(data, e, bytes, 0, gzip_run);
}

static void lz4_encode_run(struct work *work)
{
        struct job *job = (struct job *)work;

        job->out = malloc(lz4_bound(job->in_size));
        job->out_size = job->out && job->in_size > 0 ? lz4_compress(job->in, job->in_size, job->out) : 0;
        job->code = job->out && (job->out_size > 0 || job->in_size == 0) ? 0 : -ENOMEM;
}

static eng_val bytes_lz4_encode(eng *e, eng_args *args, void *data)
{
        eng_val bytes;

        if (!eng_args_get(e, args, "lz4Encode", "v", &bytes))
                return NULL;
        return job_submit(data, e, bytes, 0, lz4_encode_run);
}

/* A byte stands for 255 at most: what a size of somebody's says is not taken at its word. */
static void lz4_decode_run(struct work *work)
{
        struct job *job = (struct job *)work;
        size_t most = (job->in_size + 1) * LZ4_GROWTH_MAX,
               room = job->room < (double)most ? (size_t)job->room : most;

        job->out = malloc(room + 1);
        job->code = !job->out ? -ENOMEM
                    : job->in_size == 0 && room == 0
                            ? 0
                            : lz4_decompress(job->in, job->in_size, job->out, room, &job->out_size);
}

static eng_val bytes_lz4_decode(eng *e, eng_args *args, void *data)
{
        eng_val bytes;
        double room;

        if (!eng_args_get(e, args, "lz4Decode", "vd", &bytes, &room))
                return NULL;
        return job_submit(data, e, bytes, room >= 0 ? room : 0, lz4_decode_run);
}

static const struct builtin_function bytes_functions[] = {
        { "gzip", 1, bytes_gzip },
        { "lz4Encode", 1, bytes_lz4_encode },
        { "lz4Decode", 2, bytes_lz4_decode },
        { NULL, 0, NULL },
};

static eng_val bytes_create(struct host *host, eng *e)
{
        return builtin_object(host, e, bytes_functions);
}

const struct builtin builtin_bytes = { "bytes", bytes_create };
