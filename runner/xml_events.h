/* SPDX-License-Identifier: MPL-2.0 */
/*
 * An XML document as events, with all that is in it, for DOMParser. The limits are those of xml.h; a document type
 * with declarations in it is refused, so that there are no entities but the five.
 */
#ifndef RUNNER_XML_EVENTS_H
#define RUNNER_XML_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/* Numbers that DomParser.sys.mjs uses, too: those of the DOM, where it has some. */
enum xml_event {
        XML_EVENT_START = 1, /* strings: name, then name and value of each attribute */
        XML_EVENT_END = 2,
        XML_EVENT_TEXT = 3,        /* a piece of it */
        XML_EVENT_CDATA = 4,       /* all of a section */
        XML_EVENT_INSTRUCTION = 7, /* target, data */
        XML_EVENT_COMMENT = 8,
        XML_EVENT_DOCTYPE = 10, /* name, system id, public id; "" where there is none */
};

struct xml_position {
        unsigned line;
        unsigned column; /* from 1, in bytes */
};

/* Called for each event; strings are UTF-8 and good for the call. False ends the parsing. */
typedef bool (*xml_event_fn)(void *data, enum xml_event event, const struct xml_position *position,
                             const char *const *strings, size_t count);

/* 0; -EINVAL: not well-formed or refused, -EFBIG: over a limit, -ENOMEM, with the reason in @error and the place in
 * @ret_position; -ECANCELED: @fn said so. */
int xml_events(const char *text, size_t size, xml_event_fn fn, void *data, struct error *error,
               struct xml_position *ret_position);

#endif
