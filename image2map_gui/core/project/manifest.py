"""The manifest of a project file: the plain forms of pictures, parts and epochs, there and back."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from image2map_gui.core.images.collection import Group, LabelStyle, Parts, Split, rows_of
from image2map_gui.core.images.sources import Source
from image2map_gui.core.project.checks import is_place, number, plain_list, require, texts, whole
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.train import EpochFigures

_KINDS = ("file", "idx", "sample", "zip", "npy")


def upgrade(manifest: dict[str, Any], version: int) -> None:
    """Bring an older manifest to the present format, in place.

    3 brought pictures in archives, 4 features, what is measured on a collection, and its parts,
    5 key frames, runs, selections with names, and what a training was given.
    """
    manifest |= {"frames": {"epochs": [], "placed": []}, "runs": [], "run": None, "selections": []}
    manifest |= {"threads": 0, "given": [], "labels": []}
    if version > 3:
        return
    manifest |= {"parts": {"excluded": [], "test": [], "split": None}, "added": 0}
    if version > 1:
        return
    shuffle = manifest["params"].pop("shuffle")
    manifest["params"]["order"] = "shuffled" if shuffle else "as-given"
    for figures in manifest["history"]:
        figures |= {"movement": None, "change": None}


def source_table(sources: tuple[Source, ...], project: Path) -> dict[str, Any]:
    """Return the sources with each folder and label written once, absolute and relative."""
    folders: dict[str, int] = {}
    labels: dict[str, int] = {}
    rows = []
    for source in sources:
        folder, name = os.path.split(source.path)
        place = folders.setdefault(folder, len(folders))
        label = None if source.label is None else labels.setdefault(source.label, len(labels))
        row = [_KINDS.index(source.kind), place, name, source.index, label]
        rows.append([*row, source.member] if source.member else row)
    here = project.resolve().parent
    return {
        "folders": [[folder, _relative(folder, here)] for folder in folders],
        "labels": list(labels),
        "rows": rows,
    }


def _relative(folder: str, here: Path) -> str | None:
    try:
        return os.path.relpath(folder, here) if folder else None
    except ValueError:  # another drive
        return None


def sources_of(table: dict[str, Any], project: Path) -> tuple[Source, ...]:
    """Rebuild the sources; a folder beside the project counts if the old place is gone."""
    folders = [_folder(plain_list(pair), project) for pair in plain_list(table["folders"])]
    labels = texts(table["labels"])
    return tuple(_source(plain_list(row), folders, labels) for row in plain_list(table["rows"]))


def _folder(pair: list[Any], project: Path) -> str:
    absolute, relative = pair
    require(isinstance(absolute, str) and (relative is None or isinstance(relative, str)))
    if relative is not None and not os.path.lexists(absolute):
        beside = os.path.normpath(project.resolve().parent / relative)
        return beside if os.path.lexists(beside) else str(absolute)
    return str(absolute)


def _source(row: list[Any], folders: list[str], labels: tuple[str, ...]) -> Source:
    kind, place, name, index, label, *rest = row
    member = rest[0] if rest else ""
    require(is_place(kind, _KINDS) and is_place(place, folders) and isinstance(name, str))
    require(type(index) is int and (label is None or is_place(label, labels)))
    require(isinstance(member, str) and bool(member) == bool(rest))
    require(_KINDS[kind] == "npy" or bool(member) == (_KINDS[kind] == "zip"))
    path = os.path.join(folders[place], name) if folders[place] else name  # noqa: PTH118
    return Source(path, index, None if label is None else labels[label], _KINDS[kind], member)


def parts_table(parts: Parts, sources: tuple[Source, ...]) -> dict[str, Any]:
    """Return the parts of a collection, their pictures by their places in it."""
    return {
        "excluded": rows_of(sources, parts.excluded).tolist(),
        "test": rows_of(sources, parts.test).tolist(),
        "split": None if parts.split is None else dataclasses.asdict(parts.split),
    }


def parts_of(table: dict[str, Any], sources: tuple[Source, ...]) -> Parts:
    """Rebuild the parts of a collection."""
    split = table["split"]
    return Parts(
        excluded=_addresses(table["excluded"], sources),
        test=_addresses(table["test"], sources),
        split=None if split is None else _split(split),
    )


def _addresses(rows: Any, sources: tuple[Source, ...]) -> frozenset[str]:
    require(all(is_place(row, sources) for row in plain_list(rows)))
    return frozenset(sources[row].address for row in rows)


def selections_table(
    selections: tuple[Group, ...], sources: tuple[Source, ...]
) -> list[dict[str, Any]]:
    """Return selections with names, their pictures by their places in the collection."""
    places = {source.address: row for row, source in enumerate(sources)}
    return [
        {"name": group.name, "rows": sorted(places[one] for one in group.addresses & places.keys())}
        for group in selections
    ]


def selections_of(table: Any, sources: tuple[Source, ...]) -> tuple[Group, ...]:
    """Rebuild selections with names, no two of which are the same."""
    groups = tuple(
        Group(texts([fields["name"]])[0], _addresses(fields["rows"], sources))
        for fields in plain_list(table)
    )
    require(len({group.name for group in groups}) == len(groups))
    return groups


def labels_table(labels: tuple[LabelStyle, ...]) -> list[dict[str, Any]]:
    """Return how labels are shown, in their order."""
    return [{"name": label.name, "colour": label.colour} for label in labels]


def labels_of(table: Any) -> tuple[LabelStyle, ...]:
    """Rebuild how labels are shown; none is there twice."""
    labels = tuple(
        LabelStyle(texts([fields["name"]])[0], None if colour is None else texts([colour])[0])
        for fields in plain_list(table)
        for colour in (fields["colour"],)
    )
    require(len({label.name for label in labels}) == len(labels))
    return labels


def _split(fields: dict[str, Any]) -> Split:
    require(type(fields["stratified"]) is bool)
    return Split(number(fields["share"]), whole(fields["seed"]), fields["stratified"])


def figures_of(fields: dict[str, Any]) -> EpochFigures:
    """Rebuild the figures of an epoch."""
    return EpochFigures(
        epoch=whole(fields["epoch"]),
        epochs=whole(fields["epochs"]),
        radius=number(fields["radius"]),
        rate=None if fields["rate"] is None else number(fields["rate"]),
        quantization_error=number(fields["quantization_error"]),
        topographic_error=number(fields["topographic_error"]),
        changed=None if fields["changed"] is None else whole(fields["changed"]),
        seconds=number(fields["seconds"]),
        movement=number(fields["movement"]),
        change=None if fields["change"] is None else _change(fields["change"]),
    )


def _change(fields: dict[str, Any]) -> Change:
    def known(name: str) -> float | None:
        return None if fields[name] is None else number(fields[name])

    epochs = fields["epochs"]
    return Change(
        radius=known("radius"),
        rate=known("rate"),
        epochs=None if epochs is None else whole(epochs),
        pause=known("pause"),
    )
