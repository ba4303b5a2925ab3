# SPDX-License-Identifier: Apache-2.0
"""What conf/consumers/ says of the members of an event, and what the schema says: {path: kind}, so that the two can be
compared. A kind is string, integer, number, boolean or map; "[]" behind a name or a kind is a list."""

import json
import re

_KINDS = {
    "string": "String LowCardinality VARCHAR STRING keyword text ip date_nanos DateTime64 TIMESTAMP TIMESTAMP_LTZ",
    "integer": "UInt8 UInt16 UInt32 UInt64 Int32 INT BIGINT INTEGER UTINYINT USMALLINT UINTEGER UBIGINT byte integer long",
    "number": "Float64 DOUBLE double",
    "boolean": "Bool BOOLEAN boolean",
    "map": "Map MAP object",
}
_KIND = {name: kind for kind, names in _KINDS.items() for name in names.split()}


def of_schema(schema):
    """The members of an event of type trap."""
    found = {}

    def walk(path, node):
        while "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        if "oneOf" in node:
            (node,) = [one for one in node["oneOf"] if one != {"type": "null"}]
            walk(path, node)
        elif "properties" in node:
            for name, member in node["properties"].items():
                walk(f"{path}.{name}" if path else name, member)
        elif node.get("type") == "array":
            walk(f"{path}[]", node["items"])
        else:
            found[path] = _json_kind(node)
    walk("", schema["$defs"]["trap"])
    return found


def _json_kind(node):
    values = [node["const"]] if "const" in node else node.get("enum", [])
    names = {bool: "boolean", int: "integer", str: "string", type(None): "null"}
    kinds = {names[type(value)] for value in values}
    given = node.get("type", [])
    kinds |= set(given if isinstance(given, list) else [given])
    (kind,) = kinds - {"null"}
    return "map" if kind == "object" else kind


def of_template(text, lists):
    """An index template. It doesn't tell a list from a single value: `lists` are the paths of those that are lists."""
    found = {}

    def walk(path, node):
        if "properties" in node:
            for name, member in node["properties"].items():
                inner = f"{path}.{name}" if path else name
                walk(inner + "[]" if inner + "[]" in lists else inner, member)
        else:
            found[path] = _KIND[node["type"]]
    walk("", json.loads(text)["template"]["mappings"])
    return found


def of_table(text):
    """The first CREATE TABLE of ClickHouse, DuckDB or Flink."""
    text = re.sub(r"--.*", "", text)
    text = text[text.index("CREATE TABLE"):]
    tokens = re.findall(r"\w+|'[^']*'|[(),<>]|\[\]", re.sub(r"[`\"]", "", text[text.index("("):]))
    found = {}
    place = 0

    def take():
        nonlocal place
        place += 1
        return tokens[place - 1]

    def skip():
        """To the bracket that closes the one before."""
        depth = 1
        while depth:
            depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(take(), 0)

    def read_type(path):
        nonlocal place
        name, start = take(), place
        if name in ("Tuple", "STRUCT", "ROW"):
            take()
            skip()  # is it a list? That stands behind the members
            suffix = "[]" if tokens[place] == "[]" else ""
            place = start
            take()
            read_fields(path + suffix)
        elif name in ("Array", "ARRAY"):
            take()
            read_type(path + "[]")
            take()
        elif name == "Nullable":
            take()
            read_type(path)
            take()
        else:
            if tokens[place] in "(<":
                take()
                skip()
            found[path + ("[]" if tokens[place] == "[]" else "")] = _KIND[name]
        if tokens[place] == "[]":
            take()
        while tokens[place] in ("PRIMARY", "KEY"):
            take()

    def read_fields(path):
        while True:
            name = take()
            read_type(f"{path}.{name}" if path else name)
            if take() != ",":
                return
    take()
    read_fields("")
    return found
