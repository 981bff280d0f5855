/* SPDX-License-Identifier: MPL-2.0 */
/*
 * XML by expat.
 *
 * The tree under construction hangs on `root`; `current` is the innermost open element. A refusal stops the
 * parser at once, with its reason in `error`. A document type declaration is refused as a whole: without it
 * there are no entities but the five of XML, so nothing can expand, and nothing can refer to the outside.
 */
#include "config.h"

#include <errno.h>
#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "runner/xml.h"

struct xml_reader {
        XML_Parser parser;
        struct xml_node *root, *current;
        unsigned depth, nodes;
        size_t text_size, text_room; /* of the text node that is growing: the last child of current */
        int refused;                 /* negative errno; 0: not */
        struct error *error;
};

static void node_free(struct xml_node *node)
{
        free(node->name);
        free(node->text);
        strv_free(node->attributes);
        free(node);
}

/* Leaf by leaf, without recursion. */
void xml_free(struct xml_node *root)
{
        struct xml_node *node = root;

        while (node) {
                if (node->first_child) {
                        struct xml_node *child = node->first_child;
                        node->first_child = child->next;
                        node = child;
                        continue;
                }
                struct xml_node *parent = node == root ? NULL : node->parent;
                node_free(node);
                node = parent;
        }
}

static void reader_refuse(struct xml_reader *reader, int code, const char *reason)
{
        if (reader->refused)
                return;
        reader->refused = error_set(reader->error, code, "line %lu, column %lu: %s",
                                    (unsigned long)XML_GetCurrentLineNumber(reader->parser),
                                    (unsigned long)XML_GetCurrentColumnNumber(reader->parser) + 1, reason);
        XML_StopParser(reader->parser, XML_FALSE);
}

/* Whether @count more nodes are within the bounds. */
static bool reader_count(struct xml_reader *reader, unsigned count)
{
        if (count > XML_NODES_MAX - reader->nodes) {
                reader_refuse(reader, EFBIG, "more than 200000 elements, attributes and texts");
                return false;
        }
        reader->nodes += count;
        return true;
}

static struct xml_node *reader_append(struct xml_reader *reader)
{
        struct xml_node *node = calloc(1, sizeof(*node));

        if (!node) {
                reader_refuse(reader, ENOMEM, "out of memory");
                return NULL;
        }
        node->parent = reader->current;
        node->line = (unsigned)XML_GetCurrentLineNumber(reader->parser);
        if (!reader->current)
                reader->root = node;
        else if (reader->current->last_child)
                reader->current->last_child->next = node;
        else
                reader->current->first_child = node;
        if (reader->current)
                reader->current->last_child = node;
        return node;
}

static char **attributes_copy(const XML_Char **attributes, unsigned count)
{
        char **copy = calloc(count + 1, sizeof(*copy));

        for (unsigned i = 0; copy && i < count; i++) {
                copy[i] = strdup(attributes[i]);
                if (!copy[i]) {
                        strv_free(copy);
                        return NULL;
                }
        }
        return copy;
}

static void element_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
        struct xml_reader *reader = data;
        unsigned count = 0;

        if (reader->refused)
                return;
        while (attributes[count])
                count++;
        if (reader->depth == XML_DEPTH_MAX) {
                reader_refuse(reader, EFBIG, "elements are nested more than 256 deep");
                return;
        }
        if (!reader_count(reader, 1 + count / 2))
                return;
        struct xml_node *node = reader_append(reader);
        if (!node)
                return;
        node->name = strdup(name);
        node->attributes = attributes_copy(attributes, count);
        if (!node->name || !node->attributes) {
                reader_refuse(reader, ENOMEM, "out of memory");
                return;
        }
        reader->current = node;
        reader->depth++;
}

static void element_end(void *data, const XML_Char *name)
{
        struct xml_reader *reader = data;

        if (reader->refused)
                return;
        reader->current = reader->current->parent;
        reader->depth--;
}

/* expat gives text in pieces, one a line at least; neighbours become one node. */
static void character_data(void *data, const XML_Char *text, int length)
{
        struct xml_reader *reader = data;
        size_t size = (size_t)length;

        if (reader->refused || !reader->current)
                return;
        struct xml_node *node = reader->current->last_child;
        if (!node || node->name) {
                if (!reader_count(reader, 1))
                        return;
                node = reader_append(reader);
                if (!node)
                        return;
                reader->text_size = reader->text_room = 0;
        }
        if (!node->text || reader->text_room - reader->text_size <= size) {
                size_t room = 2 * (reader->text_size + size) + 16;
                char *grown = realloc(node->text, room);
                if (!grown) {
                        reader_refuse(reader, ENOMEM, "out of memory");
                        return;
                }
                node->text = grown;
                reader->text_room = room;
        }
        memcpy(node->text + reader->text_size, text, size);
        reader->text_size += size;
        node->text[reader->text_size] = '\0';
}

static void doctype_start(void *data, const XML_Char *name, const XML_Char *system_id,
                          const XML_Char *public_id, int has_internal_subset)
{
        reader_refuse(data, EINVAL, "a document type declaration is not accepted");
}

static int reader_run(struct xml_reader *reader, const char *text, size_t size)
{
        XML_SetUserData(reader->parser, reader);
        XML_SetElementHandler(reader->parser, element_start, element_end);
        XML_SetCharacterDataHandler(reader->parser, character_data);
        XML_SetStartDoctypeDeclHandler(reader->parser, doctype_start);
        /* No memory of this size is ever needed twice, so the text goes in at once. */
        enum XML_Status status = XML_Parse(reader->parser, text, (int)size, XML_TRUE);
        if (reader->refused)
                return reader->refused;
        if (status == XML_STATUS_OK)
                return 0;
        enum XML_Error code = XML_GetErrorCode(reader->parser);
        return error_set(reader->error, code == XML_ERROR_NO_MEMORY ? ENOMEM : EINVAL,
                         "line %lu, column %lu: %s", (unsigned long)XML_GetCurrentLineNumber(reader->parser),
                         (unsigned long)XML_GetCurrentColumnNumber(reader->parser) + 1,
                         XML_ErrorString(code));
}

int xml_parse(const char *text, size_t size, struct xml_node **ret, struct error *error)
{
        struct xml_reader reader = { .error = error };

        if (size > XML_SIZE_MAX)
                return error_set(error, EFBIG, "larger than %zu bytes", XML_SIZE_MAX);
        reader.parser = XML_ParserCreate(NULL);
        if (!reader.parser)
                return error_set(error, ENOMEM, "out of memory");
        int r = reader_run(&reader, text, size);
        XML_ParserFree(reader.parser);
        if (r < 0) {
                xml_free(reader.root);
                return r;
        }
        *ret = reader.root;
        return 0;
}
