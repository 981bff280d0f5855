/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "runner/xml_events.h"

#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "runner/xml.h"

struct events {
        XML_Parser parser;
        xml_event_fn fn;
        void *data;
        struct error *error;
        unsigned depth;
        unsigned nodes;
        bool in_cdata;
        char *cdata; /* of the section that is open */
        size_t cdata_size, cdata_room;
        int refused; /* negative errno; 0: not */
        struct xml_position refused_at;
};

static struct xml_position events_position(const struct events *events)
{
        return (struct xml_position){
                .line = (unsigned)XML_GetCurrentLineNumber(events->parser),
                .column = (unsigned)XML_GetCurrentColumnNumber(events->parser) + 1,
        };
}

static void events_refuse(struct events *events, int code, const char *reason)
{
        if (events->refused)
                return;
        events->refused = error_set(events->error, code, "%s", reason);
        events->refused_at = events_position(events);
        XML_StopParser(events->parser, XML_FALSE);
}

/* An event that makes @nodes nodes, if they are within the bounds. */
static void events_emit(struct events *events, enum xml_event event, unsigned nodes,
                        const char *const *strings, size_t count)
{
        struct xml_position position;

        if (events->refused)
                return;
        if (nodes > XML_NODES_MAX - events->nodes) {
                events_refuse(events, EFBIG, "more than 200000 elements, attributes and texts");
                return;
        }
        events->nodes += nodes;
        position = events_position(events);
        if (!events->fn(events->data, event, &position, strings, count))
                events_refuse(events, ECANCELED, "cancelled");
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
        struct events *events = data;
        const char *few[1 + 2 * 16];
        const char **strings = few;
        size_t count = 0;

        if (events->depth == XML_DEPTH_MAX) {
                events_refuse(events, EFBIG, "elements are nested more than 256 deep");
                return;
        }
        events->depth++;
        while (attributes[count])
                count++;
        if (1 + count > sizeof(few) / sizeof(few[0]))
                strings = calloc(1 + count, sizeof(*strings));
        if (!strings) {
                events_refuse(events, ENOMEM, "out of memory");
                return;
        }
        strings[0] = name;
        memcpy(strings + 1, attributes, count * sizeof(*strings));
        events_emit(events, XML_EVENT_START, 1 + (unsigned)(count / 2), strings, 1 + count);
        if (strings != few)
                free(strings);
}

static void on_end(void *data, const XML_Char *name)
{
        struct events *events = data;

        events->depth--;
        events_emit(events, XML_EVENT_END, 0, NULL, 0);
}

/* Room for @size more bytes of the section and a NUL. */
static bool cdata_grow(struct events *events, size_t size)
{
        size_t room = 2 * (events->cdata_size + size) + 16;

        if (events->cdata_room > events->cdata_size + size)
                return true;
        char *grown = realloc(events->cdata, room);
        if (!grown) {
                events_refuse(events, ENOMEM, "out of memory");
                return false;
        }
        events->cdata = grown;
        events->cdata_room = room;
        return true;
}

static void on_text(void *data, const XML_Char *text, int length)
{
        struct events *events = data;
        size_t size = (size_t)length;
        char small[256];

        if (events->in_cdata) {
                if (cdata_grow(events, size)) {
                        memcpy(events->cdata + events->cdata_size, text, size);
                        events->cdata_size += size;
                }
                return;
        }
        char *copy = size < sizeof(small) ? small : malloc(size + 1);
        if (!copy) {
                events_refuse(events, ENOMEM, "out of memory");
                return;
        }
        memcpy(copy, text, size);
        copy[size] = '\0';
        events_emit(events, XML_EVENT_TEXT, 1, (const char *const[]){ copy }, 1);
        if (copy != small)
                free(copy);
}

static void on_cdata_start(void *data)
{
        struct events *events = data;

        events->in_cdata = true;
        events->cdata_size = 0;
}

static void on_cdata_end(void *data)
{
        struct events *events = data;

        events->in_cdata = false;
        if (!cdata_grow(events, 0))
                return;
        events->cdata[events->cdata_size] = '\0';
        events_emit(events, XML_EVENT_CDATA, 1, (const char *const[]){ events->cdata }, 1);
}

static void on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
        events_emit(data, XML_EVENT_INSTRUCTION, 1, (const char *const[]){ target, text }, 2);
}

static void on_comment(void *data, const XML_Char *text)
{
        events_emit(data, XML_EVENT_COMMENT, 1, (const char *const[]){ text }, 1);
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                       int has_internal_subset)
{
        if (has_internal_subset) {
                events_refuse(data, EINVAL, "a document type with declarations is not accepted");
                return;
        }
        const char *const strings[] = { name, system_id ? system_id : "", public_id ? public_id : "" };
        events_emit(data, XML_EVENT_DOCTYPE, 1, strings, 3);
}

static int events_run(struct events *events, const char *text, size_t size, struct xml_position *ret_position)
{
        XML_SetUserData(events->parser, events);
        XML_SetElementHandler(events->parser, on_start, on_end);
        XML_SetCharacterDataHandler(events->parser, on_text);
        XML_SetCdataSectionHandler(events->parser, on_cdata_start, on_cdata_end);
        XML_SetProcessingInstructionHandler(events->parser, on_instruction);
        XML_SetCommentHandler(events->parser, on_comment);
        XML_SetStartDoctypeDeclHandler(events->parser, on_doctype);
        enum XML_Status status = XML_Parse(events->parser, text, (int)size, XML_TRUE);
        if (events->refused) {
                *ret_position = events->refused_at;
                return events->refused;
        }
        if (status == XML_STATUS_OK)
                return 0;
        enum XML_Error code = XML_GetErrorCode(events->parser);
        *ret_position = events_position(events);
        return error_set(events->error, code == XML_ERROR_NO_MEMORY ? ENOMEM : EINVAL, "%s",
                         XML_ErrorString(code));
}

int xml_events(const char *text, size_t size, xml_event_fn fn, void *data, struct error *error,
               struct xml_position *ret_position)
{
        struct events events = { .fn = fn, .data = data, .error = error };

        *ret_position = (struct xml_position){ 1, 1 };
        if (size > XML_SIZE_MAX)
                return error_set(error, EFBIG, "larger than %zu bytes", XML_SIZE_MAX);
        /* The text has been decoded, whatever its declaration says. */
        events.parser = XML_ParserCreate("UTF-8");
        if (!events.parser)
                return error_set(error, ENOMEM, "out of memory");
        int r = events_run(&events, text, size, ret_position);
        XML_ParserFree(events.parser);
        free(events.cdata);
        return r;
}
