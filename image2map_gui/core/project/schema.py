"""Checks a manifest against the JSON schema that ships with the program."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from image2map_gui.core.project.checks import require
from image2map_gui.core.resources import resource

SCHEMA = "i2m-manifest.schema.json"
_KINDS: dict[str, Any] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) in (int, float),
}


def check_manifest(manifest: Any) -> None:
    """Refuse a manifest that is not as the schema says.

    Raises
    ------
    ValueError
        It is not.
    """
    _check(manifest, schema())


@cache
def schema() -> dict[str, Any]:
    """Return the schema: JSON Schema 2020-12, of which only what stands in it is understood."""
    return dict(json.loads(resource(SCHEMA).read_text(encoding="utf-8")))


def _check(value: Any, rule: dict[str, Any]) -> None:
    if "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].removeprefix("#/$defs/")]
    if "type" in rule:
        kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
        require(any(_KINDS[kind](value) for kind in kinds))
    require("enum" not in rule or value in rule["enum"])
    if "anyOf" in rule:
        require(any(_holds(value, one) for one in rule["anyOf"]))
    if isinstance(value, dict):
        _check_record(value, rule)
    elif isinstance(value, list):
        _check_list(value, rule)
    elif isinstance(value, str):
        require(len(value) >= rule.get("minLength", 0))
        require("pattern" not in rule or re.search(rule["pattern"], value) is not None)
    elif type(value) in (int, float):
        require(rule.get("minimum", value) <= value <= rule.get("maximum", value))


def _holds(value: Any, rule: dict[str, Any]) -> bool:
    try:
        _check(value, rule)
    except ValueError:
        return False
    return True


def _check_record(value: dict[str, Any], rule: dict[str, Any]) -> None:
    known = rule.get("properties", {})
    require(all(name in value for name in rule.get("required", ())))
    others = rule.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            _check(item, known[name])
        else:
            require(others is not False)
            if isinstance(others, dict):
                _check(item, others)


def _check_list(value: list[Any], rule: dict[str, Any]) -> None:
    require(rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value)))
    first = rule.get("prefixItems", [])
    for item, one in zip(value, first, strict=False):
        _check(item, one)
    if "items" in rule:
        for item in value[len(first) :]:
            _check(item, rule["items"])
