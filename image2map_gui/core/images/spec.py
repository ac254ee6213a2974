"""How a picture becomes a vector, and a vector a picture again."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.decode import image_size, read_image
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.pool import apart
from image2map_gui.core.images.sources import Source
from image2map_gui.core.options import check_options, option

_GROUNDS = {"white": 255, "grey": 128, "black": 0}
_RANGES = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0)}
_NARROWING = 2.0  # the middle of a side counts e^-2, a seventh of the centre
_HOW = Image.Resampling.LANCZOS
_LOOKED_AT = 48
_LOOK_SECONDS = 1.0  # that judging one of them may take
_SMALL = 64
_USUAL = 32
_COLOURED = 12  # difference of channels from which a pixel counts as coloured


@dataclasses.dataclass(frozen=True)
class ImageSpec:
    """What is done to every picture before the map sees it.

    Raises
    ------
    ParameterError
        A value is out of its range.
    """

    size: tuple[int, int] = option(
        (28, 28),
        "Size",
        "Width and height, in pixels, that every picture is brought to.",
        low=1,
        high=512,
        unit="pixels",
        group="Pictures",
    )
    fit: str = option(
        "crop",
        "Fit",
        "How pictures of another shape are fitted. Crop: fill, and cut what sticks out. Pad: show "
        "all on a plain ground. Stretch: distort.",
        choices=("crop", "pad", "stretch"),
        group="Pictures",
    )
    colour: str = option(
        "grey",
        "Colour",
        "Whether the map learns from shades of grey or from red, green and blue.",
        choices=("grey", "rgb"),
        group="Pictures",
    )
    value_range: str = option(
        "0..1",
        "Range",
        "The numbers that stand for black and white.",
        choices=tuple(_RANGES),
        group="Pictures",
    )
    ground: str = option(
        "white",
        "Ground",
        "What shows through transparent parts and beside padded pictures.",
        choices=tuple(_GROUNDS),
        group="Pictures",
    )

    focus: str = option(
        "all",
        "Focus",
        "Which parts of a picture count when its unit is looked for. All: every pixel the same. "
        "Disc: those within a circle that touches the sides, not the corners. Centre: those in the "
        "middle most, less and less towards the sides.",
        choices=("all", "disc", "centre"),
        group="Pictures",
    )

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def mask(self) -> NDArray[np.float64] | None:
        """How much each number of a vector counts, ``(d,)``; ``None``: all the same."""
        if self.focus == "all":
            return None
        height, width, channels = self.shape
        down = (np.arange(height) + 0.5) / height * 2 - 1
        across = (np.arange(width) + 0.5) / width * 2 - 1
        square = down[:, None] ** 2 + across**2  # 1 where the ellipse touches the sides
        counts = square <= 1 if self.focus == "disc" else np.exp(-_NARROWING * square)
        return np.repeat(counts.astype(np.float64).reshape(-1), channels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a picture."""
        return self.size[1], self.size[0], 3 if self.colour == "rgb" else 1

    @property
    def features(self) -> int:
        """Length of a vector, ``d``."""
        return int(np.prod(self.shape))

    @property
    def limits(self) -> tuple[float, float]:
        """The numbers of black and white."""
        return _RANGES[self.value_range]

    @property
    def background(self) -> int:
        """Grey level of the ground, 0 to 255."""
        return _GROUNDS[self.ground]

    def read(self, source: Source) -> NDArray[np.float32]:
        """Read a picture from where it lies as a vector ``(d,)``.

        Raises
        ------
        PictureError
            It cannot be read; the message is the reason.
        """
        if source.kind == "idx" and self.colour == "grey":
            pixels = read_idx(Path(source.path))[source.index]
            if pixels.shape == self.shape[:2]:  # nothing to fit: some 20 times faster
                return self.scale(pixels).reshape(-1)
        return self.vector(read_image(source, self.background, at_least=self.size))

    def vector(self, image: Image.Image) -> NDArray[np.float32]:
        """Turn an upright "L" or "RGB" picture into a vector ``(d,)``, rows first."""
        return self.scale(np.asarray(self.fitted(image))).reshape(-1)

    def fitted(self, image: Image.Image) -> Image.Image:
        """Bring a picture to this size and colour."""
        image = image.convert("RGB" if self.colour == "rgb" else "L")
        if image.size == self.size:
            return image
        if self.fit == "crop":
            return ImageOps.fit(image, self.size, _HOW)
        return self._padded(image) if self.fit == "pad" else image.resize(self.size, _HOW)

    def _padded(self, image: Image.Image) -> Image.Image:
        """Show all of a picture in the middle of the ground, at least as a line."""
        share = min(self.size[0] / image.width, self.size[1] / image.height)
        width, height = (max(1, round(side * share)) for side in image.size)
        grey = self.background
        sheet = Image.new(image.mode, self.size, grey if image.mode == "L" else (grey, grey, grey))
        place = (self.size[0] - width) // 2, (self.size[1] - height) // 2
        sheet.paste(image.resize((width, height), _HOW), place)
        return sheet

    def scale(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bring 0..255 to the range of this spec."""
        low, high = self.limits
        return pixels.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)

    def pictures(self, vectors: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Turn vectors ``(n, d)`` into pictures ``(n, height, width, channels)``."""
        low, high = self.limits
        pixels = (vectors - low) * np.float32(255 / (high - low))
        return np.asarray(np.clip(np.rint(pixels), 0, 255), np.uint8).reshape(-1, *self.shape)


def spec_for(preset: str, spec: ImageSpec) -> ImageSpec:
    """Return a spec as a preset of the training wants it: ``classic`` takes pixels in -1..1."""
    return dataclasses.replace(spec, value_range="-1..1") if preset == "classic" else spec


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
    sizes = []
    for source in looked_at:
        with contextlib.suppress(PictureError):
            sizes.append(image_size(source))
        yield
    coloured = yield from _some_coloured(looked_at)
    return ImageSpec(size=_proposed_size(sizes), colour="rgb" if coloured else "grey")


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
