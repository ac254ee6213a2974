"""The description of the project file that ships with the program is true."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from projects import small_project, unpacked

from image2map_gui.core.project.arrays import ARRAYS
from image2map_gui.core.project.project import FORMAT
from image2map_gui.core.project.save import save_project
from image2map_gui.core.project.schema import SCHEMA, check_manifest, schema
from image2map_gui.core.resources import resource

UNDERSTOOD = {
    "$schema", "title", "$defs", "$ref", "type", "enum", "anyOf", "properties", "required",
    "additionalProperties", "minItems", "maxItems", "prefixItems", "items", "minLength", "pattern",
    "minimum", "maximum",
}  # fmt: skip


def keywords(rule: dict[str, Any]) -> set[str]:
    """All keywords within a schema; names of fields are none."""
    found = set(rule)
    for key, value in rule.items():
        if key in ("properties", "$defs"):
            found |= {word for one in value.values() for word in keywords(one)}
        elif key in ("anyOf", "prefixItems"):
            found |= {word for one in value for word in keywords(one)}
        elif isinstance(value, dict):
            found |= keywords(value)
    return found


def test_the_schema_uses_only_what_is_checked() -> None:
    assert keywords(schema()) <= UNDERSTOOD
    assert schema()["properties"]["format"]["maximum"] == FORMAT
    text = resource(SCHEMA).read_text(encoding="utf-8")
    references = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', text))
    assert references == set(schema()["$defs"])


def test_a_saved_manifest_agrees_with_the_schema_and_fills_all_of_it(tmp_path: Path) -> None:
    save_project(small_project(), tmp_path / "map.i2m")
    manifest, _ = unpacked((tmp_path / "map.i2m").read_bytes())
    check_manifest(manifest)
    assert set(manifest) == set(schema()["properties"]) == set(schema()["required"])
    with pytest.raises(ValueError, match="agree"):
        check_manifest(manifest | {"more": 1})
    spoiled = json.loads(json.dumps(manifest))
    spoiled["runs"][1]["kept"]["history"] = [{"epoch": 1}]
    with pytest.raises(ValueError, match="agree"):
        check_manifest(spoiled)


def test_every_array_is_described() -> None:
    told = resource("i2m-format.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    named = set()
    for row in rows:
        if "." in row:  # a file
            continue
        first, *others = re.findall(r"`(\w+)`", row)
        group = first.partition("_")[0]
        named |= {first, *(f"{group}{one}" if one.startswith("_") else one for one in others)}
    columns = {name for name in ARRAYS if not name.endswith("_ends")}
    assert columns <= named
    assert f"format {FORMAT}" in told
