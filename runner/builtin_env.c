/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Environment variables, and the facts of this process: which run it is, where its directories are, what it was built
 * as. Facts are asked for when they are needed, since a zygote's children differ in them.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/paths.h"
#include "lib/util.h"
#include "runner/builtin.h"
#include "runner/environment.h"
#include "runner/processor.h"

/* get(name): the value; undefined when it is not set. */
static eng_val env_get(eng *e, eng_args *args, void *data)
{
        const char *name;

        if (!eng_args_get(e, args, "get", "s", &name))
                return NULL;
        const char *value = *name ? getenv(name) : NULL;
        return value ? eng_cstring(e, value) : ENG_UNDEF;
}

/* set(name, value): an empty value takes the variable away; a name that cannot be is passed over. */
static eng_val env_set(eng *e, eng_args *args, void *data)
{
        const char *name, *value;

        if (!eng_args_get(e, args, "set", "ss", &name, &value))
                return NULL;
        (void)environment_change(name, *value ? value : NULL);
        return ENG_UNDEF;
}

struct fact {
        const char *name;
        const char *value; /* NULL: null */
};

static const char *temporary_directory(void)
{
        const char *directory = getenv("TMPDIR");

        return directory && directory[0] == '/' ? directory : "/tmp";
}

static bool facts_define(eng *e, eng_val object, const struct fact *facts, size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (!eng_set(e, object, facts[i].name,
                             facts[i].value ? eng_cstring(e, facts[i].value) : ENG_NUL))
                        return false;
        return true;
}

/* facts(): an object, made anew with each call. Paths are absolute; what is not known is null. */
static eng_val env_facts(eng *e, eng_args *args, void *data)
{
        struct host *host = data;
        struct utsname system;
        char program[4096];

        if (uname(&system) < 0)
                memset(&system, 0, sizeof(system));
        _cleanup_free_ char *install_hash = paths_install_hash();
        ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
        program[MAX(size, 0)] = '\0';

        const struct fact facts[] = {
                { "task", host->task },
                { "schedule", host->schedule },
                { "profile", host->profile },
                { "workingDirectory", host->working_directory },
                { "greDirectory", host->gre_directory },
                { "appDirectory", host->app_directory },
                { "programDirectory", paths_exe_directory() },
                { "program", size > 0 ? program : NULL },
                { "temporaryDirectory", temporary_directory() },
                { "home", getenv("HOME") },
                { "installHash", install_hash },
                { "version", PACKAGE_VERSION },
                { "engine", eng_version() },
                { "systemName", system.sysname },
                { "systemRelease", system.release },
                { "systemBuild", system.version },
                { "machine", system.machine },
        };
        eng_val object = eng_object(e);
        if (!facts_define(e, object, facts, ARRAY_SIZE(facts)) ||
            !eng_set(e, object, "pageSize", eng_number(e, getpagesize())) ||
            !eng_set(e, object, "processId", eng_number(e, getpid())) ||
            !eng_set(e, object, "runId", eng_number(e, (double)host->run_id)) ||
            !eng_set(e, object, "profileIsEphemeral", eng_bool(host->profile_is_ephemeral)))
                return NULL;
        return object;
}

/* processorFeatures(): an array of the names that nsISystemInfo has for what the processor can do. */
static eng_val env_processor_features(eng *e, eng_args *args, void *data)
{
        eng_val array = eng_array(e, 0, NULL);
        const char *name;

        for (unsigned i = 0; array && (name = processor_feature(i)); i++)
                if (!eng_set_at(e, array, i, eng_cstring(e, name)))
                        return NULL;
        return array;
}

static const struct builtin_function env_functions[] = {
        { "get", 1, env_get },     { "set", 2, env_set },
        { "facts", 0, env_facts }, { "processorFeatures", 0, env_processor_features },
        { NULL, 0, NULL },
};

static eng_val env_create(struct host *host, eng *e)
{
        return builtin_object(host, e, env_functions);
}

const struct builtin builtin_env = { "env", env_create };
