/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Built-ins of the language that newer engines have, and Firefox's modules use, as lazy members.
 *
 * Where the engine has one itself, nothing is done. Else an accessor stands there until the first use; then
 * Language.sys.mjs puts the real member in its place. The accessor is inherited: a value that is assigned through an
 * object that inherits it becomes that object's own, as it would over a method.
 *
 * The engine makes its classes when they are first needed, which takes long for some. Those that scripts can only come
 * by through a global's name get their members when that is looked up; the others, which literals, exceptions and the
 * like make as well, at the start.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define MODULE "resource://gre/modules/bgtask/Language.sys.mjs"
#define ITERATOR_MODULE "resource://gre/modules/bgtask/LanguageIterator.sys.mjs"
#define ITERATOR "Iterator.prototype"
#define TYPED "Int8Array.__proto__.prototype"
#define TYPED_NAMES                                                                                          \
        "Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array " \
        "Float64Array BigInt64Array BigUint64Array"

/* Where members belong (a path from the global), and the globals whose look-up makes it; NULL: made at the start. */
static const struct language_holder {
        const char *path;
        const char *makers;
} holders[] = {
        { "Array", NULL },
        { "Array.prototype", NULL },
        { TYPED, TYPED_NAMES },
        { "ArrayBuffer.prototype", "ArrayBuffer DataView WebAssembly " TYPED_NAMES },
        { "Atomics", "Atomics" },
        { "DataView.prototype", "DataView" },
        { "Date.prototype", "Date" },
        { "Error", NULL },
        { "Intl.Locale.prototype", "Intl" },
        { "Intl.NumberFormat.prototype", "Intl" },
        { "Intl.PluralRules.prototype", "Intl" },
        { "Intl", "Intl" }, /* after them, since it hides Intl.Locale */
        { "Iterator", "Iterator" },
        { "Iterator.prototype", NULL },
        { "JSON", "JSON" },
        { "Map", "Map" },
        { "Map.prototype", "Map" },
        { "Math", "Math" },
        { "Object", NULL },
        { "Promise", NULL },
        { "RegExp", NULL },
        { "RegExp.prototype", NULL },
        { "Set.prototype", "Set" },
        { "SharedArrayBuffer.prototype", "SharedArrayBuffer WebAssembly" },
        { "String.prototype", NULL },
        { "Symbol", NULL },
        { "Uint8Array", "Uint8Array" },
        { "Uint8Array.prototype", "Uint8Array" },
        { "WeakMap.prototype", "WeakMap" },
        { "WebAssembly", "WebAssembly" },
        { "WebAssembly.Memory.prototype", "WebAssembly" },
};

static bool filled[ARRAY_SIZE(holders)];

static const struct language_member {
        const char *holder;
        const char *name;
} members[] = {
        { "Array", "fromAsync" },
        { "Array.prototype", "findLast" },
        { "Array.prototype", "findLastIndex" },
        { "Array.prototype", "toReversed" },
        { "Array.prototype", "toSorted" },
        { "Array.prototype", "toSpliced" },
        { "Array.prototype", "with" },
        { TYPED, "findLast" },
        { TYPED, "findLastIndex" },
        { TYPED, "toReversed" },
        { TYPED, "toSorted" },
        { TYPED, "with" },
        { "ArrayBuffer.prototype", "detached" },
        { "ArrayBuffer.prototype", "maxByteLength" },
        { "ArrayBuffer.prototype", "resizable" },
        { "ArrayBuffer.prototype", "resize" },
        { "ArrayBuffer.prototype", "transfer" },
        { "ArrayBuffer.prototype", "transferToFixedLength" },
        { "Atomics", "pause" },
        { "Atomics", "waitAsync" },
        { "DataView.prototype", "getFloat16" },
        { "DataView.prototype", "setFloat16" },
        { "Date.prototype", "toTemporalInstant" },
        { "Error", "captureStackTrace" },
        { "Error", "isError" },
        { "Error", "stackTraceLimit" },
        { "Intl", "DurationFormat" },
        { "Intl", "Segmenter" },
        { "Intl.Locale.prototype", "firstDayOfWeek" },
        { "Intl.Locale.prototype", "getCalendars" },
        { "Intl.Locale.prototype", "getCollations" },
        { "Intl.Locale.prototype", "getHourCycles" },
        { "Intl.Locale.prototype", "getNumberingSystems" },
        { "Intl.Locale.prototype", "getTextInfo" },
        { "Intl.Locale.prototype", "getTimeZones" },
        { "Intl.Locale.prototype", "getWeekInfo" },
        { "Intl.Locale.prototype", "variants" },
        { "Intl.NumberFormat.prototype", "formatRange" },
        { "Intl.NumberFormat.prototype", "formatRangeToParts" },
        { "Intl.PluralRules.prototype", "selectRange" },
        { "Iterator", "concat" },
        { "Iterator", "from" },
        { "Iterator", "zip" },
        { "Iterator", "zipKeyed" },
        { "Iterator.prototype", "drop" },
        { "Iterator.prototype", "every" },
        { "Iterator.prototype", "filter" },
        { "Iterator.prototype", "find" },
        { "Iterator.prototype", "flatMap" },
        { "Iterator.prototype", "forEach" },
        { "Iterator.prototype", "map" },
        { "Iterator.prototype", "reduce" },
        { "Iterator.prototype", "some" },
        { "Iterator.prototype", "take" },
        { "Iterator.prototype", "toArray" },
        { "JSON", "isRawJSON" },
        { "JSON", "rawJSON" },
        { "Map", "groupBy" },
        { "Map.prototype", "getOrInsert" },
        { "Map.prototype", "getOrInsertComputed" },
        { "Math", "f16round" },
        { "Math", "sumPrecise" },
        { "Object", "groupBy" },
        { "Promise", "try" },
        { "Promise", "withResolvers" },
        { "RegExp", "escape" },
        { "RegExp.prototype", "unicodeSets" },
        { "Set.prototype", "difference" },
        { "Set.prototype", "intersection" },
        { "Set.prototype", "isDisjointFrom" },
        { "Set.prototype", "isSubsetOf" },
        { "Set.prototype", "isSupersetOf" },
        { "Set.prototype", "symmetricDifference" },
        { "Set.prototype", "union" },
        { "SharedArrayBuffer.prototype", "grow" },
        { "SharedArrayBuffer.prototype", "growable" },
        { "SharedArrayBuffer.prototype", "maxByteLength" },
        { "String.prototype", "isWellFormed" },
        { "String.prototype", "toWellFormed" },
        { "Symbol", "asyncDispose" },
        { "Symbol", "dispose" },
        { "Uint8Array", "fromBase64" },
        { "Uint8Array", "fromHex" },
        { "Uint8Array.prototype", "setFromBase64" },
        { "Uint8Array.prototype", "setFromHex" },
        { "Uint8Array.prototype", "toBase64" },
        { "Uint8Array.prototype", "toHex" },
        { "WeakMap.prototype", "getOrInsert" },
        { "WeakMap.prototype", "getOrInsertComputed" },
        { "WebAssembly.Memory.prototype", "toFixedLengthBuffer" },
};

/* Whether ours is there: the engine had none. */
static bool supplied[ARRAY_SIZE(members)];

/* What Firefox has and this has not, for reasons that bgtask-environment(7) gives. What stands for it says so when it is
 * used. */
static const struct language_member absent[] = {
        { "WebAssembly", "JSTag" },
        { "WebAssembly", "SuspendError" },
        { "WebAssembly", "Suspending" },
        { "WebAssembly", "promising" },
        { "WebAssembly.Memory.prototype", "toResizableBuffer" },
};

/* What the engine has and whose options it knows in part: what takes its place is made of it. */
static const struct language_replacement {
        struct language_member member;  /* first */
        struct language_member missing; /* supplied where that is so */
} replaced[] = {
        { { "Intl", "Locale" }, { "Intl.Locale.prototype", "variants" } },
};

static eng_ref *originals[ARRAY_SIZE(replaced)];

static eng_val holder_find(eng *e, const char *path)
{
        eng_val object = eng_global(e);

        if (strcmp(path, ITERATOR) == 0) /* by way of the global it would be made of a module */
                return eng_iterator_prototype(e);
        while (*path) {
                char part[32];
                size_t size = strcspn(path, ".");
                if (size >= sizeof(part))
                        return eng_throw(e, ENG_E_INTERNAL, "%s: the path is too long", path);
                memcpy(part, path, size);
                part[size] = '\0';
                object = eng_get(e, object, part);
                path += size + (path[size] == '.');
        }
        return object;
}

/* The row that @member is in; NULL: another table's. */
static const struct language_replacement *replacement_of(const struct language_member *member)
{
        for (size_t i = 0; i < ARRAY_SIZE(replaced); i++)
                if (member == &replaced[i].member)
                        return &replaced[i];
        return NULL;
}

static bool member_install(eng *e, const struct language_member *member)
{
        eng_val namespace;

        if (eng_import(e, MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return false;
        const struct language_replacement *replacement = replacement_of(member);
        const eng_val argv[] = {
                eng_cstring(e, member->holder),
                holder_find(e, member->holder),
                eng_cstring(e, member->name),
                replacement ? eng_ref_get(originals[replacement - replaced]) : ENG_UNDEF,
        };
        bool is_absent = member >= absent && member < absent + ARRAY_SIZE(absent);
        const char *function = replacement ? "replace" : is_absent ? "installAbsent" : "install";
        return eng_call_method(e, namespace, function, ARRAY_SIZE(argv), argv) != NULL;
}

static eng_val member_get(eng *e, eng_args *args, void *data)
{
        const struct language_member *member = data;

        if (!member_install(e, member))
                return NULL;
        return eng_get(e, eng_this(args), member->name);
}

static eng_val member_set(eng *e, eng_args *args, void *data)
{
        const struct language_member *member = data;
        eng_val self = eng_this(args);
        bool own = eng_same(e, self, holder_find(e, member->holder));

        return eng_define(e, self, member->name, eng_arg(args, 0), own ? 0 : ENG_ENUMERABLE) ? ENG_UNDEF
                                                                                             : NULL;
}

static bool member_define(eng *e, eng_val holder, const struct language_member *member)
{
        void *data = (void *)member; /* only read */

        eng_val getter = eng_function(e, member->name, 0, member_get, data);
        eng_val setter = eng_function(e, member->name, 1, member_set, data);
        return eng_define_accessor(e, holder, member->name, getter, setter, 0);
}

/* Those of Array.prototype that the statement `with` is not to see. */
static bool unscopables_add(eng *e, eng_val prototype)
{
        static const char *const names[] = { "findLast", "findLastIndex", "toReversed", "toSorted",
                                             "toSpliced" };
        eng_val list = eng_get_value(e, prototype, eng_symbol_for(e, "unscopables"));

        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (!eng_define(e, list, names[i], ENG_TRUE, ENG_ENUMERABLE))
                        return false;
        return true;
}

static eng_val tag_key(eng *e)
{
        return eng_symbol_for(e, "toStringTag");
}

/* Two properties of Iterator.prototype read like any other; what is assigned becomes the property of the object that it
 * is assigned to, and Iterator.prototype stays. */
static eng_val iterator_assign(eng *e, eng_args *args, eng_val key)
{
        eng_val namespace;

        if (eng_import(e, ITERATOR_MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return NULL;
        const eng_val argv[] = { eng_this(args), key, eng_arg(args, 0) };
        return eng_call_method(e, namespace, "assign", ARRAY_SIZE(argv), argv);
}

static eng_val iterator_tag_get(eng *e, eng_args *args, void *data)
{
        return eng_cstring(e, "Iterator");
}

static eng_val iterator_tag_set(eng *e, eng_args *args, void *data)
{
        return iterator_assign(e, args, tag_key(e));
}

static eng_val iterator_constructor_get(eng *e, eng_args *args, void *data)
{
        return eng_get(e, eng_global(e), "Iterator");
}

static eng_val iterator_constructor_set(eng *e, eng_args *args, void *data)
{
        return iterator_assign(e, args, eng_cstring(e, "constructor"));
}

static bool iterator_add(eng *e, eng_val prototype)
{
        eng_val tag[] = { eng_function(e, "get [Symbol.toStringTag]", 0, iterator_tag_get, NULL),
                          eng_function(e, "set [Symbol.toStringTag]", 1, iterator_tag_set, NULL) };
        eng_val constructor[] = { eng_function(e, "get constructor", 0, iterator_constructor_get, NULL),
                                  eng_function(e, "set constructor", 1, iterator_constructor_set, NULL) };

        return eng_define_accessor_value(e, prototype, tag_key(e), tag[0], tag[1], 0) &&
               eng_define_accessor(e, prototype, "constructor", constructor[0], constructor[1], 0);
}

/* What is not a member of its own, or has a symbol for a name. */
static bool holder_finish(eng *e, const char *path, eng_val holder)
{
        if (strcmp(path, "Array.prototype") == 0)
                return unscopables_add(e, holder);
        if (strcmp(path, ITERATOR) == 0)
                return iterator_add(e, holder);
        if (strcmp(path, "WebAssembly") == 0)
                return eng_define_value(e, holder, tag_key(e), eng_cstring(e, "WebAssembly"), ENG_READONLY);
        return true;
}

static bool absent_define(eng *e, const char *path, eng_val holder)
{
        for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
                bool has;
                if (strcmp(absent[i].holder, path) != 0)
                        continue;
                if (!eng_has(e, holder, absent[i].name, &has) ||
                    (!has && !member_define(e, holder, &absent[i])))
                        return false;
        }
        return true;
}

static bool is_supplied(const struct language_member *member)
{
        for (size_t i = 0; i < ARRAY_SIZE(members); i++)
                if (strcmp(members[i].holder, member->holder) == 0 &&
                    strcmp(members[i].name, member->name) == 0)
                        return supplied[i];
        return false;
}

static bool replacements_define(eng *e, const char *path, eng_val holder)
{
        for (size_t i = 0; i < ARRAY_SIZE(replaced); i++) {
                const struct language_member *member = &replaced[i].member;
                if (strcmp(member->holder, path) != 0 || !is_supplied(&replaced[i].missing))
                        continue;
                originals[i] = eng_ref_new(e, eng_get(e, holder, member->name));
                if (!originals[i] || !member_define(e, holder, member))
                        return false;
        }
        return true;
}

static bool holder_fill(eng *e, size_t index)
{
        const char *path = holders[index].path;
        eng_val holder = holder_find(e, path);

        if (filled[index]) /* by the look-up */
                return true;
        filled[index] = true;
        if (!holder || !language_detours_define(e, path, holder))
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                bool has;
                if (strcmp(members[i].holder, path) != 0)
                        continue;
                if (!eng_has(e, holder, members[i].name, &has))
                        return false;
                supplied[i] = !has;
                if (!has && !member_define(e, holder, &members[i]))
                        return false;
        }
        return absent_define(e, path, holder) && replacements_define(e, path, holder) &&
               holder_finish(e, path, holder);
}

static bool is_word_of(const char *word, const char *words)
{
        size_t size = strlen(word);

        for (; *words; words += strspn(words, " ")) {
                size_t n = strcspn(words, " ");
                if (n == size && memcmp(words, word, size) == 0)
                        return true;
                words += n;
        }
        return false;
}

bool language_class_made(eng *e, const char *name)
{
        for (size_t i = 0; i < ARRAY_SIZE(holders); i++)
                if (!filled[i] && holders[i].makers && is_word_of(name, holders[i].makers) &&
                    !holder_fill(e, i))
                        return false;
        return true;
}

bool language_define(eng *e)
{
        for (size_t i = 0; i < ARRAY_SIZE(holders); i++)
                if (!holders[i].makers && !holder_fill(e, i))
                        return false;
        return true;
}

/* Look up the global that a path begins with: what hangs on it has then been made. */
static bool holder_touch(eng *e, const char *path)
{
        char name[32];

        return snprintf(name, sizeof(name), "%.*s", (int)strcspn(path, "."), path) < (int)sizeof(name) &&
               holder_find(e, name);
}

bool language_touch(eng *e, bool install)
{
        for (size_t i = 0; i < ARRAY_SIZE(members); i++)
                if (!holder_touch(e, members[i].holder) ||
                    (install && supplied[i] && !member_install(e, &members[i])))
                        return false;
        return true;
}
