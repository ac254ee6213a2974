"""What a collection is made of: sizes, formats, colours, labels; told by the files' beginnings."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import IO

import numpy as np
from PIL import Image

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.archive import read_member
from image2map_gui.core.images.decode import FORMATS, lies_on_its_side, read_image
from image2map_gui.core.images.each import each
from image2map_gui.core.images.heif import FORMAT as HEIF
from image2map_gui.core.images.heif import HEAD, is_heif, require_heif
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.progress import Breath, Pace

Counted = tuple[tuple[str, int], ...]  # the most frequent first

_FORMAT_OF_KIND = {"idx": "IDX", "npy": "NumPy", "sample": "drawn"}
_COLOURS = {
    "1": "black and white",
    "L": "grey",
    "LA": "grey with transparency",
    "La": "grey with transparency",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
    "RGBX": "colour",
    "RGBa": "colour with transparency",
    "CMYK": "CMYK",
    "YCbCr": "YCbCr",
    "LAB": "Lab",
    "HSV": "HSV",
    "I": "grey, 32 bits",
    "F": "grey, floating point",
}


@dataclasses.dataclass(frozen=True)
class Statistics:
    """Figures of a collection.

    Attributes
    ----------
    pictures, unreadable
        All pictures, and those of them whose size is not known: their file cannot be read.
    file_bytes
        Of all files together, each once.
    widths, heights
        Smallest, median and largest.
    sizes, formats, colours, labels, skipped
        How many pictures (or skipped files) there are of which kind.
    """

    pictures: int
    unreadable: int
    files: int
    file_bytes: int
    widths: tuple[int, float, int] | None
    heights: tuple[int, float, int] | None
    sizes: Counted
    formats: Counted
    colours: Counted
    labels: Counted
    skipped: Counted


@dataclasses.dataclass(frozen=True)
class Surveying:
    """How far a survey is; the last one holds the figures."""

    done: int
    total: int
    rate: float = 0.0
    statistics: Statistics | None = None

    @property
    def fraction(self) -> float:
        """Share of the pictures that were looked at."""
        return self.done / self.total if self.total else 1.0

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.statistics is not None


def surveying(sources: Sequence[Source], skipped: Sequence[Skipped]) -> Iterator[Surveying]:
    """Gather the figures of a collection; no picture is decoded. Yields after some 50 ms at most.

    All pictures of one IDX or NumPy file are alike, so that only the first is looked at.
    """
    looked_at, counts = _one_of_each(sources)
    heads: list[tuple[int, int, str, str]] = []
    weights: list[int] = []
    unreadable = done = 0
    breath, pace = Breath(), Pace()
    for one in each(picture_head, looked_at):
        if one is not None:
            place, said = one
            done += counts[place]
            if isinstance(said, bytes):
                heads.append(tuple(json.loads(said)))
                weights.append(counts[place])
            else:
                unreadable += counts[place]
        if breath.due():
            yield Surveying(done, len(sources), pace.rate(done))
    files = list(dict.fromkeys(source.path for source in sources if source.kind != "sample"))
    total = 0
    for path in files:
        total += _size(path)
        if breath.due():
            yield Surveying(done, len(sources), pace.rate(done))
    yield Surveying(
        len(sources),
        len(sources),
        statistics=Statistics(
            pictures=len(sources),
            unreadable=unreadable,
            files=len(files),
            file_bytes=total,
            widths=_spread([head[0] for head in heads], weights),
            heights=_spread([head[1] for head in heads], weights),
            sizes=_counted([f"{head[0]} x {head[1]}" for head in heads], weights),
            formats=_counted([head[2] for head in heads], weights),
            colours=_counted([_COLOURS.get(head[3], head[3]) for head in heads], weights),
            labels=_counted([source.label or "" for source in sources]),
            skipped=_counted([one.reason.partition(" (")[0] for one in skipped]),
        ),
    )


def picture_head(source: Source) -> bytes:
    """Return width and height as shown, format and mode of a picture, as JSON.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    if not source.encoded:
        image = read_image(source)
        return json.dumps(head_of(image, _FORMAT_OF_KIND[source.kind])).encode()
    with opened_head(source) as image:
        return json.dumps(head_of(image, image.format or "")).encode()


def head_of(image: Image.Image, made_of: str) -> tuple[int, int, str, str]:
    """Return width and height as shown, format and mode of an opened picture."""
    width, height = image.size
    if made_of not in _FORMAT_OF_KIND.values() and lies_on_its_side(image):
        width, height = height, width
    mode = "grey, 16 bits" if image.mode.startswith("I;16") else image.mode
    return width, height, "JPEG" if made_of == "MPO" else made_of, mode


def colour_name(mode: str) -> str:
    """Return in words what a mode says about the colours of a picture."""
    return _COLOURS.get(mode, mode)


@contextlib.contextmanager
def opened_head(source: Source) -> Iterator[Image.Image]:
    """Open a file, or a member of an archive, whose picture is not decoded."""
    if source.kind == "zip":
        with _head(BytesIO(read_member(source.path, source.member)), source.index) as image:
            yield image
        return
    handle = os.open(source.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PictureError("is not a regular file")
        with _head(file, source.index) as image:
            yield image


def _head(file: IO[bytes], page: int) -> Image.Image:
    formats = FORMATS
    if is_heif(file.read(HEAD)):
        require_heif()
        formats = (HEIF,)
    file.seek(0)
    image = Image.open(file, formats=formats)
    if page > 0:
        image.seek(page)
    return image


def _one_of_each(sources: Sequence[Source]) -> tuple[list[Source], list[int]]:
    """Return the pictures to look at, and for how many each of them stands."""
    alike: dict[tuple[str, str, str, int], list[Source]] = defaultdict(list)
    for place, source in enumerate(sources):
        own = place if source.encoded else -1
        alike[source.kind, source.path, source.member, own].append(source)
    return [group[0] for group in alike.values()], [len(group) for group in alike.values()]


def _spread(values: list[int], weights: list[int]) -> tuple[int, float, int] | None:
    if not values:
        return None
    every = np.repeat(values, weights)
    return int(every.min()), float(np.median(every)), int(every.max())


def _counted(names: list[str], weights: list[int] | None = None) -> Counted:
    counts: Counter[str] = Counter()
    for name, weight in zip(names, weights or [1] * len(names), strict=True):
        counts[name] += weight
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - twice as fast for many files
    except (OSError, ValueError):
        return 0
