/* SPDX-License-Identifier: MPL-2.0 */
/* org.varlink.service: what is served here. */
#include "config.h"

#include <string.h>

#include "daemon/request.h"
#include "schema/embed.h"

void request_get_info(struct request *request)
{
        json_t *interfaces = json_array();

        for (const struct schema_interface *schema = schema_interfaces; interfaces && schema->name; schema++)
                if (json_array_append_new(interfaces, json_string(schema->name)) < 0) {
                        json_decref(interfaces);
                        interfaces = NULL;
                }
        request_reply(request,
                      interfaces ? json_pack("{s:s, s:s, s:s, s:s, s:o}", "vendor", PACKAGE_NAME, "product",
                                             PACKAGE_NAME, "version", PACKAGE_VERSION, "url", PACKAGE_URL,
                                             "interfaces", interfaces)
                                 : NULL,
                      false);
}

void request_get_interface_description(struct request *request)
{
        const char *name = request_string(request, "interface");

        for (const struct schema_interface *schema = schema_interfaces; schema->name; schema++)
                if (strcmp(schema->name, name) == 0) {
                        request_reply(request, json_pack("{s:s%}", "description", schema->text, schema->size),
                                      false);
                        return;
                }
        request_error(request, VARLINK_ERROR_INTERFACE_NOT_FOUND, json_pack("{s:s}", "interface", name));
}
