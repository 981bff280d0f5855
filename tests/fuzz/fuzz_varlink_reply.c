/* SPDX-License-Identifier: MPL-2.0 */
/* A reply that is taken is, encoded again, the same reply. */
#include "config.h"

#include <string.h>

#include "lib/varlink.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct varlink_reply reply = { 0 }, again = { 0 };
        struct error error = ERROR_INIT;
        size_t text_size;
        int r = varlink_reply_decode((const char *)data, size, &reply, &error);

        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (reply.message != NULL));
        if (r < 0)
                return 0;
        char *text = varlink_reply_encode(reply.error, reply.parameters, reply.continues, &text_size);
        fuzz_require(text || size > VARLINK_MESSAGE_MAX / 32);
        if (text) {
                fuzz_require(varlink_reply_decode(text, text_size - 1, &again, &error) == 0);
                fuzz_require(reply.continues == again.continues && !reply.error == !again.error);
                fuzz_require(!reply.error || strcmp(reply.error, again.error) == 0);
                fuzz_require(json_equal(reply.parameters, again.parameters));
        }
        free(text);
        varlink_reply_done(&reply);
        varlink_reply_done(&again);
        return 0;
}
