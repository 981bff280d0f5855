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

#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define MODULE "resource://gre/modules/bgtask/Language.sys.mjs"
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
        { "DataView.prototype", "DataView" },
        { "Error", NULL },
        { "Iterator", NULL },
        { "Map", "Map" },
        { "Map.prototype", "Map" },
        { "Math", "Math" },
        { "Object", NULL },
        { "Promise", NULL },
        { "RegExp", NULL },
        { "RegExp.prototype", NULL },
        { "Set.prototype", "Set" },
        { "String.prototype", NULL },
        { "Symbol", NULL },
        { "Uint8Array", "Uint8Array" },
        { "Uint8Array.prototype", "Uint8Array" },
        { "WeakMap.prototype", "WeakMap" },
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
        { "DataView.prototype", "getFloat16" },
        { "DataView.prototype", "setFloat16" },
        { "Error", "captureStackTrace" },
        { "Error", "isError" },
        { "Error", "stackTraceLimit" },
        { "Iterator", "concat" },
        { "Iterator", "zip" },
        { "Iterator", "zipKeyed" },
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
};

/* Whether ours is there: the engine had none. */
static bool supplied[ARRAY_SIZE(members)];

/* What older engines have and Firefox does not (any more): a proposal's names that code may ask for. */
static const struct language_member leftovers[] = {
        { NULL, "AsyncIterator" },
        { "Iterator.prototype", "asIndexedPairs" },
};

static eng_val holder_find(eng *e, const char *path)
{
        eng_val object = eng_global(e);

        while (path && *path) {
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

static bool member_install(eng *e, const struct language_member *member)
{
        eng_val namespace;

        if (eng_import(e, MODULE, NULL, &namespace) != ENG_IMPORT_OK)
                return false;
        const eng_val argv[] = {
                eng_cstring(e, member->holder),
                holder_find(e, member->holder),
                eng_cstring(e, member->name),
        };
        return eng_call_method(e, namespace, "install", ARRAY_SIZE(argv), argv) != NULL;
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

static bool holder_fill(eng *e, size_t index)
{
        const char *path = holders[index].path;
        eng_val holder = holder_find(e, path);

        if (filled[index]) /* by the look-up */
                return true;
        filled[index] = true;
        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                bool has;
                if (strcmp(members[i].holder, path) != 0)
                        continue;
                if (!holder || !eng_has(e, holder, members[i].name, &has))
                        return false;
                supplied[i] = !has;
                if (!has && !member_define(e, holder, &members[i]))
                        return false;
        }
        return true;
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
        for (size_t i = 0; i < ARRAY_SIZE(leftovers); i++)
                if (!eng_delete(e, holder_find(e, leftovers[i].holder), leftovers[i].name))
                        return false;
        return true;
}

bool language_touch(eng *e, bool install)
{
        for (size_t i = 0; i < ARRAY_SIZE(members); i++)
                if (!holder_find(e, members[i].holder) ||
                    (install && supplied[i] && !member_install(e, &members[i])))
                        return false;
        return true;
}
