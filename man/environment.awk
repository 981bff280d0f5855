# SPDX-License-Identifier: MPL-2.0
# bgtask-environment(7) from its frame and the table of what tasks find:
#     awk -f environment.awk scripts/environment.table man/bgtask-environment.7.in
# A line "@KIND@" of the frame becomes the list of that kind. A row that is not one, or whose kind the frame does not
# list, is an error.

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

FNR == NR {
	if ($0 ~ /^#/ || NF == 0)
		next
	if (NF < 3 || $1 !~ /^(global|service|contract|interface|module)$/ || $3 !~ /^[A-Z]/ || $NF !~ /\.$/)
		fail(FILENAME ":" FNR ": expected KIND NAME DESCRIPTION: " $0)
	if (($1, $2) in seen)
		fail(FILENAME ":" FNR ": " $2 " is there twice")
	seen[$1, $2] = 1
	description = $0
	sub(/^[^ ]+ +[^ ]+ +/, "", description)
	# One sentence a line, as mdoc wants it.
	gsub(/\. /, ".\n", description)
	rows[$1] = rows[$1] ".It Sy " quoted($2) "\n" quoted(description) "\n"
	next
}

/^@[a-z]+@$/ {
	kind = substr($0, 2, length($0) - 2)
	if (!(kind in rows))
		fail(FILENAME ":" FNR ": there are no rows of kind " kind)
	printf ".Bl -tag -width Ds -compact\n%s.El\n", rows[kind]
	delete rows[kind]
	next
}

{ print }

END {
	if (failed)
		exit 1
	for (kind in rows)
		fail("the frame has no list of kind " kind)
}
