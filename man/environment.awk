# SPDX-License-Identifier: MPL-2.0
# bgtask-environment(7) from the tables that the runtime library itself works by, and the page's frame, which is last:
#     awk -f environment.awk globals.c language.c Services.sys.mjs ... MODULE.sys.mjs... bgtask-environment.7.in
#
#   runner/globals.c         GLOBAL(NAME, ..., DESCRIPTION) and FUNCTION(...), on as many lines as clang-format likes
#   runner/language.c        { HOLDER, NAME } of members[]
#   Services.sys.mjs         rows of SERVICES    \
#   Components.sys.mjs       rows of CONTRACTS    } each below comments that describe it
#   Interfaces.sys.mjs       rows of TABLE       /
#   other modules            themselves; their second line is a comment that describes them
#
# A line "@KIND@" of the frame becomes the list of that kind. A row without a description, a name that is there twice, a
# kind without rows, and rows that the frame does not list are errors.

function fail(message) {
	printf "environment.awk: %s\n", message > "/dev/stderr"
	failed = 1
	exit 1
}

# What mdoc would take for a macro, an escape or a control line.
function quoted(text) {
	gsub(/\\/, "\\e", text)
	gsub(/'/, "\\(aq", text)
	sub(/^\./, "\\\\\\&.", text)
	return text
}

function declare(kind, name, description) {
	if (description !~ /^[A-Z].*\.$/)
		fail(FILENAME ":" FNR ": " kind " " name " has no description that begins with a capital letter and ends" \
			" with a full stop: \"" description "\"")
	if ((kind, name) in entries)
		fail(FILENAME ":" FNR ": " kind " " name " is there twice")
	# One sentence a line, as mdoc wants it.
	gsub(/\. /, ".\n", description)
	entries[kind, name] = ".It Sy " quoted(name) "\n" quoted(description) "\n"
	names[kind, ++count[kind]] = name
}

# The list of a kind, in alphabetical order.
function list(kind, i, j, name) {
	for (i = 2; i <= count[kind]; i++) {
		name = names[kind, i]
		for (j = i - 1; j > 0 && names[kind, j] > name; j--)
			names[kind, j + 1] = names[kind, j]
		names[kind, j + 1] = name
	}
	print ".Bl -tag -width Ds -compact"
	for (i = 1; i <= count[kind]; i++)
		printf "%s", entries[kind, names[kind, i]]
	print ".El"
	delete count[kind]
}

FNR == 1 {
	kind = ""
	row = comment = ""
}

FILENAME ~ /globals\.c$/ {
	if (row == "" && !/^ +(GLOBAL|FUNCTION)\(/)
		next
	row = row $0
	if (!/\),$/)
		next
	n = split(row, part, "\"")
	declare("global", part[2], part[n - 1])
	row = ""
	next
}

FILENAME ~ /language\.c$/ {
	if (/members\[\] = \{$/)
		kind = "language"
	else if (/^\};/)
		kind = ""
	else if (kind) {
		n = split($0, part, "\"")
		if (n != 5 && !(n == 3 && / TYPED,/))
			fail(FILENAME ":" FNR ": expected { HOLDER, NAME }")
		holder = n == 3 ? "TypedArray.prototype" : part[2]
		if (holder != last_holder)
			holders[++holder_count] = holder
		last_holder = holder
		members[holder] = members[holder] (members[holder] ? " ,\n.Sy " : ".Sy ") part[n - 1]
	}
	next
}

/^const SERVICES = \[$/ { kind = "service"; next }
/^export const CONTRACTS = \{$/ { kind = "contract"; next }
/^const TABLE = \{$/ { kind = "interface"; next }
/^[\]}];$/ { kind = "" }

kind && /^  \/\/ / {
	comment = comment (comment ? " " : "") substr($0, 6)
	next
}

kind && /^  ["\[A-Za-z]/ {
	name = $0
	sub(/^  \[?"?/, "", name)
	sub(/[":].*/, "", name)
	declare(kind, name, comment)
	comment = ""
	next
}

FNR == 2 && FILENAME ~ /gre\/modules\/[^\/]*\.mjs$/ {
	name = FILENAME
	sub(/.*\//, "", name)
	declare("module", name, /^\/\/ / ? substr($0, 4) : "")
	next
}

FILENAME ~ /\.mjs$/ { next }

/^@language@$/ {
	print ".Bl -tag -width Ds -compact"
	for (i = 1; i <= holder_count; i++)
		printf ".It Sy %s\n%s\n", holders[i], members[holders[i]]
	print ".El"
	holder_count = 0
	next
}

/^@[a-z]+@$/ {
	wanted = substr($0, 2, length($0) - 2)
	if (!(wanted in count))
		fail(FILENAME ":" FNR ": there are no rows of kind " wanted)
	list(wanted)
	next
}

{ print }

END {
	if (failed)
		exit 1
	if (holder_count)
		fail("the frame has no list of kind language")
	for (kind in count)
		fail("the frame has no list of kind " kind)
}
