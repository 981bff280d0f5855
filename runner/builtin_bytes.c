/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.bytes: what is computed from bytes and may take long; each function answers with a promise.
 *
 *   gzip(bytes) -> Uint8Array           the format of gzip(1), without a name and a time
 *   deflate(bytes, window) -> Uint8Array  what zlib makes of it; @window is zlib's windowBits: the frame
 *   inflate(bytes, window, size) -> Uint8Array or null: it is not whole, or it is of more than @size bytes
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
#include "runner/inflate.h"
#include "runner/lz4.h"
#include "runner/work.h"

#define GZIP_MEMORY 8
#define LZ4_GROWTH_MAX 255

struct job {
        struct work work;
        uint8_t *in, *out; /* malloc'd */
        size_t in_size, out_size;
        double room; /* for what comes out */
        int window;  /* zlib's windowBits */
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

static eng_val job_submit(struct host *host, eng *e, eng_val bytes, const struct job *wanted)
{
        struct job *job = calloc(1, sizeof(*job));
        size_t size;
        const void *content = job ? eng_to_bytes(e, bytes, &size) : NULL;

        if (!content) {
                free(job);
                return eng_pending(e) ? NULL : eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        *job = *wanted;
        job->work.result = job_result;
        job->work.free = job_free;
        job->in = malloc(size + 1);
        job->in_size = size;
        if (!job->in) {
                free(job);
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        memcpy(job->in, content, size);
        return work_submit(host, e, &job->work);
}

static void deflate_run(struct work *work)
{
        struct job *job = (struct job *)work;
        z_stream stream = { .next_in = job->in };

        job->code = -ENOMEM;
        if (job->in_size > INT_MAX)
                return;
        stream.avail_in = (uInt)job->in_size;
        if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, job->window, GZIP_MEMORY,
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
        return job_submit(data, e, bytes,
                          &(struct job){ .work.run = deflate_run, .window = INFLATE_GZIP_WINDOW });
}

static bool window_check(eng *e, int32_t window)
{
        if (inflate_window_valid(window))
                return true;
        eng_throw(e, ENG_E_RANGE, "no window %d", window);
        return false;
}

static eng_val bytes_deflate(eng *e, eng_args *args, void *data)
{
        eng_val bytes;
        int32_t window;

        if (!eng_args_get(e, args, "deflate", "vi", &bytes, &window) || !window_check(e, window))
                return NULL;
        return job_submit(data, e, bytes, &(struct job){ .work.run = deflate_run, .window = window });
}

static void inflate_run(struct work *work)
{
        struct job *job = (struct job *)work;

        job->code = inflate_whole(job->in, job->in_size, job->window, (size_t)job->room, &job->out,
                                  &job->out_size);
}

static eng_val bytes_inflate(eng *e, eng_args *args, void *data)
{
        eng_val bytes;
        int32_t window;
        double room;

        if (!eng_args_get(e, args, "inflate", "vid", &bytes, &window, &room) || !window_check(e, window))
                return NULL;
        if (!(room >= 0 && room < INT_MAX))
                return eng_throw(e, ENG_E_RANGE, "inflate: room for %g bytes", room);
        return job_submit(data, e, bytes,
                          &(struct job){ .work.run = inflate_run, .window = window, .room = room });
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
        return job_submit(data, e, bytes, &(struct job){ .work.run = lz4_encode_run });
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
        return job_submit(data, e, bytes,
                          &(struct job){ .work.run = lz4_decode_run, .room = room >= 0 ? room : 0 });
}

static const struct builtin_function bytes_functions[] = {
        { "deflate", 2, bytes_deflate },      { "gzip", 1, bytes_gzip },
        { "inflate", 3, bytes_inflate },      { "lz4Encode", 1, bytes_lz4_encode },
        { "lz4Decode", 2, bytes_lz4_decode }, { NULL, 0, NULL },
};

static eng_val bytes_create(struct host *host, eng *e)
{
        return builtin_object(host, e, bytes_functions);
}

const struct builtin builtin_bytes = { "bytes", bytes_create };
