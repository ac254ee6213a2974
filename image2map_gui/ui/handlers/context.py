"""What the actions work on: the session, the questions to a person, the settings, the window."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView

from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings


class Stage(Protocol):
    """What the actions need of the window itself."""

    log_file: Path | None  # that the program writes about itself

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


def title_of(session: Session) -> str:
    """Return the name of what is open."""
    return session.path.name if session.path is not None else "Untitled"


def start_folder(context: Context) -> str:
    """Return the folder that a dialog opens on: the one used last, as long as it is there."""
    last = context.settings.text("folder")
    return last if last and Path(last).is_dir() else str(Path.home())
