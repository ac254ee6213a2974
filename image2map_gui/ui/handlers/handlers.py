"""What the actions do: each takes the context it works on."""

from __future__ import annotations

import html
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

from image2map_gui import __version__
from image2map_gui.core.images.limits import use_limits
from image2map_gui.core.project.save import BACKUP, backup_of, is_backup, leads_to_project
from image2map_gui.ui.handlers.context import Context, start_folder
from image2map_gui.ui.handlers.save_handlers import may_leave
from image2map_gui.ui.safety.log import versions_text
from image2map_gui.ui.widgets.mime import left_out, picture_paths
from image2map_gui.ui.wording import plural


def open_path(context: Context, path: Path) -> None:
    """Open a project or a folder that a person named, after asking about unsaved changes."""
    if not may_leave(context):
        return
    if is_backup(path):  # never the document's own file: the next save would replace it
        context.session.open_previous(path.with_name(path.name.removesuffix(BACKUP)))
        return
    context.settings.add_recent(str(path))
    if leads_to_project(path):
        _open_project(context, path)
    else:
        context.session.open_pictures([path])


def _open_project(context: Context, path: Path) -> None:
    """Open a project; if it is damaged, offer the version that was saved before."""
    why_not = context.session.open_project(path)
    backup = backup_of(path)
    if why_not and backup.is_file() and context.dialogs.open_previous(why_not, backup):
        context.session.open_previous(path)


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
    data = QGuiApplication.clipboard().mimeData() or QMimeData()  # none in one never used
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
    before = settings.preferred
    chosen = context.dialogs.preferences(before)
    if chosen is None or chosen == before:
        return
    settings.preferred = chosen
    settings.save()
    if settings.safety != before.safety:
        context.session.safety_changed.emit(settings.safety)
    context.session.keeping = settings.keeping
    if settings.limits == before.limits:
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


def show_log_folder(context: Context) -> None:
    """Open the folder of the log."""
    file = context.stage.log_file
    if file is None:
        context.session.noticed.emit("No log is written: there is no place for it.")
    elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent))):
        context.session.failed.emit(f"{file.parent}: this folder could not be opened.")


def copy_versions(context: Context) -> None:
    """Copy the versions of all that is at work."""
    QGuiApplication.clipboard().setText(versions_text() + "\n")
    context.session.noticed.emit("Copied the versions")


def about(context: Context) -> None:
    """Tell about the program."""
    context.dialogs.about(
        f"<h3>Image2Map {html.escape(__version__)}</h3>"
        "<p>Self-organizing maps of picture collections.</p>"
        f"<p>Python {sys.version.split()[0]}, Qt for Python {html.escape(qt_version)}.<br>"
        "MIT licence. Everything stays on this computer.</p>"
    )


def sample(name: str) -> Callable[[Context], None]:
    """Return the handler that opens a drawn collection."""

    def run(context: Context) -> None:
        if may_leave(context):
            context.session.open_sample(name)

    return run
