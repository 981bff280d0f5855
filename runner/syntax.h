/* SPDX-License-Identifier: MPL-2.0 */
/*
 * syntax.h - modules in a newer syntax than the engine's: `using`, and `with { type: "json" }` of imports.
 *
 * Asked only when a module does not compile. LanguageSyntax.js, in a global of its own that is made then, has the work.
 */
#ifndef RUNNER_SYNTAX_H
#define RUNNER_SYNTAX_H

#include <stddef.h>

#include "runner/engine.h"
#include "runner/host.h"

/* malloc'd: a text that means what @text means and that the engine may compile. NULL: there is none; nothing is pending. */
char *syntax_rewrite(struct host *host, eng *e, const char *text, size_t size, size_t *ret_size);

#endif
