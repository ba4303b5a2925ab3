# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the tests need on a machine, fetched when it is missing. Sourced by bash scripts, does nothing by itself.
#
#   tk_setup build|test [PACKAGE...]   Debian packages; nothing is started, nothing that is there is touched
#   tk_venv                            Python for the system tests; prints the folder of the venv
#   tk_kafka                           Apache Kafka's broker; prints the folder with its jars
#   tk_consumers                       OpenSearch, Flink SQL, ClickHouse (chdb) and DuckDB; prints a folder of links to them
#   tk_perl                            net-snmp's Perl modules, unpacked beside the system's; prints a folder for PERL5LIB
#   tk_go                              the SNMPv3 sender on gosnmp (senders/gosnmp), built; prints the program
#
# Each returns 1 after one clear line on standard error when it can't do its work. Standard output carries the answer only.
# What is fetched goes to the cache folder, keyed by what was asked for, and is there for the next run.

TK_TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

tk_cache() {
    printf '%s\n' "${TRAPKAFKA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trapkafka}"
}

_tk_say() {
    printf 'setup: %s\n' "$*" >&2
}

# Names out of "$@" that dpkg does not have as installed.
_tk_missing() {
    local have name
    have=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        sed -n 's/ installed$//p' | tr '\n' ' ' || true) "
    for name; do
        [[ $have == *" $name "* ]] || printf '%s\n' "$name"
    done
}

# The runtime (sanitizers, libFuzzer) of the clang that is installed, or else of the one that would be.
_tk_clang_rt() {
    local version
    if command -v clang >/dev/null; then
        version=$(clang -dumpversion)
    else
        version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    fi
    version=${version%%.*}
    [ -z "$version" ] || printf 'libclang-rt-%s-dev\n' "$version"
}

_tk_packages() {
    echo gcc make autoconf automake libtool pkg-config libsnmp-dev snmptrapd snmp librdkafka-dev libjansson-dev \
        libxxhash-dev libpcre2-dev libxml2-dev uthash-dev libpcap-dev libcmocka-dev libssl-dev
    [ "$1" = test ] || return 0
    echo clang cppcheck valgrind kcat tmux python3-venv prometheus systemd iproute2 nftables openssl man-db
    _tk_clang_rt
    command -v javac >/dev/null || echo default-jdk-headless
    command -v mvn >/dev/null || echo maven
}

_tk_apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" >&2
}

# apt-get install with every start of a service refused meanwhile (invoke-rc.d asks policy-rc.d), so that no snmptrapd and no
# prometheus comes up. A policy of the machine's own that refuses too stays; another one is put back afterwards.
_tk_install() (
    guard=/usr/sbin/policy-rc.d
    saved=$guard.trapkafka-saved
    put_back() {
        if [ -e "$saved" ]; then mv -f "$saved" "$guard"; else rm -f "$guard"; fi
    }
    refuses=0
    if [ -x "$guard" ] && ! grep -qs 'trapkafka setup' "$guard"; then
        "$guard" snmptrapd start >/dev/null 2>&1 || refuses=$?
    fi
    if [ "$refuses" -ne 101 ]; then
        trap put_back EXIT
        trap 'exit 1' HUP INT TERM
        if [ -e "$guard" ] && ! grep -qs 'trapkafka setup' "$guard"; then mv -f "$guard" "$saved"; fi
        printf '#!/bin/sh\n# trapkafka setup, removed after the installation\nexit 101\n' >"$guard"
        chmod 755 "$guard"
    fi
    # Packages enable their units for the next boot; those that come now come for their programs only.
    # snmpd is what snmptrapd depends on.
    new=$(_tk_missing snmpd snmptrapd prometheus)
    _tk_apt install --no-install-recommends "$@" || exit 1
    command -v systemctl >/dev/null || exit 0
    for unit in snmpd.service snmptrapd.service snmptrapd.socket prometheus.service; do
        if grep -qx "${unit%.*}" <<<"$new" && systemctl is-enabled --quiet "$unit" 2>/dev/null; then
            systemctl disable "$unit" >&2 || exit 1
        fi
    done
)

# tk_setup build: compile and run unit tests. tk_setup test: everything. And the packages named after that.
tk_setup() {
    local set=${1:-} missing
    case $set in build | test) ;; *) _tk_say "tk_setup: '$set': say build or test"; return 1 ;; esac
    shift
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        _tk_say "this is no Debian; install by hand what Debian calls: $(_tk_packages "$set" | tr '\n' ' ')$*"
        return 1
    fi
    # shellcheck disable=SC2046
    missing=$(_tk_missing $(_tk_packages "$set") "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        # shellcheck disable=SC2086
        _tk_say "packages are missing; run as root: apt-get install --no-install-recommends" $missing
        return 1
    fi
    _tk_apt update || { _tk_say "apt-get update failed, and these are missing:" $missing; return 1; }
    # Asked again: only now apt knows which clang there is.
    # shellcheck disable=SC2046
    missing=$(_tk_missing $(_tk_packages "$set") "$@")
    # shellcheck disable=SC2086
    _tk_install $missing || { _tk_say "apt-get could not install:" $missing; return 1; }
}

# Runs "$@" PART and renames PART to $1 when that succeeded; one at a time, so that two runs may start together.
_tk_once() {
    local target=$1 part=$1.part lock=$1.lock
    shift
    [ ! -e "$target" ] || return 0
    mkdir -p "$(dirname "$target")" || return 1
    (
        flock 9 || exit 1
        [ ! -e "$target" ] || exit 0
        rm -rf "$part" && mkdir "$part" && "$@" "$part" && mv "$part" "$target"
    ) 9>"$lock"
}

_tk_key() {
    sha256sum | cut -c 1-12
}

# A venv knows its own path, so it is made in place, and the mark comes last.
_tk_make_venv() {
    local python=$1 venv=$2 mark=$4
    rm -rf "$venv" && "$python" -m venv "$venv" >&2 &&
        "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-input --prefer-binary --no-deps \
            -r "$3" >&2 && : >"$mark/ok"
}

# _tk_venv WHAT REQUIREMENTS: the file pins everything, what those packages pull in included.
_tk_venv() {
    local what=$1 requirements=$2 python=/usr/bin/python3 key venv
    [ -x "$python" ] || python=$(command -v python3) || { _tk_say "no python3"; return 1; }
    key=$( (cat "$requirements" && "$python" -V) | _tk_key)
    venv=$(tk_cache)/venv-$key
    if ! _tk_once "$venv.done" _tk_make_venv "$python" "$venv" "$requirements"; then
        _tk_say "no Python packages for $what: '$python -m venv' or pip failed (see above)"
        return 1
    fi
    printf '%s\n' "$venv"
}

tk_venv() {
    _tk_venv 'the system tests' "$TK_TESTS/system/requirements.txt"
}

_tk_fetch_jars() {
    local pom=$1 part=$2 work
    work=$(mktemp -d) || return 1
    cp "$pom" "$work/pom.xml"
    if ! timeout 600 mvn -B -q -Dstyle.color=never -f "$work/pom.xml" -DincludeScope=runtime -DoutputDirectory="$part" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies >"$work/log" 2>&1; then
        tail -n 5 "$work/log" >&2
        rm -rf "$work"
        return 1
    fi
    rm -rf "$work"
}

# _tk_jars NAME POM: what the POM depends on.
_tk_jars() {
    local name=$1 pom=$2 jars
    jars=$(tk_cache)/$name-$(_tk_key <"$pom")
    if [ ! -e "$jars" ] && ! command -v mvn >/dev/null; then
        _tk_say "no $name: it is fetched by mvn, which is not here (tk_setup test installs it)"
        return 1
    fi
    if ! _tk_once "$jars" _tk_fetch_jars "$pom"; then
        _tk_say "no $name: mvn could not fetch it (see above)"
        return 1
    fi
    printf '%s\n' "$jars"
}

tk_kafka() {
    _tk_jars kafka "$TK_TESTS/system/kafka/pom.xml"
}

# The folder has the links opensearch, flink (jars) and python (a venv).
tk_consumers() {
    local source=$TK_TESTS/system/consumers opensearch flink venv folder
    opensearch=$(_tk_jars opensearch "$source/opensearch/pom.xml") || return 1
    flink=$(_tk_jars flink "$source/flink/pom.xml") || return 1
    venv=$(_tk_venv 'ClickHouse and DuckDB' "$source/requirements.txt") || return 1
    folder=$(tk_cache)/consumers-$(printf '%s\n' "$opensearch" "$flink" "$venv" | _tk_key)
    if ! { mkdir -p "$folder" && ln -sfn "$opensearch" "$folder/opensearch" && ln -sfn "$flink" "$folder/flink" &&
        ln -sfn "$venv" "$folder/python"; }; then
        _tk_say "no links in $folder"
        return 1
    fi
    printf '%s\n' "$folder"
}

# Debian's libsnmp-perl of snmptrapd's own version, for `perl` lines in snmptrapd.conf, without installing it.
tk_perl() {
    local version folder module
    version=$(dpkg-query -W -f '${Version}' snmptrapd 2>/dev/null) && [ -n "$version" ] || {
        _tk_say "no snmptrapd package, so no Perl modules for it"
        return 1
    }
    folder=$(tk_cache)/perl-$(printf '%s' "$version" | _tk_key)
    if ! _tk_once "$folder" _tk_fetch_perl "$version"; then
        _tk_say "apt-get could not download libsnmp-perl $version"
        return 1
    fi
    module=$(find "$folder" -path '*/NetSNMP/TrapReceiver.pm' | head -n 1)
    [ -n "$module" ] || { _tk_say "no NetSNMP/TrapReceiver.pm in $folder"; return 1; }
    printf '%s\n' "${module%/NetSNMP/TrapReceiver.pm}"
}

# Go from 1.18 on: gosnmp asks for 1.17, our build for the flag -buildvcs.
_tk_has_go() {
    local version minor
    version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
    minor=${version#go1.}
    minor=${minor%%[!0-9]*}
    [ "$version" != "$minor" ] && [ "${minor:-0}" -ge 18 ]
}

_tk_build_go() {
    local source=$1 part=$2
    (cd "$source" && timeout 300 go build -buildvcs=false -trimpath -o "$part/gosnmp-sender" . >&2)
}

# TRAPKAFKA_TEST_GOSNMP, if set, names the program. Else it is built once for each state of its source, with the machine's Go
# or with Debian's; its one module comes through the proxy that Go is set to.
tk_go() {
    local source=$TK_TESTS/senders/gosnmp folder
    if [ -n "${TRAPKAFKA_TEST_GOSNMP:-}" ]; then
        [ -x "$TRAPKAFKA_TEST_GOSNMP" ] || { _tk_say "TRAPKAFKA_TEST_GOSNMP: no program: $TRAPKAFKA_TEST_GOSNMP"; return 1; }
        printf '%s\n' "$TRAPKAFKA_TEST_GOSNMP"
        return 0
    fi
    folder=$(tk_cache)/gosnmp-$(cat "$source/main.go" "$source/go.mod" "$source/go.sum" | _tk_key)
    if [ ! -e "$folder" ] && ! _tk_has_go; then
        if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
            _tk_say "no gosnmp sender: no Go from 1.18 on; install Debian's golang-go, or name the program in TRAPKAFKA_TEST_GOSNMP"
            return 1
        fi
        _tk_install golang-go || { _tk_apt update && _tk_install golang-go; } || {
            _tk_say "no gosnmp sender: apt-get could not install golang-go"
            return 1
        }
    fi
    if ! _tk_once "$folder" _tk_build_go "$source"; then
        _tk_say "no gosnmp sender: Go could not build it or fetch its module (see above)"
        return 1
    fi
    printf '%s\n' "$folder/gosnmp-sender"
}
