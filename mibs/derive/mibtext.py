# SPDX-License-Identifier: Apache-2.0
"""What MIB files say about notifications in words. It is read for hints; no word of it is written anywhere."""
import os
import re

_MODULE = re.compile(r"^\s*([A-Za-z][\w-]*)\s+(?:\{[^}]*\}\s*)?DEFINITIONS\s+(?:IMPLICIT\s+TAGS\s*)?::=", re.M)
_DEFINITION = re.compile(r"^[ \t]*([A-Za-z][\w-]*)[ \t]*\n?[ \t]*(?:NOTIFICATION-TYPE|TRAP-TYPE)\s(.*?)::=\s*[{\d]", re.M | re.S)
_SEVERITY = re.compile(r"^[ \t]*(\w*[Ss]everity\w*)\s+OBJECT-TYPE\s(.*?)::=\s*\{", re.M | re.S)
_CONVENTION = re.compile(r"^[ \t]*(\w*[Ss]everity\w*)\s*::=\s*TEXTUAL-CONVENTION(.*?)SYNTAX", re.M | re.S)
_SYNTAX = re.compile(r"SYNTAX\s+(\w+)")
_DESCRIPTION = re.compile(r'DESCRIPTION\s*"([^"]*)"')
_COMMENT = re.compile(r"--#([A-Z]+)\s+(.*?)\s*$", re.M)


def texts(folders):
    """What MIB folders say: (module, name) -> (description, {WORD: text of a --#WORD comment}); for an object with a
    severity the description is followed by that of its textual convention."""
    found = {}
    for folder in folders:
        for directory, subfolders, files in os.walk(folder):
            subfolders.sort()
            for name in sorted(files):
                _file(os.path.join(directory, name), found)
    return found


def _file(path, found):
    with open(path, encoding="latin-1") as f:
        text = f.read()
    if "-TYPE" not in text:
        return
    modules = [(m.start(), m.group(1)) for m in _MODULE.finditer(text)]
    for place, (start, module) in enumerate(modules):
        end = modules[place + 1][0] if place + 1 < len(modules) else len(text)
        conventions = {m.group(1): m.group(2) for m in _CONVENTION.finditer(text, start, end)}
        for m in _SEVERITY.finditer(text, start, end):
            syntax = _SYNTAX.search(m.group(2))
            said = " ".join(d for body in (m.group(2), conventions.get(syntax.group(1), "") if syntax else "")
                            for d in _DESCRIPTION.findall(body))
            found.setdefault((module, m.group(1)), (" ".join(said.split()), {}))
        for m in _DEFINITION.finditer(text, start, end):
            body = m.group(2)
            if body.lstrip().startswith("MACRO"):
                continue
            described = _DESCRIPTION.search(body)
            comments = {w: t.strip('"') for w, t in _COMMENT.findall(body)}
            found.setdefault((module, m.group(1)), (" ".join(described.group(1).split()) if described else "", comments))
