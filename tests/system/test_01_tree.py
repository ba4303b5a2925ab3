# SPDX-License-Identifier: Apache-2.0
"""The rules of the tree that no compiler knows: what the modules export, who includes whom, what must be documented.

No daemon is started. What is built is named by TK_MODULE_SO, TK_LOADER_SO and TK_BUILD; without them it is missing."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import rooms
from lib.need import missing, need_tool
from lib.proc import run
from lib.schema import closed, member_types, not_typed

TOP = Path(__file__).resolve().parents[2]
PLUGIN = TOP / "plugin"
SPDX = "SPDX-License-Identifier: Apache-2.0"

MAX_LINES, MAX_COLUMNS = 450, 125

#: headers whose functions carry no @locality of their own -> why
LOCALITY_OF_ITS_OWN = {
    "base/json_writer.h": "the file's head says it: one thread, the writer's owner",
    "host/trapd_api.h": "a prototype of snmptrapd's",
    "inventory/topology.h": "an accessor of an immutable table",
    "delivery/delivery_internal.h": "the file's head says it: the worker",
}

#: file -> (how many sleeps, why they don't synchronise a test)
SLEEPS = {
    "tests/demo": (1, "the step of its wait-until loop"),
    "tests/bench/run": (4, "steps of wait-until loops, and the period of the statistics file"),
    "tests/bench/bench_sink.c": (1, "a pause while the producer is full"),
    "tests/bench/v3": (2, "the step of a wait-until loop, and a period of the worker's"),
    "tests/bench/storm_send.c": (2, "the pace of the storm"),
    "tests/unit/reload/test_reload.c": (1, "the step of its wait-until loops"),
    "tests/system/lib/cgroup.py": (1, "the step of its loop"),
    "tests/system/lib/consume.py": (1, "the step of its loop while the broker is away"),
    "tests/system/lib/proc.py": (1, "the step of wait_until"),
    "tests/system/lib/relay.py": (1, "the delay that the relay is for"),
    "tests/system/test_51_secured_kafka.py": (1, "the pace of the events that are refused"),
    "tests/system/test_50_kafka.py": (1, "how long the broker is frozen"),
    "tests/system/test_20_events.py": (1, "lets a dedup window end: the passing of time is what is tested"),
}


def tree_files():
    """All files that belong to the project: tracked, or new and not ignored."""
    if (TOP / ".git").exists() and shutil.which("git"):
        listed = run(["git", "-c", f"safe.directory={TOP}", "-C", TOP, "ls-files", "-co", "--exclude-standard"]).stdout
        return [path for path in map(TOP.joinpath, listed.splitlines()) if path.is_file()]
    return [path for path in TOP.rglob("*") if path.is_file() and not path.is_symlink() and "_build" not in path.parts]


def plugin_sources():
    return [path for path in rooms.sources(PLUGIN) if path.suffix in (".c", ".h")]


def built(variable):
    path = os.environ.get(variable)
    if not path or not Path(path).exists():
        missing("a build of the module", f"{variable} names none")
    return Path(path)


def none(violations):
    violations = list(violations)
    assert not violations, "\n".join(map(str, ["", *violations]))


# --- what is built ---------------------------------------------------------------------------------------------------

def exported(module):
    need_tool("nm")
    lines = run(["nm", "-D", "--defined-only", module]).stdout.splitlines()
    return {line.split()[-1] for line in lines if line.split()[-2] not in "wv"}


def test_module_exports_its_two_entries_only():
    assert exported(built("TK_MODULE_SO")) == {"init_trapkafka", "deinit_trapkafka"}


def test_loader_exports_nothing():
    assert exported(built("TK_LOADER_SO")) == set()


@pytest.mark.parametrize("variable", ["TK_MODULE_SO", "TK_LOADER_SO"])
def test_linked_for_a_life_inside_snmptrapd(variable):
    """It stays when net-snmp closes it at SIGHUP, and takes net-snmp's libraries from the daemon, whatever soname."""
    module = built(variable)
    need_tool("readelf")
    dynamic = run(["readelf", "-dW", module]).stdout
    assert re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic), dynamic
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)
    none(name for name in needed if name.startswith("libnetsnmp"))
    assert not re.search(r"\((RPATH|RUNPATH|TEXTREL)\)", dynamic), dynamic


def test_install_to_a_staging_folder(folder):
    build = built("TK_BUILD")
    run(["make", "-s", "-C", build, "install", f"DESTDIR={folder}"], timeout=300)
    installed = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in installed if path.parts[-3:] == ("snmp", "dlmod", "trapkafka.so")], installed
    assert [path for path in installed if path.name == "trapkafka_loader.so"], installed
    none(path for path in installed if path.suffix == ".la")
    documents_there = {"README.md", "CHANGES.md", "LICENSE", *(f"doc/{path.name}" for path in (TOP / "doc").glob("*.md"))}
    none(f"not under share/doc/trapkafka: {name}" for name in sorted(documents_there)
         if not any(str(path).endswith(f"share/doc/trapkafka/{name}") for path in installed))
    none(f"man page not installed: {path.stem}" for path in (TOP / "doc").glob("trapkafka*.in")
         if path.stem not in {page.name for page in installed})
    run(["make", "-s", "-C", build, "uninstall", f"DESTDIR={folder}"], timeout=300)
    none(path for path in folder.rglob("*") if path.is_file())


def test_installing_over_another_version_leaves_none_of_its_rules(folder):
    """The module reads all files of the folder: a rule that was taken back would stay in force."""
    conf = built("TK_BUILD") / "conf"
    shipped = sorted(path.relative_to(TOP / "conf/rules") for path in (TOP / "conf/rules").rglob("*.json"))
    run(["make", "-s", "-C", conf, "install", f"DESTDIR={folder}"], timeout=300)
    [rules] = [path.parent for path in folder.rglob("ietf.json")]
    (rules / "gone.json").write_text('{"rules":[]}')
    (rules / "derived" / "gone.json").write_text('{"rules":[]}')
    run(["make", "-s", "-C", conf, "install", f"DESTDIR={folder}"], timeout=300)
    assert sorted(path.relative_to(rules) for path in rules.rglob("*.json")) == shipped


@pytest.mark.parametrize("there, package", [
    ([], "libsnmp-dev"), (["netsnmp"], "librdkafka-dev"), (["netsnmp", "rdkafka"], "libjansson-dev"),
    (["netsnmp", "rdkafka", "jansson"], "libpcre2-dev"), (["netsnmp", "rdkafka", "jansson", "libpcre2-8"], "libxml2-dev"),
    (["netsnmp", "rdkafka", "jansson", "libpcre2-8", "libxml-2.0"], "libpcap-dev"),
    (["netsnmp", "rdkafka", "jansson", "libpcre2-8", "libxml-2.0", "libpcap"], "libxxhash-dev")])
def test_configure_names_the_missing_package(folder, there, package):
    configure = TOP / "configure"
    if not configure.exists():
        missing("configure", "run ./autogen.sh")
    for name in there:
        (folder / f"{name}.pc").write_text(f"Name: {name}\nDescription: a stand-in\nVersion: 99\nCflags:\nLibs:\n")
    # What the build learned about compiler and linker saves seconds; about packages it must be asked anew.
    known = re.findall(r"^(?:ac|lt|am)_cv_(?!env_)\w+=.*\n", (built("TK_BUILD") / "config.log").read_text(), re.M)
    (folder / "config.cache").write_text("".join(known))
    env = {**os.environ, "PKG_CONFIG_LIBDIR": str(folder), "PKG_CONFIG_PATH": ""}
    done = run([configure, "-q", "-C"], timeout=120, check=False, cwd=folder, env=env)
    assert done.returncode != 0, done.stdout
    assert f"install Debian's package {package}" in done.stdout, done.stdout[-2000:]


# --- sources ---------------------------------------------------------------------------------------------------------

def test_rooms():
    """Includes go one way, a header declares what its own file defines, no room is too large: tests/lint/rooms.py."""
    none(rooms.violations(TOP))


def test_rooms_can_fail():
    none(rooms.prove())


def test_files_are_short():
    def wrong():
        for path in plugin_sources():
            lines = path.read_text().splitlines()
            if len(lines) >= MAX_LINES:
                yield f"{path}: {len(lines)} lines"
            yield from (f"{path}:{number}: {len(line)} columns" for number, line in enumerate(lines, 1)
                        if len(line) >= MAX_COLUMNS)
    none(wrong())


def test_files_have_a_licence():
    sources = [path for path in tree_files() if path.suffix in (".c", ".h", ".def", ".py", ".mk", ".ac")]
    assert len(sources) > 100
    none(path for path in sources if SPDX not in path.read_text()[:400])


def prototypes(header):
    """(the comment right above it or "", name) of each function in a header."""
    text = re.sub(r"^[ \t]*#.*(?:\\\n.*)*", "", header, flags=re.M)
    comment = ""
    for found in re.finditer(r"(?P<comment>/\*.*?\*/)|(?P<blank>\n[ \t]*\n)|^(?!typedef)[a-z_][\w\s*]*?\b(?P<name>\w+)"
                             r"\([^;{}]*\)(?:\s*__attribute__\(\(.*?\)\))?\s*[;{]", text, re.M | re.S):
        if found["name"]:
            yield comment, found["name"]
        else:
            comment = found["comment"] or ""


def test_functions_say_their_thread():
    headers = [path for path in plugin_sources() if path.suffix == ".h"]
    seen = {path: list(prototypes(path.read_text())) for path in headers}
    assert sum(map(len, seen.values())) > 150           # the pattern finds them
    none(f"{path}: {name}" for path, functions in seen.items() for comment, name in functions
         if "@locality" not in comment and str(path.relative_to(PLUGIN)) not in LOCALITY_OF_ITS_OWN)
    none(f"{name} needs no exemption any more" for name in LOCALITY_OF_ITS_OWN
         if all("@locality" in comment for comment, _ in seen[PLUGIN / name]))


def test_no_trace_of_one_machine():
    """No path and no tool of whoever wrote it. The words are in pieces, or this file would be found."""
    words = [a + b for a, b in (("/wo", "rk/"), ("/tm", "p/w/"), ("/ro", "ot/"), ("cla", "ude"), ("anth", "ropic"),
                                ("chat", "gpt"), ("copi", "lot"))]
    pattern = re.compile("|".join(map(re.escape, words)).encode(), re.I)
    none(f"{path}: {found[0].decode()}" for path in tree_files() if (found := pattern.search(path.read_bytes())))


def test_no_sleeping_in_tests():
    """Tests wait for what they wait for; who sleeps has to say why."""
    pattern = re.compile(r"\btime\.sleep\(|\b(?:u|nano|clock_nano)?sleep\(|^\s*sleep [\d$.]", re.M)
    counted = {str(path.relative_to(TOP)): len(pattern.findall(path.read_text(errors="replace")))
               for path in tree_files() if TOP / "tests" in path.parents and path != Path(__file__).resolve()
               and "corpus" not in path.parts}
    none(f"{name}: {count} sleeps, {SLEEPS.get(name, (0,))[0]} are allowed" for name, count in counted.items()
         if count > SLEEPS.get(name, (0,))[0])
    none(f"{name}: no longer sleeps {allowed} times" for name, (allowed, _) in SLEEPS.items()
         if counted.get(name, 0) < allowed)


# --- documents -------------------------------------------------------------------------------------------------------

def table(name, macro):
    """The rows of a .def file: their arguments up to the first text."""
    text = re.sub(r"/\*.*?\*/", "", (PLUGIN / name).read_text(), flags=re.S)
    return [[word.strip() for word in row.split(",")] for row in re.findall(rf"^{macro}\(([^\"]*)", text, re.M)]


def documents():
    """What is written for users: README.md, doc/*.md, the man pages, and the samples."""
    found = [TOP / "README.md", *sorted((TOP / "doc").glob("*.md")), *sorted((TOP / "doc").glob("trapkafka*.in")),
             *sorted(path for path in (TOP / "conf").rglob("*") if path.is_file() and path.suffix != ".am"
                     and not path.name.startswith("Makefile"))]
    assert len(found) > 15
    return found


def test_directives_are_documented():
    directives = [row[0] for row in table("config/directives.def", "TK_DIRECTIVE")]
    assert len(directives) > 10 and all(name.startswith("kafka") for name in directives)
    readme, page = (TOP / "README.md").read_text(), (TOP / "doc" / "trapkafka.conf.5.in").read_text()
    none(f"README.md: {name}" for name in directives if not re.search(rf"\b{name}\b", readme))
    none(f"man page: {name}" for name in directives
         if "@DIRECTIVES@" not in page and not re.search(rf"\b{name}\b", page))
    none(f"{path}: no such directive: {name}" for path in documents()
         for name in sorted(set(re.findall(r"\bkafka[A-Z]\w+", path.read_text())) - set(directives)))


def event_schema():
    return json.loads((TOP / "conf" / "event.schema.json").read_text())


def test_schema_has_one_type_for_each_member():
    """Typed consumers take every record with one table: no member is a string here and a number there."""
    types = member_types(event_schema())
    assert types["$.varbinds[].value"] == {"string", "null"} and types["$.varbinds[].number"] == {"number"}
    assert types["$.varbinds[].index[]"] == {"string"} and types["$.books.dropped.*"] == {"number"}
    assert types["$.type"] == {"string"} and len(types) > 70
    none(not_typed(event_schema()))


@pytest.mark.parametrize("member, said", [
    ({"type": ["integer", "string"]}, "$.m: ['number', 'string']"),
    ({"enum": ["raise", 1]}, "$.m: ['number', 'string']"),
    ({"oneOf": [{"type": "object"}, {"$ref": "#/$defs/n"}]}, "$.m: ['number', 'object']"),
    ({"type": "array", "items": {"type": ["boolean", "null", "string"]}}, "$.m[]: ['boolean', 'null', 'string']"),
    ({"type": "array"}, "$.m[]: any type"),
    ({"type": "object", "additionalProperties": {"anyOf": [{"const": "a"}, {"$ref": "#/$defs/n"}]}},
     "$.m.*: ['number', 'string']"),
    ({"description": "anything"}, "$.m: any type"),
    ({"const": None}, "$.m: ['null']"),
])
def test_a_union_in_the_schema_is_found(member, said):
    schema = {"$defs": {"n": {"type": "integer"}}, "type": "object", "properties": {"m": member}}
    assert not_typed(schema) == [said]


def test_a_type_that_two_kinds_of_records_see_differently_is_found():
    kinds = [{"type": "object", "properties": {"m": {"type": kind}}} for kind in ("string", "integer")]
    assert not_typed({"oneOf": kinds}) == ["$.m: ['number', 'string']"]


def test_closed_schema_leaves_no_object_open():
    """But for objects whose members have names of others: columns of the inventory, counters."""
    def open_objects(part, path):
        if isinstance(part, dict):
            if "properties" in part and "additionalProperties" not in part:
                yield path
            for name, member in part.items():
                yield from open_objects(member, f"{path}/{name}")
    assert len(list(open_objects(event_schema()["$defs"], ""))) > 10
    none(open_objects(closed(event_schema())["$defs"], ""))


def test_counters_are_documented():
    rows = table("base/stats.def", "TK_STAT")
    books = event_schema()["$defs"]["health"]["properties"]["books"]
    families = {family for _, kind, family, *_ in rows if kind in ("BOOKED", "DERIVED", "LOSS")} | {"pending", "derived_pending"}
    assert families == set(books["required"])
    assert set(books["properties"]) == set(re.findall(r'^TK_STAT\(\w+, \w+, (\w+), "\w+"',
                                                      (PLUGIN / "base" / "stats.def").read_text(), re.M))
    readme, page = (TOP / "README.md").read_text(), (TOP / "doc" / "trapkafka.conf.5.in").read_text()
    none(f"README.md: {row[2]}" for row in rows
         if not re.search(rf"\b(?:trapkafka_)?{row[2]}(?:_total)?\b", readme))
    none(f"man page: {row[2]}" for row in rows if "@COUNTERS@" not in page and row[2] not in page)
    labels = set(re.findall(r'^TK_STAT\(\w+, \w+, (\w+), "(\w+)"', (PLUGIN / "base" / "stats.def").read_text(), re.M))
    assert len(labels) > 15
    none(f"{path}: no such counter: {name}{{{label}}}" for path in documents() if path.suffix == ".md"
         for name, label in re.findall(r"`(?:trapkafka_)?([a-z_]+?)(?:_total)?\{(?:reason=\")?(\w+)\"?\}`", path.read_text())
         if (name, label) not in labels)


def test_tests_named_in_documents_exist():
    """doc/queue.md says which tests check each guarantee."""
    named = {name for path in documents() for name in re.findall(r"`(test_\w+)`", path.read_text())}
    assert len(named) > 8
    sources = [path for path in tree_files() if TOP / "tests" in path.parents and path.suffix in (".py", ".c")]
    there = {path.stem for path in sources} | {name for path in sources if path.suffix == ".py"
                                              for name in re.findall(r"^def (test_\w+)", path.read_text(), re.M)}
    none(f"no such test: {name}" for name in sorted(named - there))


def test_fuzz_seeds_are_those_of_the_script(folder):
    """tests/fuzz/corpus is what make-corpus writes, and findings named regress-*."""
    for name in ("tests/fuzz/make-corpus", "tests/system/lib", "conf"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (TOP / name).is_dir() else shutil.copy2)(TOP / name, target)
    subprocess.run([shutil.which("python3"), folder / "tests/fuzz/make-corpus"], check=True, timeout=60)

    def seeds(top):
        corpus = top / "tests" / "fuzz" / "corpus"
        return {path.relative_to(corpus): path.read_bytes() for path in corpus.rglob("*")
                if path.is_file() and not path.name.startswith("regress-")}
    assert seeds(TOP) == seeds(folder), "run tests/fuzz/make-corpus"
