/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A cache of the last POLICIES_MAX tasks that were asked for, the latest in front.
 *
 * An entry is good while its fingerprint is, and once it is *settled*: files whose times lie close before the reading
 * may have changed within the same tick of the file system's clock, or between being read and being looked at. Until
 * nothing in the fingerprint is that young, it is read each time.
 */
#include "config.h"

#include "daemon/policies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/fingerprint.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/util.h"

#define POLICIES_MAX 256
#define POLICIES_SETTLED_US (100 * (int64_t)USEC_PER_MSEC)

struct policy_entry {
        TAILQ_ENTRY(policy_entry) all;
        char *task;
        struct policy *policy;
        struct fingerprint *fingerprint;
        bool settled;
};

struct policies {
        TAILQ_HEAD(policy_list, policy_entry) entries;
        size_t count;
        bool system_instance;
        char **directories;
};

/* What is handed out when there is no memory for another. */
static struct policy no_memory = { .text = (char *)"", .error = (char *)"out of memory" };

void policy_unref(struct policy *policy)
{
        if (!policy || policy == &no_memory || --policy->references > 0)
                return;
        task_file_done(&policy->file);
        free(policy->text);
        free(policy->error);
        free(policy);
}

static char *errors_describe(char *const *errors)
{
        size_t count = strv_length(errors);

        return count == 1 ? strdup(errors[0])
                          : format_string("%s (and %zu more: bgtaskctl verify)", errors[0], count - 1);
}

/* NULL: out of memory. */
static struct policy *policy_load(const struct policies *policies, const char *task)
{
        struct policy *policy = calloc(1, sizeof(*policy));

        if (!policy)
                return NULL;
        policy->references = 1;
        if (task_file_load(policies->directories, task, policies->system_instance, &policy->file) < 0) {
                free(policy);
                return NULL;
        }
        if (policy->file.errors) {
                policy->error = errors_describe(policy->file.errors);
                task_policy_done(
                        &policy->file.policy); /* for a run that has begun: nothing beyond the default */
        }
        policy->text = policy->error ? strdup("") : task_policy_format(&policy->file.policy);
        if (!policy->text || (policy->file.errors && !policy->error)) {
                policy_unref(policy);
                return NULL;
        }
        return policy;
}

/* ---- entries ---- */

static void entry_free(struct policies *policies, struct policy_entry *entry)
{
        TAILQ_REMOVE(&policies->entries, entry, all);
        policies->count--;
        policy_unref(entry->policy);
        fingerprint_free(entry->fingerprint);
        free(entry->task);
        free(entry);
}

static struct fingerprint *fingerprint_take(const struct policies *policies, const struct policy *policy)
{
        struct fingerprint *fingerprint = fingerprint_new();
        int r = fingerprint ? 0 : -ENOMEM;

        for (char **path = policies->directories; r == 0 && *path; path++)
                r = fingerprint_add(fingerprint, *path);
        for (char **path = policy->file.watched; r == 0 && path && *path; path++)
                r = fingerprint_add(fingerprint, *path);
        if (r < 0) {
                fingerprint_free(fingerprint);
                return NULL;
        }
        return fingerprint;
}

static int entry_read(const struct policies *policies, struct policy_entry *entry)
{
        int64_t began_us = clock_realtime_us();
        struct policy *policy = policy_load(policies, entry->task);
        struct fingerprint *fingerprint = policy ? fingerprint_take(policies, policy) : NULL;

        if (!fingerprint) {
                policy_unref(policy);
                return -ENOMEM;
        }
        bool known = entry->policy && entry->policy->error && policy->error &&
                     strcmp(entry->policy->error, policy->error) == 0;
        if (policy->error && !known)
                log_error("task %s: %s", entry->task, policy->error);
        policy_unref(entry->policy);
        fingerprint_free(entry->fingerprint);
        entry->policy = policy;
        entry->fingerprint = fingerprint;
        entry->settled = fingerprint_newest_us(fingerprint) < began_us - POLICIES_SETTLED_US;
        return 0;
}

static struct policy_entry *entry_find(struct policies *policies, const char *task)
{
        struct policy_entry *entry;

        TAILQ_FOREACH(entry, &policies->entries, all)
        if (strcmp(entry->task, task) == 0) {
                TAILQ_REMOVE(&policies->entries, entry, all);
                TAILQ_INSERT_HEAD(&policies->entries, entry, all);
                return entry;
        }
        entry = calloc(1, sizeof(*entry));
        if (!entry || !(entry->task = strdup(task))) {
                free(entry);
                return NULL;
        }
        while (policies->count >= POLICIES_MAX)
                entry_free(policies, TAILQ_LAST(&policies->entries, policy_list));
        TAILQ_INSERT_HEAD(&policies->entries, entry, all);
        policies->count++;
        return entry;
}

struct policy *policies_get(struct policies *policies, const char *task)
{
        struct policy_entry *entry = entry_find(policies, task);

        if (!entry)
                return &no_memory;
        if ((!entry->settled || fingerprint_changed(entry->fingerprint)) && entry_read(policies, entry) < 0) {
                entry_free(policies, entry); /* what it says may be out of date */
                return &no_memory;
        }
        entry->policy->references++;
        return entry->policy;
}

void policies_forget(struct policies *policies)
{
        struct policy_entry *entry;

        while ((entry = TAILQ_FIRST(&policies->entries)))
                entry_free(policies, entry);
}

struct policies *policies_new(bool system_instance)
{
        struct policies *policies = calloc(1, sizeof(*policies));

        if (!policies)
                return NULL;
        TAILQ_INIT(&policies->entries);
        policies->system_instance = system_instance;
        policies->directories = task_file_directories(system_instance);
        if (!policies->directories) {
                free(policies);
                return NULL;
        }
        return policies;
}

void policies_free(struct policies *policies)
{
        if (!policies)
                return;
        policies_forget(policies);
        strv_free(policies->directories);
        free(policies);
}
