"""What the actions of File > Export do: each asks where to, and starts a job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication

from image2map_gui.core.export.animation import Look
from image2map_gui.core.export.arrays import write_weights
from image2map_gui.core.export.drawings import write_scene
from image2map_gui.core.export.tables import write_assignments
from image2map_gui.core.picture.plane import Plane
from image2map_gui.core.picture.scene import Scene
from image2map_gui.core.picture.views import mosaic_view, pictures_view, plane_view
from image2map_gui.core.picture.wishes import KINDS, Facts, Wish, made
from image2map_gui.ui.dialogs.animation_dialog import Animation
from image2map_gui.ui.handlers.context import Context, start_folder
from image2map_gui.ui.jobs.export_jobs import (
    Exporting,
    Sharing,
    animate,
    copy_pictures,
    recall,
    report,
    write,
)
from image2map_gui.ui.wording import plural

_PICTURES = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"


def export_view(context: Context) -> None:
    """Save the map as it is looked at: its units, or the layer over them."""
    out = _asked(context, "Save the map as a picture", "map.png", _PICTURES)
    if out is not None:
        session = context.session
        facts, times = session.facts(), session.times
        wish, plane = session.layers.wish, session.layers.plane
        note = f"epoch {times.epoch} of {times.epochs[-1]}" if session.past else ""
        cells = None if session.map is None else session.cells.shown_for(session.map)
        if facts is not None:
            session.export(
                write(
                    out, lambda path: write_scene(path, _scene(facts(), wish, plane, note, cells))
                )
            )


def _scene(
    facts: Facts,
    wish: Wish,
    plane: Plane | None,
    note: str,
    cells: tuple[str, NDArray[np.uint8]] | None,
) -> Scene:
    """Draw the layer over the map; without one, what the cells show."""
    if plane is None and wish.name in KINDS:
        plane = made(wish, facts)
    if plane is not None:
        return plane_view(facts.model, plane, note)
    if cells is not None:
        title, pictures = cells
        return pictures_view(facts.model, pictures, title, note)
    return mosaic_view(facts.model, note=note)


def export_animation(context: Context) -> None:
    """Save the learning as a moving picture of the map as it is looked at."""
    session = context.session
    film, wish = session.film(), session.layers.wish
    if film is None:
        return
    chosen = context.dialogs.animation(Animation(), len(film.frames))
    if chosen is None:
        return
    stem = "map" if session.path is None else session.path.stem
    kinds = {".gif": "GIF (*.gif)", ".png": "Animated PNG (*.png)", ".webp": "WebP (*.webp)"}
    name = f"{stem}-learning{chosen.suffix}"
    out = _asked(context, "Save the animation", name, kinds[chosen.suffix])
    if out is not None:
        shown = wish if wish.name in KINDS and not KINDS[wish.name].of_vectors else Wish("mosaic")
        look = Look(shown, chosen.fps, chosen.scale, chosen.numbered)
        session.export(animate(out, film, look))


def export_assignments(context: Context) -> None:
    """Save the unit of every picture as a table."""
    out = _asked(context, "Save the units of the pictures", "units.csv", "Tables (*.csv)")
    if out is not None:
        project, full = context.session.project(), context.settings.tables.full_paths
        context.session.export(
            write(out, lambda path: write_assignments(path, project, full_paths=full))
        )


def export_weights(context: Context) -> None:
    """Save the weights as arrays."""
    out = _asked(context, "Save the weights", "weights.npz", "NumPy arrays (*.npz)")
    model = context.session.model
    if out is not None and model is not None:
        context.session.export(write(out, lambda path: write_weights(path, model)))


def export_report(context: Context) -> None:
    """Save a report as a page that any browser shows."""
    session = context.session
    name = "report.html" if session.path is None else f"{session.path.stem}.html"
    out = _asked(context, "Save the report", name, "Pages (*.html)")
    if out is not None:
        session.export(report(session.project(), session.path, out, session.quality))


def export_folders(by: str) -> Callable[[Context], None]:
    """Return the handler that copies the pictures into folders by unit, cluster or label."""

    def run(context: Context) -> None:
        session = context.session
        out = context.dialogs.folder_for_copies(start_folder(context))
        if out is None:
            return
        used = is_used(out)
        if used and not context.dialogs.into_existing(out):
            return
        wish = session.layers.wish
        method, clusters = (
            (wish.method, wish.clusters) if wish.name == "clusters" else ("ward", None)
        )
        sharing = Sharing(by, out, used, method, clusters)
        session.export(
            copy_pictures(session.project(), sharing), lambda last: list_failed(context, last)
        )

    return run


def list_failed(context: Context, last: Exporting) -> None:
    """Show which pictures could not be copied."""
    if last.failed:
        lines = "\n".join(f"{one.path}: {one.reason}" for one in last.failed)
        title = f"{plural(len(last.failed), 'picture')} could not be copied"
        context.dialogs.text(title, lines)


def is_used(folder: Path) -> bool:
    """Whether there is something in a folder."""
    try:
        return next(folder.iterdir(), None) is not None
    except OSError:  # the job will say why it cannot be used
        return False


def copy_command(context: Context) -> None:
    """Copy the command that trains the map again."""
    _copy(context, "command")


def copy_python(context: Context) -> None:
    """Copy the Python program that trains the map again."""
    _copy(context, "python")


def _copy(context: Context, kind: str) -> None:
    session = context.session

    def put(last: Exporting) -> None:
        if last.recipe is None:
            return
        text = last.recipe.command if kind == "command" else last.recipe.python
        QGuiApplication.clipboard().setText(text.encode("utf-8", "replace").decode("utf-8"))
        what = "the command" if kind == "command" else "the Python program"
        if last.recipe.reproducible:
            session.noticed.emit(f"Copied {what} that trains this map again")
        else:
            session.noticed.emit(f"Copied {what}, but not the same map: {last.recipe.remarks[0]}")

    session.export(recall(session.project(), session.path), put)


def _asked(context: Context, title: str, name: str, kinds: str) -> Path | None:
    """Ask where to save a file."""
    start = str(Path(start_folder(context)) / name)
    return context.dialogs.file_to_save(title, start, kinds, Path(name).suffix)
