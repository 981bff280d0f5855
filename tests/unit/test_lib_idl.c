/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/varlink_idl.h"

#include <errno.h>

#include "schema/embed.h"
#include "tests/unit/unit.h"

#define I "interface a.b\n"

static const struct {
        const char *text;
        const char *error; /* NULL: good */
} descriptions[] = {
        { "interface a.b", NULL },
        { "# c\n interface # c\n org.example.more-complicated.x1 # c", NULL },
        { I "type T (a: int, b: ?[]string, c: [string](x, y), d: ?T, e: object)", NULL },
        { I "type E (one, two_2)\nerror X ()\nmethod M(a: E)->(b: (c: bool, d: float))", NULL },
        { I "type T (type: int, method: string, error: bool, interface: float)", NULL },
        { I "method Later(a: T) -> ()\ntype T ()", NULL },
        { "", "f:1: expected \"interface\", found the end of the file" },
        { "type T ()", "f:1: expected \"interface\", found \"type\"" },
        { "interfaces a.b", "f:1: expected \"interface\", found \"interfaces\"" },
        { "interface a", "f:1: expected an interface's name such as org.example.thing, found \"a\"" },
        { "interface a..b", "f:1: expected an interface's name such as org.example.thing, found \"a..b\"" },
        { "interface a.b.", "f:1: expected an interface's name such as org.example.thing, found \"a.b.\"" },
        { "interface a-.b", "f:1: expected an interface's name such as org.example.thing, found \"a-.b\"" },
        { "interface 1a.b", "f:1: expected an interface's name such as org.example.thing, found \"1a.b\"" },
        { I "thing T ()", "f:2: expected type, method or error, found \"thing\"" },
        { I "type t ()", "f:2: expected a name that begins with a capital letter, found \"t\"" },
        { I "type T_x ()", "f:2: expected a name that begins with a capital letter, found \"T_x\"" },
        { I "type T", "f:2: expected \"(\", found the end of the file" },
        { I "type T int", "f:2: expected \"(\", found \"int\"" },
        { I "type T (a: int", "f:2: expected \",\" or \")\", found the end of the file" },
        { I "type T (a: int,)", "f:2: expected a field's name, found \")\"" },
        { I "type T (a: int b: int)", "f:2: expected \",\" or \")\", found \"b\"" },
        { I "type T (a_: int)", "f:2: expected a field's name, found \"a_\"" },
        { I "type T (a__b: int)", "f:2: expected a field's name, found \"a__b\"" },
        { I "type T (_a: int)", "f:2: expected a field's name, found \"_a\"" },
        { I "type T (a: integer)", "f:2: expected a type, found \"integer\"" },
        { I "type T (a: ??int)", "f:2: expected a type, found \"?int\"" },
        { I "type T (a: [int]int)", "f:2: expected a type, found \"[int]int\"" },
        { I "type T (a: int, b)", "f:2: expected \":\" and a type, found \")\"" },
        { I "type T (a, b: int)", "f:2: expected \",\" or \")\", found \":\"" },
        { I "type T (a: int,\n a: int)", "f:3: expected names that differ, found \"a\" twice" },
        { I "type T ()\ntype T ()", "f:3: expected names that differ, found \"T\" twice" },
        { I "type T (\n\na: U)", "f:4: expected a type, found \"U\", which is not defined" },
        { I "error T (a, b)", "f:2: expected fields with types" },
        { I "method M(a, b) -> ()", "f:2: expected fields with types" },
        { I "method M()", "f:2: expected \"->\" and what the method returns, found the end of the file" },
        { I "method M() -> int", "f:2: expected \"(\", found \"int\"" },
        { I "type T (a: [][][][][][][][][][][][][][][][][]int)", "f:2: expected types at most 16 deep" },
        { I "\xff", "f: expected UTF-8 without NUL" },
};

START_TEST(parse)
{
        struct varlink_interface *interface = NULL;
        struct error error = ERROR_INIT;
        int r = varlink_interface_parse("f", descriptions[_i].text, strlen(descriptions[_i].text), &interface,
                                        &error);

        ck_assert_str_eq(error.text, descriptions[_i].error ? descriptions[_i].error : "");
        ck_assert_int_eq(r, descriptions[_i].error ? -EINVAL : 0);
        ck_assert_int_eq(interface != NULL, r == 0);
        varlink_interface_free(interface);
}
END_TEST

START_TEST(members)
{
        struct varlink_interface *interface = NULL;
        const char *text = I "method B() -> ()\nerror E ()\ntype T ()\nmethod A() -> ()\nerror F ()";

        ck_assert_int_eq(varlink_interface_parse("f", text, strlen(text), &interface, NULL), 0);
        ck_assert_str_eq(varlink_interface_name(interface), "a.b");
        ck_assert_str_eq(varlink_interface_method(interface, 0), "B");
        ck_assert_str_eq(varlink_interface_method(interface, 1), "A");
        ck_assert_ptr_null(varlink_interface_method(interface, 2));
        ck_assert_str_eq(varlink_interface_error(interface, 1), "F");
        ck_assert_ptr_null(varlink_interface_error(interface, 2));
        varlink_interface_free(interface);
}
END_TEST

/* ---- checks ---- */

static const char checked[] = I
        "type Color (red, green)\n"
        "type Node (value: int, next: ?Node)\n"
        "method M(\n"
        "  name: string, args: ?[]string, color: ?Color, on: ?bool, ratio: ?float, any: ?object,\n"
        "  map: ?[string]int, node: ?Node, list: ?[](a: ?[]int)\n"
        ") -> (done: bool)\n"
        "error E (id: int)\n";

static const struct {
        const char *json;
        const char *field; /* NULL: good */
        const char *error;
} parameters[] = {
        { "{'name':'x'}", NULL, NULL },
        { "{'name':'x','args':[],'color':'red','on':true,'ratio':0.5,'any':{'x':[1]},'map':{'k':1}}", NULL,
          NULL },
        { "{'name':'x','args':null,'color':null,'node':null}", NULL, NULL },
        { "{'name':'x','ratio':1}", NULL, NULL },
        { "{'name':'x','node':{'value':1,'next':{'value':2}}}", NULL, NULL },
        { "{}", "name", "expected a string, found nothing" },
        { "{'name':null}", "name", "expected a string, found null" },
        { "{'name':1}", "name", "expected a string, found an integer" },
        { "{'name':'x','args':'y'}", "args", "expected an array, found a string" },
        { "{'name':'x','args':['a','b','c',4]}", "args[3]", "expected a string, found an integer" },
        { "{'name':'x','args':[null]}", "args[0]", "expected a string, found null" },
        { "{'name':'x','color':'blue'}", "color", "expected one of red, green, found \"blue\"" },
        { "{'name':'x','color':1}", "color", "expected a string, found an integer" },
        { "{'name':'x','on':1}", "on", "expected a boolean, found an integer" },
        { "{'name':'x','ratio':'1'}", "ratio", "expected a number, found a string" },
        { "{'name':'x','any':[]}", "any", "expected an object, found an array" },
        { "{'name':'x','map':{'k':1.5}}", "map[\"k\"]",
          "expected an integer, found a number with a fraction" },
        { "{'name':'x','map':[]}", "map", "expected an object, found an array" },
        { "{'name':'x','node':{}}", "node.value", "expected an integer, found nothing" },
        { "{'name':'x','node':{'value':1,'next':{'value':2,'next':{'value':'3'}}}}", "node.next.next.value",
          "expected an integer, found a string" },
        { "{'name':'x','node':{'value':1,'more':1}}", "node.more", "no such field" },
        { "{'name':'x','list':[{},{'a':[1,'2']}]}", "list[1].a[1]", "expected an integer, found a string" },
        { "{'name':'x','extra':1}", "extra", "no such field" },
        { "{'name':'x','ex\\ntra':null}", "ex\\ntra", "no such field" },
        { "[]", "", "expected an object, found an array" },
};

static json_t *json_of(const char *quoted)
{
        char text[1024];
        size_t i;

        for (i = 0; quoted[i]; i++)
                text[i] = quoted[i] == '\'' ? '"' : quoted[i];
        text[i] = 0;
        json_t *value = json_loads(text, 0, NULL);
        ck_assert_msg(value != NULL, "%s", text);
        return value;
}

START_TEST(check_in)
{
        struct varlink_interface *interface = NULL;
        struct error error = ERROR_INIT;
        char *field = NULL;
        json_t *value = json_of(parameters[_i].json);

        ck_assert_int_eq(varlink_interface_parse("f", checked, strlen(checked), &interface, NULL), 0);
        int r = varlink_interface_check_method(interface, "M", VARLINK_IN, value, &field, &error);
        ck_assert_int_eq(r, parameters[_i].field ? -EINVAL : 0);
        if (parameters[_i].field) {
                ck_assert_str_eq(field, parameters[_i].field);
                ck_assert_str_eq(error.text, parameters[_i].error);
        } else {
                ck_assert_ptr_null(field);
        }
        free(field);
        json_decref(value);
        varlink_interface_free(interface);
}
END_TEST

START_TEST(check_others)
{
        struct varlink_interface *interface = NULL;
        struct error error = ERROR_INIT;
        char *field = NULL;
        json_t *value = json_of("{'done':true}");

        ck_assert_int_eq(varlink_interface_parse("f", checked, strlen(checked), &interface, NULL), 0);
        ck_assert_int_eq(varlink_interface_check_method(interface, "M", VARLINK_OUT, value, NULL, NULL), 0);
        ck_assert_int_eq(varlink_interface_check_method(interface, "X", VARLINK_IN, value, NULL, &error),
                         -ENOENT);
        ck_assert_int_eq(varlink_interface_check_method(interface, "E", VARLINK_IN, value, NULL, NULL),
                         -ENOENT);
        ck_assert_int_eq(varlink_interface_check_error(interface, "E", NULL, &field, NULL), -EINVAL);
        ck_assert_str_eq(field, "id");
        free(field);
        ck_assert_int_eq(varlink_interface_check_error(interface, "M", NULL, NULL, NULL), -ENOENT);
        json_decref(value);

        /* What was never decoded has no bound of its own. */
        json_t *deep = json_pack("{s:i}", "value", 1);
        for (int i = 0; i < 200; i++)
                deep = json_pack("{s:i,s:o}", "value", 1, "next", deep);
        value = json_pack("{s:s,s:o}", "name", "x", "node", deep);
        ck_assert_int_eq(varlink_interface_check_method(interface, "M", VARLINK_IN, value, &field, &error),
                         -EINVAL);
        ck_assert_str_eq(error.text, "expected at most 32 levels");
        free(field);
        json_decref(value);
        varlink_interface_free(interface);
}
END_TEST

/* ---- what ships ---- */

START_TEST(shipped)
{
        struct error error = ERROR_INIT;
        size_t count = 0;

        for (const struct schema_interface *s = schema_interfaces; s->name; s++, count++) {
                struct varlink_interface *interface = NULL;
                ck_assert_uint_eq(strlen(s->text), s->size);
                ck_assert_msg(varlink_interface_parse(s->name, s->text, s->size, &interface, &error) == 0,
                              "%s", error.text);
                ck_assert_str_eq(varlink_interface_name(interface), s->name);
                varlink_interface_free(interface);
        }
        ck_assert_uint_ge(count, 2);
        ck_assert_ptr_eq(schema_interfaces[0].text, schema_manager_varlink);
        ck_assert_uint_eq(strlen(schema_service_varlink), schema_service_varlink_size);
}
END_TEST

START_TEST(migrations)
{
        int version = 0;

        for (const struct schema_migration *m = schema_migrations; m->version; m++) {
                ck_assert_int_eq(m->version, ++version);
                ck_assert_ptr_nonnull(m->name);
                ck_assert_int_eq(strncmp(m->sql, "-- SPDX-License-Identifier: MPL-2.0\n", 36), 0);
        }
        ck_assert_int_ge(version, 1);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, parse, 0, (int)ARRAY_SIZE(descriptions));
        tcase_add_test(test_case, members);
        tcase_add_loop_test(test_case, check_in, 0, (int)ARRAY_SIZE(parameters));
        tcase_add_test(test_case, check_others);
        tcase_add_test(test_case, shipped);
        tcase_add_test(test_case, migrations);
}

int main(void)
{
        return unit_main("idl", add);
}
