"""Where a picture belongs: every training picture on its own unit, and what a match says."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from data import labelled_vectors, model_with, train_model, write_picture

from image2map_gui.core.analysis.classify import classify, classify_many, match_vectors
from image2map_gui.core.errors import PictureError
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
    assert [match.confidence for match in matches] == pytest.approx([4 / 6, 2 / 3])


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
    assert list(match_vectors(model, labelled_vectors(np.zeros((0, 1)), [], model.spec))) == []
