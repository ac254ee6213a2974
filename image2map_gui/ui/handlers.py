"""What the actions do: each takes the context it works on."""

from __future__ import annotations

import dataclasses
import html
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractItemView

from image2map_gui import __version__
from image2map_gui.core.images.limits import use_limits
from image2map_gui.core.project.project import SUFFIX
from image2map_gui.ui.dialogs import CANCEL, SAVE, Dialogs
from image2map_gui.ui.mime import left_out, picture_paths
from image2map_gui.ui.session import Session
from image2map_gui.ui.settings import Settings
from image2map_gui.ui.wording import plural


class Stage(Protocol):
    """What the actions need of the window itself."""

    def fit(self) -> None:
        """Show the whole map."""

    def zoom(self, factor: float) -> None:
        """Enlarge or reduce the map."""

    def map_picture(self) -> QImage:
        """Return the whole map with its layer as a picture; a null one without a map."""

    def close_window(self) -> None:
        """Close the window."""

    def reset_layout(self) -> None:
        """Put all parts of the window back in their places."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""

    def show_quality(self) -> None:
        """Bring the panel with the quality figures to the front."""

    def find_pictures(self) -> None:
        """Let a person type which pictures to look for."""

    def preview(self) -> None:
        """Show the current picture of a list large."""

    def show_tool(self, name: str) -> None:
        """Show a window of its own beside this one."""

    def list_with_focus(self) -> QAbstractItemView | None:
        """Return the list of pictures that has the focus."""

    def draw_lasso(self) -> None:
        """Let the next drag on the map draw a lasso."""


@dataclasses.dataclass(frozen=True)
class Context:
    """What an action works on."""

    session: Session
    dialogs: Dialogs
    settings: Settings
    stage: Stage


def may_leave(context: Context) -> bool:
    """Ask about unsaved changes; returns whether what is open may be closed."""
    session = context.session
    if not session.modified and not session.training:
        return True
    if not session.modified and session.map is None:
        return True
    answer = context.dialogs.save_first(title_of(session), session.activity)
    if answer == SAVE:
        return save(context)
    return answer != CANCEL


def title_of(session: Session) -> str:
    """Return the name of what is open."""
    return session.path.name if session.path is not None else "Untitled"


def open_path(context: Context, path: Path) -> None:
    """Open a project or a folder that a person named, after asking about unsaved changes."""
    if not may_leave(context):
        return
    context.settings.add_recent(str(path))
    if path.suffix.lower() == SUFFIX:
        context.session.open_project(path)
    else:
        context.session.open_pictures([path])


def new(context: Context) -> None:
    """Close what is open and start empty."""
    if may_leave(context):
        context.session.new()


def open_folder(context: Context) -> None:
    """Ask for a folder and open it."""
    folder = context.dialogs.folder(start_folder(context))
    if folder is not None:
        context.settings.set_text("folder", str(folder))
        open_path(context, folder)


def open_project(context: Context) -> None:
    """Ask for a project and open it."""
    path = context.dialogs.project(start_folder(context))
    if path is not None:
        context.settings.set_text("folder", str(path.parent))
        open_path(context, path)


def add(context: Context) -> None:
    """Ask for pictures and add them."""
    paths = context.dialogs.pictures("Add pictures to the collection", start_folder(context))
    if paths:
        context.settings.set_text("folder", str(paths[0].parent))
        context.session.add_pictures(paths)


def add_folder(context: Context) -> None:
    """Ask for a folder and add its pictures."""
    folder = context.dialogs.folder(start_folder(context))
    if folder is not None:
        context.settings.set_text("folder", str(folder))
        context.session.add_pictures([folder])


def locate(context: Context) -> None:
    """Ask where missing pictures may be, and look for them there."""
    folder = context.dialogs.folder_to_search(start_folder(context))
    if folder is not None:
        context.session.locate(folder)


def save(context: Context) -> bool:
    """Save under the present name, or ask for one; returns whether that worked."""
    path = context.session.path
    return save_as(context) if path is None else context.session.save(path)


def save_now(context: Context) -> None:
    """Save under the present name, or ask for one."""
    save(context)


def save_as_now(context: Context) -> None:
    """Ask for a name and save under it."""
    save_as(context)


def save_as(context: Context) -> bool:
    """Ask for a name and save under it; returns whether that worked."""
    name = context.session.path or Path(start_folder(context)) / f"map{SUFFIX}"
    path = context.dialogs.project_to_save(str(name))
    if path is None or not context.session.save(path):
        return False
    context.settings.add_recent(str(path))
    return True


def classify(context: Context) -> None:
    """Ask for pictures and classify them."""
    paths = context.dialogs.pictures("Classify pictures on this map", start_folder(context))
    if paths:
        context.settings.set_text("folder", str(paths[0].parent))
        context.session.classify(paths)


def copy_map(context: Context) -> None:
    """Copy the map, with the layer over it, as a picture."""
    picture = context.stage.map_picture()
    if not picture.isNull():
        QGuiApplication.clipboard().setImage(picture)
        context.session.noticed.emit("Copied the map as a picture")


def paste_to_classify(context: Context) -> None:
    """Classify what is in the clipboard; without a map, add it."""
    paths = _pasted(context)
    if paths and context.session.map is None:
        context.session.add_pictures(paths)
    elif paths:
        context.session.classify(paths)


def paste_to_collection(context: Context) -> None:
    """Add what is in the clipboard."""
    paths = _pasted(context)
    if paths:
        context.session.add_pictures(paths)


def _pasted(context: Context) -> list[Path]:
    """Return the files in the clipboard; what is none of this computer is told."""
    data = QGuiApplication.clipboard().mimeData()
    paths = picture_paths(data)
    if said := left_out(data):
        context.session.noticed.emit(said)
    elif not paths and data.hasImage():
        context.session.failed.emit("The picture in the clipboard could not be kept as a file.")
    elif not paths:
        context.session.noticed.emit("There is no picture and no file in the clipboard.")
    return paths


def preferences(context: Context) -> None:
    """Ask for the limits of what is read, and keep to them from now on."""
    settings = context.settings
    before = settings.limits, settings.keeping
    chosen = context.dialogs.preferences(*before)
    if chosen is None or chosen == before:
        return
    settings.limits, settings.keeping = chosen
    settings.save()
    context.session.keeping = settings.keeping
    if settings.limits == before[0]:
        return
    use_limits(settings.limits)
    context.session.noticed.emit("The new limits hold for what is opened from now on.")


def all_pages(context: Context) -> None:
    """Take all pages of TIFF files from now on, or the first ones again."""
    pages = "first" if context.session.pages == "all" else "all"
    context.session.pages = context.settings.pages = pages
    context.settings.save()
    what = "every page" if pages == "all" else "the first page"
    context.session.noticed.emit(f"Of TIFF files opened from now on, {what} is taken.")


def train_or_pause(context: Context) -> None:
    """Train, pause or resume, whichever comes next."""
    session = context.session
    if session.paused:
        session.resume()
    elif session.training:
        session.pause()
    else:
        session.train()


def measure(context: Context) -> None:
    """Measure the map, in sight."""
    context.stage.show_quality()
    context.session.measure()


def restore_run(context: Context) -> None:
    """Open the map of the chosen run again."""
    run = context.session.runs.chosen_run
    if run is not None:
        context.session.runs.restore(run.number)


def rename_run(context: Context) -> None:
    """Ask what to call the chosen run."""
    run = context.session.runs.chosen_run
    if run is None:
        return
    name = context.dialogs.run_name(f"Run {run.number}", run.note)
    if name is not None:
        context.session.runs.rename(run.number, name.strip())


def delete_run(context: Context) -> None:
    """Forget the chosen run, if a person means it."""
    run = context.session.runs.chosen_run
    if run is not None and context.dialogs.delete_run(run.title):
        context.session.runs.delete(run.number)


def label(context: Context) -> None:
    """Ask for the label of the chosen pictures."""
    session = context.session
    chosen = frozenset(session.chosen)
    found = {source.label for source in session.sources if source.address in chosen}
    known = [name for name, _ in session.curator.labels]
    present = next(iter(found)) if len(found) == 1 else None
    answer = context.dialogs.label(len(chosen), present or "", known)
    if answer is not None:
        session.curator.label(chosen, answer or None)


def exclude(context: Context) -> None:
    """Leave the chosen pictures out of the next trainings."""
    context.session.curator.exclude(context.session.chosen)


def include(context: Context) -> None:
    """Take the chosen pictures into the next trainings again."""
    context.session.curator.include(context.session.chosen)


def remove(context: Context) -> None:
    """Take the chosen pictures out of the collection."""
    session = context.session
    before, count = len(session.sources), len(session.chosen)
    session.curator.remove(session.chosen)
    if len(session.sources) < before:
        session.noticed.emit(
            f"Removed {plural(count, 'picture')} from the collection. The files are still there."
        )


def split(context: Context) -> None:
    """Ask which pictures to keep for testing."""
    session = context.session
    session.curator.divide(context.dialogs.split(session.parts.split, len(session.sources)))


def show_in_folder(context: Context) -> None:
    """Open the folder of the first chosen picture."""
    source = context.session.first_chosen
    if source is None or source.kind == "sample":
        context.session.noticed.emit("This picture is drawn by the program; there is no file.")
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(source.path).parent))):
        context.session.failed.emit(f"{Path(source.path).parent}: could not be opened.")


def copy_paths(context: Context) -> None:
    """Copy where the chosen pictures are, one in a line."""
    paths = context.session.chosen
    QGuiApplication.clipboard().setText("\n".join(paths))
    text = paths[0] if len(paths) == 1 else f"the paths of {plural(len(paths), 'picture')}"
    context.session.noticed.emit(f"Copied {text}")


def show_skipped(context: Context) -> None:
    """List the skipped files."""
    context.stage.show_tool("skipped")


def about(context: Context) -> None:
    """Tell about the program."""
    context.dialogs.about(
        f"<h3>Image2Map {html.escape(__version__)}</h3>"
        "<p>Self-organizing maps of picture collections.</p>"
        f"<p>Python {sys.version.split()[0]}, Qt for Python {html.escape(qt_version)}.<br>"
        "MIT licence. Everything stays on this computer.</p>"
    )


def start_folder(context: Context) -> str:
    """Return the folder that a dialog opens on: the one used last."""
    return context.settings.text("folder") or str(Path.home())


def sample(name: str) -> Callable[[Context], None]:
    """Return the handler that opens a drawn collection."""

    def run(context: Context) -> None:
        if may_leave(context):
            context.session.open_sample(name)

    return run
