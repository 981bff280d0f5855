/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/xml.h"

CLEANUP_DEFINE(struct xml_node, xml_free);

/* The tree in one line: name[attribute=value](child, child), text quoted. */
static void tree_print(FILE *out, const struct xml_node *node)
{
        if (!node->name) {
                fprintf(out, "'%s'", node->text);
                return;
        }
        fputs(node->name, out);
        for (size_t i = 0; node->attributes[i]; i += 2)
                fprintf(out, "[%s=%s]", node->attributes[i], node->attributes[i + 1]);
        if (!node->first_child)
                return;
        fputc('(', out);
        for (const struct xml_node *child = node->first_child; child; child = child->next) {
                tree_print(out, child);
                if (child->next)
                        fputc(' ', out);
        }
        fputc(')', out);
}

static const struct {
        const char *text;
        const char *tree;
} good[] = {
        { "<a/>", "a" },
        { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n</updates>\n", "updates('\n')" },
        { "<a b=\"1\" c='2'/>", "a[b=1][c=2]" },
        { "<a><b/><c>x</c>y</a>", "a(b c('x') 'y')" },
        { "<a>x<!-- comment -->y</a>", "a('xy')" },
        { "<a>1<b/>2<b>3</b>4</a>", "a('1' b '2' b('3') '4')" },
        { "<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>", "a('<&>\"'AB')" },
        { "<a><![CDATA[<b>]]></a>", "a('<b>')" },
        { "<a b=\"&#xe9;\"/>", "a[b=\xc3\xa9]" },
        { "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", "a('\xc3\xa9')" },
        { "<x:a xmlns:x='u'/>", "x:a[xmlns:x=u]" },
};

START_TEST(good_documents)
{
        _cleanup_(xml_free_cleanup) struct xml_node *root = NULL;
        _cleanup_free_ char *tree = NULL;
        struct error error = ERROR_INIT;
        size_t size;

        int r = xml_parse(good[_i].text, strlen(good[_i].text), &root, &error);
        ck_assert_msg(r == 0, "%s: %s", good[_i].text, error.text);
        FILE *out = open_memstream(&tree, &size);
        tree_print(out, root);
        fclose(out);
        ck_assert_str_eq(tree, good[_i].tree);
}
END_TEST

static const struct {
        const char *text;
        int result;
        const char *error; /* how it begins */
} bad[] = {
        { "", -EINVAL, "line 1, column 1: no element found" },
        { "text", -EINVAL, "line 1, column 1: " },
        { "<a>", -EINVAL, "line 1, column 4: no element found" },
        { "<a>\n  <b></a>", -EINVAL, "line 2, column 8: mismatched tag" },
        { "<a/><b/>", -EINVAL, "line 1, column 5: junk after document element" },
        { "<a b='1' b='2'/>", -EINVAL, "line 1, column 10: duplicate attribute" },
        { "<a>&unknown;</a>", -EINVAL, "line 1, column 4: undefined entity" },
        { "<a>\xff</a>", -EINVAL, "line 1, column 4: not well-formed" },
        { "<a>&#0;</a>", -EINVAL, "line 1, column 4: reference to invalid character number" },
        { "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", -EINVAL,
          "line 1, column 13: a document type declaration" },
        { "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", -EINVAL,
          "line 1, column 40: a document type declaration" },
        { "<?xml version='1.0' encoding='x-none'?><a/>", -EINVAL, "line 1, column 31: unknown encoding" },
};

START_TEST(bad_documents)
{
        struct xml_node *root = NULL;
        struct error error = ERROR_INIT;

        ck_assert_int_eq(xml_parse(bad[_i].text, strlen(bad[_i].text), &root, &error), bad[_i].result);
        ck_assert_ptr_null(root);
        ck_assert_msg(strncmp(error.text, bad[_i].error, strlen(bad[_i].error)) == 0,
                      "%s gave \"%s\", not \"%s\"", bad[_i].text, error.text, bad[_i].error);
}
END_TEST

/* @count times @piece in an element. malloc'd. */
static char *repeated(const char *piece, size_t count, const char *end, size_t *ret_size)
{
        char *text = NULL;
        FILE *out = open_memstream(&text, ret_size);

        fputs("<r>", out);
        for (size_t i = 0; i < count; i++)
                fputs(piece, out);
        for (size_t i = 0; end && i < count; i++)
                fputs(end, out);
        fputs("</r>", out);
        fclose(out);
        return text;
}

static const struct {
        const char *piece, *end;
        size_t count;
        int result;
} limits[] = {
        { "<a>", "</a>", XML_DEPTH_MAX - 1, 0 },
        { "<a>", "</a>", XML_DEPTH_MAX, -EFBIG },
        { "<a/>", NULL, XML_NODES_MAX - 1, 0 },
        { "<a/>", NULL, XML_NODES_MAX, -EFBIG },
        { "<a b=''/>", NULL, XML_NODES_MAX / 2, -EFBIG },
        { "0123456789abcdef", NULL, 100000, 0 },
        { "0123456789abcdef", NULL, XML_SIZE_MAX / 16, -EFBIG },
};

START_TEST(limits_hold)
{
        _cleanup_(xml_free_cleanup) struct xml_node *root = NULL;
        struct error error = ERROR_INIT;
        size_t size;
        _cleanup_free_ char *text = repeated(limits[_i].piece, limits[_i].count, limits[_i].end, &size);

        int r = xml_parse(text, size, &root, &error);
        ck_assert_msg(r == limits[_i].result, "%s x %zu gave %d: %s", limits[_i].piece, limits[_i].count, r,
                      error.text);
        ck_assert_int_eq(root == NULL, r < 0);
}
END_TEST

START_TEST(lines_are_kept)
{
        _cleanup_(xml_free_cleanup) struct xml_node *root = NULL;
        const char text[] = "<a>\n\n<b/></a>";

        ck_assert_int_eq(xml_parse(text, strlen(text), &root, NULL), 0);
        ck_assert_uint_eq(root->line, 1);
        ck_assert_uint_eq(root->last_child->line, 3);
        ck_assert_ptr_eq(root->last_child->parent, root);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("xml");
        TCase *all = tcase_create("xml");

        tcase_add_loop_test(all, good_documents, 0, (int)ARRAY_SIZE(good));
        tcase_add_loop_test(all, bad_documents, 0, (int)ARRAY_SIZE(bad));
        tcase_add_loop_test(all, limits_hold, 0, (int)ARRAY_SIZE(limits));
        tcase_add_test(all, lines_are_kept);
        suite_add_tcase(suite, all);
        SRunner *runner = srunner_create(suite);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
