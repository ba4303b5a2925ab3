#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lint of the rooms under plugin/: which file may include which, and which header declares what.

  rooms.py [TOP]     check the tree; each violation is a line, exit status 1
  rooms.py --list    the rooms in their order, with their size
  rooms.py --prove   break a copy of a small tree in every way that this lint knows, and see that it notices

The order of rooms is that of the `include ROOM/room.am` lines in plugin/Makefile.am. The rules:

  order       a file includes from its own room and from rooms above it
  net-snmp    its headers are included in usm/, host/, mibs/, receive/, cli/ and door/ only
  declares    X.h declares functions that X.c beside it defines; ROOM_internal.h those of the files of its room
  internal    ROOM_internal.h stays in its room
  name        no two files have one name
  called      a header's @file and include guard are its name
  listed      room.am lists every file of its room, and no other
  size        no room has MOST_PERCENT of plugin/ or more
"""

import re
import sys
import tempfile
from pathlib import Path

NET_SNMP = {"usm", "host", "mibs", "receive", "cli", "door"}
MOST_PERCENT = 15
MADE = {"standard_facts.c", "standard_rules.c"}         # by the build


def room_order(plugin):
    return re.findall(r"^include (\w+)/room\.am$", (plugin / "Makefile.am").read_text(), re.M)


def sources(plugin):
    return sorted(path for path in plugin.rglob("*") if path.suffix in (".c", ".h", ".def") and path.name not in MADE)


def room_of(plugin, path):
    return path.relative_to(plugin).parts[0]


def bare(text):
    """C without comments, strings and preprocessor lines."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)


def outside_braces(text):
    kept, depth = [], 0
    for char in bare(text):
        depth -= char == "}"
        if not depth:
            kept.append(char)
        depth += char == "{"
    return "".join(kept)


def declared(text):
    """Functions of ours that a header declares and does not define."""
    names = set()
    for statement in outside_braces(text).split(";"):
        statement = statement.split("}")[-1]            # a type's or an inline function's end
        if re.match(r"\s*(typedef|extern\s+const|#)", statement):
            continue
        found = re.search(r"\b(tk_\w+)\s*\(", statement.split("=")[0])
        if found:
            names.add(found[1])
    return names


def defined(text):
    return set(re.findall(r"^(?!static\b)[a-zA-Z_][\w \t*]*?\b(tk_\w+)\((?:[^;{}]|\n)*?\)\s*\{", bare(text), re.M))


def wrong_includes(plugin, order, path):
    room = room_of(plugin, path)
    for kind, name in re.findall(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)', path.read_text(), re.M):
        where = f"{path.relative_to(plugin.parent)}"
        if kind == "<":
            if name.startswith("net-snmp") and room not in NET_SNMP:
                yield f"net-snmp: {where} includes <{name}>"
            continue
        other = name.split("/")[0]
        if other not in order or not (plugin / name).exists():
            yield f'order: {where} includes "{name}", which is in no room'
        elif order.index(other) > order.index(room):
            yield f'order: {where} includes "{name}": {other}/ comes after {room}/'
        elif name.endswith("_internal.h") and other != room:
            yield f'internal: {where} includes "{name}"'


def wrong_names(plugin, path):
    where, text = path.relative_to(plugin.parent), path.read_text()
    guard = f"TK_{path.stem.upper()}_H"
    if f"@file {path.name}\n" not in text:
        yield f"called: {where} does not say @file {path.name}"
    if not re.search(rf"^#ifndef {guard}\n#define {guard}$", text, re.M):
        yield f"called: {where} has another include guard than {guard}"


def wrong_declarations(plugin, path):
    where = path.relative_to(plugin.parent)
    if path.name == f"{room_of(plugin, path)}_internal.h":
        there = set().union(*(defined(file.read_text()) for file in path.parent.rglob("*.c")))
        yield from (f"declares: {where}: {name}() is defined in no file of the room"
                    for name in sorted(declared(path.read_text()) - there))
        return
    own = path.with_suffix(".c")
    there = defined(own.read_text()) if own.exists() else set()
    yield from (f"declares: {where}: {name}() is not defined in {own.name}"
                for name in sorted(declared(path.read_text()) - there))


def wrong_lists(plugin, room):
    listed = set(re.findall(r"[\w/]+\.(?:c|h|def)\b", (plugin / room / "room.am").read_text()))
    there = {str(path.relative_to(plugin)) for path in sources(plugin) if room_of(plugin, path) == room}
    yield from (f"listed: plugin/{room}/room.am lacks {name}" for name in sorted(there - listed))
    yield from (f"listed: plugin/{room}/room.am has {name}, which is not there" for name in sorted(listed - there))


def sizes(plugin):
    lines = dict.fromkeys(room_order(plugin), 0)
    for path in sources(plugin):
        lines[room_of(plugin, path)] = lines.get(room_of(plugin, path), 0) + path.read_text().count("\n")
    return lines


def violations(top, most_percent=MOST_PERCENT):
    plugin = Path(top) / "plugin"
    order = room_order(plugin)
    files = sources(plugin)
    names = {}
    for path in files:
        if room_of(plugin, path) not in order:
            yield f"order: {path.relative_to(plugin.parent)} is in no room of plugin/Makefile.am"
            continue
        if path.name in names:
            yield f"name: {path.relative_to(plugin.parent)} and {names[path.name]} have one name"
        names[path.name] = path.relative_to(plugin.parent)
        yield from wrong_includes(plugin, order, path)
        if path.suffix == ".h":
            yield from wrong_declarations(plugin, path)
            yield from wrong_names(plugin, path)
    for room in order:
        yield from wrong_lists(plugin, room)
    lines = sizes(plugin)
    for room, count in lines.items():
        if count * 100 >= sum(lines.values()) * most_percent:
            yield f"size: plugin/{room} has {count} of {sum(lines.values())} lines, {most_percent} % or more"


# --- the proof that it can fail ----------------------------------------------------------------------------------------

def header(name, text=""):
    guard = f"TK_{name.split('.')[0].upper()}_H"
    return f"/** @file {name}\n */\n#ifndef {guard}\n#define {guard}\n{text}#endif\n"


SOUND = {
    "Makefile.am": "include base/room.am\ninclude usm/room.am\ninclude stages/room.am\n",
    "base/room.am": "x += base/one.c base/one.h base/base_internal.h base/two.c\n",
    "base/one.h": header("one.h", "/* tk_comment(); */\ntypedef int tk_fn(int);\n"
                         "int tk_one(int (*f)(int), const char *s);\n"
                         "static inline int tk_inline(void)\n{\n    return tk_one(0, 0);\n}\n"),
    "base/one.c": '#include "base/one.h"\nint tk_one(int (*f)(int), const char *s)\n{\n    return 1;\n}\n',
    "base/base_internal.h": header("base_internal.h", "void tk_two(void);\n"),
    "base/two.c": '#include "base/base_internal.h"\nvoid tk_two(void)\n{\n}\n',
    "usm/room.am": "x += usm/three.c\n",
    "usm/three.c": '#include <net-snmp/net-snmp-config.h>\n#include "base/one.h"\n',
    "stages/room.am": "x += stages/four.c\n",
    "stages/four.c": '#include "base/one.h"\n',
}

BROKEN = {                                              # rule: the files that break it
    "order": {"base/two.c": SOUND["base/two.c"] + '#include "usm/three.h"\n', "usm/three.h": header("three.h"),
              "usm/room.am": "x += usm/three.c usm/three.h\n"},
    "net-snmp": {"stages/four.c": "#include <net-snmp/net-snmp-includes.h>\n"},
    "declares": {"base/one.h": SOUND["base/one.h"] + "void tk_two(void);\n"},
    "called": {"base/one.h": SOUND["base/one.h"].replace("TK_ONE_H", "TK_ONCE_H")},
    "internal": {"usm/three.c": '#include "base/base_internal.h"\n'},
    "name": {"stages/one.c": "", "stages/room.am": "x += stages/four.c stages/one.c\n"},
    "listed": {"stages/five.c": ""},
    "size": {"base/two.c": SOUND["base/two.c"] + "\n" * 3000},
}


def prove():
    def rules(files):
        with tempfile.TemporaryDirectory() as top:
            for name, text in files.items():
                path = Path(top, "plugin", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return {line.split(":")[0] for line in violations(top, most_percent=95)}

    wrong = [f"a sound tree: {sorted(rules(SOUND))}"] if rules(SOUND) else []
    wrong += [f"{rule} is broken, and noticed is {sorted(rules({**SOUND, **files}))}" for rule, files in BROKEN.items()
              if rules({**SOUND, **files}) != {rule}]
    return wrong


def main(arguments):
    if arguments == ["--prove"]:
        wrong = prove()
    elif arguments == ["--list"]:
        lines = sizes(Path(__file__).resolve().parents[2] / "plugin")
        for room, count in lines.items():
            print(f"{room:12}{count:6} {count * 100 / sum(lines.values()):5.1f} %")
        wrong = []
    else:
        wrong = list(violations(*arguments or [Path(__file__).resolve().parents[2]]))
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
