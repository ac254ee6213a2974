"""Drawings as dots and as SVG: probed at points, and read back."""

from __future__ import annotations

import base64
import io
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.picture.render import to_image, to_svg
from image2map_gui.core.picture.scene import Line, Pixels, Polygon, Scene, Text

SVG = "{http://www.w3.org/2000/svg}"
RED, BLUE = (200, 0, 0), (0, 0, 200)
SHEET = np.array([[[10, 20, 30], [200, 210, 220]]], np.uint8)
SCENE = Scene(
    60,
    40,
    (
        Pixels(0, 0, 20, 10, SHEET),
        Polygon(((30, 5), (50, 5), (50, 15), (30, 15)), RED),
        Polygon(((0, 20), (20, 20), (20, 40), (0, 40)), BLUE, opacity=0.5),
        Line((30, 30), (50, 30), (0, 120, 0), 4),
        Text(5, 38, "a < b & <b>\u0001", 9),
    ),
)


@pytest.mark.parametrize("scale", [1, 2, 3.5])
def test_every_part_is_where_it_was_put(scale: float) -> None:
    image = to_image(SCENE, scale)
    assert image.size == (round(60 * scale), round(40 * scale))
    assert image.mode == "RGB"

    def at(x: float, y: float) -> tuple[int, ...]:
        return image.getpixel((int(x * scale), int(y * scale)))

    assert at(5, 5) == (10, 20, 30)
    assert at(15, 5) == (200, 210, 220)
    assert at(40, 10) == RED
    assert at(25, 25) == (255, 255, 255)
    assert at(40, 30) == (0, 120, 0)
    assert at(10, 22) == pytest.approx((127, 127, 227), abs=2)


def test_pictures_with_holes_let_the_ground_through() -> None:
    pixels = np.full((4, 4, 4), 9, np.uint8)
    pixels[:2, :, 3] = 0
    pixels[2:, :, 3] = 255
    image = to_image(Scene(4, 4, (Pixels(0, 0, 4, 4, pixels),), (1, 2, 3)))
    assert image.getpixel((1, 0)) == (1, 2, 3)
    assert image.getpixel((1, 3)) == (9, 9, 9)


def test_what_is_drawn_later_lies_on_top() -> None:
    square = ((0, 0), (4, 0), (4, 4), (0, 4))
    over = Scene(4, 4, (Polygon(square, RED), Pixels(0, 0, 4, 4, SHEET[:, :1])))
    assert to_image(over).getpixel((2, 2)) == (10, 20, 30)
    under = Scene(4, 4, (Pixels(0, 0, 4, 4, SHEET[:, :1]), Polygon(square, RED)))
    assert to_image(under).getpixel((2, 2)) == RED


def test_a_picture_that_would_be_too_large_is_refused() -> None:
    with pytest.raises(Image2MapError, match="choose a smaller scale"):
        to_image(Scene(30_000, 30_000, ()))


def test_svg_holds_the_same_parts() -> None:
    root = ElementTree.fromstring(to_svg(SCENE, 2))
    assert (root.get("width"), root.get("viewBox")) == ("120", "0 0 60 40")
    kinds = [child.tag.removeprefix(SVG) for child in root]
    assert kinds == ["rect", "image", "polygon", "polygon", "line", "text"]
    assert root.findtext(f"{SVG}text") == "a < b & <b>"
    image = root.find(f"{SVG}image")
    assert image is not None
    data = base64.b64decode(image.get("href", "").partition(",")[2])
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), SHEET)
    polygon = root.findall(f"{SVG}polygon")[1]
    assert (polygon.get("fill"), polygon.get("opacity")) == ("#0000c8", "0.5")


def test_a_drawing_can_be_put_into_another() -> None:
    moved = Scene(80, 60, SCENE.moved(20, 20))
    before, after = to_image(SCENE), to_image(moved)
    assert np.array_equal(np.asarray(before), np.asarray(after)[20:, 20:])
