"""Writes what was found to files other programs read."""

from __future__ import annotations

import contextlib
import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.files import replacing
from image2map_gui.core.images.sources import Skipped
from image2map_gui.core.model import MapModel
from image2map_gui.core.palettes import PALETTES
from image2map_gui.core.picture.render import to_image, to_svg
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.project.project import Project
from image2map_gui.core.quantize import Photo, Quantized
from image2map_gui.core.som.grid import Grid

MATCH_COLUMNS = (
    "path", "unit", "row", "column", "distance", "percentile", "novel", "label", "confidence",
    "second_unit",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def match_record(match: Match) -> dict[str, Any]:
    """Return a match as JSON-ready values, in the order of :data:`MATCH_COLUMNS`."""
    return {
        "path": match.source.address,
        "unit": match.unit,
        "row": match.row,
        "column": match.column,
        "distance": match.distance,
        "percentile": match.percentile,
        "novel": int(match.novel),
        "label": match.label,
        "confidence": None if math.isnan(match.confidence) else match.confidence,
        "second_unit": match.second_unit,
    }


def write_matches(path: Path, matches: Iterable[Match]) -> None:
    """Write matches as a CSV file in UTF-8, whole or not at all.

    Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    _write_rows(path, [MATCH_COLUMNS, *(match_record(match).values() for match in matches)])


def write_skipped(path: Path, skipped: Iterable[Skipped]) -> None:
    """Write files that were skipped, with the reasons, as :func:`write_matches` writes.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    _write_rows(path, [("path", "reason"), *((one.path, one.reason) for one in skipped)])


def write_assignments(path: Path, project: Project) -> None:
    """Write the unit of every picture of a project as a CSV file; rows and columns count from 0.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    cells = Grid.of(project.params).cells
    rows: list[Iterable[Any]] = [("path", "unit", "row", "column", "distance", "label")]
    for source, unit, distance in zip(
        project.sources,
        project.picture_units.tolist(),
        project.picture_distances.tolist(),
        strict=True,
    ):
        if unit >= 0:
            row, column = cells[unit].tolist()
            rows.append((source.address, unit, row, column, distance, source.label))
    _write_rows(path, rows)


def write_weights(path: Path, model: MapModel) -> None:
    """Write the weights with what they need to be understood, as an NPZ file.

    ``weights`` (units, features) in the scale of the training, ``positions`` (units, 2), ``rows``,
    ``columns``, ``topology``, ``tiling`` and ``range``: the numbers of black and white, NaN where
    the features are no pixels.

    Raises
    ------
    Image2MapError
        The file cannot be written.
    """
    pixels = model.spec.plain and not model.spec.fitted
    file = io.BytesIO()
    np.savez(
        file,
        weights=model.weights,
        positions=model.grid.centres,
        rows=np.int64(model.params.rows),
        columns=np.int64(model.params.columns),
        topology=np.str_(model.params.topology),
        tiling=np.str_(model.params.tiling),
        range=np.array(model.spec.limits if pixels else (np.nan, np.nan)),
    )
    _write(path, file.getvalue())


def write_scene(path: Path, scene: Scene, scale: float = 2.0) -> None:
    """Write a drawing as PNG, PDF (both with ``scale`` dots per point) or SVG, by its suffix.

    Raises
    ------
    Image2MapError
        The suffix is another, the picture would be too large, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix == ".svg":
        _write(path, to_svg(scene, scale))
        return
    if suffix not in (".png", ".pdf"):
        raise Image2MapError(f"{path}: can only be written as .png, .svg or .pdf.")
    file = io.BytesIO()
    dots = 72 * scale
    to_image(scene, scale).save(file, suffix[1:].upper(), resolution=dots, dpi=(dots, dots))
    _write(path, file.getvalue())


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
    _write_image(path, image)


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
    _write(path, form(quantized))


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


def _write_image(path: Path, image: Image.Image) -> None:
    file = io.BytesIO()
    image.save(file, "PNG")
    _write(path, file.getvalue())


def _write_rows(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    text = "".join(_line(row) for row in rows)
    _write(path, text.encode("utf-8", "backslashreplace"))


def _write(path: Path, content: bytes) -> None:
    try:
        with replacing(path) as file:
            file.write(content)
    except OSError as error:
        raise Image2MapError(f"{path}: cannot be written ({error.strerror}).") from None


def _line(values: Iterable[Any]) -> str:
    row = io.StringIO(newline="")
    csv.writer(row).writerow([_cell(value) for value in values])
    # Written with CR LF at first, so that a CR or LF within a cell is put in quotation marks.
    return row.getvalue().removesuffix("\r\n") + "\n"


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value
