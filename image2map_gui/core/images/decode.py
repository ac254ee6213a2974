"""The one decoder: for training, dropping, thumbnails and the command line alike."""

from __future__ import annotations

import contextlib
import os
import stat
import warnings
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError, features

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images.archive import read_member
from image2map_gui.core.images.arrays import read_arrays
from image2map_gui.core.images.heif import FORMAT, HEAD, is_heif, require_heif
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.limits import check_size, limits, setting, too_much_memory
from image2map_gui.core.images.samples import draw_sample
from image2map_gui.core.images.sources import Source, page_places
from image2map_gui.core.images.tiff import at_page

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM") + (
    ("AVIF",) if features.check("avif") else ()
)
_TO_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_SHORT = 20_000  # bytes
_START_OF_SCAN = 0xDAFF  # the bytes FF DA
_TURNING = frozenset({"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"})
_ORIENTATION = 0x0112  # of EXIF
_SIDEWAYS = (5, 6, 7, 8)
_DEEP_MODES = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})

# Limits are checked here, before any pixel is decoded; Pillow's remarks on odd but readable files
# are of no use to a person.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read_image(
    source: Source,
    background: int = 255,
    at_least: tuple[int, int] | None = None,
    content: bytes | None = None,
) -> Image.Image:
    """Read one picture: upright, 8 bits, grey ("L") or colour ("RGB"), on a plain ground.

    16-bit pictures keep their upper 8 bits. 32-bit and floating-point ones are stretched from
    their smallest to their largest value, since they have no agreed white, except values within
    0 to 1 (1 is white) and whole numbers up to 65,535 (16 bits). Colours that a profile (ICC) tells
    are brought to sRGB; a profile that cannot be used is left aside. Of animations the first frame
    is taken, of a TIFF the first page unless the source names another.

    Parameters
    ----------
    background
        Grey level, 0 to 255, that shows through transparent parts.
    at_least
        Width and height that are enough; a larger JPEG may be decoded at a reduced scale.
    content
        Of the file, if it was read already, see :func:`read_content`.

    Raises
    ------
    PictureError
        The file is no picture, is damaged, or is beyond a limit; the message says which.
    """
    try:
        if source.kind == "idx":
            picture = Image.fromarray(read_idx(Path(source.path))[source.index])
            _check(picture)
            return picture
        if source.kind == "npy":
            found = read_arrays(Path(source.path), source.member)
            picture = Image.fromarray(found.picture(source.index))
            _check(picture)
            return _plain(picture, background)
        if source.kind == "sample":
            return Image.fromarray(draw_sample(source.path, source.index))
        data = _bytes_of(source) if content is None else content
        with _opened(data, source) as image:
            _check(image)
            if image.format in ("JPEG", "MPO"):
                _check_scans(data)
            if at_least is not None:
                # Twice the size that is needed leaves the final reduction enough to work with.
                image.draft(None, (2 * max(at_least), 2 * max(at_least)))
            image.load()
            return _plain(_in_srgb(_upright(image)), background)
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(_reason(error)) from error


def image_size(source: Source) -> tuple[int, int]:
    """Return width and height as shown (turned upright) without decoding the picture.

    Raises
    ------
    PictureError
        As :func:`read_image`, as far as the file's beginning tells.
    """
    if not source.encoded:
        return read_image(source).size
    try:
        with _opened(_bytes_of(source), source) as image:
            return image.size[::-1] if lies_on_its_side(image) else image.size
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(_reason(error)) from error


def lies_on_its_side(image: Image.Image) -> bool:
    """Whether an opened picture is to be turned by a quarter, as far as its beginning tells."""
    if image.format == "TIFF":  # Pillow gives its size as shown
        return False
    if image.format == "PNG" and "exif" not in image.info:  # else all of it would be decoded
        return False
    return image.getexif().get(_ORIENTATION, 1) in _SIDEWAYS


def read_content(source: Source) -> bytes:
    """Return the bytes of a file, or of a file in an archive.

    Raises
    ------
    PictureError
        It cannot be read, or is too large.
    """
    try:
        return _bytes_of(source)
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(_reason(error)) from error


def _bytes_of(source: Source) -> bytes:
    if source.kind == "zip":
        return read_member(source.path, source.member)
    return _read_bytes(source.path)


def _opened(data: bytes, source: Source) -> Image.Image:
    """Read a picture's beginning; no picture at all, or one of another format, is refused."""
    Image.MAX_IMAGE_PIXELS = limits().pixels  # what a beginning can make Pillow do at once
    if source.index > 0:
        places = page_places(source)
        if source.index >= len(places):
            raise PictureError("no longer has this page")
        return Image.open(at_page(data, places[source.index]), formats=("TIFF",))
    if is_heif(data[:HEAD]):
        require_heif()
        return Image.open(BytesIO(data), formats=(FORMAT,))
    return Image.open(BytesIO(data), formats=FORMATS)


def _read_bytes(path: str) -> bytes:
    handle = os.open(path, _TO_READ)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise PictureError("is not a regular file")
        if facts.st_size == 0:
            raise PictureError("is empty")
        check_size(facts.st_size)
        return os.read(handle, facts.st_size)  # regular files are read whole, or to their end
    finally:
        os.close(handle)


def _check(image: Image.Image) -> None:
    """Refuse what would cost too much, before any of it is decoded."""
    width, height = image.size
    if width * height >= limits().pixels:
        raise PictureError(
            f"has {width * height / 1e6:,.0f} million pixels; it must have less than "
            f"{limits().max_megapixels:,} ({setting('max_megapixels')})"
        )
    if max(width, height) > limits().max_side:
        raise PictureError(
            f"has a side of {max(width, height):,} pixels; the limit is {limits().max_side:,} "
            f"({setting('max_side')})"
        )


def _check_scans(data: bytes) -> None:
    """Refuse a JPEG that would be decoded for minutes, since each scan takes its time."""
    most = limits().max_scans
    if _scans(data) > most:
        raise PictureError(f"has more than {most:,} scans ({setting('max_scans')})")


def _scans(data: bytes) -> int:
    """Count the marks that may begin a scan; in long files by pairs, ``bytes.count`` being slow."""
    if len(data) < _SHORT:
        return data.count(b"\xff\xda")
    even = np.frombuffer(data, "<u2", len(data) // 2)
    odd = np.frombuffer(data, "<u2", (len(data) - 1) // 2, offset=1)
    return int(np.count_nonzero(even == _START_OF_SCAN) + np.count_nonzero(odd == _START_OF_SCAN))


def _upright(image: Image.Image) -> Image.Image:
    if _TURNING.isdisjoint(image.info):  # as most: it is quicker not to look
        return image
    with contextlib.suppress(Exception):  # damaged EXIF must not cost a good picture
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """Bring the colours of a picture with a profile to sRGB, and a grey one to grey."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode in _DEEP_MODES:
        return image
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    to_srgb = _to_srgb(profile, image.mode)
    if to_srgb is None:
        return image
    ours: Image.Image = to_srgb.apply(image)
    return ours.convert("L") if image.mode == "L" else ours


@lru_cache(maxsize=16)
def _to_srgb(profile: bytes, mode: str) -> Any:
    """Return what brings colours to sRGB; ``None`` if they are there, or nothing can."""
    from PIL import ImageCms

    try:
        theirs = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(theirs).lower():
            return None
        becomes = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(theirs, ImageCms.createProfile("sRGB"), mode, becomes)
    except Exception:  # noqa: BLE001 - garbage, or a profile of other colours than the picture's
        return None


def _plain(image: Image.Image, background: int) -> Image.Image:
    if image.mode in _DEEP_MODES:
        return _from_deep(image)
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, (background, background, background, 255))
        ground.alpha_composite(image.convert("RGBA"))
        flat = ground.convert("RGB")
        return flat.convert("L") if image.mode in ("LA", "La", "L", "1") else flat
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all():
        raise PictureError("holds values that are no finite numbers")
    low, high = float(values.min()), float(values.max())
    if image.mode == "F":
        low, high = (0.0, 1.0) if low >= 0 and high <= 1 else (low, high)
    elif low >= 0 and high <= 65_535:
        low, high = 0.0, 65_535.0
    values -= low  # in place: the largest pictures take half a gigabyte as they are
    values *= 255 / (high - low) if high > low else 0.0
    return Image.fromarray(np.rint(values, out=values).astype(np.uint8))


def _reason(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "is not a picture this program can read"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        most = limits().max_megapixels
        return f"has far more than {most:,} million pixels ({setting('max_megapixels')})"
    if isinstance(error, FileNotFoundError):
        return "is no longer there"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    if isinstance(error, MemoryError):
        return too_much_memory()
    return f"is damaged ({str(error).rstrip('.') or type(error).__name__})"
