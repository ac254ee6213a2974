"""Brings projects of older formats to the present one while they are read."""

from __future__ import annotations

from typing import Any

import numpy as np

from image2map_gui.core.project.arrays import Arrays, packed_texts
from image2map_gui.core.project.checks import is_place, plain_list, require, texts, whole
from image2map_gui.core.project.pictures import KINDS, packed_rows


def upgrade(manifest: dict[str, Any], arrays: Arrays, version: int) -> None:
    """Bring an older project to the present format, in place.

    3 brought pictures in archives, 4 features, what is measured on a collection, and its parts,
    5 key frames, runs, selections with names, and what a training was given; 6 the pictures as
    columns of arrays, labels in order, and pictures that come with the project.
    """
    manifest |= {"labels": [], "clusters": [], "next": {"spec": None, "params": None}}
    if version < 5:
        manifest |= {"frames": {"epochs": [], "placed": []}, "runs": [], "run": None}
        manifest |= {"selections": [], "threads": 0, "given": []}
    if version < 4:
        manifest |= {"parts": {"excluded": [], "test": [], "split": None}, "added": 0}
    if version < 2:
        _from_first(manifest)
    arrays |= _columns(manifest.pop("sources"))
    pairs = [texts(pair, 2) for pair in plain_list(manifest.pop("skipped"))]
    arrays |= packed_texts("skipped_paths", [path for path, _ in pairs])
    arrays |= packed_texts("skipped_reasons", [reason for _, reason in pairs])
    arrays |= _rows(manifest)
    manifest["absolute_paths"] = True


def _from_first(manifest: dict[str, Any]) -> None:
    shuffle = manifest["params"].pop("shuffle")
    manifest["params"]["order"] = "shuffled" if shuffle else "as-given"
    for figures in manifest["history"]:
        figures |= {"movement": None, "change": None}


def _columns(table: dict[str, Any]) -> Arrays:
    """Return the columns of a list of pictures with a row for each."""
    folders = [plain_list(pair) for pair in plain_list(table["folders"])]
    require(all(isinstance(path, str) for path, _ in folders))
    require(all(way is None or isinstance(way, str) for _, way in folders))
    files: dict[tuple[int, str], int] = {}
    rows, members = [], []
    for row in plain_list(table["rows"]):
        kind, folder, name, index, label, *rest = plain_list(row)
        require(is_place(kind, KINDS) and is_place(folder, folders) and isinstance(name, str))
        require(type(index) is int and (label is None or (type(label) is int and label >= 0)))
        members.append(texts(rest, 1)[0] if rest else "")
        require(bool(members[-1]) == bool(rest))
        file = files.setdefault((folder, name), len(files))
        rows.append((file, kind, index, -1 if label is None else label))
    names = ("picture_files", "picture_kinds", "picture_indices", "picture_labels")
    columns = np.array(rows, np.int64).reshape(-1, len(names)).T
    arrays: Arrays = dict(zip(names, columns, strict=True))
    if any(members):
        arrays |= packed_texts("picture_members", members)
    unknown = np.full(len(files), -1, np.int64)
    arrays |= {"file_sizes": unknown, "file_times": unknown}
    arrays["file_folders"] = np.array([folder for folder, _ in files], np.int64)
    arrays |= packed_texts("file_names", [name for _, name in files])
    arrays |= packed_texts("folder_paths", [path for path, _ in folders])
    arrays |= packed_texts("folder_ways", [way or "" for _, way in folders])
    return arrays | packed_texts("label_names", texts(table["labels"]))


def _rows(manifest: dict[str, Any]) -> Arrays:
    """Return the pictures of parts and selections, whose numbers stay."""
    groups = []
    parts = manifest["parts"]
    for record, old, new in (
        (parts, "excluded", "excluded"),
        (parts, "test", "test"),
        *((one, "rows", "count") for one in plain_list(manifest["selections"])),
    ):
        group = sorted({whole(row) for row in plain_list(record.pop(old))})
        record[new] = len(group)
        groups.append(group)
    return packed_rows(*groups)
