"""The figures of an evaluation one by one: name, value, convention and what they mean."""

from __future__ import annotations

import csv
import dataclasses
import io
import math

import numpy as np

from image2map_gui.core.analysis.evaluate import Evaluation, LabelFigures
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality.labelling import class_entropy, purity
from image2map_gui.core.som.quality.usage import hit_entropy

LOWER, HIGHER, ZERO = "lower", "higher", "zero"
_DIRECTIONS = {
    LOWER: "Lower is better.",
    HIGHER: "Higher is better.",
    ZERO: "Near 0 is best.",
    "": "",
}
_USE = "Use of the units"
_COLUMNS = ("group", "figure", "value", "better", "convention")


@dataclasses.dataclass(frozen=True)
class Figure:
    """One figure of a map on a set of pictures.

    Attributes
    ----------
    name, remarks
        What it is called, and the conventions that belong to the name, such as "8 neighbours".
    value, text
        The number (NaN: unknown), and as it is shown to a person.
    better
        ``lower``, ``higher``, ``zero``, or nothing where neither is better by itself.
    meaning
        What it says, in plain words.
    sample
        From how many it was estimated, empty if from all.
    beside
        Names and texts of the figures without which this one would mislead.
    """

    group: str
    name: str
    value: float
    text: str
    better: str
    meaning: str
    remarks: tuple[str, ...] = ()
    sample: str = ""
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The name with its conventions."""
        return ", ".join((self.name, *self.remarks))

    @property
    def explanation(self) -> str:
        """What the figure says, which way is better, and what it was estimated from."""
        sample = f"Estimated {self.sample}." if self.sample else ""
        return " ".join(part for part in (self.meaning, _DIRECTIONS[self.better], sample) if part)

    @property
    def convention(self) -> str:
        """All that has to be told beside the value."""
        beside = [f"{name}: {text}" for name, text in self.beside]
        return "; ".join(part for part in (*self.remarks, self.sample, *beside) if part)


def figures(evaluation: Evaluation) -> tuple[Figure, ...]:
    """List all figures of an evaluation, group by group."""
    labels = evaluation.labels
    return (
        *_fit(evaluation),
        *_order(evaluation),
        *_use(evaluation),
        *(_labels(evaluation, labels) if labels is not None else ()),
    )


def figures_of_training(model: MapModel) -> tuple[Figure, ...]:
    """List what a map knows of the pictures it was trained on, without reading them again."""
    pictures, empty = int(model.hits.sum()), int(np.count_nonzero(model.hits == 0))
    found = [
        _quantization_error(model.quantization_error),
        *(_topographic_error(*pair) for pair in model.topographic_errors),
        *_counts(pictures, model.grid.units, empty),
        _hit_entropy(hit_entropy(model.hits)),
    ]
    if model.label_counts.any():
        counts = model.label_counts
        found += [_purity(purity(counts)), _class_entropy(class_entropy(counts))]
    return tuple(found)


def figures_text(evaluation: Evaluation) -> str:
    """Write all figures as lines of text, with headings."""
    lines: list[str] = []
    group = ""
    for figure in figures(evaluation):
        if figure.group != group:
            group = figure.group
            lines += ["", group] if lines else [group]
        convention = f"  ({figure.convention})" if figure.convention else ""
        lines.append(f"  {figure.name:<26}{figure.text:>10}{convention}")
    return "\n".join(lines) + "\n"


def figures_csv(evaluation: Evaluation) -> str:
    """Write all figures as a table, values with all their digits, unknown ones empty."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in figures(evaluation):
        value = one.value if math.isfinite(one.value) else ""
        writer.writerow((one.group, one.name, value, one.better, one.convention))
    return table.getvalue()


def _fit(found: Evaluation) -> list[Figure]:
    group = "Fit"
    error, euclidean = found.quantization_error, found.quantization_error_euclidean
    made = [_quantization_error(error)]
    if euclidean != error:
        made.append(
            Figure(
                group, "Quantization error", euclidean, _number(euclidean), LOWER,
                "Mean distance of the pictures to their units, Euclidean whatever the metric of "
                "the training, so that maps of different metrics can be compared.",
                ("Euclidean",),
            )
        )  # fmt: skip
    cost, explained = found.distortion, found.explained_variance
    return [
        *made,
        Figure(
            group, "Explained variance", explained, _share(explained), HIGHER,
            "Share of the pictures' variance that the units account for; the rest is the squared "
            "distance of the pictures to their units.",
        ),
        Figure(
            group, "Distortion", cost, _number(cost), LOWER,
            "Mean squared distance of a picture to all units, each weighted by the neighbourhood "
            "of the picture's unit at the final radius: the cost that training lowers. Compare "
            "maps of one size and radius.",
            (f"radius {found.distortion_radius:g}",),
        ),
    ]  # fmt: skip


def _order(found: Evaluation) -> list[Figure]:
    group, order, near = "Order", found.order, found.order.preservation
    few = _drawn(near.sampled, found.images, "pictures")
    some = _drawn(order.sampled_units, found.units, "units")
    nearest = (f"{near.neighbours} nearest",)
    product, kept = order.topographic_product, order.distance_preservation_quality
    return [
        *(_topographic_error(*pair) for pair in found.topographic_errors),
        Figure(
            group, "Combined error", found.combined_error, _number(found.combined_error), LOWER,
            "Mean way from a picture to its unit and on, from neighbour to neighbour, to its "
            "second-best unit (Kaski and Lagus). Where the map is torn the way is long.",
            sample=_drawn(found.combined_images, found.images, "pictures"),
        ),
        Figure(
            group, "Trustworthiness", near.trustworthiness, _number(near.trustworthiness), HIGHER,
            "How far pictures that are near on the map are near as pictures too; 1 at best. A map "
            "with many pictures on each unit cannot reach 1.",
            nearest, few,
        ),
        Figure(
            group, "Continuity", near.continuity, _number(near.continuity), HIGHER,
            "How far pictures that are near as pictures are near on the map too; 1 at best. A map "
            "with many pictures on each unit cannot reach 1.",
            nearest, few,
        ),
        Figure(
            group, "Topographic product", product, _number(product), ZERO,
            "Whether the map has as many dimensions as the pictures (Bauer and Pawelzik). Below 0 "
            "it has too few and is folded, above 0 too many.",
            sample=some,
        ),
        Figure(
            group, "Distance preservation", kept, _number(kept), HIGHER,
            "How alike units are that lie near each other, against the best order one could think "
            "of (Barthel and others); 1 at best, a random order reaches 0.3 to 0.5.",
            sample=some,
        ),
    ]  # fmt: skip


def _use(found: Evaluation) -> list[Figure]:
    return [
        *_counts(found.images, found.units, found.empty_units),
        _hit_entropy(found.hit_entropy),
        Figure(
            _USE, "Magnification", found.magnification, _number(found.magnification), "",
            "Slope of the pictures per unit against the spacing of the units, both as logarithms. "
            "0: units lie as densely as the pictures. Below 0: where pictures are dense there are "
            "fewer units than their share.",
        ),
    ]  # fmt: skip


def _labels(found: Evaluation, labels: LabelFigures) -> list[Figure]:
    group = "Labels"
    made = []
    if labels.accuracy is not None:
        made.append(
            Figure(
                group, "Accuracy", labels.accuracy, _share(labels.accuracy), HIGHER,
                "Share of labelled pictures whose label is that of their unit. A unit has the "
                "label that most of its training pictures carry, an empty one that of the unit "
                "most like it. On the training pictures themselves this flatters.",
            )
        )  # fmt: skip
    return [
        *made,
        _purity(labels.purity),
        Figure(
            group, "Mutual information (NMI)", labels.nmi, _number(labels.nmi), HIGHER,
            "Normalized mutual information of units and labels, over the mean of their "
            "entropies: 1 if each tells the other, 0 if they have nothing to do with each other.",
        ),
        Figure(
            group, "Adjusted Rand index (ARI)", labels.ari, _number(labels.ari), HIGHER,
            "Agreement of units and labels about which pictures belong together, corrected "
            "for chance: 1 at best, about 0 by chance. Small where there are many more units than "
            "labels.",
        ),
        _class_entropy(labels.class_entropy),
        _single_label_units(group, found, labels),
    ]  # fmt: skip


def _single_label_units(group: str, found: Evaluation, labels: LabelFigures) -> Figure:
    adjacency, error = found.topographic_errors[0]
    return Figure(
        group, "Single-label units", labels.single_label_units, f"{labels.single_label_units:,}",
        "",
        "Units all of whose labelled pictures carry one label. It tells how separable the labels "
        "are and how few pictures a unit has, not how well the map is ordered: as many pictures "
        "taken at random as units have more of them. Never to be read without the four numbers "
        "below it.",
        beside=(
            ("units", f"{found.units:,}"),
            ("empty units", f"{found.empty_units:,}"),
            ("labelled pictures", f"{labels.pictures:,}"),
            (f"topographic error, {adjacency} neighbours", _share(error)),
        ),
    )  # fmt: skip


def _quantization_error(error: float) -> Figure:
    return Figure(
        "Fit", "Quantization error", error, _number(error), LOWER,
        "Mean distance of the pictures to their units, in the metric of the training. It falls "
        "as units are added: compare maps of one size.",
    )  # fmt: skip


def _topographic_error(adjacency: int, error: float) -> Figure:
    return Figure(
        "Order", "Topographic error", error, _share(error), LOWER,
        "Share of pictures whose best and second-best units are no neighbours. "
        + _neighbours(adjacency),
        (f"{adjacency} neighbours",),
    )  # fmt: skip


def _counts(pictures: int, units: int, empty: int) -> list[Figure]:
    return [
        Figure(_USE, "Pictures", pictures, f"{pictures:,}", "", "Pictures measured."),
        Figure(_USE, "Units", units, f"{units:,}", "", "Units of the map."),
        Figure(
            _USE, "Empty units", empty, f"{empty:,}", "",
            "Units that are the best unit of no picture. Between groups they are gaps; many of "
            "them everywhere mean that the map is large for its pictures.",
        ),
    ]  # fmt: skip


def _hit_entropy(value: float) -> Figure:
    return Figure(
        _USE, "Hit entropy", value, _number(value), "",
        "How evenly the pictures use the units: 1 if all have equally many, 0 if one has all.",
    )  # fmt: skip


def _purity(value: float) -> Figure:
    return Figure(
        "Labels", "Purity", value, _share(value), HIGHER,
        "Share of labelled pictures that carry the most frequent label of their unit. It grows "
        "with the number of units and says nothing about order.",
    )  # fmt: skip


def _class_entropy(value: float) -> Figure:
    return Figure(
        "Labels", "Class entropy", value, _number(value), LOWER,
        "How mixed the labels on a unit are, the mean over the labelled pictures: 0 if every "
        "unit has one label only.",
        ("nats",),
    )  # fmt: skip


def _neighbours(adjacency: int) -> str:
    """Say what counts as a neighbour."""
    return {
        2: "Neighbours are the units before and after on the line or ring.",
        4: "Neighbours share a side: 4 at most.",
        6: "Neighbours are the up to 6 hexagons around a unit.",
        8: "Neighbours share a side or a corner: 8 at most.",
    }[adjacency]


def _drawn(some: int, all_of_them: int, what: str) -> str:
    """Say how many were drawn by lot, if not all."""
    return "" if some == all_of_them else f"from {some:,} of {all_of_them:,} {what} drawn by lot"


def _number(value: float) -> str:
    if math.isnan(value):
        return "unknown"
    if 0 < abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"


def _share(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.2%}"
