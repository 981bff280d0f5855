/* SPDX-License-Identifier: MPL-2.0 */
/*
 * errors.cc - throwing, catching, and describing exceptions.
 *
 * A thrown value that is no Error says nothing about where it was thrown; only the engine knows while it
 * is pending. eng_catch() therefore remembers the stack that belongs to the last value it took.
 */
#include "runner/engine/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer texts are cut: they come from scripts and go to logs. */
enum { MESSAGE_MAX = 16 * 1024, STACK_MAX = 64 * 1024, FRAMES_MAX = 128 };

static const JSErrorFormatString *error_format(void *, const unsigned type)
{
        static const JSErrorFormatString formats[] = {
                { "ENG_E_ERROR", "{0}", 1, JSEXN_ERR },
                { "ENG_E_TYPE", "{0}", 1, JSEXN_TYPEERR },
                { "ENG_E_RANGE", "{0}", 1, JSEXN_RANGEERR },
                { "ENG_E_SYNTAX", "{0}", 1, JSEXN_SYNTAXERR },
                { "ENG_E_INTERNAL", "{0}", 1, JSEXN_INTERNALERR },
        };
        return &formats[type];
}

/* Throw an Error with a message that may be any bytes. */
void throw_utf8(eng *e, enum eng_error_type type, const char *message)
{
        if (e->terminating)
                return;
        JS_ClearPendingException(e->cx);
        if (utf8_valid(message, strlen(message))) {
                JS_ReportErrorNumberUTF8(e->cx, error_format, nullptr, static_cast<unsigned>(type), message);
                return;
        }
        JS::RootedString lossy(e->cx, string_from_utf8(e, message, strlen(message)));
        JS::UniqueChars text = lossy ? JS_EncodeStringToUTF8(e->cx, lossy) : nullptr;
        if (text)
                JS_ReportErrorNumberUTF8(e->cx, error_format, nullptr, static_cast<unsigned>(type),
                                         text.get());
}

eng_val eng_throw(eng *e, enum eng_error_type type, const char *format, ...)
{
        va_list values;
        char *message = nullptr;
        va_start(values, format);
        int size = vasprintf(&message, format, values);
        va_end(values);
        if (size < 0) {
                JS_ReportOutOfMemory(e->cx);
                return nullptr;
        }
        message[utf8_cut(message, static_cast<size_t>(size), MESSAGE_MAX)] = '\0';
        throw_utf8(e, type, message);
        free(message);
        return nullptr;
}

eng_val eng_throw_value(eng *e, eng_val v)
{
        if (v && !e->terminating)
                JS_SetPendingException(e->cx, handle_of(v));
        return nullptr;
}

eng_val eng_error_new(eng *e, enum eng_error_type type, const char *message)
{
        JS::RootedValue error(e->cx);
        if (!may_run(e))
                return nullptr;
        throw_utf8(e, type, message);
        if (!JS_GetPendingException(e->cx, &error))
                return nullptr;
        JS_ClearPendingException(e->cx);
        return handle_new(e, error);
}

bool eng_pending(eng *e)
{
        return JS_IsExceptionPending(e->cx);
}

eng_val eng_catch(eng *e)
{
        if (!JS_IsExceptionPending(e->cx))
                return nullptr;
        JS::ExceptionStack taken(e->cx);
        if (!JS::StealPendingExceptionStack(e->cx, &taken)) {
                JS_ClearPendingException(e->cx); /* memory is so short that not even this works */
                return ENG_UNDEF;
        }
        e->roots().caught = taken.exception();
        e->roots().caught_stack = taken.stack();
        return handle_new(e, taken.exception());
}

/* ---- describing ---- */

static const char *text_keep(eng *e, const char *text, size_t most)
{
        size_t size = utf8_cut(text, strlen(text), most);
        return scope_keep(e, strndup(text, size));
}

static const char *string_keep(eng *e, JS::HandleString s, size_t most)
{
        size_t size;
        const char *text = s ? string_to_utf8(e, s, &size) : nullptr;
        if (text)
                const_cast<char *>(text)[utf8_cut(text, size, most)] = '\0';
        return text;
}

/* One frame a line, without the newline at the end. NULL for no frames. */
static const char *stack_text(eng *e, JS::HandleObject stack)
{
        JS::RootedString s(e->cx);
        if (!stack || !JS::BuildStackString(e->cx, nullptr, stack, &s))
                return nullptr;
        const char *text = string_keep(e, s, STACK_MAX);
        if (!text || text[0] == '\0')
                return nullptr;
        char *end = const_cast<char *>(text) + strlen(text);
        if (end[-1] == '\n')
                end[-1] = '\0';
        return text;
}

static void describe_place(eng *e, JS::HandleObject stack, struct eng_error *ret)
{
        JS::RootedString file(e->cx);
        uint32_t line = 0;
        if (!stack || JS::GetSavedFrameSource(e->cx, nullptr, stack, &file,
                                              JS::SavedFrameSelfHosted::Exclude) != JS::SavedFrameResult::Ok)
                return;
        JS::GetSavedFrameLine(e->cx, nullptr, stack, &line, JS::SavedFrameSelfHosted::Exclude);
        ret->file = string_keep(e, file, MESSAGE_MAX);
        ret->line = line;
        ret->column = compat::frame_column(e->cx, stack);
}

static void describe_report(eng *e, const JSErrorReport *report, struct eng_error *ret)
{
        const char *file = compat::report_filename(report);
        if (file && report->lineno > 0) {
                ret->file = text_keep(e, file, MESSAGE_MAX);
                ret->line = report->lineno;
                ret->column = compat::report_column(report);
        }
}

/* "Name: message" of an Error, or of an object that behaves like one. */
static bool describe_error(eng *e, JS::HandleValue v, JS::HandleObject stack, struct eng_error *ret)
{
        JS::ExceptionStack thrown(e->cx, v, stack);
        JS::ErrorReportBuilder builder(e->cx);
        auto effects = e->terminating ? JS::ErrorReportBuilder::NoSideEffects
                                      : JS::ErrorReportBuilder::WithSideEffects;
        if (!builder.init(e->cx, thrown, effects))
                return false;
        const char *text = builder.toStringResult().c_str();
        ret->message = text ? text_keep(e, text, MESSAGE_MAX) : nullptr;
        describe_report(e, builder.report(), ret);
        return ret->message;
}

static void describe_object(eng *e, JS::HandleObject object, JS::HandleValue v, JS::HandleObject thrown_at,
                            struct eng_error *ret)
{
        JS::RootedObject stack(e->cx, JS::ExceptionStackOrNull(object));
        JS::RootedValue message(e->cx);
        if (!stack)
                stack = thrown_at;
        bool alike = JS_ErrorFromException(e->cx, object);
        if (!alike && !e->terminating && JS_GetProperty(e->cx, object, "message", &message))
                alike = message.isString();
        JS_ClearPendingException(e->cx);
        if (!alike || !describe_error(e, v, stack, ret)) {
                JS_ClearPendingException(e->cx);
                JS::RootedString s(e->cx, e->terminating ? nullptr : JS::ToString(e->cx, v));
                ret->message = string_keep(e, s, MESSAGE_MAX);
        }
        JS_ClearPendingException(e->cx);
        ret->stack = stack_text(e, stack);
        if (ret->line == 0)
                describe_place(e, stack, ret);
}

/* A primitive: its own text. */
static void describe_primitive(eng *e, JS::HandleValue v, JS::HandleObject thrown_at, struct eng_error *ret)
{
        JS::RootedString s(e->cx, v.isSymbol() ? JS_ValueToSource(e->cx, v) : JS::ToString(e->cx, v));
        ret->message = string_keep(e, s, MESSAGE_MAX);
        ret->stack = stack_text(e, thrown_at);
        describe_place(e, thrown_at, ret);
}

void eng_describe(eng *e, eng_val exception, struct eng_error *ret)
{
        *ret = {};
        JS::AutoSaveExceptionState saved(e->cx);
        if (exception) {
                JS::RootedValue v(e->cx, value_of(exception));
                JS::RootedObject thrown_at(e->cx);
                if (e->roots().caught == v)
                        thrown_at = e->roots().caught_stack;
                if (v.isObject()) {
                        JS::RootedObject object(e->cx, &v.toObject());
                        describe_object(e, object, v, thrown_at, ret);
                } else {
                        describe_primitive(e, v, thrown_at, ret);
                }
        }
        JS_ClearPendingException(e->cx);
        if (!ret->message)
                ret->message = "(an exception without a message)";
        saved.restore();
}

const char *eng_current_stack(eng *e)
{
        JS::AutoSaveExceptionState saved(e->cx);
        JS::RootedObject stack(e->cx);
        const char *text = nullptr;
        if (JS::CaptureCurrentStack(e->cx, &stack, JS::StackCapture(JS::MaxFrames(FRAMES_MAX))))
                text = stack_text(e, stack);
        JS_ClearPendingException(e->cx);
        saved.restore();
        return text;
}

eng_val eng_stack_capture(eng *e)
{
        JS::RootedObject stack(e->cx);
        if (!may_run(e) ||
            !JS::CaptureCurrentStack(e->cx, &stack, JS::StackCapture(JS::MaxFrames(FRAMES_MAX))))
                return nullptr;
        return stack ? handle_new(e, stack.get()) : ENG_UNDEF;
}

/* ---- warnings ---- */

static void warning_reported(JSContext *cx, JSErrorReport *report)
{
        eng *e = engine_of(cx);
        if (e->terminating || !e->hooks.warning)
                return; /* that a script was terminated comes as a warning, too */
        struct eng_error warning = {};
        eng_scope scope;
        eng_scope_open(e, &scope);
        warning.message = report->message() ? report->message().c_str() : "(a warning without a message)";
        describe_report(e, report, &warning);
        e->hooks.warning(e->hooks.data, e, &warning);
        eng_scope_close(e, &scope, nullptr);
}

void errors_init(eng *e)
{
        JS::SetWarningReporter(e->cx, warning_reported);
}
