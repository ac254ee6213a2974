"""Draws the PNG and ICO files of the application icon from ``resources/icons/image2map.svg``."""

import os
import re
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
TOO_SMALL_FOR_LINES = 16
LINES = re.compile(r'\s*<g id="lines".*?</g>', re.DOTALL)


def svg_for(size: int, svg: str) -> str:
    """Return the drawing for one size; the smallest goes without lines, which would blur it."""
    return LINES.sub("", svg) if size <= TOO_SMALL_FOR_LINES else svg


def render(svg: str, size: int) -> Image.Image:
    """Draw ``svg`` as a square picture with transparent corners."""
    canvas = QImage(size, size, QImage.Format.Format_RGBA8888_Premultiplied)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg_for(size, svg).encode())).render(painter)
    painter.end()
    plain = canvas.convertToFormat(QImage.Format.Format_RGBA8888)
    return Image.frombytes("RGBA", (size, size), bytes(plain.constBits()))


def main() -> int:
    """Write all files beside the drawing and name each with its size in bytes."""
    application = QGuiApplication.instance() or QGuiApplication([])
    svg = (ICONS / "image2map.svg").read_text(encoding="utf-8")
    pictures = {size: render(svg, size) for size in SIZES}
    written = []
    for size, picture in pictures.items():
        path = ICONS / f"image2map-{size}.png"
        picture.save(path, optimize=True)
        written.append(path)
    ico = ICONS / "image2map.ico"
    pictures[ICO_SIZES[-1]].save(
        ico,
        sizes=[(size, size) for size in ICO_SIZES],
        append_images=[pictures[size] for size in ICO_SIZES[:-1]],
    )
    written.append(ico)
    for path in written:
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")
    del application
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
