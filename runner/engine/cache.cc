/* SPDX-License-Identifier: MPL-2.0 */
/*
 * cache.cc - compiled code kept from one start to the next: the engine's self-hosted part, and modules.
 *
 * The key of a file is the build ID of the very libmozjs that is loaded, made longer by the engine with
 * what else its format depends on. A module's code is used only if the text that was compiled is, byte for
 * byte, the text that the loader has now. The engine keeps using the mapped file: it is never unmapped.
 */
#include "runner/engine/internal.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <memory>
#include <new>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "runner/engine/cache_file.h"

struct CacheFile {
        struct cache_file file;
};

static CacheFile opened;

/* ---- key ---- */

struct BuildId {
        const uint8_t *bytes;
        size_t size;
};

static bool object_holds(const struct dl_phdr_info *info, uintptr_t address)
{
        for (int i = 0; i < info->dlpi_phnum; i++) {
                const ElfW(Phdr) &p = info->dlpi_phdr[i];
                if (p.p_type == PT_LOAD && address - (info->dlpi_addr + p.p_vaddr) < p.p_memsz)
                        return true;
        }
        return false;
}

static void note_find(const uint8_t *at, size_t size, BuildId *ret)
{
        ElfW(Nhdr) note;
        while (size >= sizeof note) {
                memcpy(&note, at, sizeof note);
                size_t name = (note.n_namesz + 3u) & ~3u, desc = (note.n_descsz + 3u) & ~3u;
                if (name > size - sizeof note || desc > size - sizeof note - name)
                        return;
                if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
                    memcmp(at + sizeof note, "GNU", 4) == 0) {
                        *ret = { at + sizeof note + name, note.n_descsz };
                        return;
                }
                at += sizeof note + name + desc;
                size -= sizeof note + name + desc;
        }
}

static int object_seen(struct dl_phdr_info *info, size_t, void *data)
{
        if (!object_holds(info, reinterpret_cast<uintptr_t>(&JS_NewContext)))
                return 0;
        for (int i = 0; i < info->dlpi_phnum; i++) {
                const ElfW(Phdr) &p = info->dlpi_phdr[i];
                if (p.p_type == PT_NOTE)
                        note_find(reinterpret_cast<const uint8_t *>(info->dlpi_addr + p.p_vaddr), p.p_memsz,
                                  static_cast<BuildId *>(data));
        }
        return 1;
}

static bool build_id(JS::BuildIdCharVector *ret)
{
        BuildId id = { nullptr, 0 };
        dl_iterate_phdr(object_seen, &id);
        return id.size > 0 && ret->append(reinterpret_cast<const char *>(id.bytes), id.size);
}

/* ---- reading ---- */

JS::SelfHostedCache cache_open(eng *e)
{
        JS::BuildIdCharVector key;
        struct cache_entry entry;
        JS::SetProcessBuildIdOp(build_id);
        if (!e->hooks.cache_path || !JS::GetScriptTranscodingBuildId(&key) ||
            cache_file_open(e->hooks.cache_path, key.begin(), key.length(), &opened.file) < 0)
                return JS::SelfHostedCache();
        e->cache = &opened;
        if (!cache_file_find(&opened.file, "", 0, &entry))
                return JS::SelfHostedCache();
        e->cache_used = true;
        return JS::SelfHostedCache(static_cast<const uint8_t *>(entry.code), entry.code_size);
}

/* Called when the engine could not use what cache_open() gave it, and compiled. */
bool cache_refused(JSContext *cx, JS::SelfHostedCache)
{
        engine_of(cx)->cache_used = false;
        return true;
}

bool eng_cache_used(eng *e)
{
        return e->cache_used;
}

JSObject *cache_module(eng *e, const char *url, const char *text, size_t size,
                       const JS::CompileOptions &options)
{
        struct cache_entry entry;
        if (!e->cache || !cache_file_find(&e->cache->file, url, strlen(url), &entry) ||
            entry.text_size != size || memcmp(entry.text, text, size) != 0)
                return nullptr;
        JS::DecodeOptions decode(options);
        decode.borrowBuffer = true;
        decode.usePinnedBytecode = true;
        JS::TranscodeRange code(static_cast<const uint8_t *>(entry.code), entry.code_size);
        RefPtr<JS::Stencil> stencil;
        if (JS::DecodeStencil(e->cx, decode, code, getter_AddRefs(stencil)) != JS::TranscodeResult::Ok) {
                JS_ClearPendingException(e->cx);
                return nullptr;
        }
        JSObject *module = JS::InstantiateModuleStencil(e->cx, JS::InstantiateOptions(options), stencil);
        if (!module)
                JS_ClearPendingException(e->cx);
        return module;
}

/* ---- writing ---- */

struct SelfHosted {
        Vec<uint8_t> code;
        bool ok;
};

static bool self_hosted_take(JSContext *cx, JS::SelfHostedCache code)
{
        auto *ret = static_cast<SelfHosted *>(JS_GetContextPrivate(cx));
        ret->ok = ret->code.append(code.data(), code.size());
        return true;
}

/* The engine encodes its self-hosted code only while it starts, so start another one, on a thread of its
 * own because a thread can have but one. */
static void *self_hosted_main(void *data)
{
        JSContext *cx = JS_NewContext(64u << 20);
        if (!cx)
                return nullptr;
        JS_SetContextPrivate(cx, data);
        JS::InitSelfHostedCode(cx, JS::SelfHostedCache(), self_hosted_take);
        JS_DestroyContext(cx);
        return nullptr;
}

static bool self_hosted_encode(SelfHosted *ret)
{
        pthread_t thread;
        ret->ok = false;
        if (pthread_create(&thread, nullptr, self_hosted_main, ret) != 0)
                return false;
        pthread_join(thread, nullptr);
        return ret->ok;
}

/* One entry, and what it points at. */
struct Encoded {
        JS::TranscodeBuffer code;
        char *text = nullptr;
        size_t text_size = 0;
        ~Encoded()
        {
                free(text);
        }
};

/* false: the module is left out, because it is gone or has changed for the worse. */
static bool module_encode(eng *e, const char *url, Encoded *ret)
{
        char *reason = nullptr;
        enum eng_load loaded = e->hooks.load(e->hooks.data, url, &ret->text, &ret->text_size, &reason);
        free(reason);
        if (loaded != ENG_LOAD_OK || !ret->text || !utf8_valid(ret->text, ret->text_size))
                return false;
        JS::CompileOptions options(e->cx);
        options.setFileAndLine(url, 1);
        JS::SourceText<mozilla::Utf8Unit> source;
        if (!source.init(e->cx, ret->text, ret->text_size, JS::SourceOwnership::Borrowed))
                return false;
        RefPtr<JS::Stencil> stencil = JS::CompileModuleScriptToStencil(e->cx, options, source);
        return stencil && JS::EncodeStencil(e->cx, stencil, ret->code) == JS::TranscodeResult::Ok;
}

int eng_cache_write(eng *e, const char *path)
{
        JS::BuildIdCharVector key;
        SelfHosted self_hosted;
        Vec<struct cache_entry> entries;
        size_t count = e->roots().modules.length();
        std::unique_ptr<Encoded[]> encoded(new (std::nothrow) Encoded[count]);
        if (!may_run(e) || !JS::GetScriptTranscodingBuildId(&key))
                return -ENOTSUP;
        if (!self_hosted_encode(&self_hosted) || !encoded || !entries.reserve(count + 1))
                return -ENOMEM;
        entries.infallibleAppend(
                cache_entry{ "", 0, "", 0, self_hosted.code.begin(), self_hosted.code.length() });
        for (size_t i = 0; i < count; i++) {
                const char *url = e->roots().modules[i].url;
                Encoded &module = encoded[i];
                if (module_encode(e, url, &module))
                        entries.infallibleAppend(cache_entry{ url, strlen(url), module.text, module.text_size,
                                                              module.code.begin(), module.code.length() });
                JS_ClearPendingException(e->cx);
        }
        return cache_file_write(path, key.begin(), key.length(), entries.begin(), entries.length());
}
