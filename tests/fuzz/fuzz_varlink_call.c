/* SPDX-License-Identifier: MPL-2.0 */
/* A call that is taken is, encoded again, the same call. */
#include "config.h"

#include <string.h>

#include "lib/varlink.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct varlink_call call = { 0 }, again = { 0 };
        struct error error = ERROR_INIT;
        size_t text_size;
        int r = varlink_call_decode((const char *)data, size, &call, &error);

        fuzz_require((r == 0) == (error.code == 0) && (r == 0) == (call.message != NULL));
        if (r < 0)
                return 0;
        fuzz_require(!(call.more && call.oneway));
        char *text = varlink_call_encode(call.method, call.parameters, call.more, &text_size);
        /* Numbers may become longer than they were written, which only a message near the limit notices. */
        fuzz_require(text || size > VARLINK_MESSAGE_MAX / 32);
        if (text) {
                fuzz_require(varlink_call_decode(text, text_size - 1, &again, &error) == 0);
                fuzz_require(strcmp(call.method, again.method) == 0 && call.more == again.more);
                fuzz_require(json_equal(call.parameters, again.parameters));
        }
        free(text);
        varlink_call_done(&call);
        varlink_call_done(&again);
        return 0;
}
