"""Menus and toolbar of the window, made of the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from image2map_gui.ui.actions.action_set import ActionSet
from image2map_gui.ui.actions.table import ACTIONS
from image2map_gui.ui.settings import Settings

_TOOLS = ("open-folder", "save", "", "train", "step", "stop", "", "classify", "fit")
_BEFORE_RECENT = "open-project"


def actions_of(actions: ActionSet, names: Sequence[str]) -> list[QAction]:
    """Return actions for a menu; an empty name parts them."""
    menu = []
    for name in names:
        action = actions[name] if name else QAction(actions)
        action.setSeparator(not name)
        menu.append(action)
    return menu


def make_toolbar(window: QMainWindow, actions: ActionSet) -> None:
    """Put the most wanted actions over the map."""
    bar = QToolBar("Tools")
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.addActions(actions_of(actions, _TOOLS))
    window.addToolBar(bar)


class Menus(QObject):
    """The menu bar; ``parts`` are what shows and hides the parts of the window."""

    def __init__(
        self,
        window: QMainWindow,
        actions: ActionSet,
        parts: Sequence[QAction],
        settings: Settings,
        open_recent: Callable[[Path], None],
    ) -> None:
        super().__init__(window)
        self._settings, self._open = settings, open_recent
        bar = window.menuBar()
        menus: dict[str, QMenu] = {}
        for action in ACTIONS:
            parent, _, child = action.menu.partition("/")
            if parent not in menus:
                menus[parent] = bar.addMenu(parent)
            if child and action.menu not in menus:
                menus[action.menu] = menus[parent].addMenu(child)
            if action.separated:
                menus[action.menu].addSeparator()
            menus[action.menu].addAction(actions[action.name])
            if action.name == _BEFORE_RECENT:
                self._recent = menus[parent].addMenu("Open &recent")
                self._recent.aboutToShow.connect(self._fill_recent)
        menus["&View"].addSeparator()
        menus["&View"].addActions(parts)

    @Slot()
    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self._settings.recent:
            action = self._recent.addAction(path.replace("&", "&&"))
            action.setEnabled(Path(path).exists())
            action.setData(path)
            action.triggered.connect(self._open_recent)
        if not self._settings.recent:
            self._recent.addAction("Nothing yet").setEnabled(False)

    @Slot()
    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._open(Path(action.data()))
