#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks that the committed documents agree with the .def files and the shipped rules: conf/trapkafka.conf, and the tables in
# README.md and doc/*.md. With --update it writes them. Checks the man pages with groff, and the links between the documents.
# Runs in the build's doc folder, where mkdoc and the man pages are.
top=${TK_TOP:-..}
passed=0 failed=0

check() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED: %s\n' "$what"
    fi
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Which table is in which document.
tables='directives:README.md counters:README.md reasons:doc/snmpv3.md vendors:doc/figures.md'
documents='README.md doc/snmpv3.md doc/figures.md'

# A table is between <!-- NAME --> and <!-- end of NAME -->.
with_tables() {
    awk -v dir="$work" '
        /^<!-- end of / { skip = 0 }
        !skip { print }
        /^<!-- (directives|counters|reasons|vendors) -->$/ { while ((getline line < (dir "/" $2)) > 0) print line; skip = 1 }' "$top/$1"
}

# Is every file that $1 links to in the tree?
links_are_good() (
    cd "$top/$(dirname "$1")" || exit 1
    status=0
    for link in $(grep -oE '\]\([^)#:]+' "$(basename "$1")" | cut -c3-); do
        [ -e "$link" ] || { printf '%s: no such file: %s\n' "$1" "$link"; status=1; }
    done
    exit $status
)

for part in sample directives counters reasons; do
    check "mkdoc $part" sh -c "./mkdoc $part >'$work/$part'"
done
if command -v python3 >/dev/null; then
    check "mibs/vendor-table" sh -c "python3 -B '$top/mibs/vendor-table' >'$work/vendors'"
else
    printf 'SKIPPED: no python3: the table of vendors in doc/figures.md is not checked\n'
    sed -n '/^<!-- vendors -->$/,/^<!-- end of vendors -->$/{//!p}' "$top/doc/figures.md" >"$work/vendors"
fi
mkdir "$work/doc"
for document in $documents; do
    with_tables "$document" >"$work/$document"
done

if [ "${1:-}" = --update ]; then
    [ $failed -eq 0 ] || exit 1
    cat "$work/sample" >"$top/conf/trapkafka.conf" || exit 1
    for document in $documents; do
        cat "$work/$document" >"$top/$document" || exit 1
    done
    exit
fi

say="run 'make -C doc update' and commit what it changes"
check "conf/trapkafka.conf is old: $say" diff -u "$top/conf/trapkafka.conf" "$work/sample"
for document in $documents; do
    check "a table in $document is old: $say" diff -u "$top/$document" "$work/$document"
done
for table in $tables; do
    check "${table#*:} has the table ${table%:*}" \
        sh -c "grep -qx '<!-- ${table%:*} -->' '$top/${table#*:}' && grep -qx '<!-- end of ${table%:*} -->' '$top/${table#*:}'"
done
for document in README.md HACKING.md doc/rules.md doc/devices.md doc/snmpv3.md doc/queue.md doc/figures.md doc/from-opennms.md doc/from-snmptt.md doc/from-telegraf.md; do
    check "links of $document" links_are_good "$document"
done
if command -v groff >/dev/null; then
    for page in trapkafka.1 trapkafka.conf.5 trapkafka-rules.5; do
        # A long path of an unusual prefix does not fit a line: the page is not at fault.
        LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -Wbreak -z "$page" >"$work/groff" 2>&1
        cat "$work/groff"
        check "groff complains about $page" test ! -s "$work/groff"
    done
fi
printf '%d passed, %d failed\n' $passed $failed
[ $failed -eq 0 ]
