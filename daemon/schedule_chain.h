/* SPDX-License-Identifier: MPL-2.0 */
/* Which task's runs follow on the end of which other's: a graph of names that is to stay without a circle. Pure. */
#ifndef DAEMON_SCHEDULE_CHAIN_H
#define DAEMON_SCHEDULE_CHAIN_H

#include <stdbool.h>

#include "lib/cleanup.h"

struct schedule_chain;

/* NULL: out of memory. */
struct schedule_chain *schedule_chain_new(void);
void schedule_chain_free(struct schedule_chain *chain);
CLEANUP_DEFINE(struct schedule_chain, schedule_chain_free);
/* Runs of @task follow on those of @after, once more. Nothing is checked. -ENOMEM. */
int schedule_chain_add(struct schedule_chain *chain, const char *after, const char *task);
/* The next task that follows on another one, in the order in which they became that, each once; NULL: all were told of.
 * Its own. */
const char *schedule_chain_next(struct schedule_chain *chain);
/* Once less. */
void schedule_chain_remove(struct schedule_chain *chain, const char *after, const char *task);
/* Whether there is a circle anywhere. */
bool schedule_chain_is_circular(struct schedule_chain *chain);
/* Whether a run of @task leads to one of @wanted, itself included: *ret is then the way there, "a -> b -> c", malloc'd;
 * else NULL. Looks at what follows on @task, each once. -ENOMEM. */
int schedule_chain_find(struct schedule_chain *chain, const char *task, const char *wanted, char **ret);

#endif
