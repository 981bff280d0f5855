/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Small XML documents as a tree, for the answers of update servers.
 *
 * A document is text from outside: its size, depth and number of nodes are bounded, entities of its own and
 * document types are refused, and nothing outside of it is ever read.
 */
#ifndef RUNNER_XML_H
#define RUNNER_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

#define XML_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define XML_DEPTH_MAX 256
#define XML_NODES_MAX 200000 /* elements, attributes and pieces of text together */

/* An element, or (name NULL) a piece of text. Text is valid UTF-8, NUL-terminated. */
struct xml_node {
        char *name;
        char *text;
        char **attributes; /* name, value, name, value, NULL */
        struct xml_node *first_child, *last_child, *next, *parent;
        unsigned line;
};

/* Parse @size bytes. -EINVAL: not well-formed, or refused; -EFBIG: over a limit; @error says
 * "line L, column C: what is wrong". */
int xml_parse(const char *text, size_t size, struct xml_node **ret, struct error *error);
/* Accepts NULL. */
void xml_free(struct xml_node *root);

#endif
