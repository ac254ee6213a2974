"""Other pictures on a map: against a loop over pictures and units."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from image2map_gui.core.analysis.placing import placed
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of, train_map
from image2map_gui.core.som.params import SomParams


def some(count: int, seed: int) -> Dataset:
    vectors = np.random.default_rng(seed).uniform(-1, 1, (count, 9)).astype(np.float32)
    sources = tuple(Source(f"{index}", label="abc"[index % 3]) for index in range(count))
    return Dataset(ImageSpec(size=(3, 3), colour="grey"), vectors, sources)


def trained(dataset: Dataset, **fields: object) -> MapModel:
    params = SomParams(rows=3, columns=4, epochs=3, **fields)  # type: ignore[arg-type]
    *_, snapshot = train_map(dataset, params)
    return model_of(dataset, params, snapshot)


@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
def test_other_pictures_take_the_place_of_the_map_s_own(tiling: str) -> None:
    model, others = trained(some(40, 1), tiling=tiling), some(25, 2)
    found = placed(model, others)
    torn, counts = 0, Counter[tuple[int, str]]()
    for row, vector in enumerate(others.vectors.astype(np.float64)):
        far = np.linalg.norm(model.weights.astype(np.float64) - vector, axis=1)
        best, second = np.argsort(far, kind="stable")[:2]
        assert found.units[row] == best
        assert found.distances[row] == pytest.approx(far[best], rel=1e-5)
        torn += int(second) not in model.grid.neighbours(int(best)).tolist()
        counts[int(best), others.sources[row].label or ""] += 1
    assert found.model.label_names == ("a", "b", "c")
    for unit in range(12):
        for place, name in enumerate("abc"):
            assert found.model.label_counts[unit, place] == counts[unit, name]
    assert found.model.hits.tolist() == found.model.label_counts.sum(axis=1).tolist()
    assert found.model.topographic_errors[0][1] == pytest.approx(torn / 25)
    assert found.model.quantization_error == pytest.approx(found.distances.mean())


def test_the_own_pictures_lie_where_they_were() -> None:
    dataset = some(40, 3)
    model = trained(dataset)
    again = placed(model, dataset).model
    assert again.hits.tolist() == model.hits.tolist()
    assert again.label_counts.tolist() == model.label_counts.tolist()
    assert dict(again.topographic_errors) == pytest.approx(dict(model.topographic_errors))


def test_a_map_of_one_unit_has_no_second() -> None:
    dataset = some(5, 4)
    params = SomParams(rows=1, columns=1, epochs=1)
    *_, snapshot = train_map(dataset, params)
    found = placed(model_of(dataset, params, snapshot), dataset)
    assert found.units.tolist() == [0] * 5
    assert all(np.isnan(error) for _, error in found.model.topographic_errors)
    assert dataclasses.is_dataclass(found)
