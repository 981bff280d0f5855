/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/calendar_query.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/records.h"
#include "lib/civil.h"
#include "lib/cron.h"
#include "lib/util.h"

#define SECOND_US ((int64_t)USEC_PER_SEC)

/* ---- asking ---- */

static int word_find(const char *what, const char *word, const char *const words[3], struct error *error)
{
        for (int i = 0; i < 3; i++)
                if (!word || strcmp(word, words[i]) == 0)
                        return i;
        return error_set(error, EINVAL, "invalid %s: expected %s, %s or %s, found \"%s\"", what, words[0],
                         words[1], words[2], word);
}

static int policies_set(const struct calendar_query *query, struct calendar_clock *clock, struct error *error)
{
        static const char *const gaps[] = { "run-after", "skip", "shift" };
        static const char *const overlaps[] = { "first", "second", "both" };
        int gap = word_find("gap", query->gap, gaps, error);
        int overlap = gap < 0 ? gap : word_find("overlap", query->overlap, overlaps, error);

        if (overlap < 0)
                return overlap;
        clock->gap = (enum zone_gap)gap;
        clock->overlap = (enum zone_overlap)overlap;
        return 0;
}

/* 1: "@reboot". */
static int expression_parse(const struct calendar_query *query, const char *text, bool cron,
                            struct calendar **ret, struct error *error)
{
        int r = cron ? cron_parse(text, query->seed, ret, error) : calendar_parse(text, ret, error);

        return r < 0 ? error_prefix(error, "invalid expression \"%s\"", text) : r;
}

/* Add an expression to the set; its text goes to @texts, if it is one of those that elapse. */
static int expression_add(const struct calendar_query *query, const char *text, struct zones *zones,
                          struct calendar_answer *answer, json_t *texts, struct error *error)
{
        _cleanup_(calendar_free_cleanup) struct calendar *calendar = NULL;
        _cleanup_free_ char *normalized = NULL;
        struct calendar_clock clock = { 0 };
        int r = policies_set(query, &clock, error);

        if (r == 0)
                r = expression_parse(query, text, query->cron && texts, &calendar, error);
        if (r < 0)
                return r;
        const char *own = r == 0 ? calendar_zone(calendar) : NULL;
        if (zones_get(zones, own ? own : query->zone, &clock.zone, error) < 0)
                return own ? error_prefix(error, "invalid expression \"%s\"", text)
                           : error_prefix(error, "invalid zone");
        if (texts) {
                normalized = r == 1 ? strdup("@reboot") : calendar_format(calendar);
                if (!normalized || json_array_append_new(texts, json_string(normalized)) < 0)
                        return error_set(error, ENOMEM, "out of memory");
                answer->never = answer->never && r == 0 && !calendar_elapses(calendar);
        }
        if (!answer->zone)
                answer->zone = zone_ref(clock.zone);
        if (r == 0 && calendar_set_add(&answer->set, steal_pointer(calendar), &clock, !texts) < 0)
                return error_set(error, ENOMEM, "out of memory");
        return 0;
}

int calendar_query_answer(const struct calendar_query *query, struct zones *zones,
                          struct calendar_answer *ret, struct error *error)
{
        struct calendar_answer answer = { .never = true };
        _cleanup_json_ json_t *texts = json_array();
        int r = texts ? 0 : error_set(error, ENOMEM, "out of memory");

        for (char *const *text = query->expressions; r == 0 && *text; text++)
                r = expression_add(query, *text, zones, &answer, texts, error);
        if (r == 0 && query->except)
                r = expression_add(query, query->except, zones, &answer, NULL, error);
        if (r < 0) {
                calendar_answer_done(&answer);
                return r;
        }
        answer.normalized = json_incref(json_array_size(texts) == 1 ? json_array_get(texts, 0) : texts);
        *ret = answer;
        return 0;
}

void calendar_answer_done(struct calendar_answer *answer)
{
        calendar_set_done(&answer->set);
        json_decref(answer->normalized);
        zone_unref(answer->zone);
        *answer = (struct calendar_answer){ 0 };
}

/* ---- showing ---- */

/* ".5", ".000001": without zeros at the end; "" for none. Room for 8 bytes. */
static void fraction_format(int64_t us, char *ret)
{
        *ret = 0;
        if (us == 0)
                return;
        snprintf(ret, 8, ".%06d", (int)us);
        for (size_t length = strlen(ret); ret[length - 1] == '0'; length--)
                ret[length - 1] = 0;
}

void calendar_answer_local(const struct calendar_answer *answer, int64_t at_us, char ret[CALENDAR_LOCAL_MAX])
{
        int64_t at_s = civil_divide(at_us, SECOND_US);
        struct zone_stretch stretch;
        char fraction[8], seconds[8] = "";

        zone_stretch_at(answer->zone, at_s, &stretch);
        int64_t local_s = at_s + stretch.offset_s, day = civil_divide(local_s, CIVIL_DAY_SEC);
        struct civil date = civil_from_days(day);
        int time = (int)(local_s - day * CIVIL_DAY_SEC), offset = stretch.offset_s;
        unsigned ahead = (unsigned)(offset < 0 ? -offset : offset);
        fraction_format(at_us - at_s * SECOND_US, fraction);
        if (ahead % 60)
                snprintf(seconds, sizeof(seconds), ":%02u", ahead % 60);
        snprintf(ret, CALENDAR_LOCAL_MAX, "%04d-%02d-%02dT%02d:%02d:%02d%s%c%02u:%02u%s", date.year,
                 date.month, date.day, time / 3600, time / 60 % 60, time % 60, fraction,
                 offset < 0 ? '-' : '+', ahead / 3600, ahead / 60 % 60, seconds);
}

static void utc_print(int64_t at_us)
{
        int64_t whole = at_us / SECOND_US, part = at_us % SECOND_US;
        char fraction[8];

        fraction_format(part < 0 ? -part : part, fraction);
        printf("%s%" PRId64 "%s", at_us < 0 && whole == 0 ? "-" : "", whole, fraction);
}

/* Piece by piece: there may be a million times. */
void calendar_answer_print(const struct calendar_query *query, const struct calendar_answer *answer,
                           const char *database)
{
        struct calendar_elapse elapse = { .at_us = query->from_us };
        char local[CALENDAR_LOCAL_MAX];

        fputs("{\"normalized\":", stdout);
        json_dumpf(answer->normalized, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        printf(",\"zone\":\"%s\"", zone_name(answer->zone));
        if (database)
                printf(",\"zoneDatabase\":\"%s\"", database); /* letters, digits, "." and "-" */
        fputs(",\"next\":[", stdout);
        for (int64_t i = 0; i < query->iterations; i++) {
                if (!calendar_set_next(&answer->set, elapse.at_us, &elapse) || elapse.at_us > query->until_us)
                        break;
                calendar_answer_local(answer, elapse.at_us, local);
                fputs(i ? ",{\"utc\":" : "{\"utc\":", stdout);
                utc_print(elapse.at_us);
                printf(",\"local\":\"%s\",\"note\":\"%s\"}", local, calendar_note_text(elapse.note));
        }
        fputs("]}", stdout);
}
