"""Drawings moved and scaled."""

from __future__ import annotations

import numpy as np

from image2map_gui.core.picture.render import to_image
from image2map_gui.core.picture.scene import Line, Pixels, Polygon, Scene, Text

PIXELS = np.arange(27, dtype=np.uint8).reshape(3, 3, 3) * 9
SCENE = Scene(
    40,
    30,
    (
        Pixels(3, 4, 12, 12, PIXELS),
        Polygon(((20, 4), (30, 4), (30, 14)), (200, 30, 30), (0, 0, 0), 1.0),
        Line((5, 24), (35, 24), (0, 90, 0), 2.0),
    ),
)


def test_a_drawing_of_twice_the_size_is_what_twice_the_scale_draws() -> None:
    larger = np.asarray(to_image(SCENE.scaled(2.0), 1.0).convert("RGB"))
    assert np.array_equal(larger, np.asarray(to_image(SCENE, 2.0).convert("RGB")))


def test_words_are_scaled_and_moved_with_their_places() -> None:
    (word,) = Scene(40, 30, (Text(10, 20, "seven", 8),)).scaled(0.5).parts
    assert isinstance(word, Text)
    assert (word.x, word.y, word.size, word.text) == (5, 10, 4, "seven")
    (word,) = Scene(40, 30, (word,)).moved(1, 2)
    assert isinstance(word, Text)
    assert (word.x, word.y, word.size) == (6, 12, 4)
