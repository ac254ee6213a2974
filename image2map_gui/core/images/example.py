"""Pictures before and after their preparation, for a person to judge it by."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.features import features_shown
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.small import packed, shrunk, unpacked
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.progress import Progress

_SIDE = 128


@dataclasses.dataclass(frozen=True, eq=False)
class Example:
    """One picture as it is and as the map will see it, both ``(height, width, 3)``.

    Features that are no pictures are drawn: edges, shares of colours, codes of textures,
    magnitudes.
    """

    source: Source
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, eq=False)
class Exemplifying(Progress):
    """The examples made so far, in no order."""

    examples: tuple[Example, ...]


def make_examples(sources: Sequence[Source], spec: ImageSpec) -> Iterator[Exemplifying]:
    """Prepare some pictures; those that cannot be read are left out."""
    made: list[Example] = []
    done = 0
    yield Exemplifying(0, len(sources), ())
    for one in apart(functools.partial(example_bytes, spec), list(sources), most=1):
        if one is not None:
            done += 1
            if not isinstance(one.answer, str):
                made.append(_example(one.item, one.answer))
        yield Exemplifying(done, len(sources), tuple(made))


def example_bytes(spec: ImageSpec, source: Source) -> bytes:
    """Return a picture before and after, for :func:`make_examples`.

    Raises
    ------
    PictureError
        It cannot be read.
    """
    least = max(_SIDE, *spec.size)
    image = read_image(source, spec.background, at_least=(least, least))
    before = packed(shrunk(image, _SIDE))
    return len(before).to_bytes(4, "little") + before + packed(_seen(image, spec))


def _seen(image: Image.Image, spec: ImageSpec) -> Image.Image:
    prepared = spec.prepared(image)
    if not spec.plain:
        return Image.fromarray(features_shown(prepared, spec.features)).convert("RGB")
    grey = spec.shape[2] == 1
    return Image.fromarray(prepared[:, :, 0] if grey else prepared).convert("RGB")


def _example(source: Source, answer: bytes) -> Example:
    cut = 4 + int.from_bytes(answer[:4], "little")
    return Example(source, _pixels(answer[4:cut]), _pixels(answer[cut:]))


def _pixels(content: bytes) -> NDArray[np.uint8]:
    width, height, pixels = unpacked(content)
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
