"""The list of figures: all of an evaluation, with its conventions, as text and as a table."""

from __future__ import annotations

import csv
import dataclasses
import io
import math

import numpy as np
import pytest
from data import labelled_vectors, lines_dataset, model_with, noise, train_model

from image2map_gui.core.analysis import evaluate as judge
from image2map_gui.core.analysis.evaluate import Evaluation, evaluate
from image2map_gui.core.analysis.figures import (
    Figure,
    figures,
    figures_csv,
    figures_of_training,
    figures_text,
)

WEIGHTS = [[0], [10], [20], [30]]
COUNTS = {"a": [4, 2, 0, 0], "b": [1, 0, 3, 0]}


def evaluation(
    metric: str = "euclidean", labels: tuple[str | None, ...] = ("a",) * 4
) -> Evaluation:
    model = model_with(WEIGHTS, COUNTS, metric=metric)
    vectors = [[1], [9], [11], [22]]
    return evaluate(model, labelled_vectors(vectors, list(labels), model.spec))


def named(found: Evaluation) -> dict[str, Figure]:
    listed = figures(found)
    titles = {one.title: one for one in listed}
    assert len(titles) == len(listed)
    return titles


def numbers(value: object) -> set[float]:
    """All numbers that an evaluation holds, however deep, but for counts of a convention."""
    found: set[float] = set()
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        part = getattr(value, field.name)
        if dataclasses.is_dataclass(part):
            found |= numbers(part)
        elif isinstance(part, tuple) and field.name == "topographic_errors":
            found |= {error for _, error in part}
        elif isinstance(part, int | float):
            found.add(part)
    return found


def test_every_number_of_an_evaluation_is_listed() -> None:
    found = evaluation("cosine", ("a", "b", "a", None))
    listed = {one.value for one in figures(found)}
    told = " ".join(one.title + one.convention for one in figures(found))
    for number in numbers(found) - listed:
        assert f"{number:g}" in told, number


def test_conventions_stand_in_the_title() -> None:
    titles = named(evaluation())
    for title in (
        "Topographic error, 8 neighbours",
        "Topographic error, 4 neighbours",
        "Distortion, radius 0.85",
        "Trustworthiness, 1 nearest",
        "Class entropy, nats",
    ):
        assert title in titles
    assert "Quantization error, Euclidean" not in titles
    other = named(evaluation("cosine"))
    assert other["Quantization error, Euclidean"].value > other["Quantization error"].value


def test_every_figure_says_what_it_means_and_which_way_is_better() -> None:
    for one in figures(evaluation()):
        assert len(one.meaning.split()) >= 2
        assert one.meaning.endswith(".")
        direction = {"lower": "Lower", "higher": "Higher", "zero": "Near 0"}.get(one.better)
        assert ("is best" in one.explanation or "is better" in one.explanation) == bool(direction)
        if direction:
            assert direction in one.explanation


def test_single_label_units_are_never_alone() -> None:
    found = evaluation(labels=("a", "b", "a", None))
    single = named(found)["Single-label units"]
    assert single.beside == (
        ("units", "4"),
        ("empty units", "1"),
        ("labelled pictures", "3"),
        ("topographic error, 8 neighbours", "0.00%"),
    )
    for words in ("units: 4", "empty units: 1", "labelled pictures: 3", "topographic error"):
        assert words in single.convention
        assert words in figures_text(found)
        assert words in figures_csv(found)


def test_figures_from_some_of_many_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "_LARGE", 30)
    monkeypatch.setattr(judge, "SAMPLE", 50)
    model = model_with(noise(36, 2).tolist(), {}, rows=6)
    dataset = labelled_vectors(noise(120, 2, seed=1), [None] * 120, model.spec)
    found = evaluate(model, dataset)
    estimated = {one.name: one.sample for one in figures(found) if one.sample}
    pictures, units = "from 50 of 120 pictures drawn by lot", "from 25 of 36 units drawn by lot"
    assert estimated == {
        "Combined error": pictures,
        "Trustworthiness": pictures,
        "Continuity": pictures,
        "Topographic product": units,
        "Distance preservation": units,
    }
    assert figures_text(found).count("drawn by lot") == 5
    assert not [one for one in figures(evaluation()) if one.sample]


def test_labels_are_left_out_where_there_are_none() -> None:
    found = evaluation(labels=(None,) * 4)
    assert {one.group for one in figures(found)} == {"Fit", "Order", "Use of the units"}
    assert "Labels" not in figures_text(found)


def test_what_is_unknown_says_so_and_stays_empty_in_a_table() -> None:
    model = model_with([[5]], {})
    found = evaluate(model, labelled_vectors([[4], [6]], [None] * 2, model.spec))
    error = named(found)["Topographic error, 8 neighbours"]
    assert math.isnan(error.value)
    assert error.text == "unknown"
    rows = list(csv.DictReader(io.StringIO(figures_csv(found))))
    assert {row["value"] for row in rows if row["figure"] == "Topographic error"} == {""}


def test_a_table_has_all_digits() -> None:
    found = evaluation()
    rows = list(csv.DictReader(io.StringIO(figures_csv(found))))
    listed = figures(found)
    assert [row["figure"] for row in rows] == [one.name for one in listed]
    told = np.array([float(row["value"] or "nan") for row in rows])
    assert np.array_equal(told, [one.value for one in listed], equal_nan=True)
    assert {row["better"] for row in rows} == {"lower", "higher", "zero", ""}


def test_a_text_has_a_line_for_each_figure_under_the_heading_of_its_group() -> None:
    found = evaluation()
    lines = figures_text(found).splitlines()
    assert [line for line in lines if line and line[0] != " "] == [
        "Fit", "Order", "Use of the units", "Labels",
    ]  # fmt: skip
    assert sum(line.startswith("  ") for line in lines) == len(figures(found))


@pytest.mark.parametrize(
    ("radius", "cost", "told"),
    [(0.85, 1234.5, "1,234.5"), (0.85, 0.00012, "1.2e-04"), (2.5, 5.0, "5.0000")],
)
def test_numbers_are_as_long_as_they_need(radius: float, cost: float, told: str) -> None:
    found = dataclasses.replace(evaluation(), distortion=cost, distortion_radius=radius)
    assert named(found)[f"Distortion, radius {radius:g}"].text == told


def test_what_a_map_knows_of_its_training_is_what_measuring_finds() -> None:
    dataset = lines_dataset()
    named_ones = tuple(
        dataclasses.replace(source, label="ab"[index > 40])
        for index, source in enumerate(dataset.sources)
    )
    dataset = dataclasses.replace(dataset, sources=named_ones)
    model, _ = train_model(dataset, rows=4, columns=5, epochs=5)
    known = figures_of_training(model)
    measured = {one.title: one for one in figures(evaluate(model, dataset))}
    assert len(known) == 9
    for one in known:
        other = measured[one.title]
        assert one.value == pytest.approx(other.value, rel=1e-6), one.title
        assert dataclasses.replace(one, value=0, text="") == dataclasses.replace(
            other, value=0, text=""
        )
