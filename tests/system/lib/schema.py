# SPDX-License-Identifier: Apache-2.0
"""What conf/event.schema.json says about types: each member of a record has one, so that consumers with typed columns take
every record with one table."""

import copy

_OF_PYTHON = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}

#: Keywords that take a schema each, which describes the same value.
_BRANCHES = ("oneOf", "anyOf", "allOf")


def _resolve(schema, part):
    """The same part, with what its $ref names."""
    while "$ref" in part:
        named = schema
        for name in part["$ref"].removeprefix("#/").split("/"):
            named = named[name]
        part = {**named, **{key: value for key, value in part.items() if key != "$ref"}}
    return part


def _types_here(part):
    """The types that this part itself allows, without those of its branches."""
    named = part.get("type", [])
    values = part.get("enum", [part["const"]] if "const" in part else [])
    return set([named] if isinstance(named, str) else named) | {_OF_PYTHON[type(value)] for value in values}


def member_types(schema, part=None, path="$", found=None):
    """{path: types} of all members of all records; "[]" is the element of a list, "*" a member that the sender named. An
    integer is a number with a range. A member that allows anything has no type."""
    found = {} if found is None else found
    part = _resolve(schema, schema if part is None else part)
    types = found.setdefault(path, set())
    types |= {"number" if name == "integer" else name for name in _types_here(part)}
    for keyword in _BRANCHES:
        for branch in part.get(keyword, ()):
            member_types(schema, branch, path, found)
    for name, member in part.get("properties", {}).items():
        member_types(schema, member, f"{path}.{name}", found)
    if isinstance(part.get("additionalProperties"), dict):
        member_types(schema, part["additionalProperties"], f"{path}.*", found)
    if "items" in part or "array" in types:
        member_types(schema, part.get("items", {}), f"{path}[]", found)
    return found


def not_typed(schema):
    """The members, as path: types, that have no type or more than one, null aside."""
    return [f"{path}: {sorted(types) or 'any type'}" for path, types in member_types(schema).items()
            if len(types - {"null"}) != 1]


def closed(schema):
    """The schema as consumers must not use it: no object has members that the schema does not describe. So no type can come
    into a record but through the schema."""
    def close(part):
        if isinstance(part, dict):
            if "properties" in part:
                part.setdefault("additionalProperties", False)
            for member in part.values():
                close(member)
        elif isinstance(part, list):
            for member in part:
                close(member)
    part = copy.deepcopy(schema)
    close(part)
    return part
