/* SPDX-License-Identifier: MPL-2.0 */
/* XML as events, for DOMParser: what is told, where errors are, and that the limits hold. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/xml.h"
#include "runner/xml_events.h"

static bool print_event(void *data, enum xml_event event, const struct xml_position *position,
                        const char *const *strings, size_t count)
{
        FILE *out = data;

        fprintf(out, "%d", (int)event);
        for (size_t i = 0; i < count; i++)
                fprintf(out, "[%s]", strings[i]);
        if (event == XML_EVENT_START)
                fprintf(out, "@%u:%u", position->line, position->column);
        fputc(' ', out);
        return true;
}

static const struct {
        const char *text;
        int result;
        const char *events;
        unsigned line, column; /* of what is wrong */
        const char *message;
} documents[] = {
        { "<a/>", 0, "1[a]@1:1 2 ", 0, 0, NULL },
        { "<a b='1' c=\"&lt;\">x</a>", 0, "1[a][b][1][c][<]@1:1 3[x] 2 ", 0, 0, NULL },
        { "<!--c--><a>\n <b/></a><?p d?>", 0, "8[c] 1[a]@1:9 3[\n] 3[ ] 1[b]@2:2 2 2 7[p][d] ", 0, 0, NULL },
        { "<a><![CDATA[x<\n]]><![CDATA[]]></a>", 0, "1[a]@1:1 4[x<\n] 4[] 2 ", 0, 0, NULL },
        { "<!DOCTYPE a SYSTEM 's'><a/>", 0, "10[a][s][] 1[a]@1:24 2 ", 0, 0, NULL },
        { "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", -EINVAL, "", 1, 1,
          "a document type with declarations is not accepted" },
        { "<a><b></a>", -EINVAL, "1[a]@1:1 1[b]@1:4 ", 1, 9, "mismatched tag" },
        { "", -EINVAL, "", 1, 1, "no element found" },
        { "<a>\n&x;</a>", -EINVAL, "1[a]@1:1 3[\n] ", 2, 1, "undefined entity" },
};

START_TEST(documents_are_told)
{
        _cleanup_free_ char *events = NULL;
        struct error error = ERROR_INIT;
        struct xml_position at;
        size_t size;

        FILE *out = open_memstream(&events, &size);
        int r = xml_events(documents[_i].text, strlen(documents[_i].text), print_event, out, &error, &at);
        fclose(out);
        ck_assert_int_eq(r, documents[_i].result);
        if (!documents[_i].message || *documents[_i].events)
                ck_assert_str_eq(events, documents[_i].events);
        if (documents[_i].message) {
                ck_assert_uint_eq(at.line, documents[_i].line);
                ck_assert_str_eq(error.text, documents[_i].message);
        }
        if (documents[_i].column > 1)
                ck_assert_uint_eq(at.column, documents[_i].column);
}
END_TEST

static bool count_event(void *data, enum xml_event event, const struct xml_position *position,
                        const char *const *strings, size_t count)
{
        unsigned *left = data;

        return (*left)-- > 0;
}

START_TEST(limits_hold)
{
        struct error error = ERROR_INIT;
        struct xml_position at;
        unsigned left = XML_NODES_MAX;
        char deep[3 * (XML_DEPTH_MAX + 1) + 1];

        for (unsigned i = 0; i <= XML_DEPTH_MAX; i++)
                memcpy(deep + (size_t)3 * i, "<a>", 3);
        ck_assert_int_eq(xml_events(deep, sizeof(deep) - 1, count_event, &left, &error, &at), -EFBIG);
        left = 1;
        ck_assert_int_eq(xml_events("<a><b/></a>", 11, count_event, &left, &error, &at), -ECANCELED);
        ck_assert_int_eq(xml_events("", XML_SIZE_MAX + 1, count_event, &left, &error, &at), -EFBIG);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("xml_events");
        TCase *all = tcase_create("xml_events");

        tcase_add_loop_test(all, documents_are_told, 0, (int)ARRAY_SIZE(documents));
        tcase_add_test(all, limits_hold);
        suite_add_tcase(suite, all);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
