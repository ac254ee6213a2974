"""What saving asks a person: under which name, and what to do when it does not work."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from image2map_gui.core.errors import ChangedElsewhereError
from image2map_gui.core.project.project import SUFFIX
from image2map_gui.ui.dialogs.dialogs import CANCEL, REPLACE, SAVE, SAVE_AS
from image2map_gui.ui.handlers.context import Context, start_folder, title_of
from image2map_gui.ui.session.saver import Saved


def may_leave(context: Context) -> bool:
    """Ask about unsaved changes; returns whether what is open may be closed.

    What is being saved is waited for, unless the program has to end meanwhile.
    """
    session = context.session
    session.saver.wait()
    if session.saver.busy:
        return False
    learning = session.activity in ("training", "settling")
    if not session.modified and (not learning or session.map is None):
        return True
    answer = context.dialogs.save_first(title_of(session), session.activity)
    if answer == SAVE:
        return _ask_and_save(context) and session.saver.wait()
    return answer != CANCEL


def save(context: Context) -> None:
    """Save under the present name, or ask for one."""
    _ask_and_save(context)


def save_as(context: Context) -> None:
    """Ask for a name and save under it."""
    _ask_for_name(context)


def _ask_and_save(context: Context) -> bool:
    """Begin to save under the present name, or under one that is asked for."""
    path = context.session.path
    if path is None:
        return _ask_for_name(context)
    _begin(context, path)
    return True


def _ask_for_name(context: Context) -> bool:
    """Ask for a name and begin to save; returns whether there is one."""
    name = _proposed(context)
    path = context.dialogs.project_to_save(str(name))
    if path is not None:
        _begin(context, path)
    return path is not None


def _proposed(context: Context) -> Path:
    """Return the name to begin with: the present one, elsewhere if its folder is gone."""
    path, folder = context.session.path, Path(start_folder(context))
    if path is None:
        return folder / f"map{SUFFIX}"
    return path if path.parent.is_dir() else folder / path.name


def _begin(context: Context, path: Path, *, replace: bool = False) -> None:
    context.session.save(path, partial(_settle, context), replace=replace)


def _settle(context: Context, saved: Saved) -> None:
    """Note the name if it is saved; if not, say why and offer what can be done."""
    if saved.error is None:
        context.settings.add_recent(str(saved.path))
        return
    if not saved.open:  # another name would save something else
        context.session.failed.emit(str(saved.error))
        return
    context.session.project_changed.emit()  # the name may be another although that is not sure
    dialogs = context.dialogs
    if isinstance(saved.error, ChangedElsewhereError):
        answer = dialogs.changed_elsewhere(saved.path)
    else:
        answer = dialogs.not_saved(str(saved.error))
    if answer == REPLACE:
        _begin(context, saved.path, replace=True)
    elif answer != SAVE_AS or not _ask_for_name(context):
        context.session.failed.emit(str(saved.error))
