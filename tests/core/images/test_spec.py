"""From a picture to a vector and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data import write_idx, write_picture
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image2map_gui.core.errors import ParameterError, PictureError
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.samples import draw_sample
from image2map_gui.core.images.sources import Source, find_sources, sample_sources
from image2map_gui.core.images.spec import ImageSpec

specs = st.builds(
    ImageSpec,
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    fit=st.sampled_from(["crop", "pad", "stretch"]),
    colour=st.sampled_from(["grey", "rgb"]),
    value_range=st.sampled_from(["0..1", "-1..1"]),
    ground=st.sampled_from(["white", "grey", "black"]),
)


@given(specs)
def test_shape_features_and_limits_go_together(spec: ImageSpec) -> None:
    height, width, channels = spec.shape
    assert (width, height) == spec.size
    assert channels == (3 if spec.colour == "rgb" else 1)
    assert spec.length == height * width * channels
    assert spec.limits == {"0..1": (0, 1), "-1..1": (-1, 1)}[spec.value_range]
    assert spec.background == {"white": 255, "grey": 128, "black": 0}[spec.ground]


@given(specs, st.integers(0, 1000))
def test_a_picture_of_the_right_size_survives_being_a_vector(spec: ImageSpec, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, spec.shape, np.uint8)
    image = Image.fromarray(pixels if spec.colour == "rgb" else pixels[:, :, 0])
    vector = spec.vector(image)
    assert vector.shape == (spec.length,)
    assert vector.dtype == np.float32
    low, high = spec.limits
    assert vector.min() >= low
    assert vector.max() <= high
    assert np.array_equal(spec.pictures(vector[None])[0], pixels)
    nudged = vector + np.float32((high - low) / 255 * 0.4)
    assert np.array_equal(spec.pictures(nudged[None])[0], pixels)


@given(specs, st.integers(1, 60), st.integers(1, 60), st.integers(0, 255))
def test_any_picture_becomes_a_vector_within_the_limits(
    spec: ImageSpec, width: int, height: int, grey: int
) -> None:
    vector = spec.vector(Image.new("L", (width, height), grey))
    assert vector.shape == (spec.length,)
    back = spec.pictures(vector[None])[0]
    assert back.shape == spec.shape
    if spec.fit != "pad":
        assert np.abs(back.astype(int) - grey).max() <= 1


def test_black_and_white_are_the_ends_of_the_range() -> None:
    pixels = np.array([[0, 255]], np.uint8)
    for value_range, expected in (("0..1", [0, 1]), ("-1..1", [-1, 1])):
        vector = ImageSpec(size=(2, 1), value_range=value_range).vector(Image.fromarray(pixels))
        assert vector.tolist() == expected


def test_rows_come_first_and_channels_last() -> None:
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    vector = ImageSpec(size=(3, 2), colour="rgb").vector(Image.fromarray(pixels))
    assert (vector * 255).round().tolist() == list(range(18))


def quarters() -> Image.Image:
    """Twice as wide as high; in four columns black, 80, 160 and 240."""
    return Image.fromarray(np.repeat(np.arange(4, dtype=np.uint8) * 80, 10)[None].repeat(20, 0))


def test_crop_shows_the_middle() -> None:
    pixels = ImageSpec(size=(20, 20), fit="crop").prepared(quarters())[:, :, 0]
    assert (pixels == np.repeat([80, 160], 10)).all()


def test_stretch_shows_everything_out_of_shape() -> None:
    pixels = ImageSpec(size=(4, 20), fit="stretch").prepared(quarters())[:, :, 0]
    assert pixels[0].astype(int) == pytest.approx(np.array([0, 80, 160, 240]), abs=15)


@pytest.mark.parametrize(("ground", "grey"), [("white", 255), ("grey", 128), ("black", 0)])
@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_pad_shows_everything_on_the_ground(ground: str, grey: int, colour: str) -> None:
    spec = ImageSpec(size=(40, 40), fit="pad", ground=ground, colour=colour)
    pixels = spec.prepared(quarters())
    assert pixels.shape == (40, 40, 3 if colour == "rgb" else 1)
    assert (pixels[:10] == grey).all()
    assert (pixels[30:] == grey).all()
    expected = np.asarray(quarters())
    assert (pixels[10:30] == expected[:, :, None]).all()


@pytest.mark.parametrize(("width", "height"), [(10_000, 1), (1, 10_000), (700, 2)])
def test_pad_shows_even_the_flattest_picture_as_a_line(width: int, height: int) -> None:
    image = Image.new("L", (width, height), 0)
    pixels = ImageSpec(size=(9, 9), fit="pad").prepared(image)[:, :, 0]
    line = pixels[4] if width > height else pixels[:, 4]
    assert (line == 0).all()
    assert (pixels == 255).sum() == 72


def test_transparent_parts_show_the_ground_also_when_read(tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    source = Source(str(write_picture(tmp_path / "a.png", pixels)))
    for ground, expected in (("white", 1.0), ("black", 0.0)):
        assert (ImageSpec(size=(2, 2), ground=ground).read(source)[0] == expected).all()


@pytest.mark.parametrize("size", [(4, 3), (6, 6)], ids=["as it is", "fitted"])
@pytest.mark.parametrize("colour", ["grey", "rgb"])
def test_idx_pictures_are_read_like_files(
    tmp_path: Path, size: tuple[int, int], colour: str
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3, 4), np.uint8)
    packed = Source(str(write_idx(tmp_path / "x-images-idx3-ubyte", pixels)), 1, kind="idx")
    single = Source(str(write_picture(tmp_path / "a.png", pixels[1])))
    spec = ImageSpec(size=size, colour=colour)
    assert np.array_equal(spec.read(packed)[0], spec.read(single)[0])


def test_drawn_samples_are_read_like_files(tmp_path: Path) -> None:
    single = Source(str(write_picture(tmp_path / "a.png", draw_sample("lines", 5))))
    spec = ImageSpec(size=(16, 16))
    assert np.array_equal(spec.read(Source("lines", 5, kind="sample"))[0], spec.read(single)[0])


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(PictureError):
        ImageSpec().read(Source(str(tmp_path / "a.png")))


@pytest.mark.parametrize(
    "values",
    [
        {"size": (0, 5)},
        {"size": (5, 513)},
        {"fit": "squeeze"},
        {"colour": "cmyk"},
        {"size": [5, 5]},
    ],
)
def test_what_is_not_allowed_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        ImageSpec(**values)


# The spec that suits a collection


def proposed(folder: Path) -> ImageSpec:
    return propose_spec(find_sources([folder]).sources)


def test_small_pictures_of_one_size_keep_it(tmp_path: Path) -> None:
    for index in range(3):
        write_picture(tmp_path / f"{index}.png", np.zeros((28, 20), np.uint8))
    assert proposed(tmp_path) == ImageSpec(size=(20, 28))
    assert propose_spec(sample_sources("lines").sources) == ImageSpec(size=(16, 16))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(300, 200)] * 3, (39, 26)),
        ([(200, 300), (400, 600)], (26, 39)),
        ([(500, 500), (100, 100)], (32, 32)),
        ([(300, 200), (200, 300), (500, 100)], (32, 32)),
        ([(3000, 10)], (64, 16)),
        ([(65, 65)], (32, 32)),
        ([(64, 64)], (64, 64)),
    ],
)
def test_larger_pictures_are_made_small_in_their_common_shape(
    tmp_path: Path, sizes: list[tuple[int, int]], expected: tuple[int, int]
) -> None:
    for index, (width, height) in enumerate(sizes):
        write_picture(tmp_path / f"{index}.png", np.zeros((height, width), np.uint8))
    assert proposed(tmp_path).size == expected


def test_colour_is_proposed_where_there_is_some(tmp_path: Path) -> None:
    grey = np.full((8, 8, 3), 100, np.uint8)
    write_picture(tmp_path / "1.png", grey)
    assert proposed(tmp_path).colour == "grey"
    write_picture(tmp_path / "2.png", grey + np.array([5, 0, 0], np.uint8))  # a tint is no colour
    assert proposed(tmp_path).colour == "grey"
    write_picture(tmp_path / "3.png", grey * np.array([2, 1, 0], np.uint8))
    assert proposed(tmp_path).colour == "rgb"
    assert propose_spec(sample_sources("colours").sources).colour == "rgb"


def test_what_cannot_be_read_has_no_say(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_text("no picture")
    write_picture(tmp_path / "1.png", np.zeros((7, 9), np.uint8))
    assert proposed(tmp_path).size == (9, 7)
    assert propose_spec(find_sources([tmp_path / "0.png"]).sources).size == (32, 32)
    assert propose_spec([]).size == (32, 32)
