"""Palettes as other programs read them: GIMP's, a picture of swatches, JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from image2map_gui.core.quantize import Quantized

_SWATCH = 64  # pixels
_WIDEST = 4096


def colour_records(quantized: Quantized) -> list[dict[str, Any]]:
    """Return the learned colours with their pixels as JSON-ready values, unit by unit."""
    return [
        {"hex": hex_name(colour), "rgb": colour, "count": count}
        for colour, count in zip(quantized.colours.tolist(), quantized.counts.tolist(), strict=True)
    ]


def hex_name(colour: list[int]) -> str:
    """Return a colour as in ``#1e90ff``."""
    return "#" + bytes(colour).hex()


def gimp_palette(quantized: Quantized) -> bytes:
    """Return a palette for GIMP, Inkscape and Krita; unnamed colours carry their hex number."""
    name = "".join(sign if sign.isprintable() else " " for sign in quantized.photo.source.name)
    lines = ["GIMP Palette", f"Name: {name}", f"Columns: {quantized.params.columns}", "#"]
    for red, green, blue in quantized.colours.tolist():
        lines.append(f"{red:3} {green:3} {blue:3}\t{hex_name([red, green, blue])}")
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def swatches(quantized: Quantized) -> bytes:
    """Return a PNG with a square of each colour, in the rows and columns of the map."""
    rows, columns = quantized.params.rows, quantized.params.columns
    side = max(1, min(_SWATCH, _WIDEST // max(rows, columns)))
    board = quantized.colours.reshape(rows, columns, 3)
    file = io.BytesIO()
    Image.fromarray(np.kron(board, np.ones((side, side, 1), np.uint8))).save(file, "PNG")
    return file.getvalue()


def _as_json(quantized: Quantized) -> bytes:
    return (json.dumps(colour_records(quantized), indent=1) + "\n").encode()


PALETTES: dict[str, Callable[[Quantized], bytes]] = {
    ".gpl": gimp_palette,
    ".png": swatches,
    ".json": _as_json,
}
