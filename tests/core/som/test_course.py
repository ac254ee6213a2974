"""The course of a training: phases, decay rates with an open end, changes on the way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.som.course import Change, course_of, end_radius
from image2map_gui.core.som.params import MAX_EPOCHS, SomParams
from image2map_gui.core.som.presets import preset
from image2map_gui.core.som.schedule import Fade, paced


def radii(params: SomParams) -> list[float]:
    course = course_of(params)
    return [course.at(epoch)[0] for epoch in range(course.epochs)]


def test_two_phases_follow_each_other() -> None:
    params = SomParams(
        mode="online", epochs=3, radius_start=8, radius_end=2, radius_decay="linear",
        rate_start=0.5, rate_end=0.1, rate_decay="linear",
        phases="two", fine_epochs=4, fine_radius_end=0.5, fine_rate_start=0.06, fine_rate_end=0.03,
    )  # fmt: skip
    course = course_of(params)
    assert course.epochs == 7
    assert radii(params) == pytest.approx([8, 5, 2, 2, 1.5, 1, 0.5])
    rates = [course.at(epoch)[1] for epoch in range(7)]
    assert rates == pytest.approx([0.5, 0.3, 0.1, 0.06, 0.05, 0.04, 0.03])
    assert end_radius(params) == 0.5


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("exponential", [8 * math.exp(-0.5 * epoch) for epoch in range(4)]),
        ("linear", [8, 4, 1, 1]),
        ("inverse", [8, 8 / 1.5, 4, 8 / 2.5]),
        ("original-exponential", [8, 8, 8 * math.exp(-0.5), 8 * math.exp(-1)]),
        ("original-linear", [8, 8, 4, 1]),
    ],
)
def test_decay_rates_by_hand(kind: str, expected: list[float]) -> None:
    assert [paced(kind, 8, 1, epoch, 0.5) for epoch in range(4)] == pytest.approx(expected)


def test_the_article_ends_when_its_radius_is_below_a_half() -> None:
    pace = -math.log(0.95)
    params = preset(
        "mnist-50x50", epochs=None, radius_end=0.5, rate_end=0.005,
        radius_decay_rate=pace, rate_decay_rate=pace,
    )  # fmt: skip
    assert course_of(params).epochs == 90  # 50 x 0.95^90 is 0.494
    np.testing.assert_allclose(radii(params), radii(preset("mnist-50x50")), rtol=1e-9)


@given(
    st.sampled_from(
        ["exponential", "linear", "inverse", "original-exponential", "original-linear"]
    ),
    st.floats(0.001, 0.999),
    st.floats(0.01, 1),
)
def test_an_open_end_is_the_first_epoch_at_the_end(kind: str, share: float, pace: float) -> None:
    fade = Fade(kind, 10.0, 10 * share, pace)
    length = fade.length
    assert fade.at(length, 1) == pytest.approx(fade.end, rel=1e-9)
    assert length == 1 or fade.at(length - 1, 1) > fade.end


def test_an_open_end_waits_for_the_rate_too_unless_it_is_a_batch() -> None:
    values = {
        "epochs": None, "radius_start": 4.0, "radius_end": 1.0, "radius_decay_rate": 0.25,
        "radius_decay": "linear", "rate_start": 0.5, "rate_end": 0.1, "rate_decay": "linear",
        "rate_decay_rate": 0.1,
    }  # fmt: skip
    assert course_of(SomParams(mode="batch", **values)).epochs == 3
    assert course_of(SomParams(mode="online", **values)).epochs == 8


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "needs a radius decay rate"),
        ({"radius_decay": "power", "radius_decay_rate": 0.1}, "needs a radius decay rate"),
        ({"radius_decay_rate": 0.1, "radius_end": 0}, "never gets there"),
        ({"radius_decay": "constant"}, "nothing shrinks"),
        ({"radius_decay_rate": 0.1, "mode": "online"}, "needs a rate decay rate"),
    ],
)
def test_an_end_that_never_comes_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        SomParams(epochs=None, **values)


def test_an_open_end_is_never_farther_than_the_most_epochs() -> None:
    params = SomParams(
        epochs=None, radius_start=1e5, radius_end=1e-300, radius_decay="inverse",
        radius_decay_rate=0.0001,
    )  # fmt: skip
    assert course_of(params).epochs == MAX_EPOCHS


def test_a_change_starts_anew_and_fades_to_the_same_end() -> None:
    course = course_of(SomParams(epochs=10, radius_start=4, radius_end=1, radius_decay="linear"))
    hot = course.changed(7, Change(radius=3, epochs=5))
    assert hot.epochs == 12
    assert [hot.at(epoch)[0] for epoch in range(7, 12)] == pytest.approx([3, 2.5, 2, 1.5, 1])
    same_length = course.changed(7, Change(radius=3))
    assert [same_length.at(epoch)[0] for epoch in range(7, 10)] == pytest.approx([3, 2, 1])
    small = course.changed(7, Change(radius=0.5))
    assert {small.at(epoch)[0] for epoch in range(7, 10)} == {0.5}


def test_a_change_of_the_rate_goes_on_from_the_radius_reached() -> None:
    params = SomParams(mode="online", epochs=10, radius_start=4, radius_end=1, rate_start=0.5)
    course = course_of(params)
    radius, rate = course.changed(4, Change(rate=0.9)).at(4)
    assert (radius, rate) == (course.at(4)[0], 0.9)


def test_changes_that_wait_are_merged() -> None:
    both = Change(radius=3, rate=0.1).then(Change(radius=2, epochs=4))
    assert both == Change(radius=2, rate=0.1, epochs=4)
    assert not Change(pause=1.0).turns


@pytest.mark.parametrize(
    "wrong", [{"radius": -1}, {"radius": math.nan}, {"rate": 0}, {"rate": 1.1}, {"epochs": 0}]
)
def test_wrong_changes_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match="A change of a running training"):
        Change(**wrong)


def test_the_radius_shrinks_until_its_last_epoch() -> None:
    course = course_of(SomParams(epochs=5, radius_start=4, stop="settled", extra_epochs=7))
    assert [course.shrinks_after(epoch) for epoch in range(6)] == [True] * 4 + [False] * 2
    assert course.epochs == 12
    assert course.at(11) == course.at(4)
