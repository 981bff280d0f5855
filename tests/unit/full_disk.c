/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "tests/unit/full_disk.h"

#include <dirent.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/util.h"

struct file {
        sqlite3_file base;
        char path[512];
        sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *real_vfs;
static sqlite3_vfs vfs;
static const char *directory;
static uint64_t limit;
static int failure, failure_errno;

static sqlite3_file *real(sqlite3_file *file)
{
        return ((struct file *)file)->real;
}

static uint64_t allocated(const char *path)
{
        struct stat info;
        return stat(path, &info) == 0 ? MAX((uint64_t)info.st_blocks * 512, (uint64_t)info.st_size) : 0;
}

uint64_t full_disk_used(void)
{
        uint64_t used = 0;
        DIR *entries _cleanup_closedir_ = opendir(directory);
        struct dirent *entry;
        while (entries && (entry = readdir(entries))) {
                char *path _cleanup_free_ = path_join(directory, entry->d_name);
                if (entry->d_name[0] != '.')
                        used += allocated(path);
        }
        return used;
}

uint64_t full_disk_free(void)
{
        uint64_t used = full_disk_used();
        return limit > used ? limit - used : 0;
}

void full_disk_limit(uint64_t bytes)
{
        limit = bytes;
}

void full_disk_fail(int rc, int code)
{
        failure = rc;
        failure_errno = code;
}

static int file_close(sqlite3_file *file)
{
        return real(file)->pMethods->xClose(real(file));
}

static int file_read_at(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
        return real(file)->pMethods->xRead(real(file), data, size, offset);
}

static int file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
        if (failure)
                return failure;
        uint64_t end = (uint64_t)offset + (uint64_t)size, have = allocated(((struct file *)file)->path);
        if (end > have && end - have > full_disk_free())
                return SQLITE_FULL;
        return real(file)->pMethods->xWrite(real(file), data, size, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
        return real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
        return real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
        return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int lock)
{
        return real(file)->pMethods->xLock(real(file), lock);
}

static int file_unlock(sqlite3_file *file, int lock)
{
        return real(file)->pMethods->xUnlock(real(file), lock);
}

static int file_is_reserved(sqlite3_file *file, int *out)
{
        return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
        if (operation == SQLITE_FCNTL_LAST_ERRNO && failure) {
                *(int *)argument = failure_errno;
                return SQLITE_OK;
        }
        return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file)
{
        return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
        return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

/* Version 1, without shared memory: enough for the exclusive mode, and proof that nothing else is used. */
static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = file_close,
        .xRead = file_read_at,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_is_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector_size,
        .xDeviceCharacteristics = file_characteristics,
};

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *opened, int flags, int *ret_flags)
{
        struct file *file = (struct file *)opened;
        memset(file, 0, sizeof(*file));
        if (path)
                strncpy(file->path, path, sizeof(file->path) - 1);
        file->real = (sqlite3_file *)(file + 1);
        int rc = real_vfs->xOpen(real_vfs, path, file->real, flags, ret_flags);
        file->base.pMethods = file->real->pMethods ? &methods : NULL;
        return rc;
}

void full_disk_install(const char *path)
{
        directory = path;
        limit = UINT64_MAX;
        failure = 0;
        real_vfs = sqlite3_vfs_find("unix");
        vfs = *real_vfs;
        vfs.zName = "full-disk";
        vfs.szOsFile += (int)sizeof(struct file);
        vfs.xOpen = vfs_open;
        sqlite3_vfs_register(&vfs, 1);
}
