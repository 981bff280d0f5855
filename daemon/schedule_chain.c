/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "daemon/schedule_chain.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"

struct node {
        char *name;
        struct edge *edges;
        struct node *all;  /* the next one of all */
        struct node *told; /* the next one for schedule_chain_next() */
        bool follows;      /* it is, or was, among those */
        size_t before;     /* nodes that it follows on and that are not done with */
        unsigned seen;     /* the last search that came here */
        struct node *from; /* from where it came */
        struct node *next; /* among those that it has still to look at */
};

struct edge {
        struct node *to;
        struct edge *next;
};

struct schedule_chain {
        void *nodes; /* a tree of <search.h> */
        struct node *all;
        struct node *first_told, *last_told;
        unsigned searches;
};

static int node_compare(const void *a, const void *b)
{
        return strcmp(((const struct node *)a)->name, ((const struct node *)b)->name);
}

static struct node *node_find(const struct schedule_chain *chain, const char *name)
{
        const struct node wanted = { .name = (char *)name };
        struct node **found = tfind(&wanted, &chain->nodes, node_compare);

        return found ? *found : NULL;
}

static void node_free(void *data)
{
        struct node *node = data;

        for (struct edge *edge = node->edges, *next; edge; edge = next) {
                next = edge->next;
                free(edge);
        }
        free(node->name);
        free(node);
}

/* Found, or made. */
static struct node *node_get(struct schedule_chain *chain, const char *name)
{
        struct node *node = node_find(chain, name);

        if (node)
                return node;
        node = calloc(1, sizeof(*node));
        if (!node || !(node->name = strdup(name)) || !tsearch(node, &chain->nodes, node_compare)) {
                if (node)
                        node_free(node);
                return NULL;
        }
        node->all = chain->all;
        chain->all = node;
        return node;
}

int schedule_chain_add(struct schedule_chain *chain, const char *after, const char *task)
{
        struct node *from = node_get(chain, after), *to = node_get(chain, task);
        struct edge *edge = from && to ? malloc(sizeof(*edge)) : NULL;

        if (!edge)
                return -ENOMEM;
        *edge = (struct edge){ to, from->edges };
        from->edges = edge;
        if (to->follows)
                return 0;
        to->follows = true;
        if (chain->last_told)
                chain->last_told->told = to;
        else
                chain->first_told = to;
        chain->last_told = to;
        return 0;
}

const char *schedule_chain_next(struct schedule_chain *chain)
{
        struct node *node = chain->first_told;

        if (!node)
                return NULL;
        chain->first_told = node->told;
        if (!chain->first_told)
                chain->last_told = NULL;
        return node->name;
}

void schedule_chain_remove(struct schedule_chain *chain, const char *after, const char *task)
{
        struct node *from = node_find(chain, after);

        for (struct edge **at = from ? &from->edges : NULL; at && *at; at = &(*at)->next) {
                struct edge *edge = *at;
                if (strcmp(edge->to->name, task) != 0)
                        continue;
                *at = edge->next;
                free(edge);
                return;
        }
}

/* Those that follow on nothing are taken away, then those that followed on these alone: a circle is what stays. */
bool schedule_chain_is_circular(struct schedule_chain *chain)
{
        struct node *first = NULL;
        size_t left = 0;

        for (struct node *node = chain->all; node; node = node->all)
                node->before = 0;
        for (struct node *node = chain->all; node; node = node->all)
                for (const struct edge *edge = node->edges; edge; edge = edge->next)
                        edge->to->before++;
        for (struct node *node = chain->all; node; node = node->all) {
                left++;
                if (node->before == 0) {
                        node->next = first;
                        first = node;
                }
        }
        for (struct node *node; (node = first); left--) {
                first = node->next;
                for (const struct edge *edge = node->edges; edge; edge = edge->next)
                        if (--edge->to->before == 0) {
                                edge->to->next = first;
                                first = edge->to;
                        }
        }
        return left > 0;
}

/* The way that a search took, from its end. */
static char *way_describe(const struct node *last)
{
        char *text = strdup(last->name);

        for (const struct node *node = last->from; text && node; node = node->from) {
                _cleanup_free_ char *behind = text;
                text = format_string("%s -> %s", node->name, behind);
        }
        return text;
}

int schedule_chain_find(struct schedule_chain *chain, const char *task, const char *wanted, char **ret)
{
        struct node *first = node_find(chain, task), *last = first;

        *ret = NULL;
        if (strcmp(task, wanted) == 0) {
                *ret = strdup(task);
                return *ret ? 0 : -ENOMEM;
        }
        chain->searches++;
        if (first) {
                first->seen = chain->searches;
                first->from = first->next = NULL;
        }
        for (struct node *node = first; node; node = node->next) {
                if (strcmp(node->name, wanted) == 0) {
                        *ret = way_describe(node);
                        return *ret ? 0 : -ENOMEM;
                }
                for (const struct edge *edge = node->edges; edge; edge = edge->next) {
                        if (edge->to->seen == chain->searches)
                                continue;
                        edge->to->seen = chain->searches;
                        edge->to->from = node;
                        edge->to->next = NULL;
                        last->next = edge->to;
                        last = edge->to;
                }
        }
        return 0;
}

struct schedule_chain *schedule_chain_new(void)
{
        return calloc(1, sizeof(struct schedule_chain));
}

void schedule_chain_free(struct schedule_chain *chain)
{
        if (!chain)
                return;
        tdestroy(chain->nodes, node_free);
        free(chain);
}
