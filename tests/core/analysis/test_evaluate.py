"""How well a map fits and tells labels, on examples worked out by hand."""

from __future__ import annotations

import dataclasses
import io
import math
import sys

import numpy as np
import pytest
from data import labelled_vectors, lines_dataset, model_with, noise, train_model

from image2map_gui.commands.shared import evaluation_record, measured, say_evaluation
from image2map_gui.core.analysis import evaluate as judge
from image2map_gui.core.analysis.evaluate import Evaluation, evaluate, evaluating
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel
from image2map_gui.core.som.quality import edges, fit, ordering

# Units at 0, 10, 20, 30 in a row; the first two are called a, the third b, the last has no picture.
COUNTS = {"a": [4, 2, 0, 0], "b": [1, 0, 3, 0]}
WEIGHTS = [[0], [10], [20], [30]]


def test_errors_and_empty_units_by_hand() -> None:
    model = model_with(WEIGHTS, {})
    vectors = [[1], [9], [11], [22]]  # second units: 1, 0, 2, 3
    found = evaluate(model, labelled_vectors(vectors, [None] * 4, model.spec))
    assert (found.images, found.units, found.empty_units) == (4, 4, 1)
    assert found.quantization_error == pytest.approx((1 + 1 + 1 + 2) / 4)
    assert found.topographic_errors == ((8, 0.0), (4, 0.0))
    spread = sum((x - 10.75) ** 2 for (x,) in vectors)
    assert found.explained_variance == pytest.approx(1 - (1 + 1 + 1 + 4) / spread)
    assert found.quantization_error_euclidean == found.quantization_error
    assert found.combined_error == pytest.approx((1 + 1 + 1 + 2 + 4 * 10) / 4)
    assert found.combined_images == 4
    # Two pictures on unit 1, one each on 0 and 2: shares 1/4, 1/2, 1/4 of 4 units.
    assert found.hit_entropy == pytest.approx(1.5 * math.log(2) / math.log(4))
    assert found.labels is None


def test_distortion_has_the_radius_of_the_last_epoch() -> None:
    model = model_with(WEIGHTS, {})
    found = evaluate(model, labelled_vectors([[1]], [None], model.spec))
    assert found.distortion_radius == model.params.radius_end
    shares = [math.exp(-(step**2) / (2 * model.params.radius_end**2)) for step in range(4)]
    parts = [share * (10 * step - 1) ** 2 for step, share in enumerate(shares)]
    assert found.distortion == pytest.approx(sum(parts))


def test_an_evenly_spread_line_is_in_perfect_order() -> None:
    model = model_with([[10 * unit] for unit in range(8)], {})
    vectors = [[10 * unit] for unit in range(8)]
    order = evaluate(model, labelled_vectors(vectors, [None] * 8, model.spec)).order
    assert order.preservation.trustworthiness > 0.95
    assert order.preservation.continuity > 0.95
    assert (order.preservation.neighbours, order.preservation.sampled) == (3, 8)
    assert order.topographic_product == pytest.approx(0, abs=1e-9)
    assert order.distance_preservation_quality == pytest.approx(1)
    assert order.sampled_units == 8


def test_torn_pictures_are_counted_by_both_meanings_of_neighbour() -> None:
    model = model_with([[0], [9], [9], [1]], {}, rows=2)  # 0 1 / 2 3: unit 0 and 3 touch corners
    found = evaluate(model, labelled_vectors([[0.1], [8]], [None] * 2, model.spec))
    assert found.topographic_errors == ((8, 0.0), (4, 1.0))


def test_label_figures_by_hand() -> None:
    model = model_with(WEIGHTS, COUNTS)
    vectors = [[0], [1], [2], [11], [19], [21], [29], [9]]
    labels = ["a", "a", "b", "a", "b", "a", "b", None]
    found = evaluate(model, labelled_vectors(vectors, labels, model.spec)).labels
    assert found is not None
    # Told: a a a a b b b (the last unit is nearest to the third); units: 0 0 0 1 2 2 3.
    assert found.pictures == 7
    assert found.names == ("a", "b")
    assert found.confusion.tolist() == [[3, 1], [1, 2]]
    assert found.accuracy == pytest.approx(5 / 7)
    assert found.purity == pytest.approx((2 + 1 + 1 + 1) / 7)
    assert found.single_label_units == 2

    def entropy(*counts: int) -> float:
        return -sum(count / 7 * math.log(count / 7) for count in counts)

    shared = entropy(4, 3) + entropy(3, 1, 2, 1) - entropy(2, 1, 1, 1, 1, 1)
    assert found.nmi == pytest.approx(2 * shared / (entropy(4, 3) + entropy(3, 1, 2, 1)))
    # Pairs of pictures with one unit: 3 + 1; with one label: 6 + 3; with both: 1; all: 21.
    assert found.ari == pytest.approx((1 - 4 * 9 / 21) / ((4 + 9) / 2 - 4 * 9 / 21))
    given_units = entropy(2, 1, 1, 1, 1, 1) - entropy(3, 1, 2, 1)
    assert found.class_entropy == pytest.approx(given_units)


def test_a_label_the_map_does_not_know_is_never_told_right() -> None:
    model = model_with(WEIGHTS, COUNTS)
    found = evaluate(model, labelled_vectors([[0], [20]], ["z", "b"], model.spec)).labels
    assert found is not None
    assert found.names == ("a", "b", "z")
    assert found.confusion.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert found.accuracy == 0.5


def test_a_map_without_labels_has_no_accuracy_but_purity() -> None:
    model = model_with(WEIGHTS, {})
    found = evaluate(model, labelled_vectors([[0], [1], [20]], ["a", "b", "b"], model.spec)).labels
    assert found is not None
    assert found.accuracy is None
    assert found.purity == pytest.approx(2 / 3)
    assert found.confusion.tolist() == [[0, 0], [0, 0]]


def test_the_training_pictures_have_the_errors_the_training_reported() -> None:
    dataset = lines_dataset()
    for metric in ("euclidean", "cosine"):
        model, snapshot = train_model(dataset, rows=4, columns=6, epochs=4, metric=metric)
        found = evaluate(model, dataset)
        assert found.quantization_error == snapshot.quantization_error == model.quantization_error
        assert found.topographic_errors == snapshot.topographic_errors == model.topographic_errors
        assert found.empty_units == int((model.hits == 0).sum())


def test_a_map_of_one_unit_can_be_judged() -> None:
    model = model_with([[5]], {"a": [3]}, rows=1)
    found = evaluate(model, labelled_vectors([[4], [6]], ["a", "a"], model.spec))
    assert all(math.isnan(error) for _, error in found.topographic_errors)
    assert found.explained_variance == 0
    assert found.labels is not None
    assert found.labels.accuracy == 1
    assert np.array_equal(found.labels.confusion, [[2]])


SHAPES = [(1, 1), (1, 2), (1, 7), (7, 1), (2, 4), (3, 3)]
DATA = {
    "one picture": np.array([[0.2, 0.5, 0.1]]),
    "two pictures": np.array([[0.2, 0.5, 0.1], [0.9, 0.1, 0.0]]),
    "equal pictures": np.full((6, 3), 0.7),
    "black pictures": np.zeros((6, 3)),
    "duplicates": np.repeat(noise(3, 3), 4, axis=0),
    "one feature": noise(12, 1),
    "equal columns": noise(12, 3) * [1, 0, 0],
    "many": noise(40, 3),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("topology", ["grid", "mesh", "ring"])
@pytest.mark.slow
def test_every_map_of_any_pictures_has_figures_without_a_warning(
    shape: tuple[int, int], topology: str
) -> None:
    units = shape[0] * shape[1]
    for name, vectors in DATA.items():
        random = noise(units, vectors.shape[1], seed=3)
        equal = np.tile(vectors[:1], (units, 1))
        for weights, metric in ((random, "euclidean"), (equal, "cosine"), (equal, "euclidean")):
            model = model_with(
                weights.tolist(), {}, rows=shape[0], topology=topology, metric=metric
            )
            labels = ["ab"[index % 2] for index in range(len(vectors))]
            found = evaluate(model, labelled_vectors(vectors, labels, model.spec))
            record = evaluation_record(found)
            defined = {
                "quantization_error": True,
                "quantization_error_euclidean": True,
                "topographic_error": units > 1,
                "combined_error": units > 1,
                "distortion": True,
                "explained_variance": bool(np.ptp(vectors, axis=0).any()),
                "trustworthiness": len(vectors) > 2,
                "continuity": len(vectors) > 2,
                "hit_entropy": units > 1,
                "purity": True,
                "nmi": True,
                "ari": True,
                "class_entropy": True,
            }
            for key, is_known in defined.items():
                assert math.isfinite(record[key]) == is_known, (name, key)


def test_hexagons_and_other_metrics_are_judged_too() -> None:
    dataset = labelled_vectors(noise(60, 4), [None] * 60, ImageSpec(size=(4, 1)))
    for values in (
        {"tiling": "hexagonal"},
        {"tiling": "hexagonal", "topology": "mesh", "unit_distance": "steps"},
        {"metric": "manhattan"},
        {"metric": "correlation"},
    ):
        model, snapshot = train_model(dataset, rows=4, columns=4, epochs=3, **values)
        found = evaluate(model, dataset)
        assert found.topographic_errors == snapshot.topographic_errors
        assert found.combined_error > found.quantization_error == snapshot.quantization_error
        assert found.quantization_error_euclidean > 0
        assert math.isfinite(found.order.topographic_product)
        assert found.order.distance_preservation_quality > 0.4


def test_large_sets_and_maps_are_judged_by_some_and_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(judge, "_LARGE", 30)
    monkeypatch.setattr(judge, "SAMPLE", 50)
    model = model_with(noise(36, 2).tolist(), {}, rows=6)
    dataset = labelled_vectors(noise(1200, 2, seed=1), ["a"] * 1200, model.spec)
    record = evaluation_record(evaluate(model, dataset))
    assert (record["sampled_images"], record["sampled_units"]) == (50, 30**2 // 36)
    assert record["sampled"] == {
        "trustworthiness": 50,
        "continuity": 50,
        "combined_error": 50,
        "topographic_product": 25,
        "distance_preservation_quality": 25,
    }
    say_evaluation(record)
    said = capsys.readouterr().out
    assert said.count("from 50 pictures drawn by lot") == 3
    assert said.count("from 25 units drawn by lot") == 2
    assert "(of 36 units, " in said
    assert "1,200 labelled pictures" in said
    slow = dataclasses.replace(model, params=dataclasses.replace(model.params, metric="chebyshev"))
    assert evaluate(slow, dataset).order.preservation.sampled == 12


def test_small_sets_are_judged_whole(capsys: pytest.CaptureFixture[str]) -> None:
    model = model_with(WEIGHTS, COUNTS, metric="cosine")
    vectors = [[1], [9], [11], [22]]
    record = evaluation_record(evaluate(model, labelled_vectors(vectors, ["a"] * 4, model.spec)))
    assert record["quantization_error_euclidean"] > record["quantization_error"]
    say_evaluation(record)
    said = capsys.readouterr().out
    assert "drawn by lot" not in said
    for words in ("Euclidean", "4 neighbours", "1 nearest", "class entropy", "radius 0.85"):
        assert words in said


def example(**values: object) -> tuple[MapModel, Dataset]:
    labels = ["ab"[index % 2] for index in range(300)]
    dataset = labelled_vectors(noise(300, 4), labels, ImageSpec(size=(4, 1)))
    model, _ = train_model(dataset, rows=6, columns=8, epochs=3, **values)
    return model, dataset


def same(ours: Evaluation, theirs: Evaluation) -> None:
    """Compare all figures, up to the rounding of sums in another order."""
    first, second = evaluation_record(ours), evaluation_record(theirs)
    assert set(first) == set(second)
    for key, value in first.items():
        if isinstance(value, float):
            assert value == pytest.approx(second[key], rel=1e-12, nan_ok=True), key
        else:
            assert value == second[key], key


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "chebyshev", "minkowski"])
@pytest.mark.parametrize("tiling", ["square", "hexagonal"])
@pytest.mark.slow
def test_steps_end_in_the_same_figures_however_short_they_are(
    metric: str, tiling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, dataset = example(metric=metric, tiling=tiling)
    expected = evaluate(model, dataset)
    few = list(evaluating(model, dataset))
    for module, name, value in (
        (ordering, "_CELLS", 100),
        (edges, "_CELLS", 40),
        (fit, "_CELLS", 40),
        (fit, "_PRODUCTS", 5000),
    ):
        monkeypatch.setattr(module, name, value)
    many = list(evaluating(model, dataset))
    assert len(many) > 10 * len(few)
    for steps in (few, many):
        assert steps[-1].evaluation is not None
        same(steps[-1].evaluation, expected)


def test_steps_go_from_0_to_1_and_only_the_last_holds_the_figures() -> None:
    *steps, last = evaluating(*example())
    fractions = [step.fraction for step in steps]
    assert fractions[0] == 0
    assert fractions == sorted(fractions)
    assert all(step.evaluation is None and not step.milestone and step.doing for step in steps)
    assert len({step.doing for step in steps}) >= 7
    assert last.fraction == 1
    assert last.milestone


def test_an_evaluation_can_be_left_in_the_middle() -> None:
    steps = evaluating(*example())
    while next(steps).fraction < 0.5:
        pass
    steps.close()
    with pytest.raises(StopIteration):
        next(steps)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_an_evaluation_is(monkeypatch: pytest.MonkeyPatch) -> None:
    model, dataset = example()
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    same(measured(model, dataset, quiet=False), evaluate(model, dataset))
    assert "Measuring quality" in terminal.getvalue()
    silent = Terminal()
    monkeypatch.setattr(sys, "stderr", silent)
    measured(model, dataset, quiet=True)
    assert silent.getvalue() == ""
