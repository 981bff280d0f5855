/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Built-ins of the language that newer engines have, and Firefox's modules use, as lazy members.
 *
 * Where the engine has one itself, nothing is done. Else an accessor stands there until the first use; then
 * Language.sys.mjs puts the real member in its place. The accessor is inherited: a value that is assigned through an
 * object that inherits it becomes that object's own, as it would over a method.
 */
#include "config.h"

#include <string.h>

#include "lib/util.h"
#include "runner/builtin.h"

#define MODULE "resource://gre/modules/bgtask/Language.sys.mjs"
#define TYPED "Int8Array.__proto__.prototype"

/* Where it belongs (a path from the global), and its name. Members of one holder follow each other. */
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

bool language_define(eng *e)
{
        const char *path = NULL;
        eng_val holder = NULL;

        for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
                if (path != members[i].holder)
                        holder = holder_find(e, members[i].holder);
                path = members[i].holder;
                bool has;
                if (!holder || !eng_has(e, holder, members[i].name, &has))
                        return false;
                supplied[i] = !has;
                if (!has && !member_define(e, holder, &members[i]))
                        return false;
        }
        for (size_t i = 0; i < ARRAY_SIZE(leftovers); i++)
                if (!eng_delete(e, holder_find(e, leftovers[i].holder), leftovers[i].name))
                        return false;
        return true;
}

bool language_touch(eng *e)
{
        for (size_t i = 0; i < ARRAY_SIZE(members); i++)
                if (supplied[i] && !member_install(e, &members[i]))
                        return false;
        return true;
}
