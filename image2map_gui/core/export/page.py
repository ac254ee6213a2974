"""The building blocks of a page of HTML that opens offline, runs nothing and escapes every name."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable

from image2map_gui.core.picture.render import to_image, to_svg
from image2map_gui.core.picture.scene import Colour, Scene

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_MOST_PARTS = 3000  # of a drawing in lines; more are drawn as dots
_WIDEST = 1600  # dots
STYLE = """
:root{color-scheme:light dark;--ground:#fff;--ink:#1c1c1e;--faint:#5c5c63;--line:#d9d9de;
--card:#f5f5f7;--mark:#215c98}
@media(prefers-color-scheme:dark){:root{--ground:#18181b;--ink:#ececee;--faint:#a9a9b2;
--line:#3a3a40;--card:#232327;--mark:#8fbdf0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1100px;padding:24px 16px 64px;background:var(--ground);
color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.2;margin:.4em 0}
h2{font-size:1.2rem;margin:2.2em 0 .7em;padding-top:.7em;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.4em 0 .4em}
p{margin:.5em 0}.faint{color:var(--faint)}small{color:var(--faint);font-size:.85rem}
.sheet{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:16px}
figure{margin:0;padding:8px;background:#fff;border:1px solid var(--line);border-radius:8px}
figure svg,figure img{display:block;width:100%;max-width:100%;height:auto}
.wide{max-width:52rem}
.rows{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35em .9em .35em 0;
border-bottom:1px solid var(--line)}
th{font-weight:600}td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
.ink{display:inline-block;width:.8em;height:.8em;margin-right:.5em;border:1px solid var(--faint);
border-radius:2px}
.changed{color:var(--mark);font-weight:600}
pre{margin:0;padding:12px;background:var(--card);border:1px solid var(--line);border-radius:8px;
font:.85rem/1.5 ui-monospace,monospace;white-space:pre-wrap;user-select:all}
summary{cursor:pointer;margin:.6em 0}
@media print{body{max-width:none}figure{break-inside:avoid}}
"""


def escaped(text: str) -> str:
    """Return a text for any place of a page; what has no sign, or turns the line, is spelled out.

    New lines stay.
    """
    shown = "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)
    return html.escape(shown)


def page(title: str, parts: Iterable[str]) -> str:
    """Return a whole page; the parts are HTML already."""
    body = "\n".join(part for part in parts if part)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Return a heading with what comes under it; nothing if that is nothing."""
    body = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{escaped(title)}</h2>\n{body}\n</section>" if body else ""


def paragraph(text: str, *, faint: bool = False) -> str:
    """Return a paragraph of plain text."""
    return f"<p{' class=faint' if faint else ''}>{escaped(text)}</p>"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; the cells are HTML already, such as :func:`cell` makes."""
    top = "".join(f'<th scope="col">{escaped(name)}</th>' for name in head)
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        f'<div class="rows"><table>\n<thead><tr>{top}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def cell(text: str, more: str = "", kind: str = "", ink: Colour | None = None) -> str:
    """Return a cell of a table with a smaller text below; ``kind`` is a class of the style.

    ``ink`` is a colour that is shown before the text.
    """
    below = f"<br><small>{escaped(more)}</small>" if more else ""
    swatch = "" if ink is None else f'<i class="ink" style="background:#{bytes(ink).hex()}"></i>'
    return f"<td{f' class={kind}' if kind else ''}>{swatch}{escaped(text)}{below}</td>"


def drawing(scene: Scene, told: str, *, wide: bool = False) -> str:
    """Return a drawing with what it shows in words."""
    if len(scene.parts) <= _MOST_PARTS:
        inner = to_svg(scene).decode("utf-8")
        inner = inner.replace("<svg ", f'<svg role="img" aria-label="{escaped(told)}" ', 1)
    else:
        file = io.BytesIO()
        to_image(scene, min(2.0, _WIDEST / scene.width)).save(file, "PNG")
        data = base64.b64encode(file.getvalue()).decode("ascii")
        inner = f'<img alt="{escaped(told)}" src="data:image/png;base64,{data}">'
    return f"<figure{' class=wide' if wide else ''}>\n{inner}\n</figure>"


def sheet(parts: Iterable[str]) -> str:
    """Return drawings side by side, as many as the page is wide."""
    body = "\n".join(parts)
    return f'<div class="sheet">\n{body}\n</div>' if body else ""


def code(text: str) -> str:
    """Return a text to be copied."""
    return f"<pre>{escaped(text.rstrip())}</pre>"


def folded(title: str, body: str) -> str:
    """Return what is shown when a person asks for it; ``body`` is HTML already."""
    return f"<details><summary>{escaped(title)}</summary>\n{body}\n</details>"
