"""The learning as a moving picture: a view of the map after each epoch that is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO

from PIL import Image

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.moving import (
    Moving,
    MovingGif,
    MovingPng,
    MovingWebp,
    common_palette,
)
from image2map_gui.core.files import replacing
from image2map_gui.core.frames import Frame, Frames, Setting, frame_model
from image2map_gui.core.model import MapModel
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks, inks_of
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.render import to_image
from image2map_gui.core.picture.scene import Scene, Text
from image2map_gui.core.picture.views import mosaic_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.core.project.project import Project

SUFFIXES = (".gif", ".png", ".webp")
FPS = 10.0
SECONDS_HELD = 2.0  # of the last frame
_SAMPLES = 8  # frames that the colours of a GIF are found from
_OF_WEIGHTS = frozenset(
    ("mosaic", "walls", "u-matrix-expanded", "u-matrix", "clusters", "principal", "component")
)  # views that need no pictures on the map, so that they can be drawn of its start
_MARGIN, _BASE = 16.0, 31.0  # where the title of a view stands
_SMALL = 11.0
_FAINT = (110, 110, 110)


@dataclasses.dataclass(frozen=True, eq=False)
class Film:
    """The frames of a training, and what all of them have in common."""

    setting: Setting
    frames: Frames
    epochs: int
    inks: LabelInks = NO_INKS


@dataclasses.dataclass(frozen=True)
class Look:
    """How a film is drawn; ``wish`` may also name a view that is no plane."""

    wish: Wish
    fps: float = FPS
    scale: float = 1.0
    numbered: bool = True


@dataclasses.dataclass(frozen=True)
class Animating:
    """How far an animation is written."""

    done: int
    total: int
    milestone: bool = False

    @property
    def fraction(self) -> float:
        """Share of the frames that are drawn."""
        return self.done / self.total


def film_of(project: Project) -> Film:
    """Return the film of a project's map.

    Raises
    ------
    Image2MapError
        It holds no map, or no epochs of its training.
    """
    model = project.model
    if model is None or not len(project.frames):
        raise Image2MapError(
            "the project holds no epochs of its training; train the map again to see it learn."
        )
    setting = Setting(model.spec, model.params, model.projection)
    frames = project.frames
    return Film(setting, frames.of(project.sources), frames.epochs[-1], inks_of(project))


def write_animation(path: Path, film: Film, look: Look) -> Iterator[Animating]:
    """Write a film as GIF, animated PNG or WebP, by the suffix; whole, or not at all.

    Numbers have the same colours in all frames, from the lowest to the highest of them all.

    Raises
    ------
    Image2MapError
        The suffix is another, the view cannot be drawn of this map, the picture would be too
        large, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Image2MapError(f"{path}: can only be written as .gif, .png or .webp.")
    frames = _drawable(film, look)
    total = 2 * len(frames)
    scenes = yield from _scenes(film, frames, look, total)
    try:
        with replacing(path) as file:
            moving = _begun(file, suffix, scenes, look)
            for index in range(len(frames)):
                moving.add(scenes.image(index), _milliseconds(index, len(frames), look.fps))
                yield Animating(len(frames) + index + 1, total)
            moving.finish()
    except OSError as error:
        raise Image2MapError(f"{path}: cannot be written ({error.strerror}).") from None
    yield Animating(total, total, milestone=True)


def _drawable(film: Film, look: Look) -> list[Frame]:
    """Return the frames that the view can be drawn of."""
    if look.wish.name in KINDS and KINDS[look.wish.name].of_vectors:
        raise Image2MapError(f"{KINDS[look.wish.name].title}: cannot be shown epoch by epoch.")
    frames = list(film.frames.frames)
    if look.wish.name not in _OF_WEIGHTS:
        frames = [frame for frame in frames if frame.units is not None]
    if not frames:
        raise Image2MapError("no epoch of the training has ended; there is nothing to draw.")
    return frames


def _milliseconds(index: int, count: int, fps: float) -> int:
    """Return how long a frame is shown; rounded so that many frames together are on time."""
    if index == count - 1:
        return round(1000 * SECONDS_HELD)
    return round(1000 * (index + 1) / fps) - round(1000 * index / fps)


class _Scenes:
    """The drawings of all frames, each made when it is wanted, on sheets of one size."""

    def __init__(
        self, draw: Callable[[int], Scene], size: tuple[float, float], count: int, scale: float
    ) -> None:
        self._draw = draw
        self._size = size
        self.count = count
        self._scale = scale

    def image(self, index: int) -> Image.Image:
        """Draw a frame."""
        width, height = self._size
        scene = dataclasses.replace(self._draw(index), width=width, height=height)
        return to_image(scene, self._scale)

    def samples(self) -> list[Image.Image]:
        """Draw some frames, spread over all of them."""
        many = min(self.count, _SAMPLES)
        places = {round(step * (self.count - 1) / max(1, many - 1)) for step in range(many)}
        return [self.image(place) for place in sorted(places)]


def _scenes(
    film: Film, frames: list[Frame], look: Look, total: int
) -> Generator[Animating, None, _Scenes]:
    """Find the scale and the size that all frames have in common."""
    labels = [source.label for source in film.frames.sources]
    planes: list[Plane] = []

    def model(index: int) -> MapModel:
        return frame_model(frames[index], film.setting, labels)

    if look.wish.name in KINDS:
        for index, frame in enumerate(frames):
            planes.append(made(look.wish, _facts(frame, model(index), film.inks)))
            yield Animating(index, total)
        planes = alike(planes)

    def draw(index: int) -> Scene:
        shown = model(index)
        scene = plane_view(shown, planes[index]) if planes else mosaic_view(shown)
        return _numbered(scene, frames[index].epoch, film.epochs) if look.numbered else scene

    first = draw(0)
    yield Animating(len(frames), total)
    return _Scenes(draw, (first.width, first.height), len(frames), look.scale)


def _facts(frame: Frame, model: MapModel, inks: LabelInks) -> Facts:
    assert frame.units is not None or frame.distances is None
    if frame.units is None or frame.distances is None:
        return Facts(model, model.hits[:0], model.distances[:0], inks=inks)
    there = frame.units >= 0
    return Facts(model, frame.units[there], frame.distances[there], inks=inks)


def alike(planes: list[Plane]) -> list[Plane]:
    """Return planes of one view with the same colours for the same numbers or kinds."""
    low, high = min(plane.low for plane in planes), max(plane.high for plane in planes)
    most = max(planes, key=lambda plane: len(plane.kinds))
    return [
        dataclasses.replace(plane, low=low, high=high, kinds=most.kinds, chosen=most.chosen)
        for plane in planes
    ]


def _numbered(scene: Scene, epoch: int, epochs: int) -> Scene:
    """Write the epoch over a drawing, at the right."""
    words = f"epoch {epoch:,} of {epochs:,}"
    text = Text(scene.width - _MARGIN, _BASE, words, _SMALL, _FAINT, "right")
    return dataclasses.replace(scene, parts=(*scene.parts, text))


def _begun(file: IO[bytes], suffix: str, scenes: _Scenes, look: Look) -> Moving:
    """Begin a file of the kind that its suffix tells."""
    samples = scenes.samples() if suffix == ".gif" else [scenes.image(0)]
    size = samples[0].size
    kinds: dict[str, type[Moving]] = {".gif": MovingGif, ".png": MovingPng, ".webp": MovingWebp}
    kind = kinds[suffix]
    if max(size) > kind.widest:
        raise Image2MapError(
            f"A moving picture of {size[0]:,} x {size[1]:,} pixels is too large for {suffix}; "
            f"choose a smaller scale than {look.scale:g}."
        )
    if suffix == ".gif":
        return MovingGif(file, size, common_palette(samples))
    return MovingWebp(file, size) if suffix == ".webp" else MovingPng(file, size, scenes.count)
