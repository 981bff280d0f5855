#!/usr/bin/env bash
# SPDX-License-Identifier: MPL-2.0
# Style and structure: formatting, sizes, layers, licences, shell scripts. Needs no build. Prints each offence.
set -euo pipefail
cd "$(dirname "$0")/.."
offences=0

offend() {
        echo "style: $*"
        offences=$((offences + 1))
}

mapfile -t sources < <(git ls-files '*.c' '*.h' '*.cc')
mapfile -t own < <(git ls-files 'lib/*.[ch]' 'daemon/*.[ch]' 'client/*.[ch]' 'runner/*.[ch]' 'runner/engine/*')

# Formatting. Some files a process, since most of what one takes is its start.
while read -r file; do
        offend "$file: not as clang-format has it"
done < <(printf '%s\0' "${sources[@]}" |
        { xargs -0 -n 20 -P "$(nproc)" clang-format --dry-run -Werror 2>&1 >/dev/null || true; } |
        sed -nE 's/^([^ :]+):[0-9]+:[0-9]+: error: .*/\1/p; s/^.*(error|No such file|cannot).*/clang-format: &/pi' | sort -u)

# Sizes. A file of up to 800 lines says "Longer than 500 lines" and why near its top.
while read -r lines file; do
        limit=500
        case $file in
        *.h) limit=120 ;;
        esac
        if [ "$lines" -gt "$limit" ] && ! head -n 40 "$file" | grep -q "Longer than $limit lines"; then
                offend "$file: $lines lines, at most $limit"
        fi
done < <(wc -l "${own[@]}" | grep -v ' total$')
if command -v ctags >/dev/null && ctags --version | grep -q Universal; then
        while read -r end start name file; do
                length=$((end - start + 1))
                limit=60
                case $name in
                *options*) limit=80 ;;
                esac
                [ "$length" -le "$limit" ] || offend "$file:$start: $name has $length lines, at most $limit"
        done < <(printf '%s\n' "${own[@]}" | grep -v '\.h$' |
                ctags -x -L - --kinds-C=f --kinds-C++=f --fields=+ne --_xformat='%{end} %n %N %F')
fi

# Layers, by #include.
includes() { # PATTERN FILES...: offending lines
        local pattern=$1
        shift
        [ $# -eq 0 ] || grep -nE "#include *[<\"]($pattern)" "$@" /dev/null || true
}
layer() { # WORDS PATTERN FILES...
        local words=$1 pattern=$2 line
        shift 2
        while read -r line; do
                [ -z "$line" ] || offend "layer: $words: $line"
        done < <(includes "$pattern" "$@")
}
mapfile -t lib_files < <(git ls-files 'lib/*.[ch]')
mapfile -t daemon_files < <(git ls-files 'daemon/*.[ch]')
mapfile -t client_files < <(git ls-files 'client/*.[ch]')
mapfile -t runner_files < <(git ls-files 'runner/*.[ch]')
mapfile -t not_engine < <(printf '%s\n' "${own[@]}" | grep -v '^runner/engine/')
mapfile -t not_store < <(printf '%s\n' "${own[@]}" | grep -v '^daemon/store')
mapfile -t not_task_file < <(printf '%s\n' "${own[@]}" | grep -v '^lib/task_file')
mapfile -t not_intl < <(printf '%s\n' "${own[@]}" | grep -v '^runner/intl')
mapfile -t not_http < <(printf '%s\n' "${own[@]}" | grep -v '^runner/http')
layer "lib looks up" 'daemon/|runner/|client/|event2/|sqlite3|curl/|expat' "${lib_files[@]}"
layer "daemon looks aside" 'runner/|client/' "${daemon_files[@]}"
layer "client looks aside" 'runner/|daemon/|event2/|sqlite3' "${client_files[@]}"
layer "runner looks aside" 'daemon/|client/|sqlite3' "${runner_files[@]}"
layer "SpiderMonkey outside the engine" 'jsapi|jsfriendapi|js/|mozilla/' "${not_engine[@]}"
layer "SQLite outside the store" 'sqlite3' "${not_store[@]}"
layer "inih outside lib/task_file" 'ini\.h' "${not_task_file[@]}"
layer "ICU outside intl" 'unicode/' "${not_intl[@]}"
layer "libcurl outside http" 'curl/' "${not_http[@]}"
while read -r file; do
        offend "$file: C++ outside runner/engine"
done < <(git ls-files '*.cc' '*.cpp' '*.hh' '*.hpp' | grep -v '^runner/engine/' || true)

# Every source file names its licence.
mapfile -t licensed < <(git ls-files '*.c' '*.h' '*.cc' '*.sql' '*.py' '*.sh' '*.mjs' '*.js' '*.mk' '*.m4' '*.ac' '*.am' \
        bootstrap .ci/run | grep -vE '^tests/(fuzz/corpus|gecko/modules|js/data)/')
while read -r file; do
        offend "$file: no SPDX-License-Identifier line"
done < <(awk 'FNR <= 3 && /SPDX-License-Identifier: MPL-2.0/ { has[FILENAME] } FNR > 3 { nextfile }
        END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in has)) print ARGV[i] }' "${licensed[@]}")

# Shell.
mapfile -t scripts < <(git ls-files '*.sh' bootstrap .ci/run)
shellcheck "${scripts[@]}" || offend "shellcheck: see above"

if [ "$offences" -gt 0 ]; then
        echo "style: $offences offences in ${#sources[@]} source files"
        exit 1
fi
echo "style: ${#sources[@]} source files, no offence"
