"""Proposes how the pictures of a collection are prepared, judged by some of them."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Generator, Iterator, Sequence

import numpy as np

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec

_LOOKED_AT = 48
_LOOK_SECONDS = 1.0  # that judging one of them may take
_SMALL = 64
_USUAL = 32
_SIZE = struct.Struct("<II")
_COLOURED = 12  # difference of channels from which a pixel counts as coloured


def propose_spec(sources: Sequence[Source]) -> ImageSpec:
    """Return a spec that suits pictures, judged by up to 48 of them.

    Small pictures of one size keep it; others are brought to a square, or an upright or lying
    rectangle if they share that shape. Grey unless some picture is really coloured.
    """
    proposal = proposing(sources)
    while True:
        try:
            next(proposal)
        except StopIteration as end:
            proposed: ImageSpec = end.value
            return proposed


def proposing(sources: Sequence[Source]) -> Generator[None, None, ImageSpec]:
    """Return what :func:`propose_spec` does, yielding after each picture looked at."""
    step = max(1, len(sources) // _LOOKED_AT)
    looked_at = sources[::step][:_LOOKED_AT]
    sizes = yield from _sizes(looked_at)
    coloured = yield from _some_coloured(looked_at)
    return ImageSpec(size=_proposed_size(sizes), colour="rgb" if coloured else "grey")


def _sizes(sources: Sequence[Source]) -> Generator[None, None, list[tuple[int, int]]]:
    """Return the sizes of those that can be read; libraries look at files in helpers only."""
    sizes: list[tuple[int, int]] = []
    for source in sources:
        if not source.encoded:
            with contextlib.suppress(PictureError):
                sizes.append(image_size(source))
            yield
    files = [source for source in sources if source.encoded]
    for one in apart(_size_bytes, files, seconds=_LOOK_SECONDS):
        if one is not None and isinstance(one.answer, bytes):
            width, height = _SIZE.unpack(one.answer)
            sizes.append((width, height))
        yield
    return sizes


def _size_bytes(source: Source) -> bytes:
    return _SIZE.pack(*image_size(source))


def _proposed_size(sizes: list[tuple[int, int]]) -> tuple[int, int]:
    if not sizes:
        return (_USUAL, _USUAL)
    if len(set(sizes)) == 1 and max(sizes[0]) <= _SMALL:
        return sizes[0]
    shapes = np.log([width / height for width, height in sizes])
    if shapes.std() > 0.1:
        return (_USUAL, _USUAL)
    ratio = float(np.clip(np.exp(np.median(shapes)), 0.25, 4))
    return round(_USUAL * ratio**0.5), round(_USUAL / ratio**0.5)


def _some_coloured(sources: Sequence[Source]) -> Generator[None, None, bool]:
    """Whether some picture is coloured; once one is, no further file is looked at."""
    coloured = False
    for source in sources:
        if not source.encoded and not coloured:
            with contextlib.suppress(PictureError):
                coloured = _is_coloured(source)
            yield

    def undecided() -> Iterator[Source]:
        for source in sources:
            if source.encoded and not coloured:
                yield source

    for one in apart(_coloured_byte, undecided(), seconds=_LOOK_SECONDS):
        coloured = coloured or (one is not None and one.answer == b"\1")
        yield
    return coloured


def _coloured_byte(source: Source) -> bytes:
    return bytes([_is_coloured(source)])


def _is_coloured(source: Source) -> bool:
    small = read_image(source, at_least=(_USUAL, _USUAL))
    if small.mode == "L":
        return False
    small.thumbnail((_USUAL, _USUAL))
    channels = np.asarray(small).astype(np.int16)
    return bool(((channels.max(axis=-1) - channels.min(axis=-1)) > _COLOURED).mean() > 0.02)
