"""What happens when something is dragged over the window: two named halves, or a reason why not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QWidget

from image2map_gui.core.project.save import leads_to_project
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.widgets.mime import has_pictures, left_out, local_paths, picture_paths

CLASSIFY, ADD, OPEN = "classify", "add", "open"
_TITLES = {
    CLASSIFY: "Classify on this map",
    ADD: "Add to the collection",
    OPEN: "Open this project",
}
_FIRST_TITLE = "Open as a collection"


class DropOverlay(QWidget):
    """Covers the window while files are dragged over it and says what a drop will do.

    The halves exist only where there is a map. Nothing is done inside the drop itself:
    ``dropped`` comes a moment later, with what to do and the paths.
    """

    dropped = Signal(str, object)

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._choices: tuple[str, ...] = ()
        self._chosen = ""
        self._subject = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    @property
    def chosen(self) -> str:
        """What a drop would do now."""
        return self._chosen

    @guarded
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the window's drag and drop events."""
        if isinstance(event, QDragEnterEvent):
            self._enter(event)
        elif isinstance(event, QDragMoveEvent):
            self._move(event)
        elif isinstance(event, QDropEvent):
            self._drop(event)
        elif event.type() == QEvent.Type.DragLeave:
            self.hide()
        else:
            if event.type() == QEvent.Type.Resize:
                self.setGeometry(self._window.rect())
            return super().eventFilter(watched, event)
        return True

    def _enter(self, event: QDragEnterEvent) -> None:
        paths = local_paths(event.mimeData())
        self._choices = self._choices_for(paths, event.mimeData())
        self._subject = _subject(paths) if paths else "a picture"
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self._choose(event.position())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.setAccepted(bool(self._choices))

    def _move(self, event: QDragMoveEvent) -> None:
        self._choose(event.position())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.setAccepted(bool(self._choices))

    def _drop(self, event: QDropEvent) -> None:
        self._choose(event.position())
        self.hide()
        paths = picture_paths(event.mimeData())
        if not self._chosen or not paths:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if said := left_out(event.mimeData()):
            self._session.noticed.emit(said)
        chosen = self._chosen
        # The program the files come from waits until this returns.
        QTimer.singleShot(0, self, lambda: self.dropped.emit(chosen, paths))

    def _choices_for(self, paths: list[Path], data: QMimeData) -> tuple[str, ...]:
        if not has_pictures(data):
            return ()
        if len(paths) == 1 and leads_to_project(paths[0]):
            return (OPEN,)
        return (CLASSIFY, ADD) if self._session.map is not None else (ADD,)

    def _choose(self, place: QPointF) -> None:
        chosen = ""
        if self._choices:
            share = place.x() / max(1, self._window.width())
            last = len(self._choices) - 1
            chosen = self._choices[min(last, max(0, int(share * len(self._choices))))]
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the halves; the one under the pointer stands out."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(self.palette().color(QPalette.ColorRole.Window))
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        areas = self._areas()
        for choice, area in areas.items():
            self._draw_choice(painter, choice, area)
        if not areas:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            painter.setFont(self._font(1.4))
            painter.drawText(
                self.rect(),
                Qt.AlignmentFlag.AlignCenter,
                "These are no files of this computer.\nDrop pictures, folders or a project.",
            )
        painter.end()

    def _areas(self) -> dict[str, QRect]:
        inside = self.rect().adjusted(24, 24, -24, -24)
        if len(self._choices) < 2:
            return dict.fromkeys(self._choices, inside)
        half = (inside.width() - 16) // 2
        left = QRect(inside.left(), inside.top(), half, inside.height())
        return {self._choices[0]: left, self._choices[1]: left.translated(half + 16, 0)}

    def _draw_choice(self, painter: QPainter, choice: str, area: QRect) -> None:
        palette = self.palette()
        chosen = choice == self._chosen
        ink = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.WindowText
        edge = palette.color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(edge, 2, Qt.PenStyle.SolidLine if chosen else Qt.PenStyle.DashLine))
        painter.setBrush(palette.highlight() if chosen else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 12, 12)
        painter.setPen(palette.color(ink))
        painter.setFont(self._font(1.6))
        first = choice == ADD and not self._session.sources
        title = _FIRST_TITLE if first else _TITLES[choice]
        middle = area.center().y()
        upper = QRect(area.left(), middle - 44, area.width(), 40)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, title)
        painter.setFont(self._font(1.0))
        lower = QRect(area.left(), middle, area.width(), 28)
        painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, self._subject)

    def _font(self, scale: float) -> QFont:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        return font


def _subject(paths: list[Path]) -> str:
    if len(paths) == 1:
        return f"the folder {paths[0].name}" if paths[0].is_dir() else paths[0].name
    folders = sum(path.is_dir() for path in paths)
    files = len(paths) - folders
    parts = []
    if folders:
        parts.append(f"{folders} folder{'s' if folders > 1 else ''}")
    if files:
        parts.append(f"{files} file{'s' if files > 1 else ''}")
    return " and ".join(parts)
