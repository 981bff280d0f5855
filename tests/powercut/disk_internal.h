/* SPDX-License-Identifier: MPL-2.0 */
/* The record, between disk_calls.c that writes it and disk.c that reads it. */
#ifndef TESTS_POWERCUT_DISK_INTERNAL_H
#define TESTS_POWERCUT_DISK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tests/powercut/disk.h"

struct disk_node {
        dev_t device;
        ino_t inode; /* 0: another file has it now */
        bool directory;
        char *content; /* at disk_begin() */
        size_t size;
};

struct disk_event {
        enum disk_event_kind {
                EVENT_WRITE,
                EVENT_RESIZE, /* to `offset` */
                EVENT_SYNC,
                EVENT_LOSE,     /* what was not synced never will be */
                EVENT_SYNC_DIR, /* of `name` */
                EVENT_CREATE,
                EVENT_RENAME,
                EVENT_UNLINK,
        } kind;
        int node;
        char *name, *to; /* below the root; "" is the root */
        off_t offset;
        char *data;
        size_t size;
};

extern struct disk_record {
        char *root; /* NULL: nothing is recorded */
        struct disk_node *nodes;
        size_t node_count;
        struct disk_event *events;
        size_t event_count, event_room;
        struct disk_name {
                char *name;
                int node;
        } * names; /* at disk_begin() */
        size_t name_count;
} disk;

int disk_node_add(dev_t device, ino_t inode, bool directory);
int disk_node_find(dev_t device, ino_t inode);
void *disk_alloc(size_t size); /* never NULL */
char *disk_copy(const char *text);

#endif
