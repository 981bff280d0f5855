#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Every header compiles alone, first thing in a file: it includes what it needs. The compilers and their flags
# come from the environment of `make check`; with --disable-backgroundtasks only what is built is looked at.
set -eu
: "${top_srcdir:?}" "${top_builddir:?}" "${HEADER_FOLDERS:?}" "${HEADER_CC:?}"
failed=0 count=0

check() { # COMPILER LANGUAGE FLAGS HEADER
        count=$((count + 1))
        # shellcheck disable=SC2086 # compilers and flags are words
        if ! echo "#include \"$4\"" | $1 -x "$2" $3 -I"$top_srcdir" -I"$top_builddir" -fsyntax-only -; then
                echo "$4: does not compile alone"
                failed=1
        fi
}

cd "$top_srcdir"
for folder in $HEADER_FOLDERS; do
        for header in "$folder"/*.h; do
                [ -e "$header" ] || continue
                case $header in
                # These are C++, but for what is between the two sides.
                runner/engine/*) check "$HEADER_CXX" c++ "$HEADER_CXXFLAGS" "$header" ;;
                *) check "$HEADER_CC" c "$HEADER_CFLAGS" "$header" ;;
                esac
        done
done
if [ "$count" -eq 0 ]; then
        echo "no header found in $HEADER_FOLDERS"
        exit 1
fi
echo "$count headers"
exit "$failed"
