"""The manifest of a project file: the plain forms of parts, labels and epochs, there and back."""

from __future__ import annotations

import dataclasses
from typing import Any

from image2map_gui.core.images.collection import Group, LabelStyle, Parts, Split
from image2map_gui.core.images.sources import Source
from image2map_gui.core.model import ClusterName
from image2map_gui.core.project.checks import number, plain_list, require, texts, whole
from image2map_gui.core.project.pictures import Rows
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.train import EpochFigures


def grouped_rows(
    parts: Parts, selections: tuple[Group, ...], sources: tuple[Source, ...]
) -> tuple[dict[str, Any], list[dict[str, Any]], list[list[int]]]:
    """Return parts and selections with their sizes, and the places of their pictures."""
    places = {source.address: row for row, source in enumerate(sources)}
    groups = [parts.excluded, parts.test, *(group.addresses for group in selections)]
    rows = [sorted(places[one] for one in group & places.keys()) for group in groups]
    split = None if parts.split is None else dataclasses.asdict(parts.split)
    facts = {"excluded": len(rows[0]), "test": len(rows[1]), "split": split}
    named = [
        {"name": group.name, "count": len(mine)}
        for group, mine in zip(selections, rows[2:], strict=True)
    ]
    return facts, named, rows


def groups_of(facts: dict[str, Any], named: Any, rows: Rows) -> tuple[Parts, tuple[Group, ...]]:
    """Rebuild parts and selections; no two selections have the same name."""
    split = facts["split"]
    parts = Parts(
        excluded=rows.take(facts["excluded"]),
        test=rows.take(facts["test"]),
        split=None if split is None else _split(split),
    )
    groups = tuple(
        Group(texts([fields["name"]])[0], rows.take(fields["count"]))
        for fields in plain_list(named)
    )
    require(len({group.name for group in groups}) == len(groups) and rows.emptied)
    return parts, groups


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


def clusters_table(clusters: tuple[ClusterName, ...]) -> list[dict[str, Any]]:
    """Return the names of clusters with their units."""
    return [{"name": one.name, "units": list(one.units)} for one in clusters]


def clusters_of(table: Any, units: int) -> tuple[ClusterName, ...]:
    """Rebuild the names of clusters of a map of so many units; none has two."""
    clusters = tuple(
        ClusterName(tuple(map(whole, plain_list(fields["units"]))), texts([fields["name"]])[0])
        for fields in plain_list(table)
    )
    for one in clusters:
        require(bool(one.name) and bool(one.units) and list(one.units) == sorted(set(one.units)))
        require(one.units[0] >= 0 and one.units[-1] < units)
    require(len({one.units for one in clusters}) == len(clusters))
    return clusters


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
