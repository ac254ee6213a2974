"""Docks: the parts of the window around the map, and how they are laid out."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QToolBar, QWidget

from image2map_gui.ui.settings import Settings

_LAYOUT_VERSION = 3
_AREAS = Qt.DockWidgetArea
_PLACES = {
    "pictures": ("Pictures", _AREAS.LeftDockWidgetArea),
    "settings": ("Settings", _AREAS.RightDockWidgetArea),
    "unit": ("Unit", _AREAS.RightDockWidgetArea),
    "classified": ("Classified", _AREAS.RightDockWidgetArea),
    "quality": ("Quality", _AREAS.RightDockWidgetArea),
    "runs": ("Runs", _AREAS.RightDockWidgetArea),
    "curves": ("Training", _AREAS.BottomDockWidgetArea),
}


class Docks:
    """The browser on the left, settings and answers as tabs on the right, the curves below."""

    def __init__(self, window: QMainWindow, widgets: Mapping[str, QWidget]) -> None:
        self._window = window
        self._docks: dict[str, QDockWidget] = {}
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, _AREAS.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, _AREAS.RightDockWidgetArea)
        window.setTabPosition(_AREAS.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for name, (title, _) in _PLACES.items():
            dock = self._docks[name] = QDockWidget(title, window)
            dock.setObjectName(name)
            dock.setWidget(widgets.get(name) or QWidget())
        self._arrange()

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def actions(self) -> list[QAction]:
        """Return what shows and hides each of them."""
        return [dock.toggleViewAction() for dock in self._docks.values()]

    def bring(self, name: str) -> None:
        """Show one of them, before the others of its tabs."""
        self._docks[name].show()
        self._docks[name].raise_()

    def restore(self, settings: Settings) -> None:
        """Lay the window out as it was left the last time."""
        self._window.resize(1360, 860)
        self._size()
        geometry, layout = settings.text("geometry"), settings.text("layout")
        if geometry:
            self._window.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        if layout:
            self._window.restoreState(QByteArray.fromBase64(layout.encode()), _LAYOUT_VERSION)

    def remember(self, settings: Settings) -> None:
        """Write down how the window is laid out."""
        settings.set_text("geometry", _text(self._window.saveGeometry()))
        settings.set_text("layout", _text(self._window.saveState(_LAYOUT_VERSION)))

    def reset(self) -> None:
        """Put all of them back in their places."""
        # Not by QMainWindow.restoreState: after a drag that was broken off, Qt deletes there what
        # it has deleted before, and that is the end of the program (seen in 6.11).
        self._window.setAnimated(False)  # what still moves would be laid out after it is gone
        for dock in self._docks.values():
            dock.setFloating(False)
            dock.show()
        for bar in self._window.findChildren(QToolBar):
            bar.show()
        self._arrange()
        self._size()
        self._window.setAnimated(True)

    def _arrange(self) -> None:
        tabs: QDockWidget | None = None
        for name, (_, area) in _PLACES.items():
            dock = self._docks[name]
            self._window.addDockWidget(area, dock)
            if area == _AREAS.RightDockWidgetArea:
                if tabs is not None:
                    self._window.tabifyDockWidget(tabs, dock)
                tabs = dock
        self._docks["settings"].raise_()

    def _size(self) -> None:
        sides = [self._docks["pictures"], self._docks["settings"]]
        self._window.resizeDocks(sides, [280, 340], Qt.Orientation.Horizontal)
        self._window.resizeDocks([self._docks["curves"]], [180], Qt.Orientation.Vertical)


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")
