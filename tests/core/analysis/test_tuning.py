"""A tuned map: better on labels, counted anew, and remembered as such."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from data import labelled_vectors, lines_dataset, train_model

from image2map_gui.core import api
from image2map_gui.core.analysis.classify import match_vectors
from image2map_gui.core.analysis.labels import unit_labels
from image2map_gui.core.analysis.tuning import TunedMap, tuning
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.export.recipe import recalling
from image2map_gui.core.images.collection import Parts
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, moved, project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.core.som.params import SomParams


def turned() -> Dataset:
    """The LINES drawings, labelled in five unequal parts of the turn, some not at all."""
    lines = lines_dataset()
    names = [None if row % 9 == 0 else "abcde"[(row * row) // 2000] for row in range(100)]
    sources = tuple(
        dataclasses.replace(source, label=name)
        for source, name in zip(lines.sources, names, strict=True)
    )
    return dataclasses.replace(lines, sources=sources)


@pytest.fixture(scope="module")
def trained() -> tuple[Dataset, MapModel, Project]:
    dataset = turned()
    model, snapshot = train_model(dataset, rows=3, columns=3, epochs=6)
    params = SomParams(rows=3, columns=3, epochs=6)
    return dataset, model, project_of(dataset, params, snapshot, (), 1.0)


def tuned(model: MapModel, dataset: Dataset, **values: object) -> TunedMap:
    held_out = values.pop("held_out", 0.0)
    *steps, end = tuning(model, dataset, TuningSettings(epochs=30, **values), held_out)
    assert not any(step.milestone for step in steps)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert end.milestone
    assert end.fraction == 1
    assert end.tuned is not None
    return end.tuned


def test_everything_is_counted_anew(trained: tuple[Dataset, MapModel, Project]) -> None:
    dataset, model, _ = trained
    result = tuned(model, dataset)
    fresh = result.model
    assert fresh.tuned is not None
    assert fresh.tuned.after > fresh.tuned.before
    assert not np.allclose(fresh.weights, model.weights)
    matches = match_vectors(fresh, dataset)
    assert [match.unit for match in matches] == result.units.tolist()
    assert [match.distance for match in matches] == result.distances.tolist()
    assert fresh.hits.tolist() == np.bincount(result.units, minlength=9).tolist()
    assert fresh.distances.tolist() == sorted(result.distances)
    assert fresh.label_counts.sum() == sum(label is not None for label in dataset.labels)
    assert fresh.quantization_error == pytest.approx(result.distances.mean())
    assert fresh.params == model.params
    told = [match.guess == label for match, label in zip(matches, dataset.labels, strict=True)
            if label is not None]  # fmt: skip
    assert np.mean(told) >= fresh.tuned.after - 1e-9


def test_units_keep_the_label_they_stand_for(trained: tuple[Dataset, MapModel, Project]) -> None:
    dataset, model, _ = trained
    fresh = tuned(model, dataset).model
    assert fresh.tuned is not None
    standing = [model.label_names[label] for label in unit_labels(model).label]
    assert list(fresh.tuned.labels) == standing
    bare = dataclasses.replace(fresh, label_counts=fresh.label_counts.copy())
    bare.label_counts[4] = 0
    assert bare.label_names[unit_labels(bare).label[4]] == standing[4]
    assert 0 < unit_labels(bare).confidence[4] <= 1


def test_some_pictures_only_judge(trained: tuple[Dataset, MapModel, Project]) -> None:
    dataset, model, _ = trained
    told = tuned(model, dataset, held_out=0.3).model.tuned
    assert told is not None
    labelled = sum(label is not None for label in dataset.labels)
    assert told.held_out == int(0.3 * labelled)
    assert told.pictures == labelled - told.held_out


@pytest.mark.parametrize("seed", range(3))
def test_random_labels_are_told_by_chance_alone(
    trained: tuple[Dataset, MapModel, Project], seed: int
) -> None:
    """With as many units as pictures each judge would name its unit, were it asked."""
    lot = np.random.default_rng(seed)
    vectors = lot.random((400, 4)).astype(np.float32)
    labels = [str(label) for label in lot.integers(10, size=400)]
    dataset = labelled_vectors(vectors, labels, ImageSpec(size=(4, 1)))
    model, _ = train_model(dataset, rows=20, columns=20, epochs=2)
    told = tuned(model, dataset, held_out=0.5, seed=seed).model.tuned
    assert told is not None
    assert told.before == pytest.approx(0.1, abs=0.08)
    assert told.after == pytest.approx(0.1, abs=0.08)


def test_what_is_left_out_neither_moves_units_nor_judges(
    trained: tuple[Dataset, MapModel, Project],
) -> None:
    dataset, model, _ = trained
    out = frozenset(source.address for source in dataset.sources[::2])
    settings = TuningSettings(epochs=10)
    *_, end = tuning(model, dataset, settings, 0.2, left_out=out)
    assert end.tuned is not None
    told = end.tuned.model.tuned
    assert told is not None
    free = sum(one.label is not None for one in dataset.sources[1::2])
    assert told.pictures + told.held_out == free
    odd = tuple(
        dataclasses.replace(source, label="e") if source.address in out else source
        for source in dataset.sources
    )
    *_, other = tuning(
        model, dataclasses.replace(dataset, sources=odd), settings, 0.2, left_out=out
    )
    assert other.tuned is not None
    assert (other.tuned.model.weights == end.tuned.model.weights).all()
    assert len(end.tuned.units) == 100  # they stay on the map


def test_scripts_leave_out_test_pictures_too(
    trained: tuple[Dataset, MapModel, Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, _, project = trained
    monkeypatch.setattr(api, "_on_map", lambda _: dataset)
    addresses = [source.address for source in dataset.sources]
    parts = Parts(excluded=frozenset(addresses[:20]), test=frozenset(addresses[20:50]))
    fresh = api.tune(dataclasses.replace(project, parts=parts), epochs=2)
    assert fresh.model is not None
    assert fresh.model.tuned is not None
    told = fresh.model.tuned
    free = sum(source.label is not None for source in dataset.sources[50:])
    assert told.pictures + told.held_out == free


def test_a_tuned_map_is_saved_as_such(
    trained: tuple[Dataset, MapModel, Project], tmp_path: Path
) -> None:
    dataset, model, project = trained
    result = tuned(model, dataset)
    fresh = moved(project, dataset.sources, result.model, result.units, result.distances)
    save_project(fresh, tmp_path / "map.i2m")
    again = load_project(tmp_path / "map.i2m")
    assert again.model is not None
    assert again.model.tuned == result.model.tuned
    assert (again.model.weights == result.model.weights).all()
    assert (again.picture_units == result.units).all()
    assert again.model.unit_distances is not None
    assert result.model.unit_distances is not None
    assert (again.model.unit_distances.starts == result.model.unit_distances.starts).all()
    *_, recipe = recalling(again, tmp_path / "map.i2m")
    assert recipe.recipe is not None
    assert not recipe.recipe.reproducible
    assert "tuned on labels" in recipe.recipe.command
    *_, plain = recalling(project, None)
    assert plain.recipe is not None
    assert "tuned" not in plain.recipe.command


def test_pictures_that_are_gone_or_came_later_or_are_kept_for_testing(
    trained: tuple[Dataset, MapModel, Project],
) -> None:
    dataset, model, project = trained
    units = project.picture_units.copy()
    units[10] = -1  # kept for testing
    project = dataclasses.replace(project, picture_units=units, added=3)
    rows = np.array([row for row in range(100) if row not in (10, 20, 98)])
    some = dataset.take(rows)
    *_, end = tuning(model, some, TuningSettings(epochs=2), 0.0, later=2)
    assert end.tuned is not None
    assert len(end.tuned.model.distances) == 95
    fresh = moved(project, some.sources, end.tuned.model, end.tuned.units, end.tuned.distances)
    assert np.flatnonzero(fresh.picture_units < 0).tolist() == [10, 20, 98]
    assert fresh.added == 2
    assert fresh.picture_units[rows].tolist() == end.tuned.units.tolist()
    assert fresh.picture_distances[10] == 0


def test_without_two_labels_there_is_nothing_to_tell_apart(
    trained: tuple[Dataset, MapModel, Project],
) -> None:
    dataset, model, _ = trained
    with pytest.raises(ParameterError, match="Held out"):
        next(tuning(model, dataset, held_out=1.0))
    one = dataclasses.replace(
        dataset,
        sources=tuple(dataclasses.replace(source, label="a") for source in dataset.sources),
    )
    only, _ = train_model(one, rows=2, columns=2, epochs=2)
    with pytest.raises(ParameterError, match="two labels"):
        list(tuning(only, one))
    none, _ = train_model(lines_dataset(), rows=2, columns=2, epochs=2)
    with pytest.raises(ParameterError, match="No training picture has a label"):
        list(tuning(none, lines_dataset()))
