/* SPDX-License-Identifier: MPL-2.0 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/util.h"
#include "runner/loader.h"
#include "runner/syntax.h"

#define SCRIPT "resource://gre/modules/bgtask/LanguageSyntax.js"

static eng_ref *rewriter;

static eng_val rewriter_make(struct host *host, eng *e)
{
        const struct loader_roots roots = { .gre = host->gre_directory };
        _cleanup_free_ char *script = NULL;
        _cleanup_free_ char *reason = NULL;
        size_t size;

        if (loader_load(&roots, SCRIPT, &script, &size, &reason) != ENG_LOAD_OK)
                return NULL;
        eng_val sandbox = eng_sandbox(e, NULL);
        if (!sandbox || !eng_sandbox_parser(e, sandbox))
                return NULL;
        eng_val function = eng_sandbox_eval(e, sandbox, script, size, SCRIPT, 1);
        rewriter = eng_ref_new(e, function);
        return function;
}

char *syntax_rewrite(struct host *host, eng *e, const char *text, size_t size, size_t *ret_size)
{
        char *copy = NULL;
        size_t rewritten_size;
        eng_scope scope;

        eng_scope_open(e, &scope);
        eng_val function = rewriter ? eng_ref_get(rewriter) : rewriter_make(host, e);
        const eng_val argv[] = { eng_string(e, text, size) };
        eng_val result = eng_call(e, function, NULL, ARRAY_SIZE(argv), argv);
        if (result && eng_typeof(e, result) == ENG_STRING) {
                const char *rewritten = eng_to_string(e, result, &rewritten_size);
                copy = rewritten ? malloc(rewritten_size + 1) : NULL;
                if (copy)
                        memcpy(copy, rewritten, rewritten_size + 1);
        }
        eng_catch(e);
        eng_scope_close(e, &scope, NULL);
        if (copy)
                *ret_size = rewritten_size;
        return copy;
}
