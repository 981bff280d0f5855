/* SPDX-License-Identifier: MPL-2.0 */
/*
 * native.xml: parse(bytes or string) -> [name, [attribute, value, ...], [children], line], where a child is a
 * string or such a list again. Xml.sys.mjs makes elements of it. SyntaxError "line L, column C: ...".
 */
#include "config.h"

#include <errno.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/xml.h"
#include "runner/xml_events.h"

CLEANUP_DEFINE(struct xml_node, xml_free);

static eng_val node_value(eng *e, const struct xml_node *node)
{
        eng_scope scope;
        uint32_t count = 0;

        if (!node->name)
                return eng_cstring(e, node->text ? node->text : "");
        eng_scope_open(e, &scope);
        eng_val attributes = eng_array(e, 0, NULL), children = eng_array(e, 0, NULL);
        for (uint32_t i = 0; node->attributes[i]; i++)
                if (!eng_set_at(e, attributes, i, eng_cstring(e, node->attributes[i])))
                        return eng_scope_close(e, &scope, NULL);
        /* The depth is bounded by XML_DEPTH_MAX. */
        for (const struct xml_node *child = node->first_child; child; child = child->next)
                if (!eng_set_at(e, children, count++, node_value(e, child)))
                        return eng_scope_close(e, &scope, NULL);
        const eng_val parts[] = { eng_cstring(e, node->name), attributes, children,
                                  eng_number(e, node->line) };
        return eng_scope_close(e, &scope, eng_array(e, ARRAY_SIZE(parts), parts));
}

static eng_val xml_parse_value(eng *e, eng_args *args, void *data)
{
        _cleanup_(xml_free_cleanup) struct xml_node *root = NULL;
        struct error error = ERROR_INIT;
        eng_val input = eng_arg(args, 0);
        const char *text;
        size_t size;

        text = eng_typeof(e, input) == ENG_BYTES ? eng_to_bytes(e, input, &size)
                                                 : eng_to_string(e, input, &size);
        if (!text)
                return NULL;
        if (xml_parse(text, size, &root, &error) < 0)
                return eng_throw(e, ENG_E_SYNTAX, "%s", error.text);
        return node_value(e, root);
}

/* The list that is being filled. */
struct event_list {
        eng *e;
        eng_val list;
        uint32_t length;
};

static bool event_push(struct event_list *events, eng_val v)
{
        return eng_set_at(events->e, events->list, events->length++, v);
}

static bool on_event(void *data, enum xml_event event, const struct xml_position *position,
                     const char *const *strings, size_t count)
{
        struct event_list *events = data;
        eng *e = events->e;
        size_t attributes = count / 2;
        eng_scope scope;

        eng_scope_open(e, &scope);
        bool pushed = event_push(events, eng_number(e, event));
        for (size_t i = 0; pushed && i < count; i++) {
                pushed = event_push(events, eng_cstring(e, strings[i]));
                if (i == 0 && event == XML_EVENT_START)
                        pushed = pushed && event_push(events, eng_number(e, position->line)) &&
                                 event_push(events, eng_number(e, position->column)) &&
                                 event_push(events, eng_number(e, (double)attributes));
        }
        eng_scope_close(e, &scope, NULL);
        return pushed;
}

/*
 * events(text): { events, failure }. events is flat: the number of an event (enum xml_event), then its strings; after the
 * name of an element its line, its column and the number of its attributes. failure: null, or [message, line, column].
 */
static eng_val xml_events_value(eng *e, eng_args *args, void *data)
{
        struct error error = ERROR_INIT;
        struct event_list events = { .e = e, .list = eng_array(e, 0, NULL) };
        struct xml_position at;
        const char *text;
        size_t size;

        if (!eng_args_get(e, args, "events", "S", &text, &size) || !events.list)
                return NULL;
        int r = xml_events(text, size, on_event, &events, &error, &at);
        if (eng_pending(e) || eng_terminating(e))
                return NULL;
        const eng_val failure[] = {
                eng_cstring(e, r < 0 ? error.text : ""),
                eng_number(e, at.line),
                eng_number(e, at.column),
        };
        eng_val result = eng_object(e);
        if (!eng_set(e, result, "events", events.list) ||
            !eng_set(e, result, "failure", r < 0 ? eng_array(e, ARRAY_SIZE(failure), failure) : ENG_NUL))
                return NULL;
        return result;
}

static const struct builtin_function xml_functions[] = {
        { "events", 1, xml_events_value },
        { "parse", 1, xml_parse_value },
        { NULL, 0, NULL },
};

static eng_val xml_create(struct host *host, eng *e)
{
        return builtin_object(host, e, xml_functions);
}

const struct builtin builtin_xml = { "xml", xml_create };
