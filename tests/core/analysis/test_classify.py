"""Where a picture belongs: every training picture on its own unit, and what a match says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from data import labelled_vectors, model_with, train_model, write_picture

from image2map_gui.core.analysis.classify import classify, classify_many, match_vectors
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.analysis.methods import METHODS, Rules
from image2map_gui.core.errors import ParameterError, PictureError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import Source, find_sources, sample_sources
from image2map_gui.core.images.spec import ImageSpec

AS_DRAWN = ImageSpec(size=(16, 16))


@pytest.mark.parametrize(
    "values",
    [
        {"rows": 5, "columns": 6},
        {"rows": 5, "columns": 6, "mode": "online"},
        {"rows": 5, "columns": 6, "mode": "minibatch", "batch_size": 32},
        {"rows": 5, "columns": 6, "metric": "cosine"},
        {"rows": 5, "columns": 6, "metric": "cosine", "mode": "online"},
        {"rows": 4, "columns": 8, "topology": "mesh"},
        {"rows": 1, "columns": 30, "topology": "ring", "mode": "online"},
        {"rows": 3, "columns": 7, "topology": "line", "neighbourhood": "bubble"},
        {"rows": 20, "columns": 20, "radius_end": 0.0},
    ],
    ids=lambda values: "-".join(str(value) for value in values.values()),
)
@pytest.mark.parametrize(
    "spec",
    [
        AS_DRAWN,
        ImageSpec(size=(11, 9), colour="rgb", value_range="-1..1", fit="stretch"),
    ],
    ids=["as drawn", "changed"],
)
@pytest.mark.slow
def test_every_training_picture_lands_on_its_training_unit(
    values: dict[str, object], spec: ImageSpec, lines_folder: Path
) -> None:
    *_, reading = read_dataset(find_sources([lines_folder]), spec)
    model, snapshot = train_model(reading.dataset, epochs=5, **values)
    assert snapshot.winners is not None
    assert snapshot.distances is not None
    *_, together = classify_many(model, find_sources([lines_folder]))
    assert [match.unit for match in together.matches] == snapshot.winners.tolist()
    assert not any(match.novel for match in together.matches)
    step = 1 if spec == AS_DRAWN else 9
    alone = [classify(model, source) for source in reading.dataset.sources[::step]]
    assert [match.unit for match in alone] == snapshot.winners[::step].tolist()
    assert [match.distance for match in alone] == snapshot.distances[::step].tolist()


def test_cell_units_and_distances_of_a_match() -> None:
    model = model_with([[0], [1], [5], [7]], {}, rows=2, topology="line")
    (match,) = match_vectors(model, labelled_vectors([[6.2]], [None], model.spec))
    assert match.units == (3, 2, 1, 0)
    assert match.unit_distances == pytest.approx((0.8, 1.2, 5.2, 6.2))
    assert (match.unit, match.second_unit) == (3, 2)
    assert match.distance == pytest.approx(0.8)
    assert (match.row, match.column) == (1, 0)  # a line is folded: 0 1 / 3 2
    assert match.label is None
    assert math.isnan(match.confidence)
    assert match.vector == pytest.approx([6.2])


def test_a_map_of_one_unit_has_no_second() -> None:
    model = model_with([[0]], {}, rows=1)
    (match,) = match_vectors(model, labelled_vectors([[3]], [None], model.spec))
    assert match.units == (0,)
    assert match.second_unit is None


def test_a_match_has_label_and_confidence_of_its_unit() -> None:
    model = model_with([[0], [9]], {"cat": [3, 0], "dog": [1, 1]})
    matches = match_vectors(model, labelled_vectors([[1], [8]], [None, None], model.spec))
    assert [match.label for match in matches] == ["cat", "dog"]
    expected = unit_labels(model).confidence.tolist()
    assert [match.confidence for match in matches] == expected


def test_the_percentile_counts_training_pictures_that_were_nearer() -> None:
    distances = [1.0, 2.0, 2.0, 4.0]
    model = model_with([[0]], {}, rows=1, distances=distances)
    far = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
    matches = match_vectors(model, labelled_vectors([[x] for x in far], [None] * 7, model.spec))
    assert [match.percentile for match in matches] == [0, 0, 0.25, 0.25, 0.75, 0.75, 1]
    assert [match.novel for match in matches] == [False] * 6 + [True]


def test_novel_is_what_lies_beyond_99_of_100_training_pictures() -> None:
    model = model_with([[0]], {}, rows=1, distances=list(range(200)))
    far = [197.5, 198.0, 198.5, 199.5]
    matches = match_vectors(model, labelled_vectors([[x] for x in far], [None] * 4, model.spec))
    assert [match.percentile for match in matches] == [0.99, 0.99, 0.995, 1]
    assert [match.novel for match in matches] == [False, False, True, True]


def test_a_white_picture_is_novel_to_a_map_of_lines(tmp_path: Path) -> None:
    *_, reading = read_dataset(sample_sources("lines"), ImageSpec(size=(16, 16)))
    model, _ = train_model(reading.dataset, rows=5, columns=5, epochs=5)
    white = write_picture(tmp_path / "white.png", np.full((16, 16), 255, np.uint8))
    match = classify(model, Source(str(white)))
    assert match.novel
    assert match.percentile == 1
    assert not any(classify(model, source).novel for source in reading.dataset.sources[:5])


def test_files_that_cannot_be_read_are_skipped_and_listed(
    tmp_path: Path, lines_folder: Path
) -> None:
    *_, reading = read_dataset(sample_sources("lines"), ImageSpec(size=(16, 16)))
    model, _ = train_model(reading.dataset, rows=2, columns=2, epochs=2)
    write_picture(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("no picture")
    *_, answer = classify_many(model, find_sources([tmp_path]))
    assert [Path(match.source.path).name for match in answer.matches] == ["a.png"]
    assert [(Path(one.path).name, bool(one.reason)) for one in answer.skipped] == [("b.png", True)]
    assert answer.milestone
    assert answer.fraction == 1
    with pytest.raises(PictureError):
        classify(model, Source(str(tmp_path / "b.png")))


def test_no_pictures_have_no_matches() -> None:
    model = model_with([[0], [1]], {})
    nothing = labelled_vectors(np.zeros((0, 1)), [], model.spec)
    assert list(match_vectors(model, nothing)) == []


# Rules


def test_a_picture_that_is_not_sure_enough_gets_no_label_but_a_guess() -> None:
    model = model_with([[0], [9]], {"cat": [30, 3], "dog": [1, 2]})
    pictures = labelled_vectors([[1], [8]], [None, None], model.spec)
    sure, unsure = match_vectors(model, pictures, Rules(reject=0.75))
    assert (sure.label, sure.guess, sure.rejected) == ("cat", "cat", "")
    assert (unsure.label, unsure.guess, unsure.rejected) == (None, "cat", "unsure")
    assert unsure.confidence < 0.75 <= sure.confidence


def test_what_is_unlike_the_training_pictures_is_told_by_the_share_that_was_asked_for() -> None:
    model = model_with([[0]], {"cat": [10]}, distances=list(range(10)))
    pictures = labelled_vectors([[3.5], [7.5]], [None, None], model.spec)
    assert [match.novel for match in match_vectors(model, pictures)] == [False, False]
    found = match_vectors(model, pictures, Rules(novel=0.5, reject_novel=True))
    assert [match.novel for match in found] == [False, True]
    assert [match.label for match in found] == ["cat", None]
    assert [match.rejected for match in found] == ["", "unlike"]
    assert found[1].guess == "cat"


@pytest.mark.parametrize(
    "values",
    [{"method": "nope"}, {"k": 0}, {"k": 1001}, {"novel": 1.1}, {"reject": -0.1},
     {"reject": math.nan}, {"labelling": "nope"}],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        Rules(**values)


def test_what_needs_training_pictures_says_so_without_them() -> None:
    model = model_with([[0], [9]], {"cat": [3, 0], "dog": [1, 1]})
    pictures = labelled_vectors([[1]], [None], model.spec)
    for rules in (Rules("pictures"), Rules(labelling="proximity")):
        assert rules.needs_pictures
        with pytest.raises(ParameterError, match="training pictures in memory"):
            match_vectors(model, pictures, rules)


@pytest.mark.parametrize("method", METHODS)
def test_a_map_without_labels_gives_none(method: str) -> None:
    model = model_with([[0], [9]], {})
    if METHODS[method].needs_pictures:
        pytest.skip("asks pictures, not the map")
    (match,) = match_vectors(
        model, labelled_vectors([[1]], ["cat"], model.spec), Rules(method, reject=0.5)
    )
    assert (match.label, match.guess, match.rejected) == (None, None, "")
    assert math.isnan(match.confidence)


def test_steps_of_a_classification_go_from_reading_to_answers(lines_folder: Path) -> None:
    *_, reading = read_dataset(find_sources([lines_folder]), AS_DRAWN)
    model, _ = train_model(reading.dataset, rows=5, columns=6, epochs=3)
    *steps, end = classify_many(model, find_sources([lines_folder]))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert not any(step.milestone for step in steps)
    assert end.milestone
    assert end.fraction == 1
