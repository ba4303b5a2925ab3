# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What tests/run and tests/faults have in common: builds and pytest. Sourced by them behind setup.sh; needs `top` and
# `build`, and counts in `passed`, `failed` and `skipped`.

passed=0 failed=0 skipped=0

say() {
    printf '\n=== %s (%d s)\n' "$*" $SECONDS
}

fail() {
    failed=$((failed + 1))
    printf 'FAILED: %s\n' "$*"
}

# flavour NAME [ARGUMENT OF CONFIGURE...]: in $build/NAME. configure runs once; make decides what is old.
flavour() {
    local dir=$build/$1
    shift
    [ -x configure ] && [ configure -nt configure.ac ] || ./autogen.sh >/dev/null 2>&1 || ./autogen.sh || return 1
    mkdir -p "$dir" || return 1
    if [ ! -e "$dir/config.status" ] || [ configure -nt "$dir/config.status" ]; then
        (cd "$dir" && "$top/configure" -q --enable-devel --prefix="$dir/stage" "$@") || return 1
    fi
    make -s -C "$dir" -j2 || return 1
    printf 'built: %s\n' "${dir##*/}"
}

flavour_gcc() { flavour gcc CC=gcc CFLAGS='-O2 -g'; }
flavour_asan() { flavour asan CC=gcc CFLAGS='-O1 -g' --with-sanitizer=address,undefined; }

# installed FLAVOUR: build it, and install it below its own folder, where the system tests take it from.
installed() {
    "flavour_$1" && make -s -C "$build/$1" install >"$build/install-$1.log" 2>&1
}

# pytest NAME VENV ARGUMENT...: one run of pytest, its tests added to the counts. Its own exit status counts too: a worker
# that crashed or a collection that failed is a failure, whatever the report says. 5: no test was chosen.
pytest() {
    local xml=$build/$1.xml venv=$2 gcc=$build/gcc rc
    shift 2
    rm -f "$xml"
    # shellcheck disable=SC2086
    TK_BUILD=$gcc TK_MODULE_SO=$gcc/stage/lib/snmp/dlmod/trapkafka.so \
        TK_LOADER_SO=$gcc/stage/lib/trapkafka/trapkafka_loader.so TK_LOADER_PL=$gcc/stage/share/trapkafka/trapkafka.pl \
        "$venv/bin/python" -B -m pytest -q --junitxml="$xml" "$@" ${TK_PYTEST:-}
    rc=$?
    # shellcheck disable=SC2046
    set -- $("$venv/bin/python" - "$xml" <<'PY'
import sys
import xml.etree.ElementTree as tree
s = tree.parse(sys.argv[1]).getroot()
s = s.find("testsuite") if s.tag == "testsuites" else s
total, bad, skip = int(s.get("tests")), int(s.get("failures")) + int(s.get("errors")), int(s.get("skipped"))
print(total - bad - skip, bad, skip)
PY
)
    if [ $# -ne 3 ]; then
        fail "pytest ended with $rc and without a report"
        return
    fi
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
    [ $rc -eq 0 ] || [ $rc -eq 5 ] || [ "$2" -gt 0 ] || fail "pytest ended with $rc"
}

# pytest's arguments for tests that share the machine, COUNT at a time. What shares a daemon stays on one worker (conftest.py);
# a worker that crashes is not replaced, or the test that did it would be tried again and again.
workers() {
    printf '%s\n' -n "${TK_WORKERS:-$1}" --dist loadscope --no-loadscope-reorder --max-worker-restart=0 -m 'not alone'
}

# The last lines.
summary() {
    [ $skipped -eq 0 ] || printf '%d SKIPPED: look above for what was not tested\n' $skipped
    [ $skipped -eq 0 ] || [ -z "${CI:-}" ] || failed=$((failed + skipped))
    printf '%d passed, %d failed\n' $passed $failed
    [ $failed -eq 0 ] && [ $passed -gt 0 ]
}
