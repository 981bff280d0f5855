/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/test_engine.h"

START_TEST(type_of_each_value)
{
        static const struct {
                const char *source;
                enum eng_type type;
        } cases[] = {
                { "undefined", ENG_UNDEFINED },
                { "null", ENG_NULL },
                { "true", ENG_BOOLEAN },
                { "1", ENG_NUMBER },
                { "1.5", ENG_NUMBER },
                { "NaN", ENG_NUMBER },
                { "'x'", ENG_STRING },
                { "Symbol.iterator", ENG_SYMBOL },
                { "10n", ENG_BIGINT },
                { "({})", ENG_OBJECT },
                { "new Date()", ENG_OBJECT },
                { "(function () {})", ENG_FUNCTION },
                { "(class {})", ENG_FUNCTION },
                { "[1]", ENG_ARRAY },
                { "new Proxy([], {})", ENG_ARRAY },
                { "(() => { let r = Proxy.revocable([], {}); r.revoke(); return r.proxy; })()", ENG_OBJECT },
                { "new Uint8Array(3)", ENG_BYTES },
                { "new DataView(new ArrayBuffer(3))", ENG_BYTES },
                { "new ArrayBuffer(3)", ENG_BYTES },
                { "Promise.resolve()", ENG_PROMISE },
                { "new RangeError('x')", ENG_ERROR },
                { "new (class extends Error {})()", ENG_ERROR },
        };
        eng *e = test_start();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_msg(eng_typeof(e, run(e, cases[i].source)) == cases[i].type, "%s", cases[i].source);
        ck_assert_int_eq(eng_typeof(e, NULL), ENG_UNDEFINED);
        ck_assert(!eng_pending(e));
}
END_TEST

START_TEST(boxes)
{
        static const struct {
                const char *source;
                enum eng_type type;
        } cases[] = {
                { "Object(true)", ENG_BOOLEAN },
                { "Object(1)", ENG_NUMBER },
                { "Object.setPrototypeOf(Object('x'), null)", ENG_STRING },
                { "Object(1n)", ENG_BIGINT },
                { "1", ENG_UNDEFINED },
                { "Object(Symbol())", ENG_UNDEFINED },
                { "Object.create(Object(1))", ENG_UNDEFINED },
                { "new Proxy(Object(1), {})", ENG_UNDEFINED },
                { "(() => { let r = Proxy.revocable({}, {}); r.revoke(); return r.proxy; })()",
                  ENG_UNDEFINED },
        };
        eng *e = test_start();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_msg(eng_box_type(e, run(e, cases[i].source)) == cases[i].type, "%s",
                              cases[i].source);
        ck_assert_int_eq(eng_box_type(e, NULL), ENG_UNDEFINED);
        ck_assert(!eng_pending(e));
        ck_assert(eng_same(e, eng_iterator_prototype(e),
                           run(e, "Object.getPrototypeOf(Object.getPrototypeOf([].values()))")));
}
END_TEST

static bool refuse_limit(eng *e, eng_val options)
{
        eng_val limit = eng_get(e, options, "limit");
        if (limit && !eng_is_undefined(limit))
                eng_throw(e, ENG_E_RANGE, "no limits");
        return !eng_pending(e);
}

START_TEST(guarded_constructor)
{
        eng *e = test_start();
        run(e, "globalThis.Original = ArrayBuffer");
        ck_assert(eng_guard_constructor(e, "ArrayBuffer", refuse_limit));
        ck_assert_str_eq(run_string(e, "[ArrayBuffer !== Original, ArrayBuffer.name, ArrayBuffer.length,"
                                       " ArrayBuffer.prototype === Original.prototype,"
                                       " new Uint8Array(1).buffer.constructor === ArrayBuffer,"
                                       " ArrayBuffer.isView === Original.isView,"
                                       " ArrayBuffer[Symbol.species] === ArrayBuffer].join()"),
                         "true,ArrayBuffer,1,true,true,true,true");
        ck_assert_str_eq(run_string(e, "[new ArrayBuffer(3), new ArrayBuffer(3, {}), new ArrayBuffer(3, 5),"
                                       " new (class extends ArrayBuffer {})(3).slice(1)]"
                                       ".map(b => b.byteLength).join()"),
                         "3,3,3,2");
        ck_assert_str_eq(run_throws(e, "new ArrayBuffer(3, { limit: 1 })"), "RangeError: no limits");
        ck_assert_str_eq(run_throws(e, "new ArrayBuffer(3, { get limit() { throw new Error('asked') } })"),
                         "Error: asked");
        ck_assert_str_eq(run_throws(e, "ArrayBuffer(3)"),
                         "TypeError: calling a builtin ArrayBuffer constructor without new is forbidden");
        ck_assert_str_eq(run_throws(e, "new ArrayBuffer(-1)"), "RangeError: invalid or out-of-range index");
}
END_TEST

START_TEST(parser)
{
        static const char source[] =
                "Reflect.parse('{ a }', { source: 'x' }).body[0].type + typeof globalThis.parse";
        eng *e = test_start();
        eng_val sandbox = eng_sandbox(e, NULL);
        ck_assert(eng_sandbox_parser(e, sandbox));
        eng_val type = eng_sandbox_eval(e, sandbox, source, strlen(source), "x", 1);
        ck_assert_str_eq(eng_to_string(e, type, NULL), "BlockStatementundefined");
        ck_assert_str_eq(run_string(e, "typeof Reflect.parse"), "undefined");
        ck_assert(!eng_sandbox_parser(e, eng_global(e)));
        ck_assert_str_eq(caught(e), "TypeError: value is not a sandbox");
}
END_TEST

START_TEST(constants)
{
        eng *e = test_start();
        ck_assert_int_eq(eng_typeof(e, ENG_UNDEF), ENG_UNDEFINED);
        ck_assert_int_eq(eng_typeof(e, ENG_NUL), ENG_NULL);
        ck_assert(eng_truthy(e, ENG_TRUE));
        ck_assert(!eng_truthy(e, ENG_FALSE));
        ck_assert(eng_is_undefined(ENG_UNDEF) && !eng_is_undefined(ENG_NUL));
        ck_assert(eng_is_nullish(ENG_NUL) && eng_is_nullish(ENG_UNDEF) && !eng_is_nullish(ENG_FALSE));
        ck_assert_ptr_eq(eng_bool(true), ENG_TRUE);
        ck_assert(eng_same(e, run(e, "undefined"), ENG_UNDEF));
}
END_TEST

START_TEST(strings_both_ways)
{
        static const struct {
                const char *bytes;
                const char *expected;
        } cases[] = {
                { "", "" },
                { "plain", "plain" },
                { "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
                { "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
                { "a\xff"
                  "b",
                  "a\xef\xbf\xbd"
                  "b" },
                { "\xc3", "\xef\xbf\xbd" },
                { "\xe2\x82", "\xef\xbf\xbd" }, /* one truncated character */
                { "\xe2\x82x", "\xef\xbf\xbdx" },
                { "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" },                 /* overlong */
                { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
                { "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
                { "eight ch\xffrs and more", "eight ch\xef\xbf\xbdrs and more" },
        };
        eng *e = test_start();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                size_t size = 0;
                const char *s = eng_to_string(e, eng_cstring(e, cases[i].bytes), &size);
                ck_assert_str_eq(s, cases[i].expected);
                ck_assert_uint_eq(size, strlen(cases[i].expected));
        }
        size_t size;
        const char *s = eng_to_string(e, eng_string(e, "a\0b", 3), &size);
        ck_assert_uint_eq(size, 3);
        ck_assert_mem_eq(s, "a\0b", 4);
        ck_assert_str_eq(run_string(e, "'\\ud800x'"), "\xef\xbf\xbdx"); /* a lone surrogate */
}
END_TEST

START_TEST(utf16)
{
        static const struct {
                const char *source;
                size_t length;
                const uint16_t units[4];
        } wide[] = {
                { "''", 0, { 0 } },
                { "'a' + '\\u00ff'", 2, { 'a', 0xff } },
                { "'\\ud800x\\u{1f44d}'", 4, { 0xd800, 'x', 0xd83d, 0xdc4d } },
                { "12", 2, { '1', '2' } },
        };
        eng *e = test_start();
        size_t size;
        for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
                uint16_t *units = eng_to_utf16(e, run(e, wide[i].source), &size);
                ck_assert_ptr_nonnull(units);
                ck_assert_uint_eq(size, wide[i].length);
                ck_assert_mem_eq(units, wide[i].units, size * sizeof *units);
                free(units);
        }
        ck_assert_ptr_null(eng_to_utf16(e, run(e, "Symbol()"), &size));
        caught(e);
}
END_TEST

START_TEST(numbers)
{
        eng *e = test_start();
        double n;
        int32_t i;
        ck_assert(eng_to_number(e, eng_number(e, 0.1), &n) && n == 0.1);
        ck_assert(eng_to_number(e, eng_number(e, -0.0), &n) && signbit(n));
        ck_assert(eng_to_number(e, run(e, "'12'"), &n) && n == 12);
        ck_assert(eng_to_int32(e, run(e, "4294967297"), &i) && i == 1);
        ck_assert(!eng_to_number(e, run(e, "Symbol()"), &n));
        ck_assert_ptr_nonnull(strstr(caught(e), "TypeError"));
        ck_assert(!eng_to_int32(e, run(e, "({valueOf() { throw 1; }})"), &i));
        ck_assert_str_eq(caught(e), "1");
}
END_TEST

START_TEST(bytes)
{
        eng *e = test_start();
        eng_val global = eng_global(e);
        size_t size;
        ck_assert(eng_set(e, global, "a", eng_uint8array(e, "\1\2\3", 3)));
        ck_assert(run_number(e, "a.length * 100 + a[2]") == 303);
        ck_assert_mem_eq(eng_to_bytes(e, run(e, "a.subarray(1)"), &size), "\2\3", 2);
        ck_assert_uint_eq(size, 2);
        ck_assert_mem_eq(eng_to_bytes(e, run(e, "new Uint16Array([0x201])"), &size), "\1\2", 2);
        ck_assert_mem_eq(eng_to_bytes(e, eng_arraybuffer(e, "xy", 2), &size), "xy", 2);
        ck_assert_ptr_nonnull(eng_to_bytes(e, eng_uint8array(e, NULL, 0), &size));
        ck_assert_uint_eq(size, 0);
        ck_assert_mem_eq(eng_to_bytes(e, eng_uint8array(e, NULL, 4), &size), "\0\0\0\0", 4);
        ck_assert_mem_eq(eng_to_bytes(e, eng_uint8array_take(e, strdup("own"), 3), &size), "own", 3);
        ck_assert_ptr_nonnull(eng_uint8array_take(e, malloc(1), 0));
        ck_assert_ptr_null(eng_to_bytes(e, run(e, "[1, 2]"), &size));
        ck_assert_str_eq(caught(e), "TypeError: value is not an ArrayBuffer or a view of one");
        ck_assert(eng_bytes_store(e, run(e, "a"), 1, "\7\7", 2));
        ck_assert(run_number(e, "a[0] * 100 + a[1] * 10 + a[2]") == 177);
        ck_assert(!eng_bytes_store(e, run(e, "a"), 2, "\7\7", 2));
        ck_assert_str_eq(caught(e), "RangeError: 2 bytes at 2 do not fit into 3");
        ck_assert(!eng_bytes_store(e, run(e, "a"), SIZE_MAX, "\7\7", 2));
        caught(e);
        ck_assert(!eng_bytes_store(e, ENG_NUL, 0, "", 0));
        caught(e);
}
END_TEST

START_TEST(json)
{
        eng *e = test_start();
        size_t size;
        static const struct {
                const char *source;
                const char *expected; /* NULL: has none */
        } cases[] = {
                { "({a: [1, 'x', null]})", "{\"a\":[1,\"x\",null]}" },
                { "'gr\\u00fc\\u00df'", "\"gr\xc3\xbc\xc3\x9f\"" },
                { "null", "null" },
                { "undefined", NULL },
                { "(() => 1)", NULL },
                { "Symbol()", NULL },
                { "({toJSON(key) { return 'key:' + key; }})", "\"key:\"" },
                { "({toJSON() {}})", NULL },
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                const char *text = eng_to_json(e, run(e, cases[i].source), &size);
                ck_assert(!eng_pending(e));
                ck_assert_msg(!text == !cases[i].expected, "%s", cases[i].source);
                if (text)
                        ck_assert_str_eq(text, cases[i].expected);
        }
        ck_assert_ptr_null(eng_to_json(e, run(e, "var o = {}; o.o = o; o"), &size));
        ck_assert_ptr_nonnull(strstr(caught(e), "TypeError"));
        ck_assert_ptr_null(eng_to_json(e, run(e, "10n"), &size));
        caught(e);
        eng_val v = eng_from_json(e, "{\"n\": [1, 2.5]}", 15);
        ck_assert_str_eq(eng_to_source(e, v), "({n:[1, 2.5]})");
        ck_assert_ptr_null(eng_from_json(e, "{", 1));
        ck_assert_ptr_nonnull(strstr(caught(e), "SyntaxError"));
}
END_TEST

START_TEST(source_text)
{
        static const char *const cases[][2] = {
                { "({a: 1, 'b c': [1, 2]})", "({a:1, 'b c':[1, 2]})" },
                { "'te\"xt'", "\"te\\\"xt\"" },
                { "undefined", "(void 0)" },
                { "Symbol('s')", "Symbol(\"s\")" },
        };
        eng *e = test_start();
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                ck_assert_str_eq(eng_to_source(e, run(e, cases[i][0])), cases[i][1]);
}
END_TEST

START_TEST(properties)
{
        eng *e = test_start();
        bool b;
        uint32_t n;
        eng_val o = eng_object(e);
        ck_assert(eng_set(e, o, "x", eng_number(e, 1)));
        ck_assert(eng_set(e, o, "gr\xc3\xbc\xc3\x9f", ENG_TRUE));
        ck_assert(eng_set_at(e, o, 7, ENG_NUL));
        ck_assert_str_eq(eng_to_source(e, eng_keys(e, o)), "[\"7\", \"x\", \"gr\\xFC\\xDF\"]");
        ck_assert(eng_has(e, o, "gr\xc3\xbc\xc3\x9f", &b) && b);
        ck_assert(eng_has(e, o, "y", &b) && !b);
        ck_assert(eng_delete(e, o, "x"));
        ck_assert(eng_is_undefined(eng_get(e, o, "x")));
        ck_assert(eng_set_value(e, o, eng_symbol_for(e, "toStringTag"), eng_cstring(e, "Tagged")));
        ck_assert_str_eq(eng_to_string(e, o, NULL), "[object Tagged]");
        ck_assert_str_eq(eng_to_string(e, eng_get_value(e, o, eng_symbol_for(e, "toStringTag")), NULL),
                         "Tagged");
        ck_assert_ptr_null(eng_symbol_for(e, "nonsense"));
        caught(e);

        ck_assert(eng_define(e, o, "fixed", eng_number(e, 5), ENG_READONLY | ENG_PERMANENT));
        ck_assert(eng_set(e, eng_global(e), "o", o));
        ck_assert_ptr_nonnull(strstr(run_throws(e, "'use strict'; o.fixed = 6"), "TypeError"));
        ck_assert(run_number(e, "Object.keys(o).indexOf('fixed')") == -1);
        ck_assert(eng_freeze(e, o));
        ck_assert(eng_truthy(e, run(e, "Object.isFrozen(o)")));

        eng_val values[] = { ENG_TRUE, eng_number(e, 3) };
        eng_val array = eng_array(e, 2, values);
        ck_assert(eng_length(e, array, &n) && n == 2);
        ck_assert_str_eq(eng_to_source(e, eng_at(e, array, 1)), "3");
        ck_assert(eng_length(e, eng_array(e, 5, NULL), &n) && n == 5);

        ck_assert_ptr_null(eng_get(e, ENG_NUL, "x"));
        ck_assert_str_eq(caught(e), "TypeError: null has no properties");
        ck_assert(eng_length(e, eng_get(e, eng_cstring(e, "text"), "length"), &n) && n == 0);
}
END_TEST

START_TEST(null_in_null_out)
{
        eng *e = test_start();
        bool b;
        double d;
        size_t size;
        eng_throw(e, ENG_E_RANGE, "first");
        ck_assert_ptr_null(eng_get(e, NULL, "x"));
        ck_assert(!eng_set(e, eng_global(e), "x", NULL));
        ck_assert(!eng_set(e, NULL, "x", ENG_NUL));
        ck_assert_ptr_null(eng_call(e, NULL, NULL, 0, NULL));
        ck_assert_ptr_null(eng_call(e, ENG_UNDEF, NULL, 1, (eng_val[]){ NULL }));
        ck_assert_ptr_null(eng_construct(e, NULL, 0, NULL));
        ck_assert_ptr_null(eng_call_method(e, NULL, "x", 0, NULL));
        ck_assert_ptr_null(eng_to_string(e, NULL, NULL));
        ck_assert_ptr_null(eng_to_json(e, NULL, NULL));
        ck_assert_ptr_null(eng_to_bytes(e, NULL, &size));
        ck_assert_ptr_null(eng_structured_clone(e, NULL));
        ck_assert(!eng_to_number(e, NULL, &d));
        ck_assert(!eng_instance_of(e, NULL, ENG_NUL, &b));
        ck_assert(!eng_define(e, NULL, "x", ENG_NUL, 0));
        ck_assert_ptr_null(eng_ref_new(e, NULL));
        ck_assert_ptr_null(eng_array(e, 1, (eng_val[]){ NULL }));
        ck_assert(!eng_enqueue(e, NULL));
        ck_assert_str_eq(caught(e), "RangeError: first"); /* none of them replaced it */
}
END_TEST

START_TEST(structured_clone)
{
        eng *e = test_start();
        run(e, "var v = {d: new Date(5), m: new Map([[1, {x: 2}]]), r: /a/g, b: new Uint8Array([9]), n: 1n};"
               "v.self = v; v.err = new RangeError('wrong')");
        ck_assert(eng_set(e, eng_global(e), "c", eng_structured_clone(e, run(e, "v"))));
        ck_assert_str_eq(run_string(e,
                                    "[c !== v, c.self === c, +c.d, c.m.get(1).x, String(c.r), c.b[0], c.n,"
                                    " c.err instanceof RangeError, c.err.message, c.err !== v.err].join()"),
                         "true,true,5,2,/a/g,9,1,true,wrong,true");
        ck_assert_str_eq(run_string(e, "String(c.err.stack === v.err.stack)"), "true");
        ck_assert_ptr_null(eng_structured_clone(e, run(e, "({f() {}})")));
        caught(e);
}
END_TEST

START_TEST(features)
{
        eng *e = test_start();
        static const char *const present[] = { "WeakRef",
                                               "FinalizationRegistry",
                                               "SharedArrayBuffer",
                                               "Atomics",
                                               "Intl",
                                               "WebAssembly",
                                               "BigInt",
                                               "globalThis" };
        for (size_t i = 0; i < sizeof present / sizeof present[0]; i++) {
                eng_val v = eng_get(e, eng_global(e), present[i]);
                ck_assert_msg(v && !eng_is_undefined(v), "%s", present[i]);
        }
        ck_assert_str_eq(run_string(e, "Math.random.toString().replace(/\\s+/g, ' ')"),
                         "function random() { [native code] }");
        ck_assert(run_number(e, "Math.random.length") == 0);
        ck_assert_str_eq(
                run_string(
                        e,
                        "let s = new Set(), ok = true; for (let i = 0; i < 10000; i++) {"
                        "let r = Math.random(); ok = ok && r >= 0 && r < 1; s.add(r); } ok + ' ' + s.size"),
                "true 10000");
        ck_assert_ptr_nonnull(strstr(eng_version(), "JavaScript"));
}
END_TEST

/* Knows "Found" and "Failing"; counts what it is asked. */
static bool supply_global(void *data, eng *e, const char *name, bool *ret_defined)
{
        seen.loads++;
        if (strcmp(name, "Failing") == 0)
                return eng_throw(e, ENG_E_RANGE, "no %s today", name);
        *ret_defined = strcmp(name, "Found") == 0;
        return !*ret_defined || eng_define(e, eng_global(e), name, eng_number(e, 7), 0);
}

START_TEST(missing_globals)
{
        test_hooks.missing_global = supply_global;
        eng *e = test_start();
        run(e, "globalThis.own = 1");
        seen.loads = 0;
        ck_assert(run_number(e, "Found + Found + Math.abs(own)") == 15);
        ck_assert_int_eq(seen.loads, 1);
        ck_assert_str_eq(
                run_string(
                        e,
                        "typeof Found + typeof Absent + ('Found' in globalThis) + ('Absent' in globalThis)"),
                "numberundefinedtruefalse");
        ck_assert_str_eq(run_throws(e, "Absent"), "ReferenceError: Absent is not defined");
        ck_assert_str_eq(run_throws(e, "typeof Failing"), "RangeError: no Failing today");
        ck_assert(run_number(e, "Found = 8, Found") == 8);
        ck_assert_str_eq(run_string(e, "typeof globalThis[Symbol.iterator] + typeof globalThis[0]"),
                         "undefinedundefined");
}
END_TEST

Suite *engine_values_suite(void)
{
        Suite *suite = suite_create("engine values");
        TCase *tcase = tcase_create("values");
        tcase_add_test(tcase, type_of_each_value);
        tcase_add_test(tcase, boxes);
        tcase_add_test(tcase, guarded_constructor);
        tcase_add_test(tcase, parser);
        tcase_add_test(tcase, constants);
        tcase_add_test(tcase, strings_both_ways);
        tcase_add_test(tcase, utf16);
        tcase_add_test(tcase, numbers);
        tcase_add_test(tcase, bytes);
        tcase_add_test(tcase, json);
        tcase_add_test(tcase, source_text);
        tcase_add_test(tcase, properties);
        tcase_add_test(tcase, null_in_null_out);
        tcase_add_test(tcase, structured_clone);
        tcase_add_test(tcase, features);
        tcase_add_test(tcase, missing_globals);
        tcase_set_timeout(tcase, 60);
        suite_add_tcase(suite, tcase);
        return suite;
}
