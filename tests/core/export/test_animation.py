"""The learning as a moving picture: each frame is the view of its epoch, drawn directly."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from data import lines_dataset
from PIL import Image

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.animation import (
    Film,
    Look,
    alike,
    film_of,
    write_animation,
)
from image2map_gui.core.frames import Frames, Keeper, Setting, frame_model
from image2map_gui.core.model import train_map
from image2map_gui.core.picture.render import to_image
from image2map_gui.core.picture.views import mosaic_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.params import SomParams

PARAMS = SomParams(rows=1, columns=8, topology="line", epochs=6, mode="online", seed=2)


@pytest.fixture(scope="module")
def film() -> Film:
    dataset = lines_dataset()
    marked = tuple(
        dataclasses.replace(source, label=("flat", "steep")[index > 50])
        for index, source in enumerate(dataset.sources)
    )
    dataset = dataclasses.replace(dataset, sources=marked)
    keeper = Keeper(dataset, PARAMS, 1 << 30)
    for snapshot in train_map(dataset, PARAMS):
        keeper.take(snapshot)
    return Film(Setting(dataset.spec, PARAMS), keeper.frames, 6)


def frames_of(path: Path) -> list[np.ndarray]:
    found = []
    with Image.open(path) as image:
        for index in range(image.n_frames):
            image.seek(index)
            found.append(np.asarray(image.convert("RGB")))
    return found


def write(path: Path, film: Film, look: Look) -> None:
    *_, last = write_animation(path, film, look)
    assert last.milestone
    assert last.fraction == 1


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_a_map_of_a_line_learns(film: Film, tmp_path: Path, suffix: str) -> None:
    """Greys are exact in all three kinds of files."""
    path = tmp_path / f"a{suffix}"
    write(path, film, Look(Wish("mosaic"), numbered=False))
    found = frames_of(path)
    assert len(found) == 7
    labels = [source.label for source in film.frames.sources]
    for frame, pixels in zip(film.frames.frames, found, strict=True):
        scene = mosaic_view(frame_model(frame, film.setting, labels))
        np.testing.assert_array_equal(pixels, np.asarray(to_image(scene)))
    assert np.abs(found[0].astype(int) - found[-1]).mean() > 1  # it has learned something


PLANES = [
    name
    for name, kind in KINDS.items()
    if name not in ("activation", "clusters") and not kind.of_vectors
]


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.slow
def test_planes_are_drawn_with_one_scale(film: Film, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.webp"
    write(path, film, Look(Wish(name), numbered=False))
    found = frames_of(path)
    labels = [source.label for source in film.frames.sources]
    of_weights = name in ("u-matrix", "u-matrix-expanded", "walls", "principal", "component")
    frames = film.frames.frames if of_weights else film.frames.frames[1:]
    models = [frame_model(frame, film.setting, labels) for frame in frames]
    none = np.zeros(0, np.int64), np.zeros(0)
    planes = [
        made(Wish(name), Facts(model, *(none if one.units is None else (one.units, one.distances))))
        for model, one in zip(models, frames, strict=True)
    ]
    low, high = min(one.low for one in planes), max(one.high for one in planes)
    assert len(found) == len(frames)
    for pixels, model, plane in zip(found, models, planes, strict=True):
        scene = plane_view(model, dataclasses.replace(plane, low=low, high=high))
        np.testing.assert_array_equal(pixels, np.asarray(to_image(scene)))


@pytest.mark.parametrize(
    "wish",
    [Wish("clusters"), Wish("activation", "steep"), Wish("walls"), Wish("pies"),
     Wish("u-matrix-expanded")],
    ids=lambda wish: wish.name,
)  # fmt: skip
@pytest.mark.slow
def test_other_views_move_too(film: Film, tmp_path: Path, wish: Wish) -> None:
    path = tmp_path / "a.gif"
    write(path, film, Look(wish))
    found = frames_of(path)
    assert len(found) == (6 if wish.name in ("pies", "activation") else 7)
    assert len({pixels.tobytes() for pixels in found}) == len(found)


def test_the_epoch_is_written_into_the_frames(film: Film, tmp_path: Path) -> None:
    for name, numbered in (("with.png", True), ("without.png", False)):
        write(tmp_path / name, film, Look(Wish("mosaic"), numbered=numbered))
    with_it, without = frames_of(tmp_path / "with.png"), frames_of(tmp_path / "without.png")
    for one, other in zip(with_it, without, strict=True):
        rows, columns = np.nonzero((one != other).any(axis=2))
        assert rows.max() < 40
        assert columns.min() > one.shape[1] / 2


def test_speed_and_size(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    write(path, film, Look(Wish("mosaic"), fps=4, scale=0.5))
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        times = []
        for index in range(image.n_frames):
            image.seek(index)
            times.append(image.info["duration"])
        assert times == [250, 250, 250, 250, 250, 250, 2000] or sum(times) == 3500
        small = image.size
    write(path, film, Look(Wish("mosaic"), scale=1))
    with Image.open(path) as image:
        assert abs(image.width - 2 * small[0]) <= 1


def test_an_animation_that_is_given_up_leaves_what_was_there(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(b"old")
    steps = write_animation(path, film, Look(Wish("mosaic")))
    for step in steps:
        if step.fraction > 0.6:
            break
    steps.close()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_drawn_is_said(film: Film, tmp_path: Path) -> None:
    look = Look(Wish("mosaic"))
    with pytest.raises(Image2MapError, match=r"can only be written as \.gif, \.png or \.webp"):
        list(write_animation(tmp_path / "a.mp4", film, look))
    with pytest.raises(Image2MapError, match="has no label 'round'"):
        list(write_animation(tmp_path / "a.gif", film, Look(Wish("activation", "round"))))
    with pytest.raises(Image2MapError, match=r"too large for \.webp; choose a smaller scale"):
        list(write_animation(tmp_path / "a.webp", film, Look(Wish("mosaic"), scale=40)))
    with pytest.raises(Image2MapError, match="cannot be written"):
        list(write_animation(tmp_path / "none/a.gif", film, look))
    start = Film(film.setting, Frames(film.frames.frames[:1], film.frames.sources), 0)
    with pytest.raises(Image2MapError, match="no epoch of the training has ended"):
        list(write_animation(tmp_path / "a.gif", start, Look(Wish("hits"))))
    with pytest.raises(Image2MapError, match="no epochs of its training"):
        film_of(Project(film.setting.spec, PARAMS, film.frames.sources))
    assert list(tmp_path.iterdir()) == []


def test_kinds_and_numbers_have_the_same_colours_in_all_frames(film: Film) -> None:
    labels = [source.label for source in film.frames.sources]
    models = [frame_model(one, film.setting, labels) for one in film.frames.frames]
    none = np.zeros(0, np.int64), np.zeros(0)
    planes = alike([made(Wish("clusters"), Facts(model, *none)) for model in models])
    assert len({plane.kinds for plane in planes}) == 1
