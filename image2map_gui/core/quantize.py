"""Colour quantization: a photo in the few colours that a map of its pixels has learned."""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.helper import Answer, answer
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.sources import Source, find_sources
from image2map_gui.core.images.tones import from_space, to_space
from image2map_gui.core.progress import Breath, Progress
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot, train
from image2map_gui.core.som.winners import nearest_blocks

SPACES = ("rgb", "lab")
# Pixels far from each other to start from, and a radius that brings like colours together without
# mixing them; at the end each unit learns from its own pixels alone, so its colour is their mean.
STANDARD = SomParams(
    rows=3, columns=3, init="kmeans++", radius_start=0.7, radius_end=0, radius_decay="linear"
)
SAMPLE = 100_000  # pixels to train on, at most
_SHOWN = 1024  # pixels; longest side of what is shown
_FAR_APART = 1024  # units; more would take long to start far from each other
_BLOCK = 1 << 17  # pixels; some 5 ms of work
_TRAINING = 0.8  # share of the time, roughly
_SIZE = struct.Struct("<II")

Pixels = NDArray[np.uint8]
Number = TypeVar("Number", bound=np.generic)
Step = TypeVar("Step")


@dataclasses.dataclass(frozen=True, eq=False)
class Photo:
    """A picture as it is, ``(height, width, 3)``, and small enough to be shown; both read-only."""

    source: Source
    pixels: Pixels
    shown: Pixels


@dataclasses.dataclass(frozen=True, eq=False)
class Reading(Progress):
    """A photo that is being decoded; the last one holds it."""

    photo: Photo | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Quantized:
    """A photo in few colours; its arrays are read-only.

    Attributes
    ----------
    pixels, shown
        The photo in the learned colours, ``(height, width, 3)``, and small enough to be shown.
    units
        The unit of each pixel, ``(height, width)``.
    start, colours
        What the units began and ended with, ``(k, 3)``, row by row of the map.
    counts
        How many pixels each unit has, ``(k,)``.
    mean_error
        Mean distance of a pixel's colour from that of its unit, in RGB of 0 to 255.
    epochs, sampled
        Epochs trained, and on how many pixels.
    seconds
        Of the training alone.
    """

    photo: Photo
    params: SomParams
    space: str
    pixels: Pixels
    shown: Pixels
    units: NDArray[np.unsignedinteger]
    start: Pixels
    colours: Pixels
    counts: NDArray[np.int64]
    mean_error: float
    epochs: int
    sampled: int
    seconds: float


@dataclasses.dataclass(frozen=True, eq=False)
class Quantizing:
    """How far a quantization is; the last one holds the result.

    Attributes
    ----------
    start, colours
        What the units began with and have learned by now, ``(k, 3)``.
    preview
        The pixels of the training in these colours, in rows as in the photo; ``None`` before the
        end of the first epoch.
    epoch, epochs
        Whole epochs done, of how many.
    """

    fraction: float
    milestone: bool
    start: Pixels
    colours: Pixels
    epoch: int
    epochs: int
    preview: Pixels | None = None
    result: Quantized | None = None


# --- reading ------------------------------------------------------------------------------------


def photo_at(path: Path) -> Source:
    """Return the one picture at a path.

    Raises
    ------
    SourceError
        There is none, or more than one.
    """
    if path.is_dir():
        raise SourceError(f"{path}: is a folder; name one picture.")
    found = find_sources([path]).sources
    if len(found) > 1:
        raise SourceError(f"{path}: holds {len(found):,} pictures; name a file of one.")
    return found[0]


def reading_photo(where: Path | Source) -> Iterator[Reading]:
    """Find a picture and decode it whole, a file in a helper process.

    Raises
    ------
    SourceError
        There is no picture, more than one, or it cannot be read.
    """
    yield Reading(0, 1)
    source = photo_at(where) if isinstance(where, Path) else where
    said: Answer | None = None
    if not source.encoded:
        said = answer(photo_bytes, source)
    else:
        for one in apart(photo_bytes, [source], most=1):
            if one is None:
                yield Reading(0, 1)
            else:
                said = one.answer
    if not isinstance(said, bytes):
        raise SourceError(f"{source.address}: {said or 'could not be read'}.")
    width, height = _SIZE.unpack_from(said)
    pixels = np.frombuffer(said, np.uint8, offset=_SIZE.size).reshape(height, width, 3)
    shown = yield from _shrinking(pixels, Reading(0, 1))
    yield Reading(1, 1, Photo(source, pixels, shown))


def photo_bytes(source: Source) -> bytes:
    """Return width, height and the RGB bytes of a picture, for :func:`reading_photo`.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    image = read_image(source).convert("RGB")
    return _SIZE.pack(*image.size) + image.tobytes()


def _shrinking(pixels: Pixels, step: Step) -> Generator[Step, None, Pixels]:
    """Make a picture small enough to be shown, yielding ``step`` meanwhile."""
    height, width, _ = pixels.shape
    factor = max(1, max(height, width) // (2 * _SHOWN))
    rows = factor * max(1, 8 * _BLOCK // (width * factor))
    bands = []
    breath = Breath()
    for top in range(0, height, rows):
        bands.append(np.asarray(Image.fromarray(pixels[top : top + rows]).reduce(factor)))
        if breath.due():
            yield step
    image = Image.fromarray(np.concatenate(bands))
    image.thumbnail((_SHOWN, _SHOWN), Image.Resampling.LANCZOS)
    return _fixed(np.array(image))


# --- quantizing ---------------------------------------------------------------------------------


def quantizing(
    photo: Photo, params: SomParams = STANDARD, space: str = "rgb"
) -> Iterator[Quantizing]:
    """Train a map on a photo's pixels, then give every pixel the learned colour nearest to it.

    Yields after at most some 50 ms of work. Where there are more than 100,000 pixels the map is
    trained on as many, spread evenly over the photo and drawn by the seed. Colours are compared in
    RGB or, with the ``space`` ``lab``, as the eye does; equally near ones go to the lower unit.
    Maps of more than 1,024 units start at pixels drawn by lot where ``kmeans++`` is asked for; one
    with a unit for every colour starts with these, and keeps them.
    """
    sample = _sample(photo.pixels, np.random.default_rng(params.seed))
    first, params = _first_colours(sample, params, space)
    start, seconds = None, 0.0
    preview: Pixels | None = None
    step: Quantizing | None = None
    for snapshot in train(_vectors(sample.reshape(-1, 3), space), params, first):
        colours = _colours(snapshot, space)
        start = colours if start is None else start
        if snapshot.milestone and snapshot.figures is not None:
            seconds += snapshot.figures.seconds
        if snapshot.winners is not None and (snapshot.milestone or snapshot.settled):
            preview = _fixed(colours[snapshot.winners].reshape(sample.shape))
        step = Quantizing(
            _TRAINING * snapshot.fraction,
            snapshot.milestone,
            start,
            colours,
            snapshot.epoch,
            snapshot.epochs,
            preview,
        )
        yield step
    assert step is not None
    painted = yield from _painting(photo.pixels, step, space)
    shown = yield from _shrinking(painted.pixels, _later(step, 1.0))
    result = Quantized(
        photo,
        params,
        space,
        painted.pixels,
        shown,
        painted.units,
        step.start,
        step.colours,
        painted.counts,
        painted.error,
        step.epoch,
        sample.shape[0] * sample.shape[1],
        seconds,
    )
    yield dataclasses.replace(step, fraction=1.0, milestone=True, result=result)


@dataclasses.dataclass(frozen=True, eq=False)
class _Painted:
    pixels: Pixels
    units: NDArray[np.unsignedinteger]
    counts: NDArray[np.int64]
    error: float


def _sample(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a smaller picture of single pixels, one by lot from each of its even parts.

    By lot, since a fixed step could go along with a pattern in the photo.
    """
    height, width, _ = pixels.shape
    if height * width <= SAMPLE:
        return pixels
    share = math.sqrt(SAMPLE / (height * width))
    rows = min(max(1, int(height * share)), SAMPLE)
    columns = min(width, SAMPLE // rows)
    rows = min(height, SAMPLE // columns)
    down = (np.arange(rows)[:, None] + rng.random((rows, columns))) * height / rows
    across = (np.arange(columns) + rng.random((rows, columns))) * width / columns
    down = np.minimum(down.astype(np.intp), height - 1)
    across = np.minimum(across.astype(np.intp), width - 1)
    sample: Pixels = pixels[down, across]
    return sample


def _first_colours(
    sample: Pixels, params: SomParams, space: str
) -> tuple[NDArray[np.float32] | None, SomParams]:
    """Return weights to start from, if the photo gives them, and the parameters to train with."""
    codes = np.unique(_codes(sample.reshape(-1, 3)))
    if len(codes) <= params.units:
        alone = dataclasses.replace(params, radius_start=0, radius_end=0)
        return _vectors(_decoded(np.resize(codes, params.units)), space), alone
    if params.init == "kmeans++" and params.units > _FAR_APART:
        return None, dataclasses.replace(params, init="sample")
    return None, params


def _vectors(colours: Pixels, space: str) -> NDArray[np.float32]:
    """Return what is compared: Lab divided by 255, or RGB alike."""
    if space == "lab":
        return to_space(colours, space)
    return np.asarray(colours / np.float32(255), np.float32)


def _colours(snapshot: Snapshot, space: str) -> Pixels:
    if space == "lab":
        return _fixed(from_space(snapshot.weights, space))
    return _fixed(np.rint(np.clip(snapshot.weights, 0, 1) * 255).astype(np.uint8))


def _painting(
    pixels: Pixels, last: Quantizing, space: str
) -> Generator[Quantizing, None, _Painted]:
    """Give all pixels their nearest colours; each colour of the photo is compared once only."""
    breath = Breath()
    flat = pixels.reshape(-1, 3)
    blocks = [slice(begin, begin + _BLOCK) for begin in range(0, len(flat), _BLOCK)]
    there = np.zeros(1 << 24, bool)
    for place, block in enumerate(blocks):
        there[_codes(flat[block])] = True
        if breath.due():
            yield _later(last, 0.2 * place / len(blocks))
    unit_of, error_of = yield from _nearest(np.flatnonzero(there), last, space)
    small = np.uint8 if len(last.colours) <= 256 else np.uint16
    units: NDArray[np.unsignedinteger] = np.empty(len(flat), small)
    painted = np.empty_like(flat)
    counts = np.zeros(len(last.colours), np.int64)
    error = 0.0
    for place, block in enumerate(blocks):
        codes = _codes(flat[block])
        units[block] = found = unit_of[codes]
        painted[block] = last.colours[found]
        counts += np.bincount(found, minlength=len(counts))
        error += float(error_of[codes].sum(dtype=np.float64))
        if breath.due():
            yield _later(last, 0.6 + 0.4 * place / len(blocks))
    return _Painted(
        _fixed(painted.reshape(pixels.shape)),
        _fixed(units.reshape(pixels.shape[0], pixels.shape[1])),
        _fixed(counts),
        error / len(flat),
    )


def _nearest(
    codes: NDArray[np.intp], last: Quantizing, space: str
) -> Generator[Quantizing, None, tuple[NDArray[np.uint16], NDArray[np.float32]]]:
    """Return two tables by the code of a colour: its unit, and how far it is from that in RGB."""
    breath = Breath()
    unit_of = np.zeros(1 << 24, np.uint16)
    error_of = np.zeros(1 << 24, np.float32)
    for begin in range(0, len(codes), _BLOCK):
        some = codes[begin : begin + _BLOCK]
        colours = _decoded(some)
        whole = space == "rgb"  # whole numbers are compared without rounding
        ours = colours.astype(np.float32) if whole else _vectors(colours, space)
        theirs = last.colours.astype(np.float32) if whole else _vectors(last.colours, space)
        for rows, units, _ in nearest_blocks(ours, theirs, "euclidean"):
            unit_of[some[rows]] = units[:, 0]
            off = colours[rows].astype(np.float32) - last.colours[units[:, 0]]
            error_of[some[rows]] = np.sqrt(np.einsum("ij,ij->i", off, off))
            if breath.due():
                yield _later(last, 0.2 + 0.4 * (begin + rows.start) / len(codes))
    return unit_of, error_of


def _codes(colours: Pixels) -> NDArray[np.uint32]:
    wide = colours.astype(np.uint32)
    return np.asarray(wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2], np.uint32)


def _decoded(codes: NDArray[np.integer]) -> Pixels:
    return np.stack((codes >> 16, codes >> 8 & 255, codes & 255), axis=-1).astype(np.uint8)


def _later(last: Quantizing, share: float) -> Quantizing:
    fraction = _TRAINING + (1 - _TRAINING) * share
    return dataclasses.replace(last, fraction=fraction, milestone=False)


def _fixed(array: NDArray[Number]) -> NDArray[Number]:
    array.setflags(write=False)
    return array
