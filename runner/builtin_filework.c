/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.fileWork: what native.files does at once, done by the thread of runner/work.h. Each function answers with a promise
 * of what the function of that name there returns.
 *
 *   read(path, offset, max) readText(path) write(path, bytes or string, how, mode) copy(from, to) removeTree(path)
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/denial.h"
#include "runner/files.h"
#include "runner/work.h"

enum what { WORK_READ, WORK_READ_TEXT, WORK_WRITE, WORK_COPY, WORK_REMOVE };

struct file_work {
        struct work work;
        enum what what;
        char *path, *other; /* malloc'd */
        uint8_t *bytes;     /* malloc'd: what was read, or is written */
        size_t size;
        double offset, max;
        int how, mode;
        int outcome;
};

static void file_work_run(struct work *work)
{
        struct file_work *file = (struct file_work *)work;

        switch (file->what) {
        case WORK_READ:
        case WORK_READ_TEXT:
                file->outcome = file_read_part(file->path, file->offset, file->max, &file->bytes,
                                               &file->size);
                break;
        case WORK_WRITE:
                file->outcome = file_write(file->path, file->bytes, file->size, file->how,
                                           (mode_t)file->mode);
                break;
        case WORK_COPY:
                file->outcome = file_copy(file->path, file->other);
                break;
        case WORK_REMOVE:
                file->outcome = tree_remove(AT_FDCWD, file->path, NULL);
                break;
        }
}

/* That the sandbox refused it, if that is why it failed. */
static void file_work_denied(const struct file_work *file)
{
        static const enum denial_access accesses[] = {
                [WORK_READ] = DENIAL_READ, [WORK_READ_TEXT] = DENIAL_READ, [WORK_WRITE] = DENIAL_WRITE,
                [WORK_COPY] = DENIAL_READ, [WORK_REMOVE] = DENIAL_MAKE,
        };
        int error = file->outcome <= WRITE_FAILED ? WRITE_FAILED - file->outcome : -file->outcome;

        denial_file(accesses[file->what], file->path, error);
        if (file->other)
                denial_file(DENIAL_WRITE, file->other, error);
}

static eng_val text_result(const struct file_work *file, eng *e)
{
        const char *text = (const char *)file->bytes;
        size_t skip = file->size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

        return utf8_is_valid(text + skip, file->size - skip) ? eng_string(e, text + skip, file->size - skip)
                                                             : eng_number(e, -EILSEQ);
}

static eng_val file_work_result(struct work *work, eng *e)
{
        struct file_work *file = (struct file_work *)work;

        if (file->outcome < 0) {
                file_work_denied(file);
                return eng_number(e, file->outcome);
        }
        switch (file->what) {
        case WORK_READ:
                return eng_uint8array_take(e, steal_pointer(file->bytes), file->size);
        case WORK_READ_TEXT:
                return text_result(file, e);
        case WORK_WRITE:
                return eng_number(e, (double)file->size);
        case WORK_COPY:
        case WORK_REMOVE:
                break;
        }
        return eng_number(e, 0);
}

static void file_work_free(struct work *work)
{
        struct file_work *file = (struct file_work *)work;

        free(file->path);
        free(file->other);
        free(file->bytes);
        free(file);
}

/* @other may be NULL. NULL: exception pending. */
static struct file_work *file_work_new(eng *e, enum what what, const char *path, const char *other)
{
        struct file_work *file = calloc(1, sizeof(*file));

        if (file) {
                file->work = (struct work){ .run = file_work_run,
                                            .result = file_work_result,
                                            .free = file_work_free };
                file->what = what;
                file->max = -1;
                file->path = strdup(path);
                file->other = other ? strdup(other) : NULL;
                if (file->path && (!other || file->other))
                        return file;
                file_work_free(&file->work);
        }
        eng_throw(e, ENG_E_INTERNAL, "out of memory");
        return NULL;
}

static eng_val file_work_read(eng *e, eng_args *args, void *data)
{
        const char *path;
        double offset = 0, max = -1;

        if (!eng_args_get(e, args, "read", "s|dd", &path, &offset, &max))
                return NULL;
        struct file_work *file = file_work_new(e, WORK_READ, path, NULL);
        if (!file)
                return NULL;
        file->offset = offset;
        file->max = max;
        return work_submit(data, e, &file->work);
}

static eng_val submit_path(struct host *host, eng *e, eng_args *args, enum what what)
{
        const char *path;

        if (!eng_args_get(e, args, "fileWork", "s", &path))
                return NULL;
        struct file_work *file = file_work_new(e, what, path, NULL);
        return file ? work_submit(host, e, &file->work) : NULL;
}

static eng_val file_work_read_text(eng *e, eng_args *args, void *data)
{
        return submit_path(data, e, args, WORK_READ_TEXT);
}

static eng_val file_work_remove(eng *e, eng_args *args, void *data)
{
        return submit_path(data, e, args, WORK_REMOVE);
}

static eng_val file_work_write(eng *e, eng_args *args, void *data)
{
        const char *path;
        eng_val content;
        int32_t how, mode;
        size_t size = 0;

        if (!eng_args_get(e, args, "write", "svii", &path, &content, &how, &mode))
                return NULL;
        const void *bytes = eng_typeof(e, content) == ENG_STRING ? eng_to_string(e, content, &size)
                                                                 : eng_to_bytes(e, content, &size);
        struct file_work *file = bytes ? file_work_new(e, WORK_WRITE, path, NULL) : NULL;
        if (!file)
                return NULL;
        file->bytes = malloc(size + 1);
        if (!file->bytes) {
                file_work_free(&file->work);
                return eng_throw(e, ENG_E_INTERNAL, "out of memory");
        }
        memcpy(file->bytes, bytes, size);
        file->size = size;
        file->how = how;
        file->mode = mode;
        return work_submit(data, e, &file->work);
}

static eng_val file_work_copy(eng *e, eng_args *args, void *data)
{
        const char *from, *to;

        if (!eng_args_get(e, args, "copy", "ss", &from, &to))
                return NULL;
        struct file_work *file = file_work_new(e, WORK_COPY, from, to);
        return file ? work_submit(data, e, &file->work) : NULL;
}

static const struct builtin_function file_work_functions[] = {
        { "read", 3, file_work_read },   { "readText", 1, file_work_read_text },
        { "write", 4, file_work_write }, { "removeTree", 1, file_work_remove },
        { "copy", 2, file_work_copy },   { NULL, 0, NULL },
};

static eng_val file_work_create(struct host *host, eng *e)
{
        return builtin_object(host, e, file_work_functions);
}

const struct builtin builtin_filework = { "fileWork", file_work_create };
