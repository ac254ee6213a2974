"""What a picture's file says about it: size, format, date, camera; never where it was taken."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ExifTags, Image

from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.helper import Answer, answer
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.statistics import colour_name, head_of, opened_head

_MOST_LETTERS = 60
_NO_FILE = {"idx": "IDX", "npy": "NumPy", "sample": "drawn"}
_ALL_IN_INFO = "exif"  # where Pillow keeps it if it was seen without decoding the picture


@dataclasses.dataclass(frozen=True)
class Metadata:
    """Facts about one picture.

    Attributes
    ----------
    width, height
        As shown, in pixels.
    format, colours
        In words.
    bytes
        Of the file, or packed in an archive its own; 0 where a picture has no file of its own.
    modified
        When the file was changed, in seconds since 1970; 0 where it is not known.
    taken, camera, exposure
        What the camera wrote into the file, empty if it did not.
    """

    width: int
    height: int
    format: str
    colours: str
    bytes: int = 0
    modified: float = 0.0
    taken: str = ""
    camera: str = ""
    exposure: str = ""


@dataclasses.dataclass(frozen=True)
class Looking:
    """A picture that is looked up, and at last what was found or why nothing was."""

    source: Source
    metadata: Metadata | None = None
    reason: str = ""

    @property
    def fraction(self) -> float:
        """1 at the end."""
        return float(self.milestone)

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.metadata is not None or bool(self.reason)


def looking_up(source: Source) -> Iterator[Looking]:
    """Find out about a picture, in a helper process if it is a file: it may be any file at all."""
    yield Looking(source)
    if not source.encoded:
        yield _looked(source, answer(read_metadata, source))
        return
    for one in apart(read_metadata, [source], most=1):
        yield Looking(source) if one is None else _looked(source, one.answer)


def _looked(source: Source, said: Answer) -> Looking:
    if isinstance(said, str):
        return Looking(source, reason=said)
    return Looking(source, Metadata(**json.loads(said)))


def read_metadata(source: Source) -> bytes:
    """Return the :class:`Metadata` of a picture as JSON.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    if not source.encoded:
        image = read_image(source)
        head = head_of(image, _NO_FILE[source.kind])
        facts = Metadata(*head[:3], colour_name(head[3]), modified=_stat(source)[1])
        return json.dumps(dataclasses.asdict(facts)).encode()
    with opened_head(source) as image:
        head = head_of(image, image.format or "")
        size, modified = _stat(source)
        facts = Metadata(*head[:3], colour_name(head[3]), size, modified, *_from_camera(image))
    return json.dumps(dataclasses.asdict(facts)).encode()


def _stat(source: Source) -> tuple[int, float]:
    """Return bytes of a picture's own file, 0 if it has none, and when the file was changed."""
    try:
        facts = os.stat(source.path)  # noqa: PTH116 - the path may be any text
    except (OSError, ValueError):
        return 0, 0.0
    return (facts.st_size if source.kind == "file" else 0), facts.st_mtime


def _from_camera(image: Image.Image) -> tuple[str, str, str]:
    """Return date, camera and exposure as far as they can be had without decoding the picture."""
    if image.format == "PNG" and _ALL_IN_INFO not in image.info:
        return "", "", ""
    base = image.getexif()
    try:
        more: Mapping[int, Any] = base.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001 - whatever a camera wrote; the rest is still worth telling
        more = {}
    tags = ExifTags.Base
    taken = _text(more.get(tags.DateTimeOriginal)) or _text(base.get(tags.DateTime))
    maker, model = _text(base.get(tags.Make)), _text(base.get(tags.Model))
    camera = model if model.startswith(maker) else f"{maker} {model}".strip()
    return _date(taken), camera, _exposure(more)


def _date(taken: str) -> str:
    """Write a date as all others are, with dashes and without seconds."""
    day, _, hour = taken.partition(" ")
    return f"{day.replace(':', '-')} {hour[:5]}".strip()


def _exposure(tags: Mapping[int, Any]) -> str:
    names = ExifTags.Base
    seconds, aperture = _number(tags.get(names.ExposureTime)), _number(tags.get(names.FNumber))
    speed, length = _number(tags.get(names.ISOSpeedRatings)), _number(tags.get(names.FocalLength))
    said = []
    if seconds:
        said.append(f"1/{1 / seconds:.0f} s" if seconds < 0.4 else f"{seconds:.3g} s")
    said += [f"f/{aperture:.3g}"] if aperture else []
    said += [f"ISO {speed:.0f}"] if speed else []
    said += [f"{length:.3g} mm"] if length else []
    return ", ".join(said)


def _number(value: Any) -> float:
    """Return a number that a camera may have meant, 0 for anything else."""
    if isinstance(value, tuple) and value:
        value = value[0]
    try:
        found = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return 0.0
    return found if 1e-6 < found < 1e7 else 0.0


def _text(value: Any) -> str:
    """Return a short line of signs that can be shown."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())[
        :_MOST_LETTERS
    ]
