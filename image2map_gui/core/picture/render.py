"""Turns a drawing into a picture of dots or into SVG."""

from __future__ import annotations

import base64
import io
from unicodedata import category
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.picture.scene import Colour, Line, Part, Pixels, Polygon, Scene, Text

MOST_PIXELS = 400_000_000
_FINER = 2  # lines are drawn this much larger and then reduced, so that their edges are smooth
_ANCHORS = {"left": ("ls", "start"), "middle": ("ms", "middle"), "right": ("rs", "end")}


def to_image(scene: Scene, scale: float = 1.0) -> Image.Image:
    """Draw a scene as an RGB picture with ``scale`` pixels per point.

    Raises
    ------
    Image2MapError
        The picture would have more than 400 million pixels.
    """
    width, height = (max(1, round(side * scale)) for side in (scene.width, scene.height))
    if width * height > MOST_PIXELS:
        raise Image2MapError(
            f"A picture of {width:,} x {height:,} pixels is too large; choose a smaller scale."
        )
    sheet = Image.new("RGB", (width, height), scene.ground)
    drawn: list[Part] = []
    for part in scene.parts:
        if isinstance(part, Pixels):
            _draw_lines(sheet, drawn, scale)
            drawn = []
            _paste(sheet, part, scale)
        else:
            drawn.append(part)
    _draw_lines(sheet, drawn, scale)
    return sheet


def _paste(sheet: Image.Image, part: Pixels, scale: float) -> None:
    left, top = round(part.x * scale), round(part.y * scale)
    right, bottom = round((part.x + part.width) * scale), round((part.y + part.height) * scale)
    image = Image.fromarray(part.pixels)
    size = max(1, right - left), max(1, bottom - top)
    larger = size[0] >= image.width
    how = Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS
    image = image.resize(size, how)
    sheet.paste(image, (left, top), image if image.mode == "RGBA" else None)


def _draw_lines(sheet: Image.Image, parts: list[Part], scale: float) -> None:
    """Draw shapes and text over a sheet: finer, apart from it, then laid upon it."""
    if not parts:
        return
    shapes = [part for part in parts if not isinstance(part, Text)]
    if shapes:
        fine = Image.new("RGBA", (sheet.width * _FINER, sheet.height * _FINER), (0, 0, 0, 0))
        pen = ImageDraw.Draw(fine)
        for shape in shapes:
            _draw_shape(pen, shape, scale * _FINER)
        _lay(sheet, fine.convert("RGBa").resize(sheet.size, Image.Resampling.BOX).convert("RGBA"))
    pen = ImageDraw.Draw(sheet)
    for part in parts:
        if isinstance(part, Text):
            font = ImageFont.load_default(max(4.0, part.size * scale))
            place = part.x * scale, part.y * scale
            stroke = part.size * scale / 40 if part.bold else 0
            pen.text(
                place, part.text, part.colour, font, _ANCHORS[part.anchor][0], stroke_width=stroke
            )


def _lay(sheet: Image.Image, over: Image.Image) -> None:
    sheet.paste(over.convert("RGB"), (0, 0), over.getchannel("A"))


def _draw_shape(pen: ImageDraw.ImageDraw, part: Part, scale: float) -> None:
    if isinstance(part, Polygon):
        points = [(x * scale, y * scale) for x, y in part.points]
        fill = _see_through(part.fill, part.opacity)
        line = _see_through(part.line, part.opacity)
        pen.polygon(points, fill, line, max(1, round(part.line_width * scale)) if line else 0)
    elif isinstance(part, Line):
        ends = [(x * scale, y * scale) for x, y in (part.start, part.end)]
        width = max(1, round(part.width * scale))
        colour = _see_through(part.colour, part.opacity)
        pen.line(ends, colour, width)
        for x, y in ends:
            radius = width / 2
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), colour)


def _see_through(colour: Colour | None, opacity: float) -> tuple[int, int, int, int] | None:
    return None if colour is None else (*colour, round(255 * opacity))


def to_svg(scene: Scene, scale: float = 1.0) -> bytes:
    """Write a scene as an SVG file; pictures of dots are inside it as PNG."""
    width, height = scene.width, scene.height
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * scale:g}" '
        f'height="{height * scale:g}" viewBox="0 0 {width:g} {height:g}" '
        'font-family="sans-serif" stroke-linecap="round" stroke-linejoin="round">',
        f'<rect width="{width:g}" height="{height:g}" fill="{_hex(scene.ground)}"/>',
        *(_svg_part(part) for part in scene.parts),
        "</svg>\n",
    ]
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def _svg_part(part: Part) -> str:
    if isinstance(part, Pixels):
        return (
            f'<image x="{part.x:.6g}" y="{part.y:.6g}" width="{part.width:.6g}" '
            f'height="{part.height:.6g}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" href="data:image/png;base64,{_png(part.pixels)}"/>'
        )
    if isinstance(part, Line):
        (x1, y1), (x2, y2) = part.start, part.end
        return (
            f'<line x1="{x1:.6g}" y1="{y1:.6g}" x2="{x2:.6g}" y2="{y2:.6g}" '
            f'stroke="{_hex(part.colour)}" stroke-width="{part.width:.4g}"{_faint(part.opacity)}/>'
        )
    if isinstance(part, Text):
        weight = ' font-weight="bold"' if part.bold else ""
        return (
            f'<text x="{part.x:.6g}" y="{part.y:.6g}" font-size="{part.size:g}"{weight} '
            f'text-anchor="{_ANCHORS[part.anchor][1]}" fill="{_hex(part.colour)}" '
            f'xml:space="preserve">{escape(_printable(part.text))}</text>'
        )
    points = " ".join(f"{x:.6g},{y:.6g}" for x, y in part.points)
    fill = "none" if part.fill is None else _hex(part.fill)
    line = ""
    if part.line is not None:
        line = f' stroke="{_hex(part.line)}" stroke-width="{part.line_width:.4g}"'
    faint = _faint(part.opacity)
    return f"<polygon points={quoteattr(points)} fill={quoteattr(fill)}{line}{faint}/>"


def _faint(opacity: float) -> str:
    return "" if opacity >= 1 else f' opacity="{opacity:.3g}"'


def _png(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


def _printable(text: str) -> str:
    """Leave out what XML cannot hold, and what turns the direction of a line."""
    return "".join(
        one for one in text if one in "\t\n" or category(one) not in ("Cc", "Cf", "Cs", "Cn")
    )


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)
