/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/output.h"

#include <errno.h>

#include "client/records.h"
#include "tests/unit/unit.h"

static const struct {
        const char *text;
        const char *data; /* NULL: refused */
        size_t size;
} base64[] = {
        { "", "", 0 },
        { "Zg==", "f", 1 },
        { "Zm8=", "fo", 2 },
        { "Zm9v", "foo", 3 },
        { "Zm9vYg==", "foob", 4 },
        { "AP/+", "\0\xff\xfe", 3 },
        { "+/+/", "\xfb\xff\xbf", 3 },
        { "Z", NULL, 0 },
        { "Zg", NULL, 0 },
        { "Zg=", NULL, 0 },
        { "Zg===", NULL, 0 },
        { "====", NULL, 0 },
        { "=", NULL, 0 },
        { "Z===", NULL, 0 },
        { "Zh==", NULL, 0 }, /* bits behind the end */
        { "Zm9=", NULL, 0 },
        { "Zg==Zg==", NULL, 0 },
        { "Zm9v\n", NULL, 0 },
        { "Zm 9", NULL, 0 },
        { "-_-_", NULL, 0 },
};

START_TEST(test_base64)
{
        unsigned char *data = NULL;
        size_t size = 0;
        int r = output_base64_decode(base64[_i].text, strlen(base64[_i].text), &data, &size);

        ck_assert_int_eq(r, base64[_i].data ? 0 : -EBADMSG);
        if (r == 0) {
                ck_assert_uint_eq(size, base64[_i].size);
                ck_assert_mem_eq(data, base64[_i].data, size);
        }
        free(data);
}
END_TEST

/* A record of 5 dropped bytes at 10, then "abcdef" at 15 to 21. */
static const struct {
        int64_t to;
        bool left;
        int64_t offset, dropped;
        const char *data;
} skips[] = {
        { 0, true, 10, 5, "abcdef" },  { 10, true, 10, 5, "abcdef" }, { 12, true, 12, 3, "abcdef" },
        { 15, true, 15, 0, "abcdef" }, { 17, true, 17, 0, "cdef" },   { 20, true, 20, 0, "f" },
        { 21, false, 0, 0, "" },       { 99, false, 0, 0, "" },
};

START_TEST(test_skip)
{
        struct output_piece piece = { .offset = 10, .dropped = 5, .data = "abcdef", .size = 6 };

        ck_assert_int_eq(output_skip_to(&piece, skips[_i].to), skips[_i].left);
        if (!skips[_i].left)
                return;
        ck_assert_int_eq(piece.offset, skips[_i].offset);
        ck_assert_int_eq(piece.dropped, skips[_i].dropped);
        ck_assert_uint_eq(piece.size, strlen(skips[_i].data));
        ck_assert_mem_eq(piece.data, skips[_i].data, piece.size);
}
END_TEST

/* A gap alone, of which a part was shown. */
START_TEST(test_skip_gap)
{
        struct output_piece piece = { .offset = 10, .dropped = 5, .data = "" };

        ck_assert(output_skip_to(&piece, 13));
        ck_assert_int_eq(piece.dropped, 2);
        ck_assert_uint_eq(piece.size, 0);
        ck_assert(!output_skip_to(&piece, 15));
}
END_TEST

static const struct {
        const char *json;
        const char *data; /* NULL: refused */
        bool to_stderr;
        int64_t dropped;
} records[] = {
        { "{\"stream\":\"stdout\",\"offset\":0,\"at\":1,\"text\":\"x\\ny\"}", "x\ny", false, 0 },
        { "{\"stream\":\"stderr\",\"offset\":0,\"at\":1,\"base64\":\"Zm9v\"}", "foo", true, 0 },
        { "{\"stream\":\"stderr\",\"offset\":0,\"at\":1,\"dropped\":7}", "", true, 7 },
        { "{\"stream\":\"stdout\",\"offset\":0,\"at\":1,\"text\":\"\"}", "", false, 0 },
        { "{\"stream\":\"stdin\",\"offset\":0,\"at\":1,\"text\":\"x\"}", NULL, false, 0 },
        { "{\"stream\":\"stdout\",\"offset\":-1,\"at\":1,\"text\":\"x\"}", NULL, false, 0 },
        { "{\"stream\":\"stdout\",\"offset\":9223372036854775807,\"at\":1,\"text\":\"x\"}", NULL, false, 0 },
        { "{\"stream\":\"stdout\",\"offset\":0,\"at\":1,\"dropped\":-7}", NULL, false, 0 },
        { "{\"stream\":\"stdout\",\"offset\":0,\"at\":1,\"base64\":\"Zm9\"}", NULL, false, 0 },
        { "{\"stream\":\"stdout\",\"offset\":0,\"text\":\"x\"}", NULL, false, 0 },
        { "{\"stream\":1,\"offset\":0,\"at\":1,\"text\":\"x\"}", NULL, false, 0 },
        { "[]", NULL, false, 0 },
};

START_TEST(test_decode)
{
        json_t *value = json_loads(records[_i].json, 0, NULL), *record = NULL;
        struct output_piece piece = { 0 };
        struct error error = ERROR_INIT;
        int r = record_read(record_output, "output", value, &record, &error);

        if (r == 0)
                r = output_decode(record, &piece, &error);
        ck_assert_int_eq(r, records[_i].data ? 0 : -EBADMSG);
        ck_assert_int_eq(error.text[0] != 0, r != 0);
        if (r == 0) {
                ck_assert_int_eq(piece.to_stderr, records[_i].to_stderr);
                ck_assert_int_eq(piece.dropped, records[_i].dropped);
                ck_assert_uint_eq(piece.size, strlen(records[_i].data));
                ck_assert(piece.size == 0 || memcmp(piece.data, records[_i].data, piece.size) == 0);
        }
        output_done(&piece);
        json_decref(record);
        json_decref(value);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_base64, 0, ARRAY_SIZE(base64));
        tcase_add_loop_test(test_case, test_skip, 0, ARRAY_SIZE(skips));
        tcase_add_test(test_case, test_skip_gap);
        tcase_add_loop_test(test_case, test_decode, 0, ARRAY_SIZE(records));
}

int main(void)
{
        return unit_main("client output", add);
}
