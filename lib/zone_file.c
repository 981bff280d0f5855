/* SPDX-License-Identifier: MPL-2.0 */
/*
 * TZif files (RFC 9636): a header, a block with 32-bit times, and from version 2 on a second header, the same block with
 * 64-bit times, and a line with the rule for all that comes later. Leap seconds are passed over.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/civil.h"
#include "lib/cleanup.h"
#include "lib/util.h"
#include "lib/zone_internal.h"

#define HEADER_SIZE 44
#define TYPE_SIZE 6
#define RULE_TEXT_MAX 256
/* Of transitions before the year 1 only the last is of interest, so that all times fit in microseconds. */
#define FLOOR_S INT64_C(-62135596800)
/* Of the rule alone, where a file has no transitions. */
#define RULE_YEAR_FIRST 1900

CLEANUP_DEFINE(struct zone, zone_unref);

struct block {
        const unsigned char *times, *kinds, *types, *names, *end;
        uint32_t time_count, type_count, name_size;
        size_t time_size;
};

static uint32_t read_u32(const unsigned char *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t read_time(const unsigned char *p, size_t size)
{
        if (size == 4)
                return (int32_t)read_u32(p);
        return (int64_t)((uint64_t)read_u32(p) << 32 | read_u32(p + 4));
}

/* The header and block at @data of the file's last @size bytes. */
static int block_parse(const unsigned char *data, size_t size, size_t time_size, struct block *ret,
                       struct error *error)
{
        uint32_t
                counts[6]; /* of UT flags, standard flags, leap seconds, transitions, types, bytes of names */

        if (size < HEADER_SIZE || memcmp(data, "TZif", 4) != 0)
                return error_set(error, EINVAL, "expected a header that begins with TZif");
        for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
                counts[i] = read_u32(data + 20 + 4 * i);
        struct block block = {
                .times = data + HEADER_SIZE,
                .time_count = counts[3],
                .type_count = counts[4],
                .name_size = counts[5],
                .time_size = time_size,
        };
        if (block.type_count < 1 || block.type_count > ZONE_TYPES_MAX)
                return error_set(error, EINVAL, "expected 1 to %d types of local time, found %u",
                                 ZONE_TYPES_MAX, block.type_count);
        if ((counts[0] != 0 && counts[0] != block.type_count) ||
            (counts[1] != 0 && counts[1] != block.type_count))
                return error_set(error, EINVAL, "expected as many flags as types of local time, or none");
        if (block.name_size == 0)
                return error_set(error, EINVAL, "expected names of the types of local time, found none");
        uint64_t need = (uint64_t)block.time_count * (time_size + 1) +
                        (uint64_t)block.type_count * TYPE_SIZE + block.name_size +
                        (uint64_t)counts[2] * (time_size + 4) + counts[1] + counts[0];
        if (need > size - HEADER_SIZE)
                return error_set(error, EINVAL, "expected %llu bytes behind the header, found %zu",
                                 (unsigned long long)need, size - HEADER_SIZE);
        block.kinds = block.times + (size_t)block.time_count * time_size;
        block.types = block.kinds + block.time_count;
        block.names = block.types + (size_t)block.type_count * TYPE_SIZE;
        block.end = block.times + need;
        *ret = block;
        return 0;
}

static int type_parse(const struct block *block, size_t index, struct zone_type *ret, struct error *error)
{
        const unsigned char *data = block->types + index * TYPE_SIZE;
        int32_t offset_s = (int32_t)read_u32(data);
        const char *name = (const char *)block->names + data[5];

        if (offset_s <= -ZONE_OFFSET_MAX || offset_s >= ZONE_OFFSET_MAX)
                return error_set(error, EINVAL, "expected an offset of less than 26 hours, found %d seconds",
                                 offset_s);
        if (data[4] > 1)
                return error_set(error, EINVAL, "expected 0 or 1 as the daylight saving flag, found %u",
                                 data[4]);
        size_t room = data[5] < block->name_size ? block->name_size - data[5] : 0;
        size_t length = strnlen(name, MIN(room, (size_t)ZONE_ABBREVIATION_MAX));
        if (length == 0 || length == MIN(room, (size_t)ZONE_ABBREVIATION_MAX))
                return error_set(error, EINVAL,
                                 "expected a name of 1 to %d characters of a type of local time",
                                 ZONE_ABBREVIATION_MAX - 1);
        if (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")])
                return error_set(error, EINVAL,
                                 "expected letters, digits, + and - in the name of a type of "
                                 "local time");
        ret->offset_s = offset_s;
        ret->dst = data[4];
        memcpy(ret->name, name, length + 1);
        return 0;
}

/* The line behind the last block. */
static int footer_parse(const unsigned char *data, size_t size, struct zone_rule *ret, struct error *error)
{
        char text[RULE_TEXT_MAX];
        const unsigned char *end = size > 0 && data[0] == '\n' ? memchr(data + 1, '\n', size - 1) : NULL;

        if (!end)
                return error_set(error, EINVAL, "expected a line with a rule behind the transitions");
        size_t length = (size_t)(end - data) - 1;
        if (length >= sizeof(text) || memchr(data + 1, 0, length))
                return error_set(error, EINVAL, "expected a rule of at most %zu characters",
                                 sizeof(text) - 1);
        memcpy(text, data + 1, length);
        text[length] = 0;
        return zone_rule_parse(text, ret, error);
}

static int transitions_read(const struct block *block, struct zone *zone, struct error *error)
{
        int64_t last_s = INT64_MIN;

        for (uint32_t i = 0; i < block->time_count; i++) {
                int64_t at_s = read_time(block->times + (size_t)i * block->time_size, block->time_size);
                if (i > 0 && at_s <= last_s)
                        return error_set(error, EINVAL, "expected transitions in ascending order");
                if (block->kinds[i] >= block->type_count)
                        return error_set(error, EINVAL, "expected a type below %u, found %u",
                                         block->type_count, block->kinds[i]);
                last_s = at_s;
                if (at_s > civil_to_days(ZONE_YEAR_LAST + 1, 1, 1) * CIVIL_DAY_SEC)
                        continue;
                zone->transitions[zone->transition_count++] =
                        (struct zone_transition){ .at_s = MAX(at_s, FLOOR_S), .type = block->kinds[i] };
                /* Several before the year 1 are one: the last. */
                size_t count = zone->transition_count;
                if (count > 1 && zone->transitions[count - 2].at_s == zone->transitions[count - 1].at_s) {
                        zone->transitions[count - 2] = zone->transitions[count - 1];
                        zone->transition_count--;
                }
        }
        return 0;
}

/* Carry the rule's changes on behind the transitions of the file. There is room. */
static void rule_expand(const struct zone_rule *rule, struct zone *zone)
{
        struct zone_change changes[2];
        int year = RULE_YEAR_FIRST;
        uint16_t first_type = (uint16_t)zone->type_count;

        memcpy(zone->types + zone->type_count, rule->types, sizeof(rule->types));
        zone->type_count += ARRAY_SIZE(rule->types);
        if (zone->transition_count > 0) {
                int64_t last_s = zone->transitions[zone->transition_count - 1].at_s;
                year = MAX(year, civil_from_days(civil_divide(last_s, CIVIL_DAY_SEC)).year);
        } else {
                zone->types[0] = rule->types[0];
        }
        for (; year <= ZONE_YEAR_LAST; year++) {
                zone_rule_year(rule, year, changes);
                for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
                        struct zone_transition *last =
                                zone->transition_count ? &zone->transitions[zone->transition_count - 1]
                                                       : NULL;
                        struct zone_transition next = { changes[i].at_s,
                                                        (uint16_t)(first_type + changes[i].type) };
                        /* Daylight saving time all the year round ends when it begins. */
                        if (last && last->at_s == next.at_s)
                                *last = next;
                        else if (!last || last->at_s < next.at_s)
                                zone->transitions[zone->transition_count++] = next;
                }
        }
}

static int zone_build(const char *name, const struct block *block, const struct zone_rule *rule,
                      struct zone **ret, struct error *error)
{
        size_t more = rule->has_dst ? 2 * (ZONE_YEAR_LAST - RULE_YEAR_FIRST + 1) : 0;
        _cleanup_(zone_unref_cleanup) struct zone *zone = NULL;
        int r = 0;

        if (block->time_count > ZONE_TRANSITIONS_MAX)
                return error_set(error, EINVAL, "expected at most %d transitions, found %u",
                                 ZONE_TRANSITIONS_MAX, block->time_count);
        zone = zone_new(name, block->type_count + ARRAY_SIZE(rule->types), block->time_count + more);
        if (!zone)
                return error_set(error, ENOMEM, "out of memory");
        for (; r == 0 && zone->type_count < block->type_count; zone->type_count++)
                r = type_parse(block, zone->type_count, &zone->types[zone->type_count], error);
        if (r == 0)
                r = transitions_read(block, zone, error);
        if (r < 0)
                return r;
        zone->rule = *rule;
        if (rule->has_dst)
                rule_expand(rule, zone);
        if (zone_finish(zone) < 0)
                return error_set(error, ENOMEM, "out of memory");
        *ret = steal_pointer(zone);
        return 0;
}

int zone_decode(const char *name, const void *data, size_t size, struct zone **ret, struct error *error)
{
        const unsigned char *bytes = data, *end = bytes + size;
        struct zone_rule rule = { 0 };
        struct block block;
        int r = size > ZONE_FILE_MAX ? error_set(error, EINVAL, "expected at most %d bytes", ZONE_FILE_MAX)
                                     : block_parse(bytes, size, 4, &block, error);

        if (r == 0 && bytes[4] != 0) {
                if (bytes[4] < '2' || bytes[4] > '4')
                        return error_set(error, EINVAL, "expected a file of version 1 to 4");
                r = block_parse(block.end, (size_t)(end - block.end), 8, &block, error);
                if (r == 0)
                        r = footer_parse(block.end, (size_t)(end - block.end), &rule, error);
        }
        return r < 0 ? r : zone_build(name, &block, &rule, ret, error);
}
