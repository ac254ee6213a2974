"""Curves of a training as drawings."""

from __future__ import annotations

import math

import pytest
from PIL import Image

from image2map_gui.core.picture.curves import curve_views
from image2map_gui.core.picture.render import to_image, to_svg
from image2map_gui.core.picture.scene import Line, Polygon, Text
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.train import EpochFigures


def epoch(number: int, error: float, **values: object) -> EpochFigures:
    return EpochFigures(
        epoch=number, epochs=9, radius=4.0 / number, rate=None, quantization_error=error,
        topographic_error=math.nan, changed=None, seconds=0.1, **values,
    )  # fmt: skip


def test_a_curve_goes_through_its_values() -> None:
    views = dict(curve_views([epoch(1, 4.0), epoch(2, 2.0), epoch(3, 1.0)]))
    assert list(views) == ["Quantization error", "Radius"]
    lines = [part for part in views["Quantization error"].parts if isinstance(part, Line)]
    grid, drawn = lines[:3], lines[3:]
    zero, _, top = (line.start[1] for line in grid)
    heights = [drawn[0].start[1], *(line.end[1] for line in drawn)]
    assert [round((zero - y) / (zero - top), 6) for y in heights] == [1.0, 0.5, 0.25]
    texts = [part.text for part in views["Quantization error"].parts if isinstance(part, Text)]
    assert {"0", "2", "4", "1", "3", "epoch"} <= set(texts)


def test_changes_are_marked_and_long_trainings_stay_small() -> None:
    history = [epoch(number, 1 / number) for number in range(1, 5001)]
    history[2000] = epoch(2001, 0.1, change=Change(radius=3.0))
    history[3000] = epoch(3001, 0.1, change=Change(pause=1.0))
    ((_, scene), *_) = curve_views(history)
    assert sum(isinstance(part, Polygon) for part in scene.parts) == 1
    assert len(scene.parts) < 700
    assert scene.parts[-2].end == pytest.approx((406, 176), abs=0.1)


@pytest.mark.parametrize("history", [[], [epoch(1, 1.0)], [epoch(1, math.nan)] * 2])
def test_without_two_values_there_is_no_curve(history: list[EpochFigures]) -> None:
    assert all(title != "Quantization error" for title, _ in curve_views(history))


def test_zeros_and_tiny_values_can_be_drawn() -> None:
    for error in (0.0, 1e-12, 1e12):
        ((_, scene), *_) = curve_views([epoch(1, error), epoch(2, error)])
        assert isinstance(to_image(scene), Image.Image)
        assert b"nan" not in to_svg(scene)
