"""Photos in few colours, and their palettes."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from PIL import Image

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.writing import write_file
from image2map_gui.core.palettes import PALETTES
from image2map_gui.core.quantize import Photo, Quantized


def write_quantized(path: Path, quantized: Quantized) -> None:
    """Write a photo in few colours as PNG; up to 256 colours as a picture with a palette.

    Raises
    ------
    Image2MapError
        The suffix is another, the file is the photo itself, or it cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise Image2MapError(f"{path}: the picture can only be written as .png.")
    spare_photo(path, quantized.photo)
    if len(quantized.colours) <= 256:
        image = Image.fromarray(quantized.units)
        image.putpalette(quantized.colours.tobytes())
    else:
        image = Image.fromarray(quantized.pixels)
    write_file(path, _as_png(image))


def write_palette(path: Path, quantized: Quantized) -> None:
    """Write learned colours by the suffix: ``.gpl`` (GIMP), ``.png`` (swatches) or ``.json``.

    Raises
    ------
    Image2MapError
        The suffix is another, the file is the photo itself, or it cannot be written.
    """
    form = PALETTES.get(path.suffix.lower())
    if form is None:
        raise Image2MapError(f"{path}: a palette can only be written as .gpl, .png or .json.")
    spare_photo(path, quantized.photo)
    write_file(path, form(quantized))


def spare_photo(path: Path, photo: Photo) -> None:
    """Refuse to write over a photo.

    Raises
    ------
    Image2MapError
        The path is that of the photo.
    """
    with contextlib.suppress(OSError):
        if path.samefile(photo.source.path):
            raise Image2MapError(f"{path}: is the photo itself; name another file.")


def _as_png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
