/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include "client/text.h"

#include <inttypes.h>
#include <locale.h>

#include "client/table.h"
#include "tests/unit/unit.h"

static const struct {
        const char *text;
        size_t size;
        const char *word;
} words[] = {
        { "plain", 5, "plain" },
        { "/a-b_c.d:e,f=g+h@i%j", 20, "/a-b_c.d:e,f=g+h@i%j" },
        { "", 0, "''" },
        { "a b", 3, "'a b'" },
        { "$x", 2, "'$x'" },
        { "it's", 4, "$'it\\'s'" },
        { "back\\slash", 10, "'back\\slash'" },
        { "line\nbreak", 10, "$'line\\nbreak'" },
        { "both'\\\t", 7, "$'both\\'\\\\\\t'" },
        { "\x1b[31m", 5, "$'\\x1b[31m'" },
        { "\xc2\x9b", 2, "$'\\xc2\\x9b'" },
        { "it's \xc3\xa9", 7, "$'it\\'s \xc3\xa9'" },
        { "caf\xc3\xa9", 5, "'caf\xc3\xa9'" },
};

START_TEST(test_word)
{
        char *word = text_word(words[_i].text, words[_i].size);

        ck_assert_str_eq(word, words[_i].word);
        free(word);
}
END_TEST

START_TEST(test_words)
{
        json_t *args = json_pack("[s, s, s]", "a", "", "b c"), *none = json_array();
        char *all = text_words(args), *empty = text_words(none);

        ck_assert_str_eq(all, "a '' 'b c'");
        ck_assert_str_eq(empty, "");
        free(all);
        free(empty);
        json_decref(args);
        json_decref(none);
}
END_TEST

static const struct {
        const char *text;
        size_t width;
        const char *cut;
} cuts[] = {
        { "", 0, "" },
        { "abc", 3, "abc" },
        { "abcdef", 5, "ab..." },
        { "abcdef", 6, "abcdef" },
        { "abcdef", 3, "..." },
        { "abcdef", 2, ".." },
        { "abcdef", 0, "" },
        { "\xc3\xa9\xc3\xa9\xc3\xa9", 3, "\xc3\xa9\xc3\xa9\xc3\xa9" },
        { "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 5, "\xe4\xb8\xad..." }, /* two columns each */
        { "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad", 4, "..." },
};

START_TEST(test_cut)
{
        ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
        char *cut = text_cut(cuts[_i].text, cuts[_i].width);

        ck_assert_str_eq(cut, cuts[_i].cut);
        ck_assert_uint_le(text_width(cut), cuts[_i].width);
        free(cut);
}
END_TEST

static const struct {
        int64_t bytes;
        const char *text;
} sizes[] = {
        { 0, "0 B" },
        { 1023, "1023 B" },
        { 1024, "1.0 KiB" },
        { 1536, "1.5 KiB" },
        { 1048575, "1.0 MiB" },
        { 33554432, "32.0 MiB" },
        { INT64_C(1) << 40, "1.0 TiB" },
        { INT64_MAX, "8388608.0 TiB" },
};

START_TEST(test_bytes)
{
        char *text = text_bytes(sizes[_i].bytes);

        ck_assert_str_eq(text, sizes[_i].text);
        free(text);
}
END_TEST

static const struct {
        int64_t us;
        const char *text;
} durations[] = {
        { 0, "0s" },
        { 999, "999us" },
        { 1500, "2ms" },
        { 587859, "588ms" },
        { INT64_C(1999600), "2s" },
        { INT64_C(99999400), "1min 39s" },
        { INT64_C(100400000), "1min 40s" },
        { INT64_C(21600) * 1000000, "6h" },
};

START_TEST(test_duration)
{
        char *text = text_duration(durations[_i].us);

        ck_assert_str_eq(text, durations[_i].text);
        free(text);
}
END_TEST

START_TEST(test_signal)
{
        static const struct {
                int64_t number;
                const char *name;
        } signals[] = { { 9, "SIGKILL" }, { 15, "SIGTERM" }, { 0, "signal 0" }, { 999, "signal 999" } };

        for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
                char *name = text_signal(signals[i].number);

                ck_assert_str_eq(name, signals[i].name);
                free(name);
        }
}
END_TEST

static const struct table_column columns[] = {
        { "N", true, false },
        { "TASK", false, true },
        { "ARGS", false, false },
        { 0 },
};

static const struct {
        size_t width;
        const char *lines;
} tables[] = {
        { 0, " N  TASK                 ARGS\n 7  short\n12  a name that is long  and arguments\n" },
        { 80, " N  TASK                 ARGS\n 7  short\n12  a name that is long  and arguments\n" },
        { 33, " N  TASK                 ARGS\n 7  short\n12  a name that is long  and a...\n" },
        { 25, " N  TASK         ARGS\n 7  short\n12  a name t...  and a...\n" },
        { 1, " N  TASK      ARGS\n 7  short\n12  a nam...  and a...\n" },
};

START_TEST(test_table)
{
        struct table *table = table_new(columns);
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        table_add(table, strdup("7"), TEXT_PLAIN);
        table_add(table, strdup("short"), TEXT_GREEN);
        table_add(table, NULL, TEXT_PLAIN);
        table_add(table, strdup("12"), TEXT_PLAIN);
        table_add(table, strdup("a name that is long"), TEXT_PLAIN);
        table_add(table, strdup("and arguments"), TEXT_PLAIN);
        ck_assert_int_eq(table_print(table, out, tables[_i].width, false), 0);
        fclose(out);

        ck_assert_str_eq(text, tables[_i].lines);
        free(text);
        table_free(table);
}
END_TEST

START_TEST(test_color)
{
        struct table *table = table_new(columns);
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);

        table_add(table, strdup("7"), TEXT_RED);
        table_add(table, strdup("t"), TEXT_PLAIN);
        table_add(table, strdup("x"), TEXT_PLAIN);
        ck_assert_int_eq(table_print(table, out, 0, true), 0);
        fclose(out);
        ck_assert_ptr_nonnull(strstr(text, "\033[31m7\033[0m  t"));
        ck_assert_ptr_nonnull(strstr(text, "\033[1mTASK\033[0m"));
        free(text);
        table_free(table);
}
END_TEST

static void add(TCase *test_case)
{
        tcase_add_loop_test(test_case, test_word, 0, ARRAY_SIZE(words));
        tcase_add_test(test_case, test_words);
        tcase_add_loop_test(test_case, test_cut, 0, ARRAY_SIZE(cuts));
        tcase_add_loop_test(test_case, test_bytes, 0, ARRAY_SIZE(sizes));
        tcase_add_loop_test(test_case, test_duration, 0, ARRAY_SIZE(durations));
        tcase_add_test(test_case, test_signal);
        tcase_add_loop_test(test_case, test_table, 0, ARRAY_SIZE(tables));
        tcase_add_test(test_case, test_color);
}

int main(void)
{
        return unit_main("client text", add);
}
