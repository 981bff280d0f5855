/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "lib/prefs.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "tests/unit/unit.h"

/* ---- the parser ---- */

/* Declarations as one line of text each: "name=value[ user][ sticky][ locked]@line:column;". */
struct listing {
        char text[1024];
        int fail_at; /* 1: the first, … */
        int count;
};

static int list(const struct pref_declaration *declaration, void *data)
{
        struct listing *listing = data;
        size_t used = strlen(listing->text);
        char value[256];

        if (++listing->count == listing->fail_at)
                return -ECANCELED;
        switch (declaration->value.type) {
        case PREF_STRING:
                snprintf(value, sizeof(value), "<%s>", declaration->value.string);
                break;
        case PREF_INT:
                snprintf(value, sizeof(value), "%d", (int)declaration->value.integer);
                break;
        case PREF_BOOL:
                snprintf(value, sizeof(value), "%s", declaration->value.boolean ? "true" : "false");
                break;
        case PREF_NONE:
                ck_abort_msg("a declaration without a value");
        }
        snprintf(listing->text + used, sizeof(listing->text) - used, "%s=%s%s%s%s@%u:%u;", declaration->name,
                 value, declaration->user ? " user" : "", declaration->sticky ? " sticky" : "",
                 declaration->locked ? " locked" : "", declaration->line, declaration->column);
        return 0;
}

static const struct {
        const char *text;
        const char *listed;
        const char *error; /* NULL: good */
} files[] = {
        { "", "", NULL },
        { " \t\r\n\f\v", "", NULL },
        { "// c\n# c\n/* c\n */", "", NULL },
        { "pref(\"a\", 1);", "a=1@1:1;", NULL },
        { "pref('a',true);user_pref(\"b\",false);", "a=true@1:1;b=false user@1:16;", NULL },
        { "\n  sticky_pref ( \"a\" , -5 ) ; ", "a=-5 sticky@2:3;", NULL },
        { "pref(\"a\", \"x\", sticky, locked);", "a=<x> sticky locked@1:1;", NULL },
        { "sticky_pref(\"a\", 1, locked);", "a=1 sticky locked@1:1;", NULL },
        { "pref(\"a\", +7); pref(\"b\", - 7);", "a=7@1:1;b=-7@1:16;", NULL },
        { "pref(\"a\", 2147483647);pref(\"b\", -2147483648);", "a=2147483647@1:1;b=-2147483648@1:23;", NULL },
        { "pref(/*x*/\"a\"// y\n,#z\n1);", "a=1@1:1;", NULL },
        { "pref(\"a\", \"\\n\\r\\t\\\\\\\"\\'\\x41\\u20AC\\uD83D\\uDE00\");",
          "a=<\n\r\t\\\"'A\xe2\x82\xac\xf0\x9f\x98\x80>@1:1;", NULL },
        { "pref(\"a\", '\"');pref(\"b\", \"'\");", "a=<\">@1:1;b=<'>@1:16;", NULL },
        { "pref(\"a\", \"two\nlines\"); pref(\"b\", 1);", "a=<two\nlines>@1:1;b=1@2:10;", NULL },
        { "pref(\"\xc3\xa9\", \"\xe2\x82\xac\"); pref(\"b\", 1);", "\xc3\xa9=<\xe2\x82\xac>@1:1;b=1@1:17;",
          NULL },
        { "pref(\"a\", \"\\xe9\");", "a=<\xc3\xa9>@1:1;", NULL },
        { "pref(\"a\", \"\");", "a=<>@1:1;", NULL },
        /* bad ones: what came before counts */
        { "pref(\"a\", 1);\npref(\"b\" 2);", "a=1@1:1;", "f:2:10: expected \",\", found '2'" },
        { "prefs(\"a\", 1);", "", "f:1:1: expected pref, user_pref or sticky_pref, found 'prefs'" },
        { "lockPref(\"a\", 1);", "", "f:1:1: expected pref, user_pref or sticky_pref, found 'lockPref'" },
        { "pref(\"a\", 1)", "", "f:1:13: expected \";\", found the end of the file" },
        { "pref(\"a\", 1", "", "f:1:12: expected \")\", found the end of the file" },
        { "pref(\"a\", 1 2);", "", "f:1:13: expected \")\", found '2'" },
        { "pref(\"a\");", "", "f:1:9: expected \",\", found ')'" },
        { "pref(a, 1);", "", "f:1:6: expected a name in quotes, found 'a'" },
        { "pref(\"\", 1);", "", "f:1:6: expected a name that is not empty, found '\"\"'" },
        { "pref \"a\", 1);", "", "f:1:6: expected \"(\", found '\"a\"'" },
        { "pref(\"a\", );", "", "f:1:11: expected a string, a number, true or false, found ')'" },
        { "pref(\"a\", TRUE);", "", "f:1:11: expected a string, a number, true or false, found 'TRUE'" },
        { "pref(\"a\", 12a);", "", "f:1:11: expected a decimal number, found '12a'" },
        { "pref(\"a\", 0x10);", "", "f:1:11: expected a decimal number, found '0x10'" },
        { "pref(\"a\", 1.5);", "", "f:1:12: expected \")\", found '.'" },
        { "pref(\"a\", -x);", "", "f:1:12: expected a number, found 'x'" },
        { "pref(\"a\", 2147483648);", "",
          "f:1:11: expected a number from -2147483648 to 2147483647, found '2147483648'" },
        { "pref(\"a\", -2147483649);", "",
          "f:1:11: expected a number from -2147483648 to 2147483647, found '-2147483649'" },
        { "pref(\"a\", 1, shiny);", "", "f:1:14: expected sticky or locked, found 'shiny'" },
        { "user_pref(\"a\", 1, locked);", "", "f:1:17: expected \")\", found ','" },
        { "pref(\"a\", \"x);", "", "f:1:11: expected a string that ends, found '\"'" },
        { "pref(\"a\", \"x\\\");", "", "f:1:11: expected a string that ends, found '\"'" },
        { "pref(\"a\", 1); /* x", "a=1@1:1;", "f:1:15: expected \"*/\" to end the comment, found '/*'" },
        { "pref(\"a\", \"x\\q\");", "",
          "f:1:13: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\q'" },
        { "pref(\"a\", \"\\x4\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\x'" },
        { "pref(\"a\", \"\\x00\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\x'" },
        { "pref(\"a\", \"\\u0000\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\u'" },
        { "pref(\"a\", \"\\uD83D\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\u'" },
        { "pref(\"a\", \"\\uDE00\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\u'" },
        { "pref(\"a\", \"\\uD83D\\u0041\");", "",
          "f:1:12: expected an escape such as \\n, \\\", \\x41 or \\u0041, found '\\u'" },
        { "pref(\"a\", \"\xff\");", "", "f:1:12: expected UTF-8 without NUL, found '\\xff'" },
        { "\xff", "", "f:1:1: expected pref, user_pref or sticky_pref, found '\\xff'" },
        { "@", "", "f:1:1: expected pref, user_pref or sticky_pref, found '@'" },
        { "pref(\"a\",1);;", "a=1@1:1;", "f:1:13: expected pref, user_pref or sticky_pref, found ';'" },
};

START_TEST(parse)
{
        struct listing listing = { .text = "" };
        struct error error = ERROR_INIT;
        int r = pref_file_parse("f", files[_i].text, strlen(files[_i].text), list, &listing, &error);

        ck_assert_str_eq(listing.text, files[_i].listed);
        ck_assert_str_eq(error.text, files[_i].error ? files[_i].error : "");
        ck_assert_int_eq(r, files[_i].error ? -EINVAL : 0);
}
END_TEST

START_TEST(parse_nul)
{
        struct listing listing = { .text = "" };
        struct error error = ERROR_INIT;

        ck_assert_int_eq(pref_file_parse("f", "pref(\"a\", \"x\0y\");", 17, list, &listing, &error), -EINVAL);
        ck_assert_str_eq(error.text, "f:1:13: expected UTF-8 without NUL, found '\\x00'");
        ck_assert_int_eq(pref_file_parse("f", "pref(\"a\", 1);\0", 14, list, &listing, &error), -EINVAL);
        ck_assert_str_eq(listing.text, "a=1@1:1;");
}
END_TEST

START_TEST(parse_limits)
{
        struct listing listing = { .text = "" };
        struct error error = ERROR_INIT;
        char text[PREF_NAME_MAX + 64], name[PREF_NAME_MAX + 2];

        memset(name, 'n', sizeof(name));
        name[PREF_NAME_MAX + 1] = 0;
        snprintf(text, sizeof(text), "pref(\"%s\", 1);", name);
        ck_assert_int_eq(pref_file_parse("f", text, strlen(text), list, &listing, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "expected a name of at most 1024 bytes"));

        size_t size = PREF_STRING_MAX + 64;
        char *large = malloc(size);
        int length = snprintf(large, size, "pref('a', '%*s');", PREF_STRING_MAX + 1, "");
        ck_assert_int_eq(pref_file_parse("f", large, (size_t)length, list, &listing, &error), -EINVAL);
        ck_assert_ptr_nonnull(strstr(error.text, "expected a string of at most 1 MiB"));
        free(large);
}
END_TEST

START_TEST(parse_stops_for_the_handler)
{
        struct listing listing = { .fail_at = 2 };
        const char *text = "pref('a', 1); pref('b', 2); pref('c', 3);";

        ck_assert_int_eq(pref_file_parse("f", text, strlen(text), list, &listing, NULL), -ECANCELED);
        ck_assert_str_eq(listing.text, "a=1@1:1;");
        ck_assert_int_eq(listing.count, 2);
}
END_TEST

/* ---- the store ---- */

static const struct pref_value one = { .type = PREF_INT, .integer = 1 },
                               two = { .type = PREF_INT, .integer = 2 },
                               yes = { .type = PREF_BOOL, .boolean = true },
                               text = { .type = PREF_STRING, .string = "text" };

static struct prefs *prefs;
static char *base;
static char changes[512];

static void observe(const char *name, void *data)
{
        ck_assert_ptr_eq(data, &changes);
        snprintf(changes + strlen(changes), sizeof(changes) - strlen(changes), "%s ", name);
}

static void setup(void)
{
        base = unit_directory();
        prefs = prefs_new();
        ck_assert_ptr_nonnull(prefs);
        prefs_observe(prefs, observe, &changes);
        changes[0] = 0;
}

static void teardown(void)
{
        prefs_free(prefs);
        unit_directory_remove(base);
}

static void set(const char *name, enum pref_branch branch, const struct pref_value *value)
{
        ck_assert_int_eq(prefs_set(prefs, name, branch, value), 0);
}

START_TEST(branches)
{
        struct pref_value value;

        ck_assert(!prefs_get(prefs, "a", PREF_USER, &value));
        set("a", PREF_DEFAULT, &one);
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
        ck_assert(!prefs_has_user_value(prefs, "a"));
        ck_assert(!prefs_dirty(prefs));
        set("a", PREF_USER, &two);
        ck_assert(prefs_dirty(prefs));
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 2);
        ck_assert(prefs_get(prefs, "a", PREF_DEFAULT, &value));
        ck_assert_int_eq(value.integer, 1);
        ck_assert(prefs_has_user_value(prefs, "a"));
        /* Equal to the default: not kept. */
        set("a", PREF_USER, &one);
        ck_assert(!prefs_has_user_value(prefs, "a"));
        set("a", PREF_USER, &two);
        prefs_clear_user(prefs, "a");
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
        prefs_clear_user(prefs, "a");
        ck_assert_str_eq(changes, "a a a a a ");
        /* A user value alone goes altogether. */
        set("u", PREF_USER, &yes);
        ck_assert(!prefs_get(prefs, "u", PREF_DEFAULT, &value));
        prefs_clear_user(prefs, "u");
        ck_assert(!prefs_get(prefs, "u", PREF_USER, &value));
        ck_assert_int_eq(prefs_lock(prefs, "u", true), -ENOENT);
}
END_TEST

START_TEST(unchanged_is_not_told)
{
        set("a", PREF_DEFAULT, &one);
        set("a", PREF_DEFAULT, &one);
        set("a", PREF_USER, &one);
        set("a", PREF_USER, &two);
        set("a", PREF_USER, &two);
        changes[0] = 0;
        /* Not in force: the user's value is. */
        set("a", PREF_DEFAULT, &(struct pref_value){ .type = PREF_INT, .integer = 3 });
        ck_assert_str_eq(changes, "");
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 2);
}
END_TEST

START_TEST(types)
{
        set("a", PREF_DEFAULT, &one);
        ck_assert_int_eq(prefs_set(prefs, "a", PREF_DEFAULT, &yes), -EINVAL);
        ck_assert_int_eq(prefs_set(prefs, "a", PREF_USER, &text), -EINVAL);
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
        ck_assert(prefs_get_bool(prefs, "a", true));
        ck_assert_str_eq(prefs_get_string(prefs, "a", "fallback"), "fallback");
        /* Without a default the user's value may become another type, and then binds the default. */
        set("u", PREF_USER, &one);
        set("u", PREF_USER, &text);
        ck_assert_str_eq(prefs_get_string(prefs, "u", ""), "text");
        ck_assert_int_eq(prefs_set(prefs, "u", PREF_DEFAULT, &one), -EINVAL);
}
END_TEST

START_TEST(refused)
{
        char *large = malloc(PREF_STRING_MAX + 2);
        memset(large, 'x', PREF_STRING_MAX + 1);
        large[PREF_STRING_MAX + 1] = 0;
        struct pref_value value = { .type = PREF_STRING, .string = large };

        ck_assert_int_eq(prefs_set(prefs, "a", PREF_USER, &value), -E2BIG);
        large[PREF_STRING_MAX] = 0;
        ck_assert_int_eq(prefs_set(prefs, "a", PREF_USER, &value), 0);
        large[PREF_NAME_MAX + 1] = 0;
        ck_assert_int_eq(prefs_set(prefs, large, PREF_USER, &one), -E2BIG);
        large[PREF_NAME_MAX] = 0;
        ck_assert_int_eq(prefs_set(prefs, large, PREF_USER, &one), 0);
        free(large);
        value.string = "\xff";
        ck_assert_int_eq(prefs_set(prefs, "b", PREF_USER, &value), -EILSEQ);
        ck_assert_int_eq(prefs_set(prefs, "\xff", PREF_USER, &one), -EILSEQ);
        value.string = NULL;
        ck_assert_int_eq(prefs_set(prefs, "b", PREF_USER, &value), -EINVAL);
        ck_assert_int_eq(prefs_set(prefs, "", PREF_USER, &one), -EINVAL);
        ck_assert_int_eq(prefs_set(prefs, "b", PREF_USER, &(struct pref_value){ .type = PREF_NONE }),
                         -EINVAL);
}
END_TEST

START_TEST(locks)
{
        set("a", PREF_DEFAULT, &one);
        set("a", PREF_USER, &two);
        changes[0] = 0;
        ck_assert_int_eq(prefs_lock(prefs, "a", true), 0);
        ck_assert_str_eq(changes, "a ");
        ck_assert(prefs_is_locked(prefs, "a"));
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
        ck_assert_int_eq(prefs_set(prefs, "a", PREF_USER, &one), -EPERM);
        ck_assert_int_eq(prefs_set(prefs, "a", PREF_DEFAULT, &two), -EPERM);
        ck_assert_int_eq(prefs_lock(prefs, "a", true), 0);
        ck_assert_int_eq(prefs_lock(prefs, "a", false), 0);
        ck_assert_str_eq(changes, "a a ");
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 2);
        ck_assert(!prefs_is_locked(prefs, "none"));
}
END_TEST

START_TEST(strings_of_the_store_itself)
{
        struct pref_value value;

        set("a", PREF_USER, &text);
        ck_assert(prefs_get(prefs, "a", PREF_USER, &value));
        set("b", PREF_USER, &value);
        set("a", PREF_DEFAULT, &value);
        ck_assert(prefs_get(prefs, "a", PREF_DEFAULT, &value));
        set("a", PREF_USER, &value);
        ck_assert(!prefs_has_user_value(prefs, "a"));
        ck_assert_str_eq(prefs_get_string(prefs, "b", ""), "text");
}
END_TEST

static void check_names(const char *prefix, const char *expected)
{
        char **names = prefs_names(prefs, prefix), listed[256] = "";

        for (char **name = names; *name; name++) {
                strcat(listed, *name);
                strcat(listed, " ");
        }
        ck_assert_str_eq(listed, expected);
        strv_free(names);
}

START_TEST(names)
{
        static const char *const added[] = { "b.two", "a", "b.one", "b", "c.x", "b.two.three", "ba" };

        for (size_t i = 0; i < ARRAY_SIZE(added); i++)
                set(added[i], i % 2 ? PREF_USER : PREF_DEFAULT, &one);
        check_names("", "a b b.one b.two b.two.three ba c.x ");
        check_names("b.", "b.one b.two b.two.three ");
        check_names("none", "");
        changes[0] = 0;
        prefs_delete_branch(prefs, "b.");
        check_names("", "a b ba c.x ");
        ck_assert_str_eq(changes, "b.one b.two b.two.three ");
        prefs_delete_branch(prefs, "");
        check_names("", "");
}
END_TEST

START_TEST(many)
{
        char name[32];

        for (int i = 0; i < 3000; i++) {
                snprintf(name, sizeof(name), "p%d", (i * 7919) % 3000);
                set(name, PREF_USER, &(struct pref_value){ .type = PREF_INT, .integer = (i * 7919) % 3000 });
        }
        for (int i = 0; i < 3000; i++) {
                snprintf(name, sizeof(name), "p%d", i);
                ck_assert_int_eq(prefs_get_int(prefs, name, -1), i);
                if (i % 2)
                        prefs_clear_user(prefs, name);
        }
        char **left = prefs_names(prefs, "p");
        ck_assert_uint_eq(strv_length(left), 1500);
        strv_free(left);
}
END_TEST

static void observe_and_clear(const char *name, void *data)
{
        /* What an observer may do: change, here even remove, what it is told about. */
        if (data && prefs_has_user_value(data, name))
                prefs_clear_user(data, name);
}

START_TEST(observer_changes)
{
        prefs_observe(prefs, observe_and_clear, prefs);
        set("a", PREF_USER, &one);
        ck_assert(!prefs_has_user_value(prefs, "a"));
        set("a", PREF_DEFAULT, &one);
        set("a", PREF_USER, &two);
        ck_assert_int_eq(prefs_lock(prefs, "a", true), 0);
        prefs_observe(prefs, NULL, NULL);
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
}
END_TEST

/* ---- files ---- */

static char *in_base(const char *name)
{
        char *path = path_join(base, name);

        ck_assert_ptr_nonnull(path);
        return path;
}

static void write_text(const char *path, const char *content)
{
        ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, content, strlen(content), 0600, false), 0);
}

START_TEST(load_branches)
{
        struct error error = ERROR_INIT;
        _cleanup_free_ char *path = in_base("prefs.js");
        struct pref_value value;

        write_text(path, "pref('d', 1); sticky_pref('s', 1); pref('l', 1, locked); user_pref('u', 1);");
        ck_assert_int_eq(prefs_load(prefs, path, PREF_DEFAULT, &error), 0);
        ck_assert(!prefs_dirty(prefs));
        ck_assert(prefs_get(prefs, "d", PREF_DEFAULT, &value));
        ck_assert(!prefs_get(prefs, "u", PREF_DEFAULT, &value));
        ck_assert(prefs_has_user_value(prefs, "u"));

        write_text(path, "user_pref('s', 1); user_pref('d', 1); user_pref('l', 2); pref('e', 5);");
        ck_assert_int_eq(prefs_load(prefs, path, PREF_USER, &error), 0);
        ck_assert(!prefs_dirty(prefs));
        ck_assert(prefs_has_user_value(prefs, "s"));
        ck_assert(!prefs_has_user_value(prefs, "d"));
        ck_assert(prefs_has_user_value(prefs, "e"));
        /* Kept, and not in force. */
        ck_assert(prefs_has_user_value(prefs, "l"));
        ck_assert_int_eq(prefs_get_int(prefs, "l", 9), 1);

        /* A later file does not change a locked default. */
        write_text(path, "pref('l', 3); pref('d', 3);");
        ck_assert_int_eq(prefs_load(prefs, path, PREF_DEFAULT, &error), 0);
        ck_assert_int_eq(prefs_get_int(prefs, "l", 9), 1);
        ck_assert_int_eq(prefs_get_int(prefs, "d", 9), 3);
}
END_TEST

START_TEST(load_errors)
{
        struct error error = ERROR_INIT;
        char expected[512];
        _cleanup_free_ char *path = in_base("prefs.js");

        ck_assert_int_eq(prefs_load(prefs, path, PREF_DEFAULT, &error), -ENOENT);
        ck_assert_int_eq(prefs_load(prefs, base, PREF_DEFAULT, &error), -EISDIR);
        write_text(path, "pref('a', 1);\npref('a', 'x'); pref('b', 2);\n");
        ck_assert_int_eq(prefs_load(prefs, path, PREF_DEFAULT, &error), -EINVAL);
        snprintf(expected, sizeof(expected), "%s:2:1: a: expected a number, found a string", path);
        ck_assert_str_eq(error.text, expected);
        ck_assert_int_eq(prefs_get_int(prefs, "a", 9), 1);
        ck_assert_int_eq(prefs_get_int(prefs, "b", 9), 2);
        write_text(path, "pref('c', 1);\nuser_pref('d' 1);\npref('e', 2);\n");
        ck_assert_int_eq(prefs_load(prefs, path, PREF_DEFAULT, &error), -EINVAL);
        snprintf(expected, sizeof(expected), "%s:2:15: expected \",\", found '1'", path);
        ck_assert_str_eq(error.text, expected);
        ck_assert_int_eq(prefs_get_int(prefs, "c", 9), 1);
        ck_assert_int_eq(prefs_get_int(prefs, "e", 9), 9);
}
END_TEST

START_TEST(save_and_load)
{
        struct error error = ERROR_INIT;
        char *content, all[256];
        size_t size;
        struct stat status;
        _cleanup_free_ char *path = in_base("prefs.js");

        for (size_t i = 1; i < 256; i++)
                all[i - 1] = (char)(i < 0x80 ? i : 'x');
        all[255] = 0;
        set("z", PREF_USER, &yes);
        set("quote\"d", PREF_USER, &one);
        set("all", PREF_USER, &(struct pref_value){ .type = PREF_STRING, .string = all });
        set("euro", PREF_USER, &(struct pref_value){ .type = PREF_STRING, .string = "\xe2\x82\xac" });
        set("min", PREF_USER, &(struct pref_value){ .type = PREF_INT, .integer = INT32_MIN });
        set("default", PREF_DEFAULT, &one);
        /* A default that comes to equal the user's value. */
        set("same", PREF_USER, &one);
        set("same", PREF_DEFAULT, &one);
        ck_assert_int_eq(prefs_save(prefs, path, &error), 0);
        ck_assert(!prefs_dirty(prefs));
        ck_assert_int_eq(stat(path, &status), 0);
        ck_assert_uint_eq(status.st_mode & 0777, 0600);

        ck_assert_int_eq(file_read(AT_FDCWD, path, PREF_FILE_MAX, &content, &size), 0);
        ck_assert_int_eq(strncmp(content, "//", 2), 0);
        ck_assert_ptr_nonnull(strstr(content, "\nuser_pref(\"quote\\\"d\", 1);\nuser_pref(\"z\", true);\n"));
        ck_assert_ptr_nonnull(strstr(content, "\nuser_pref(\"euro\", \"\xe2\x82\xac\");\n"));
        ck_assert_ptr_null(strstr(content, "default"));
        ck_assert_ptr_null(strstr(content, "same"));
        free(content);

        struct prefs *again = prefs_new();
        ck_assert_int_eq(prefs_load(again, path, PREF_USER, &error), 0);
        ck_assert_str_eq(prefs_get_string(again, "all", ""), all);
        ck_assert_int_eq(prefs_get_int(again, "min", 0), INT32_MIN);
        ck_assert_int_eq(prefs_get_int(again, "quote\"d", 0), 1);
        prefs_free(again);
}
END_TEST

START_TEST(save_fails)
{
        struct error error = ERROR_INIT;
        _cleanup_free_ char *path = in_base("none/prefs.js");

        set("a", PREF_USER, &one);
        ck_assert_int_eq(prefs_save(prefs, path, &error), -ENOENT);
        ck_assert_ptr_nonnull(strstr(error.text, path));
        ck_assert(prefs_dirty(prefs));
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_checked_fixture(test_case, setup, teardown);
        tcase_add_loop_test(test_case, parse, 0, (int)ARRAY_SIZE(files));
        tcase_add_test(test_case, parse_nul);
        tcase_add_test(test_case, parse_limits);
        tcase_add_test(test_case, parse_stops_for_the_handler);
        tcase_add_test(test_case, branches);
        tcase_add_test(test_case, unchanged_is_not_told);
        tcase_add_test(test_case, types);
        tcase_add_test(test_case, refused);
        tcase_add_test(test_case, locks);
        tcase_add_test(test_case, strings_of_the_store_itself);
        tcase_add_test(test_case, names);
        tcase_add_test(test_case, many);
        tcase_add_test(test_case, observer_changes);
        tcase_add_test(test_case, load_branches);
        tcase_add_test(test_case, load_errors);
        tcase_add_test(test_case, save_and_load);
        tcase_add_test(test_case, save_fails);
}

int main(void)
{
        return unit_main("prefs", add);
}
