/* SPDX-License-Identifier: MPL-2.0 */
/* The record, and what a cut leaves of it. */
#include "config.h"

#include "tests/powercut/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/powercut/disk_internal.h"

#define SECTOR 512

struct disk_record disk;

void *disk_alloc(size_t size)
{
        void *memory = calloc(1, size ? size : 1);
        if (!memory)
                abort();
        return memory;
}

char *disk_copy(const char *text)
{
        char *copy = disk_alloc(strlen(text) + 1);
        return strcpy(copy, text);
}

int disk_node_find(dev_t device, ino_t inode)
{
        for (size_t i = 0; i < disk.node_count; i++)
                if (disk.nodes[i].inode == inode && disk.nodes[i].device == device)
                        return (int)i;
        return -1;
}

int disk_node_add(dev_t device, ino_t inode, bool directory)
{
        int old = disk_node_find(device, inode);
        if (old >= 0)
                disk.nodes[old].inode = 0;
        disk.nodes = reallocarray(disk.nodes, disk.node_count + 1, sizeof(*disk.nodes));
        if (!disk.nodes)
                abort();
        disk.nodes[disk.node_count] =
                (struct disk_node){ .device = device, .inode = inode, .directory = directory };
        return (int)disk.node_count++;
}

static void node_load(struct disk_node *node, const char *path)
{
        FILE *file = fopen(path, "re");
        struct stat info;
        if (!file || fstat(fileno(file), &info) < 0)
                abort();
        node->size = (size_t)info.st_size;
        node->content = disk_alloc(node->size);
        if (fread(node->content, 1, node->size, file) != node->size)
                abort();
        fclose(file);
}

static void tree_load(const char *path, const char *name)
{
        struct stat info;
        if (lstat(path, &info) < 0)
                abort();
        bool directory = S_ISDIR(info.st_mode);
        int node = disk_node_add(info.st_dev, info.st_ino, directory);
        disk.names = reallocarray(disk.names, disk.name_count + 1, sizeof(*disk.names));
        if (!disk.names)
                abort();
        disk.names[disk.name_count++] = (struct disk_name){ disk_copy(name), node };
        if (!directory) {
                node_load(&disk.nodes[node], path);
                return;
        }
        DIR *entries = opendir(path);
        for (struct dirent *entry; entries && (entry = readdir(entries));) {
                char below[4096], at[4096];
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
                snprintf(at, sizeof(at), "%s%s%s", name, *name ? "/" : "", entry->d_name);
                tree_load(below, at);
        }
        closedir(entries);
}

void disk_begin(const char *root)
{
        char *real = realpath(root, NULL);
        if (!real)
                abort();
        disk_end();
        disk_fail(0, 0, 0, DISK_FAULT_ONCE);
        tree_load(real, "");
        disk.root = real;
}

void disk_end(void)
{
        free(disk.root);
        for (size_t i = 0; i < disk.node_count; i++)
                free(disk.nodes[i].content);
        for (size_t i = 0; i < disk.event_count; i++) {
                free(disk.events[i].name);
                free(disk.events[i].to);
                free(disk.events[i].data);
        }
        for (size_t i = 0; i < disk.name_count; i++)
                free(disk.names[i].name);
        free(disk.nodes);
        free(disk.events);
        free(disk.names);
        disk = (struct disk_record){ 0 };
}

size_t disk_now(void)
{
        return disk.event_count;
}

/* ---- a cut ---- */

struct image {
        char *data;
        size_t size;
        int *pending; /* events that are not on disk for sure */
        size_t pending_count;
};

struct cut {
        enum disk_mode mode;
        unsigned seed;
        struct image *images; /* of the nodes */
        struct disk_name *names;
        size_t name_count;
        int *pending; /* of names */
        size_t pending_count;
};

static unsigned chance(struct cut *cut, unsigned of)
{
        return (unsigned)rand_r(&cut->seed) % of;
}

static void image_resize(struct image *image, size_t size)
{
        if (size > image->size) {
                image->data = realloc(image->data, size);
                if (!image->data)
                        abort();
                memset(image->data + image->size, 0, size - image->size);
        }
        image->size = size;
}

static void image_write(struct image *image, const struct disk_event *event, size_t from, size_t size)
{
        size_t at = (size_t)event->offset + from;
        if (at + size > image->size)
                image_resize(image, at + size);
        memcpy(image->data + at, event->data + from, size);
}

static void image_apply(struct image *image, const struct disk_event *event)
{
        if (event->kind == EVENT_RESIZE)
                image_resize(image, (size_t)event->offset);
        else
                image_write(image, event, 0, event->size);
}

/* Sectors are whole, or not there. */
static void image_apply_part(struct cut *cut, struct image *image, const struct disk_event *event)
{
        if (event->kind == EVENT_RESIZE) {
                if (chance(cut, 2))
                        image_apply(image, event);
                return;
        }
        for (size_t at = 0; at < event->size;) {
                size_t size = SECTOR - ((size_t)event->offset + at) % SECTOR;
                if (size > event->size - at)
                        size = event->size - at;
                if (chance(cut, 2))
                        image_write(image, event, at, size);
                at += size;
        }
}

static void name_set(struct cut *cut, const char *name, int node)
{
        size_t i = 0;
        while (i < cut->name_count && strcmp(cut->names[i].name, name) != 0)
                i++;
        if (i == cut->name_count) {
                cut->names = reallocarray(cut->names, ++cut->name_count, sizeof(*cut->names));
                if (!cut->names)
                        abort();
                cut->names[i].name = disk_copy(name);
        }
        cut->names[i].node = node; /* -1: it is not there */
}

static int name_get(const struct cut *cut, const char *name)
{
        for (size_t i = 0; i < cut->name_count; i++)
                if (strcmp(cut->names[i].name, name) == 0)
                        return cut->names[i].node;
        return -1;
}

static void name_apply(struct cut *cut, const struct disk_event *event)
{
        if (event->kind == EVENT_RENAME) {
                int node = name_get(cut, event->name);
                name_set(cut, event->name, -1);
                name_set(cut, event->to, node);
        } else {
                name_set(cut, event->name, event->kind == EVENT_CREATE ? event->node : -1);
        }
}

static bool is_in(const char *name, const char *directory)
{
        const char *slash = strrchr(name, '/');
        size_t length = slash ? (size_t)(slash - name) : 0;
        return strlen(directory) == length && strncmp(name, directory, length) == 0;
}

static void sync_file(struct image *image, bool lose)
{
        for (size_t i = 0; i < image->pending_count && !lose; i++)
                image_apply(image, &disk.events[image->pending[i]]);
        image->pending_count = 0;
}

/* The journal has an order: what comes before a name of the directory is on disk as well. */
static void sync_directory(struct cut *cut, const char *directory)
{
        size_t done = 0;
        for (size_t i = 0; i < cut->pending_count; i++) {
                const struct disk_event *event = &disk.events[cut->pending[i]];
                if (is_in(event->name, directory) || (event->to && is_in(event->to, directory)))
                        done = i + 1;
        }
        for (size_t i = 0; i < done; i++)
                name_apply(cut, &disk.events[cut->pending[i]]);
        memmove(cut->pending, cut->pending + done, (cut->pending_count - done) * sizeof(int));
        cut->pending_count -= done;
}

static void replay(struct cut *cut, size_t moment)
{
        for (size_t i = 0; i < moment; i++) {
                const struct disk_event *event = &disk.events[i];
                struct image *image = &cut->images[event->node];
                switch (event->kind) {
                case EVENT_WRITE:
                case EVENT_RESIZE:
                        image->pending = reallocarray(image->pending, image->pending_count + 1, sizeof(int));
                        if (!image->pending)
                                abort();
                        image->pending[image->pending_count++] = (int)i;
                        break;
                case EVENT_SYNC:
                case EVENT_LOSE:
                        sync_file(image, event->kind == EVENT_LOSE);
                        break;
                case EVENT_SYNC_DIR:
                        sync_directory(cut, event->name);
                        break;
                case EVENT_CREATE:
                case EVENT_RENAME:
                case EVENT_UNLINK:
                        cut->pending[cut->pending_count++] = (int)i;
                        break;
                }
        }
}

/* What of the rest is there. */
static void settle(struct cut *cut)
{
        size_t names = cut->mode == DISK_DROP   ? 0
                       : cut->mode == DISK_KEEP ? cut->pending_count
                                                : chance(cut, (unsigned)cut->pending_count + 1);
        for (size_t i = 0; i < names; i++)
                name_apply(cut, &disk.events[cut->pending[i]]);

        for (size_t node = 0; node < disk.node_count; node++) {
                struct image *image = &cut->images[node];
                size_t count = image->pending_count;
                size_t whole = cut->mode == DISK_KEEP     ? count
                               : cut->mode == DISK_PREFIX ? chance(cut, (unsigned)count + 1)
                                                          : 0;
                for (size_t i = 0; i < count; i++) {
                        const struct disk_event *event = &disk.events[image->pending[i]];
                        if (i < whole)
                                image_apply(image, event);
                        else if (cut->mode == DISK_RANDOM || (cut->mode == DISK_PREFIX && i == whole))
                                image_apply_part(cut, image, event);
                }
        }
}

static void image_save(const struct image *image, const char *path)
{
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 || ftruncate(fd, (off_t)image->size) < 0)
                abort();
        /* Zeroes take no room: the reserves are large. */
        for (size_t at = 0; at < image->size; at += 4096) {
                static const char zero[4096];
                size_t size = image->size - at < 4096 ? image->size - at : 4096;
                if (memcmp(image->data + at, zero, size) != 0 &&
                    pwrite(fd, image->data + at, size, (off_t)at) != (ssize_t)size)
                        abort();
        }
        close(fd);
}

static int compare(const void *a, const void *b)
{
        return strcmp(((const struct disk_name *)a)->name, ((const struct disk_name *)b)->name);
}

static void save(struct cut *cut, const char *to)
{
        /* A directory comes before what is in it. */
        qsort(cut->names, cut->name_count, sizeof(*cut->names), compare);
        for (size_t i = 0; i < cut->name_count; i++) {
                char path[4096];
                const struct disk_name *name = &cut->names[i];
                snprintf(path, sizeof(path), "%s%s%s", to, *name->name ? "/" : "", name->name);
                if (name->node < 0)
                        continue;
                if (!disk.nodes[name->node].directory) {
                        image_save(&cut->images[name->node], path);
                } else if (mkdir(path, 0700) < 0) {
                        fprintf(stderr, "%s: %s\n", path, strerror(errno));
                        abort();
                }
        }
}

void disk_cut(size_t moment, enum disk_mode mode, unsigned seed, const char *to)
{
        char *root = disk.root;
        struct cut cut = { .mode = mode, .seed = seed };
        disk.root = NULL; /* what is done here is not recorded */
        cut.images = disk_alloc(disk.node_count * sizeof(*cut.images));
        cut.pending = disk_alloc(moment * sizeof(int));
        for (size_t i = 0; i < disk.node_count; i++)
                image_resize(&cut.images[i], disk.nodes[i].size);
        for (size_t i = 0; i < disk.node_count; i++)
                if (disk.nodes[i].size > 0)
                        memcpy(cut.images[i].data, disk.nodes[i].content, disk.nodes[i].size);
        for (size_t i = 0; i < disk.name_count; i++)
                name_set(&cut, disk.names[i].name, disk.names[i].node);

        replay(&cut, moment);
        settle(&cut);
        save(&cut, to);

        for (size_t i = 0; i < disk.node_count; i++) {
                free(cut.images[i].data);
                free(cut.images[i].pending);
        }
        for (size_t i = 0; i < cut.name_count; i++)
                free(cut.names[i].name);
        free(cut.images);
        free(cut.names);
        free(cut.pending);
        disk.root = root;
}
