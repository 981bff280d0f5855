/* SPDX-License-Identifier: MPL-2.0 */
/* A document is a tree within the bounds, or an error with its position; never both. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/util.h"
#include "runner/xml.h"
#include "runner/xml_events.h"
#include "tests/fuzz/fuzz.h"

static unsigned tree_check(const struct xml_node *node, unsigned depth)
{
        unsigned count = 1;

        fuzz_require(node->line > 0);
        if (!node->name) {
                fuzz_require(node->text && !node->first_child && !node->attributes);
                fuzz_require(utf8_is_valid(node->text, strlen(node->text)));
                return count;
        }
        fuzz_require(depth <= XML_DEPTH_MAX && *node->name && !node->text);
        fuzz_require(utf8_is_valid(node->name, strlen(node->name)));
        fuzz_require(strv_length(node->attributes) % 2 == 0);
        for (size_t i = 0; node->attributes[i]; i++)
                fuzz_require(utf8_is_valid(node->attributes[i], strlen(node->attributes[i])));
        count += (unsigned)strv_length(node->attributes) / 2;
        const struct xml_node *last = NULL;
        for (const struct xml_node *child = node->first_child; child; child = child->next) {
                fuzz_require(child->parent == node);
                /* Neighbouring texts are one. */
                fuzz_require(!last || last->name || child->name);
                count += tree_check(child, depth + 1);
                last = child;
        }
        fuzz_require(last == node->last_child);
        return count;
}

/* What events say must fit together. */
struct seen {
        unsigned depth, events;
};

static bool on_event(void *data, enum xml_event event, const struct xml_position *position,
                     const char *const *strings, size_t count)
{
        struct seen *seen = data;

        fuzz_require(position->line > 0 && position->column > 0);
        for (size_t i = 0; i < count; i++)
                fuzz_require(utf8_is_valid(strings[i], strlen(strings[i])));
        if (event == XML_EVENT_START) {
                fuzz_require(count % 2 == 1);
                seen->depth++;
        }
        if (event == XML_EVENT_END)
                fuzz_require(seen->depth-- > 0);
        fuzz_require(seen->depth <= XML_DEPTH_MAX);
        seen->events++;
        return true;
}

static void events_check(const uint8_t *data, size_t size)
{
        struct seen seen = { 0 };
        struct error error = ERROR_INIT;
        struct xml_position at;

        int r = xml_events((const char *)data, size, on_event, &seen, &error, &at);
        fuzz_require(r == 0 || r == -EINVAL || r == -EFBIG);
        fuzz_require((r == 0) == (error.code == 0) && at.line > 0);
        fuzz_require(r < 0 || (seen.depth == 0 && seen.events >= 2));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        events_check(data, size);
        struct xml_node *root = NULL;
        struct error error = ERROR_INIT;

        int r = xml_parse((const char *)data, size, &root, &error);
        fuzz_require((r == 0) == (root != NULL) && (r == 0) == (error.code == 0));
        if (r < 0) {
                fuzz_require(r == -EINVAL || r == -EFBIG);
                fuzz_require(strncmp(error.text, "line ", 5) == 0);
                return 0;
        }
        fuzz_require(root->name && !root->parent && !root->next);
        fuzz_require(tree_check(root, 1) <= XML_NODES_MAX);
        xml_free(root);
        return 0;
}
