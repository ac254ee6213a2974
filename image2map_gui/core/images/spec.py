"""How a picture becomes a vector, and a vector a picture again."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.core.images.decode import read_image
from image2map_gui.core.images.features import FEATURES, feature_count, features_of
from image2map_gui.core.images.framing import FITS, framed
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.projection import Projection, fit_projection
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.tones import COLOURS, CONTRASTS, from_space, to_space, toned
from image2map_gui.core.options import check_options, option

_GROUNDS = {"white": 255, "grey": 128, "black": 0}
_RANGES = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "z-score": (0.0, 1.0)}
_NARROWING = 2.0  # the middle of a side counts e^-2, a seventh of the centre
_PIXELS = ("features", ("pixels",))


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
        "How pictures of another shape are fitted. Crop: fill, and cut what sticks out. Smart: "
        "fill, and cut where there is least detail. Pad: show all on a plain ground. Stretch: "
        "distort.",
        choices=FITS,
        group="Pictures",
    )
    ground: str = option(
        "white",
        "Ground",
        "What shows through transparent parts and beside padded pictures.",
        choices=tuple(_GROUNDS),
        group="Pictures",
    )
    contrast: str = option(
        "none",
        "Contrast",
        "Picture: stretch the light of each picture from black to white. CLAHE: even out each part "
        "of it by itself, so that what lies in shadow shows.",
        choices=CONTRASTS,
        group="Pictures",
    )
    invert: bool = option(
        False,
        "Invert",
        "Turn dark and light about.",
        group="Pictures",
    )
    features: str = option(
        "pixels",
        "Features",
        "What the map learns from. Pixels: the pictures as they are. HOG: directions of edges, so "
        "shapes. Lab histogram: which colours, wherever they are. LBP: textures. Fourier: "
        "patterns, wherever they are. Units then show the nearest real picture.",
        choices=FEATURES,
        group="Pictures",
    )
    colour: str = option(
        "grey",
        "Colour",
        "Whether the map learns from shades of grey, from red, green and blue, from Lab (distances "
        "as the eye sees them), or from hue, saturation and value.",
        choices=COLOURS,
        group="Pictures",
        needs=_PIXELS,
    )
    value_range: str = option(
        "0..1",
        "Range",
        "The numbers that stand for black and white. Z-score: each number less its mean in the "
        "collection, divided by its standard deviation.",
        choices=tuple(_RANGES),
        group="Pictures",
    )
    reduction: str = option(
        "none",
        "Reduction",
        "PCA: learn from the principal components instead, which is faster and leaves out noise. "
        "Whitened PCA: give all of them the same weight.",
        choices=("none", "pca", "whitened-pca"),
        group="Pictures",
    )
    variance: float = option(
        0.95,
        "Variance",
        "Share of the variance of the collection that the principal components keep.",
        low=0.01,
        high=0.999,
        group="Pictures",
        needs=("reduction", ("pca", "whitened-pca")),
    )
    focus: str = option(
        "all",
        "Focus",
        "Which parts of a picture count when its unit is looked for. All: every pixel the same. "
        "Disc: those within a circle that touches the sides, not the corners. Centre: those in the "
        "middle most, less and less towards the sides.",
        choices=("all", "disc", "centre"),
        group="Pictures",
        needs=_PIXELS,
    )

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def plain(self) -> bool:
        """Whether the map learns from pixels, so that its units can be drawn."""
        return self.features == "pixels"

    @property
    def mask(self) -> NDArray[np.float64] | None:
        """How much each number of what the map learns from counts; ``None``: all the same.

        Principal components have it in their axes already.
        """
        return self._pixel_mask if self.reduction == "none" else None

    @property
    def _pixel_mask(self) -> NDArray[np.float64] | None:
        if self.focus == "all" or not self.plain:
            return None
        height, width, channels = self.shape
        down = (np.arange(height) + 0.5) / height * 2 - 1
        across = (np.arange(width) + 0.5) / width * 2 - 1
        square = down[:, None] ** 2 + across**2  # 1 where the ellipse touches the sides
        counts = square <= 1 if self.focus == "disc" else np.exp(-_NARROWING * square)
        return np.repeat(counts.astype(np.float64).reshape(-1), channels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a prepared picture."""
        grey = self.plain and self.colour == "grey"
        return self.size[1], self.size[0], 1 if grey else 3

    @property
    def length(self) -> int:
        """Length of a vector as it is read, ``d``, before any projection."""
        return int(np.prod(self.shape)) if self.plain else feature_count(self.features, self.size)

    @property
    def limits(self) -> tuple[float, float]:
        """The numbers of black and white in a vector as it is read."""
        return _RANGES[self.value_range]

    @property
    def background(self) -> int:
        """Grey level of the ground, 0 to 255."""
        return _GROUNDS[self.ground]

    def read(
        self, source: Source, content: bytes | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Read a picture from where it lies.

        Returns
        -------
        vector
            ``(d,)``.
        picture
            It as prepared, ``(height, width, channels)``; empty if the vector tells.

        Raises
        ------
        PictureError
            It cannot be read; the message is the reason.
        """
        nothing = np.zeros(0, np.uint8)
        if self._as_it_is and source.kind == "idx":
            pixels = read_idx(Path(source.path))[source.index]
            if pixels.shape == self.shape[:2]:  # nothing to fit: some 20 times faster
                return self._scale(pixels).reshape(-1), nothing
        prepared = self.prepared(read_image(source, self.background, self.size, content))
        return self._encode(prepared), nothing if self.plain else prepared

    @property
    def _as_it_is(self) -> bool:
        toned = self.invert or self.contrast != "none"
        return self.plain and self.colour == "grey" and not toned

    def vector(self, image: Image.Image) -> NDArray[np.float32]:
        """Turn an upright "L" or "RGB" picture into a vector ``(d,)``, pixels rows first."""
        return self._encode(self.prepared(image))

    def prepared(self, image: Image.Image) -> NDArray[np.uint8]:
        """Bring a picture to this size, colour and contrast: ``(height, width, channels)``."""
        mode = "L" if self.shape[2] == 1 else "RGB"
        image = image if image.mode == mode else image.convert(mode)
        sized = framed(image, self.size, self.fit, self.background)
        return np.asarray(toned(sized, self.contrast, self.invert)).reshape(self.shape)

    def _encode(self, prepared: NDArray[np.uint8]) -> NDArray[np.float32]:
        if not self.plain:
            return self._spread(features_of(prepared, self.features))
        if self.colour in ("grey", "rgb"):
            return self._scale(prepared).reshape(-1)
        return self._spread(to_space(prepared, self.colour)).reshape(-1)

    def _scale(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bring 0..255 to the range of this spec."""
        low, high = self.limits
        return pixels.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low)

    def _spread(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring 0..1 to the range of this spec."""
        low, high = self.limits
        return values * np.float32(high - low) + np.float32(low)

    @property
    def fitted(self) -> bool:
        """Whether something is measured on the whole collection before the map sees a picture."""
        return self.reduction != "none" or self.value_range == "z-score"

    def fit_to(self, vectors: NDArray[np.float32]) -> Projection:
        """Return what is measured on a whole collection ``(n, d)``."""
        reduced = self.reduction != "none"
        return fit_projection(
            vectors,
            standardize=self.value_range == "z-score",
            variance=self.variance if reduced else None,
            whiten=self.reduction == "whitened-pca",
            mask=self._pixel_mask if reduced else None,
        )

    def pictures(
        self, vectors: NDArray[np.floating], projection: Projection | None = None
    ) -> NDArray[np.uint8]:
        """Turn vectors of pixels ``(n, d)`` into pictures ``(n, height, width, channels)``."""
        low, high = self.limits
        plain = vectors if projection is None else projection.undo(vectors)
        if self.colour in ("lab", "hsv"):
            return from_space((plain.reshape(-1, *self.shape) - low) / (high - low), self.colour)
        scale = np.float32(255 / (high - low))
        pixels = plain * scale
        pixels += np.float32(0.5 - low * scale)
        np.clip(pixels, 0, 255, out=pixels)
        return pixels.astype(np.uint8).reshape(-1, *self.shape)


def spec_for(preset: str, spec: ImageSpec) -> ImageSpec:
    """Return a spec as a preset of the training wants it: ``classic`` takes pixels in -1..1."""
    return dataclasses.replace(spec, value_range="-1..1") if preset == "classic" else spec
