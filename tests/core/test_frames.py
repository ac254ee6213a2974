"""Key frames: exact, spread over the whole training, and never more than the limit."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from data import lines_dataset
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.frames import (
    Frame,
    Frames,
    Keeper,
    Setting,
    frame_model,
    stride_of,
    thinned,
)
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import model_of, settle_map, train_map
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot

LINES = lines_dataset()
PARAMS = SomParams(rows=2, columns=2, epochs=10, mode="batch", seed=1)
UNLIMITED = 1 << 40


def snapshot(epoch: int, numbers: int = 8) -> Snapshot:
    """The end of an epoch, or the start, with so many bytes of weights, units and distances."""
    where = None if epoch == 0 else np.zeros(len(LINES), np.intp)
    far = None if epoch == 0 else np.full(len(LINES), float(epoch))
    weights = np.full((numbers, 1), epoch, np.float32)
    return Snapshot(weights, epoch, 99, epoch / 99, where, far, milestone=epoch > 0)


def kept(epochs: int, limit: int, numbers: int = 8) -> Keeper:
    keeper = Keeper(LINES, PARAMS, limit)
    for epoch in range(epochs + 1):
        keeper.take(snapshot(epoch, numbers))
    return keeper


def test_all_epochs_are_kept_while_there_is_room() -> None:
    frames = kept(5, UNLIMITED).frames
    assert frames.epochs == (0, 1, 2, 3, 4, 5)
    assert frames.frames[0].units is None
    assert frames.frames[3].weights.tolist() == [[3.0]] * 8
    assert frames.sources == LINES.sources


def test_every_second_then_every_fourth_by_hand() -> None:
    """A frame is 32 bytes of weights, 400 of units and 400 of distances; the start only 32."""
    room_for_three = 32 + 3 * 832
    seen = [kept(epochs, room_for_three).frames.epochs for epochs in range(1, 10)]
    assert seen == [
        (0, 1),
        (0, 1, 2),
        (0, 1, 2, 3),
        (0, 2, 4),
        (0, 2, 4, 5),
        (0, 2, 4, 6),
        (0, 4, 7),
        (0, 4, 8),
        (0, 4, 8, 9),
    ]


def test_epochs_of_two_files_of_a_map_are_joined() -> None:
    every = kept(6, UNLIMITED).frames
    some = Frames(every.frames[::3], LINES.sources).of(LINES.sources[:7])
    joined = some.joined(every)
    assert joined.epochs == every.epochs
    assert joined.sources == LINES.sources[:7]
    assert [one.units is None or len(one.units) for one in joined.frames] == [True, *[7] * 6]
    assert Frames((), LINES.sources).joined(every).epochs == every.epochs
    other = Frame(3, np.ones((8, 1), np.float32))
    strange = Frames((every.frames[1], other), LINES.sources)
    assert strange.joined(every) is strange


def test_where_not_even_first_and_last_fit_nothing_is_kept() -> None:
    assert kept(7, 32 + 831).frames.epochs == ()
    assert kept(7, 0).frames.epochs == ()
    assert kept(7, 32 + 832).frames.epochs == (0, 7)


@given(st.integers(1, 300), st.integers(864, 40_000))
def test_the_limit_holds_and_the_frames_are_spread(epochs: int, limit: int) -> None:
    keeper = kept(epochs, limit)
    frames = keeper.frames
    assert frames.size <= limit
    assert (frames.epochs[0], frames.epochs[-1]) == (0, epochs)
    gaps = [later - earlier for earlier, later in pairwise(frames.epochs)]
    stride = 1 << (max(gaps) - 1).bit_length()
    assert all(gap == stride for gap in gaps[:-1])
    if stride > 1:  # half as far apart they had not fitted
        finer = {*range(stride // 2, epochs + 1, stride // 2), epochs}
        assert 32 + 832 * len(finer) > limit
    assert keeper.frames.epochs == kept(epochs, limit).frames.epochs


@given(st.sets(st.integers(0, 500), min_size=1, max_size=60), st.integers(0, 60 * 32))
def test_any_frames_are_thinned_to_any_limit(epochs: set[int], limit: int) -> None:
    frames = tuple(Frame(epoch, np.zeros((8, 1), np.float32)) for epoch in sorted(epochs))
    found, _ = thinned(frames, limit)
    assert sum(frame.size for frame in found) <= limit
    if found:
        assert (found[0], found[-1]) == (frames[0], frames[-1])
        assert set(found) <= set(frames)
    else:
        assert limit < min(2, len(frames)) * 32


def test_a_saved_training_is_thinned_as_it_would_have_been_gathered() -> None:
    whole = kept(37, UNLIMITED).frames
    for limit in range(1000, 30_000, 1500):
        assert whole.within(limit).epochs == kept(37, limit).frames.epochs


def trained(params: SomParams = PARAMS) -> tuple[Keeper, list[Snapshot]]:
    keeper = Keeper(LINES, params, UNLIMITED)
    snapshots = list(train_map(LINES, params))
    for one in snapshots:
        keeper.take(one)
    return keeper, snapshots


@pytest.mark.parametrize("mode", ["batch", "online", "minibatch"])
def test_frames_are_what_the_epochs_left(mode: str) -> None:
    keeper, snapshots = trained(dataclasses.replace(PARAMS, mode=mode))
    ends = [one for one in snapshots if one.milestone]
    for frame, end in zip(keeper.frames.frames[1:-1], ends[:-1], strict=True):
        np.testing.assert_array_equal(frame.weights, end.weights)
        np.testing.assert_array_equal(frame.units, end.winners)
    first, last = keeper.frames.frames[0], keeper.frames.frames[-1]
    np.testing.assert_array_equal(first.weights, snapshots[0].weights)
    np.testing.assert_array_equal(last.weights, snapshots[-1].weights)
    np.testing.assert_array_equal(last.units, snapshots[-1].winners)  # settled, not of the epoch
    assert not last.weights.flags.writeable


def test_a_training_that_was_stopped_ends_with_the_map_it_reached() -> None:
    keeper = Keeper(LINES, PARAMS, UNLIMITED)
    steps = train_map(LINES, PARAMS)
    newest = next(steps)
    keeper.take(newest)
    while newest.epoch < 3:
        newest = next(steps)
        keeper.take(newest)
    *_, last = settle_map(LINES, PARAMS, newest)
    keeper.take(last)
    assert keeper.frames.epochs == (0, 1, 2, 3)
    np.testing.assert_array_equal(keeper.frames.frames[-1].units, last.winners)


def test_going_on_counts_on_and_keeps_what_was_there() -> None:
    before, snapshots = trained()
    keeper = Keeper(LINES, PARAMS, UNLIMITED, before.frames)
    for one in train_map(LINES, PARAMS, snapshots[-1].weights):
        keeper.take(one, earlier=10)
    assert keeper.frames.epochs == tuple(range(21))
    assert keeper.frames.frames[10] is before.frames.frames[10]


def test_other_pictures_have_no_unit_in_older_frames() -> None:
    frames = trained()[0].frames
    new = Source("/new.png")
    other = frames.of((LINES.sources[5], new, LINES.sources[2]))
    older, newer = frames.frames[4], other.frames[4]
    assert older.units is not None
    assert newer.units is not None
    assert newer.distances is not None
    assert newer.units.tolist() == [older.units[5], -1, older.units[2]]
    assert newer.distances[1] == 0
    model = frame_model(newer, Setting(LINES.spec, PARAMS), ["a", "b", None])
    assert model.hits.sum() == 2
    assert model.label_names == ("a",)
    assert len(model.distances) == 2


def test_the_last_frame_is_the_map() -> None:
    keeper, snapshots = trained()
    model = model_of(LINES, PARAMS, snapshots[-1])
    frames = keeper.frames
    same = frame_model(frames.frames[-1], Setting(LINES.spec, PARAMS), LINES.labels)
    np.testing.assert_array_equal(same.weights, model.weights)
    np.testing.assert_array_equal(same.hits, model.hits)
    np.testing.assert_array_equal(same.label_counts, model.label_counts)
    np.testing.assert_array_equal(same.prototypes, model.prototypes)
    np.testing.assert_allclose(same.distances, model.distances, rtol=1e-6)
    start = frame_model(frames.frames[0], Setting(LINES.spec, PARAMS), LINES.labels)
    assert not start.hits.any()
    assert np.isnan(start.quantization_error)


def test_units_of_features_keep_the_pictures_that_stand_for_them() -> None:
    *_, reading = read_dataset(Found(LINES.sources, ()), ImageSpec(size=(16, 16), features="hog"))
    keeper = Keeper(reading.dataset, PARAMS, UNLIMITED)
    for one in train_map(reading.dataset, PARAMS):
        keeper.take(one)
    for frame in keeper.frames.frames:
        assert frame.exemplars is not None
        assert frame.exemplars.shape == (4, 16, 16, 3)
    setting = Setting(reading.dataset.spec, PARAMS)
    last = frame_model(keeper.frames.frames[-1], setting, LINES.labels)
    assert last.prototypes is keeper.frames.frames[-1].exemplars


def test_near_and_until() -> None:
    frames = Frames(tuple(Frame(epoch, np.zeros((1, 1), np.float32)) for epoch in (0, 4, 8, 9)))
    assert [frames.near(epoch).epoch for epoch in (-3, 2, 3, 6, 7, 99)] == [0, 0, 4, 4, 8, 9]
    assert frames.until(8).epochs == (0, 4, 8)
    assert stride_of(frames.frames) == 4
