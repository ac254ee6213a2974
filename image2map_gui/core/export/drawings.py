"""Drawings as PNG, SVG or PDF."""

from __future__ import annotations

import io
from pathlib import Path

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.export.writing import write_file
from image2map_gui.core.picture.render import to_image, to_svg
from image2map_gui.core.picture.scene import Scene


def write_scene(path: Path, scene: Scene, scale: float = 2.0) -> None:
    """Write a drawing as PNG, PDF (both with ``scale`` dots per point) or SVG, by its suffix.

    Raises
    ------
    Image2MapError
        The suffix is another, the picture would be too large, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".svg":
        write_file(path, to_svg(scene, scale))
        return
    if suffix not in (".png", ".pdf"):
        raise Image2MapError(f"{path}: can only be written as .png, .svg or .pdf.")
    file = io.BytesIO()
    dots = 72 * scale
    to_image(scene, scale).save(file, suffix[1:].upper(), resolution=dots, dpi=(dots, dots))
    write_file(path, file.getvalue())
