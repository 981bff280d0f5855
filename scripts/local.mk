# SPDX-License-Identifier: MPL-2.0
# JavaScript. In the build tree it runs from the source tree (share/bgtaskd is a link to it).
#
# A background task NAME is the module BackgroundTask_NAME.sys.mjs. Adding one is one line in one of these lists, which
# are what EXTRA_JS_MODULES.backgroundtasks and TESTING_JS_MODULES.backgroundtasks are in Gecko:
#
#   TOOLKIT_TASKS      scripts/gre/modules/backgroundtasks/   part of the platform
#   APPLICATION_TASKS  scripts/app/modules/backgroundtasks/   of the application; one beats a toolkit task of its name
#   TEST_TASKS         scripts/testing/backgroundtasks/       only for tests
#
# Test tasks are installed, with the toolkit's, only after configure --enable-test-tasks. `make check` and whoever
# tries things in the build tree serve them by XPCSHELL_TESTING_MODULES_URI=file://SOURCE/scripts/testing/ instead.
# On an installed system a task can also be dropped into $(appdir)/modules/backgroundtasks.
TOOLKIT_TASKS = \
	pingsender \
	removeDirectory \
	removeProfileFiles \
	uninstall \
	backgroundupdate

APPLICATION_TASKS = \
	hello

TEST_TASKS = \
	exception \
	failure \
	minruntime \
	no_output \
	not_ephemeral_profile \
	shouldnotprocessupdates \
	shouldprocessupdates \
	specific_pref \
	success \
	timeout \
	update_sync_manager \
	wait

# What tasks may do that need more than nothing: scripts/tasks.d/NAME.task, bgtaskd.task(5).
TASK_FILES = \
	scripts/tasks.d/backgroundupdate.task \
	scripts/tasks.d/pingsender.task \
	scripts/tasks.d/removeDirectory.task \
	scripts/tasks.d/removeProfileFiles.task \
	scripts/tasks.d/uninstall.task

# Where they go.
toolkittasksdir = $(pkgdatadir)/gre/modules/backgroundtasks
apptasksdir = $(appdir)/modules/backgroundtasks
gredir = $(pkgdatadir)/gre
gremodulesdir = $(pkgdatadir)/gre/modules
bgtaskmodulesdir = $(pkgdatadir)/gre/modules/bgtask
defaultsdir = $(pkgdatadir)/defaults

TOOLKIT_TASK_FILES = $(TOOLKIT_TASKS:%=scripts/gre/modules/backgroundtasks/BackgroundTask_%.sys.mjs)
APPLICATION_TASK_FILES = $(APPLICATION_TASKS:%=scripts/app/modules/backgroundtasks/BackgroundTask_%.sys.mjs)
TEST_TASK_FILES = $(TEST_TASKS:%=scripts/testing/backgroundtasks/BackgroundTask_%.sys.mjs)
LIBRARY_FILES = $(wildcard $(srcdir)/scripts/gre/modules/*.sys.mjs)
LIBRARY_PRIVATE_FILES = $(wildcard $(srcdir)/scripts/gre/modules/bgtask/*.sys.mjs) \
	scripts/gre/modules/bgtask/LanguageSyntax.js

if BACKGROUNDTASKS
toolkittasks_DATA = $(TOOLKIT_TASK_FILES)
if TEST_TASKS
toolkittasks_DATA += $(TEST_TASK_FILES)
endif
apptasks_DATA = $(APPLICATION_TASK_FILES)
gre_DATA = scripts/gre/gecko.names
gremodules_DATA = $(LIBRARY_FILES)
bgtaskmodules_DATA = $(LIBRARY_PRIVATE_FILES)
defaults_DATA = scripts/defaults/backgroundtasks.js
tasks_DATA = $(TASK_FILES)
endif

EXTRA_DIST += $(TOOLKIT_TASK_FILES) $(APPLICATION_TASK_FILES) $(TEST_TASK_FILES) $(LIBRARY_FILES) \
	$(LIBRARY_PRIVATE_FILES) scripts/defaults/backgroundtasks.js scripts/gre/gecko.names $(TASK_FILES)
