/* SPDX-License-Identifier: MPL-2.0 */
/* The input is an interface description, then NUL, then parameters to be checked against all of it. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "lib/json.h"
#include "lib/util.h"
#include "lib/varlink_idl.h"
#include "tests/fuzz/fuzz.h"

/* 0, or -EINVAL with the field and what was expected of it. */
static void require_verdict(int r, char *field, struct error *error)
{
        fuzz_require(r == 0 || r == -EINVAL);
        fuzz_require((r == 0) == (field == NULL) && (r == 0) == (error->code == 0));
        if (field)
                fuzz_require(utf8_is_valid(error->text, strlen(error->text)));
        free(field);
        error->code = 0;
}

static void check_all(const struct varlink_interface *interface, json_t *parameters)
{
        struct error error = ERROR_INIT;
        const char *name;

        for (size_t i = 0; (name = varlink_interface_method(interface, i)); i++)
                for (int direction = VARLINK_IN; direction <= VARLINK_OUT; direction++) {
                        char *field = NULL;
                        int r = varlink_interface_check_method(interface, name,
                                                               (enum varlink_direction)direction, parameters,
                                                               &field, &error);
                        require_verdict(r, field, &error);
                }
        for (size_t i = 0; (name = varlink_interface_error(interface, i)); i++) {
                char *field = NULL;
                int r = varlink_interface_check_error(interface, name, parameters, &field, &error);
                require_verdict(r, field, &error);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *text = (const char *)data;
        const char *end = size ? memchr(text, 0, size) : NULL;
        size_t length = end ? (size_t)(end - text) : size;
        struct varlink_interface *interface = NULL;
        struct error error = ERROR_INIT;
        json_t *parameters = NULL;

        if (size > 65536)
                return 0; /* descriptions are our own: names in them are compared one by one */
        int r = varlink_interface_parse("f", text, length, &interface, &error);
        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (interface != NULL));
        if (r < 0)
                return 0;
        if (end)
                (void)json_decode(end + 1, size - length - 1, &parameters, NULL);
        check_all(interface, parameters);
        json_decref(parameters);
        varlink_interface_free(interface);
        return 0;
}
