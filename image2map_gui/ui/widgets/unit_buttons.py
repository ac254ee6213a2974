"""Units as small pictures in a row, each with its distance; a click selects one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState

_SIDE = 30


class UnitButtons(QWidget):
    """Shows some units of the map; keys reach them one by one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(1)
        self._row.addStretch(1)
        self.buttons: list[QToolButton] = []

    def show_units(self, state: MapState, units: Sequence[int], distances: Sequence[float]) -> None:
        """Show these units with what each is away."""
        while len(self.buttons) < len(units):
            self._add()
        for button in self.buttons[len(units) :]:
            button.hide()
        for button, unit, far in zip(self.buttons, units, distances, strict=False):
            row, column = state.grid.cells[unit]
            where = f"row {row + 1}, column {column + 1}"
            button.setIcon(QIcon(self._drawn(state, unit)))
            button.setText(f"{far:.3g}")
            button.setProperty("unit", unit)
            button.setToolTip(f"Select the unit at {where}, {far:.4g} away")
            button.setAccessibleName(f"Unit at {where}, distance {far:.3g}")
            button.show()

    def _drawn(self, state: MapState, unit: int) -> QPixmap:
        """Draw a unit as sharp as the screen is; pixels stay squares."""
        pixels = state.prototype(unit)
        height, width = pixels.shape[:2]
        colour = np.ascontiguousarray(np.broadcast_to(pixels, (height, width, 3)))
        image = QImage(colour.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
        ratio = self.devicePixelRatioF()
        how = Qt.TransformationMode.SmoothTransformation
        side = round(_SIDE * ratio)
        if max(width, height) < side:
            how = Qt.TransformationMode.FastTransformation
        kept = Qt.AspectRatioMode.KeepAspectRatio
        pixmap = QPixmap.fromImage(image.scaled(side, side, kept, how))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _add(self) -> None:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMinimumWidth(_SIDE + 6)
        button.clicked.connect(self._clicked)
        self._row.insertWidget(len(self.buttons), button)
        self.buttons.append(button)

    @Slot()
    def _clicked(self) -> None:
        self._session.select_unit(self.sender().property("unit"))
