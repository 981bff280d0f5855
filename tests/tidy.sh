#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# clang-tidy over the C files of the programs, with the committed configuration. Usage: tests/tidy.sh BUILD-DIRECTORY
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?usage: tests/tidy.sh BUILD-DIRECTORY}
# shellcheck disable=SC2046 # words are flags
set -- -std=gnu17 -I. -I"$build" $(pkg-config --cflags jansson libevent_core sqlite3 libcurl expat)
# The analyzer gives a function up sooner than it would by itself (225000 steps): what lies behind is mostly the product of loops
# with each other, and takes five sixths of the time of all. TIDY_NODES=225000 before a release.
set -- "$@" -Xclang -analyzer-config -Xclang "max-nodes=${TIDY_NODES:-15000}"
# What the makefiles define; the values do not matter here.
for name in BG_PREFIX BG_BINDIR BG_PKGDATADIR BG_PKGLIBDIR BG_APPDIR BG_TASKSDIR BG_SYSCONFDIR SYSCONFDIR ENGINE_NAME; do
        set -- "$@" "-D$name=\"\""
done
# One process a file: what the analyzer of clang 14 knows of va_start() does not outlive the first file of a process.
# shellcheck disable=SC2016 # for the inner shell
git ls-files 'lib/*.c' 'daemon/*.c' 'client/*.c' 'runner/*.c' |
        xargs -P "$(nproc)" -n 1 sh -c 'flags=$1 file=$2
                found=$(clang-tidy --quiet --warnings-as-errors="*" "$file" -- $flags 2>&1) ||
                { printf "%s\n" "$found"; exit 1; }' sh "$*" ||
        { echo "tidy: offences above"; exit 1; }
echo "tidy: $(git ls-files 'lib/*.c' 'daemon/*.c' 'client/*.c' 'runner/*.c' | wc -l) source files, no offence"
