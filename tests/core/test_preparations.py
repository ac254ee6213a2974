"""Every preparation from pictures to a saved map: what was trained on lands where it lay."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from data import train_model, write_picture

from image2map_gui.core.analysis.classify import classify, classify_many
from image2map_gui.core.errors import TrainingError
from image2map_gui.core.exemplars import unit_pictures
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import train_map
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import project_of
from image2map_gui.core.project.save import save_project
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.winners import nearest_units

SIZE = (12, 10)
SPECS = [
    ImageSpec(SIZE, colour="lab"),
    ImageSpec(SIZE, colour="hsv", value_range="-1..1"),
    ImageSpec(SIZE, value_range="z-score", colour="rgb", focus="centre"),
    ImageSpec(SIZE, reduction="pca", variance=0.9, focus="disc"),
    ImageSpec(SIZE, reduction="whitened-pca", colour="lab", value_range="z-score"),
    ImageSpec(SIZE, contrast="clahe", invert=True, fit="smart"),
    ImageSpec(SIZE, contrast="picture", colour="rgb"),
    ImageSpec(SIZE, features="hog"),
    ImageSpec(SIZE, features="lab-histogram"),
    ImageSpec(SIZE, features="lbp", value_range="z-score"),
    ImageSpec(SIZE, features="fourier", reduction="pca"),
]
NAMES = [
    "-".join(
        str(value)
        for field in dataclasses.fields(spec)
        if (value := getattr(spec, field.name)) != field.default and field.name != "size"
    )
    for spec in SPECS
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Sixty coloured pictures of three kinds, in several sizes, in three folders."""
    folder = tmp_path_factory.mktemp("coloured")
    draws = np.random.default_rng(5)
    for index in range(60):
        height, width = draws.integers(14, 40, 2)
        pixels = draws.integers(0, 60, (height, width, 3))
        pixels[..., index % 3] += 120
        pixels[:: 2 + index % 3, :, :] += 60
        write_picture(folder / "abc"[index % 3] / f"{index}.png", pixels.astype(np.uint8))
    return find_sources([folder])


def read(found: Found, spec: ImageSpec) -> Dataset:
    *_, last = read_dataset(found, spec)
    return last.dataset


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
@pytest.mark.slow
def test_training_pictures_land_on_their_units_also_from_a_file(
    found: Found, spec: ImageSpec, tmp_path: Path
) -> None:
    dataset = read(found, spec).fitted()
    params = SomParams(rows=3, columns=4, epochs=6)
    *_, snapshot = train_map(dataset, params)
    project = project_of(dataset, params, snapshot, (), 0.0)
    save_project(project, tmp_path / "a.i2m")
    model = load_project(tmp_path / "a.i2m").model
    assert model is not None
    assert model.spec == spec
    assert project.model is not None
    assert np.array_equal(model.prototypes, project.model.prototypes)
    *_, last = classify_many(model, found)
    assert [match.unit for match in last.matches] == snapshot.winners.tolist()
    np.testing.assert_allclose(
        [match.distance for match in last.matches], snapshot.distances, rtol=1e-4, atol=1e-5
    )
    one = classify(model, found.sources[7])
    assert one.unit == snapshot.winners[7]
    assert (one.thumb is None) == spec.plain


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_what_is_added_is_prepared_like_what_was_there(found: Found, spec: ImageSpec) -> None:
    before = read(Found(found.sources[:50], ()), spec).fitted()
    fresh = read(Found(found.sources[50:], ()), spec)
    joined = before.joined(fresh)
    assert joined.sources == found.sources
    assert np.array_equal(joined.vectors[:50], before.vectors)
    assert np.array_equal(joined.vectors[50:], fresh.projected(before.projection).vectors)
    assert joined.vectors.dtype == np.float32
    rows = np.array([3, 55])
    assert joined.pictures(rows).shape == (2, *spec.shape)
    if not spec.plain:
        assert np.array_equal(joined.pictures(rows)[1], fresh.pictures(np.array([5]))[0])


def test_pictures_come_back_from_nearly_all_components(found: Found) -> None:
    spec = ImageSpec(SIZE, reduction="pca", variance=0.999, colour="rgb")
    dataset = read(found, spec)
    rows = np.arange(len(dataset))
    before = dataset.pictures(rows).astype(int)
    after = dataset.fitted().pictures(rows).astype(int)
    assert np.abs(before - after).mean() < 3
    assert dataset.fitted().vectors.shape[1] < 60


def test_a_training_without_fitting_is_refused(found: Found) -> None:
    dataset = read(found, ImageSpec(SIZE, reduction="pca"))
    with pytest.raises(TrainingError, match="not fitted"):
        train_map(dataset, SomParams())


def test_units_of_features_show_the_nearest_real_picture(found: Found) -> None:
    """Against a search of all pictures for each unit, and among its own where it has some."""
    dataset = read(found, ImageSpec(SIZE, features="hog"))
    model, snapshot = train_model(dataset, rows=6, columns=20, epochs=4)
    assert (model.hits == 0).any()
    assert model.exemplars is not None
    units, distances = nearest_units(dataset.vectors, model.weights, model.metric)
    for unit in range(120):
        own = np.flatnonzero(units[:, 0] == unit)
        if len(own):
            nearest = own[np.argmin(distances[own, 0])]
        else:
            apart = np.linalg.norm(dataset.vectors - model.weights[unit], axis=1)
            nearest = int(np.argmin(apart))
        assert dataset.thumbs is not None
        assert np.array_equal(model.exemplars[unit], dataset.thumbs[nearest])
    early = unit_pictures(dataset, snapshot.weights, model.metric)
    assert early.shape == (120, 10, 12, 3)


def test_pictures_kept_for_testing_have_no_part_in_what_is_measured(found: Found) -> None:
    spec = ImageSpec(SIZE, value_range="z-score")
    dataset = read(found, spec)
    rows = np.arange(20)
    fitted = dataset.fitted(rows)
    assert fitted.projection is not None
    np.testing.assert_allclose(fitted.vectors[:20].mean(axis=0), 0, atol=1e-4)
    assert np.abs(fitted.vectors[20:].mean(axis=0)).max() > 0.01
