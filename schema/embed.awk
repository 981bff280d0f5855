# SPDX-License-Identifier: MPL-2.0
# Print the named files as the C data that embed.h declares: awk -v kind=interfaces|migrations FILES...
# An interface NAMESPACE.Last becomes schema_last_varlink; a migration NNNN-NAME.sql must be the next number.

function fail(text) {
        print text > "/dev/stderr"
        failed = 1
        exit 1
}

function file_begin(    path, parts, count) {
        count = split(FILENAME, path, "/")
        base = path[count]
        if (kind == "interfaces") {
                sub(/\.varlink$/, "", base)
                count = split(base, parts, ".")
                symbol = "schema_" tolower(parts[count]) "_varlink"
                print "const char " symbol "[] ="
        } else {
                if (base !~ /^[0-9][0-9][0-9][0-9]-.*\.sql$/)
                        fail(FILENAME ": expected a name like 0001-what-it-does.sql")
                if (substr(base, 1, 4) + 0 != files + 1)
                        fail(FILENAME ": expected migration number " (files + 1))
                symbol = "migration_" (files + 1)
                print "static const char " symbol "[] ="
        }
        files++
        names[files] = base
        symbols[files] = symbol
}

function file_end() {
        print "        \"\";"
        if (kind == "interfaces")
                print "const size_t " symbol "_size = sizeof(" symbol ") - 1;"
        print ""
}

BEGIN {
        print "/* SPDX-License-Identifier: MPL-2.0 */"
        print "/* Made by schema/embed.awk. */"
        print "#include \"config.h\"\n"
        print "#include \"schema/embed.h\"\n"
}

FNR == 1 {
        if (files > 0)
                file_end()
        file_begin()
}

{
        gsub(/\\/, "&&")
        gsub(/"/, "\\\\&")
        gsub(/\t/, "\\t")
        print "        \"" $0 "\\n\""
}

END {
        if (failed)
                exit 1
        file_end()
        if (kind == "interfaces") {
                print "const struct schema_interface schema_interfaces[] = {"
                for (i = 1; i <= files; i++)
                        print "        { \"" names[i] "\", " symbols[i] ", sizeof(" symbols[i] ") - 1 },"
                print "        { NULL, NULL, 0 },"
        } else {
                print "const struct schema_migration schema_migrations[] = {"
                for (i = 1; i <= files; i++) {
                        name = names[i]
                        sub(/^[0-9]*-/, "", name)
                        sub(/\.sql$/, "", name)
                        print "        { " i ", \"" name "\", " symbols[i] " },"
                }
                print "        { 0, NULL, NULL },"
        }
        print "};"
}
