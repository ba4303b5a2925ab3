#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Does what is committed (conf/trapkafka.conf, the tables in README.md) say what plugin/config/directives.def and stats.def
# say? With --update it is made so. Runs in the build's doc folder, where mkdoc is.
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

# A table in README.md stands between <!-- NAME --> and <!-- end of NAME -->.
with_tables() {
    awk -v dir="$work" '
        /^<!-- end of / { skip = 0 }
        !skip { print }
        /^<!-- (directives|counters|reasons) -->$/ { while ((getline line < (dir "/" $2)) > 0) print line; skip = 1 }' "$top/README.md"
}

for part in sample directives counters reasons; do
    check "mkdoc $part" sh -c "./mkdoc $part >'$work/$part'"
done
with_tables >"$work/README.md"

if [ "${1:-}" = --update ]; then
    [ $failed -eq 0 ] || exit 1
    cat "$work/sample" >"$top/conf/trapkafka.conf" && cat "$work/README.md" >"$top/README.md"
    exit
fi

say="run 'make -C doc update' and commit what it changes"
check "conf/trapkafka.conf is old: $say" diff -u "$top/conf/trapkafka.conf" "$work/sample"
check "a table in README.md is old: $say" diff -u "$top/README.md" "$work/README.md"
check 'README.md has all tables' test "$(grep -c -E '^<!-- (directives|counters|reasons) -->$' "$top/README.md")" -eq 3
if command -v groff >/dev/null; then
    # A long path of an unusual prefix does not fit a line: no fault of the page's.
    LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -Wbreak -z trapkafka.conf.5 >"$work/groff" 2>&1
    cat "$work/groff"
    check 'groff complains about trapkafka.conf.5' test ! -s "$work/groff"
fi
printf '%d passed, %d failed\n' $passed $failed
[ $failed -eq 0 ]
