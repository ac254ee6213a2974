"""Chooses the layer over the map, how much it hides, and says what its colours mean."""

from __future__ import annotations

import html
from typing import cast

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from image2map_gui.core.picture.planes import Plane
from image2map_gui.core.picture.ramps import kind_colours, ramp_table
from image2map_gui.ui.cell_pictures import CELLS, OF_VECTORS
from image2map_gui.ui.layers import LAYERS, NONE
from image2map_gui.ui.session import Session
from image2map_gui.ui.theme import SPACE, faint_text

_RAMP = QSize(110, 10)
_MOST_KINDS = 40


class LayerBar(QWidget):
    """A line over the map: cells, layer, label, opacity; its ``legend`` stands elsewhere."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._labels: tuple[str, ...] = ()
        self.kind = QComboBox()
        self.kind.setAccessibleName("Layer over the map")
        self.kind.setToolTip("What is shown over the pictures of the map")
        for name, title, _ in LAYERS:
            self.kind.addItem(title, name)
        self.kind.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.kind.setMinimumContentsLength(18)
        self.cells = QComboBox()
        self.cells.setAccessibleName("Pictures in the cells")
        self.cells.setToolTip("What the cells of a finished map show")
        self.cells.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.cells.setMinimumContentsLength(15)
        for name, title in CELLS:
            self.cells.addItem(title, name)
        self.label = QComboBox()
        self.label.setAccessibleName("Label whose pictures are shown")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setValue(round(100 * session.layers.opacity))
        self.opacity.setFixedWidth(90)
        self.opacity.setAccessibleName("Opacity of the layer")
        self.opacity.setToolTip("How much of the pictures the layer hides")
        self.legend = Legend()
        self._lay_out()
        self.cells.activated.connect(self._cells_chosen)
        self.kind.activated.connect(self._chosen)
        self.label.activated.connect(self._chosen)
        self.opacity.valueChanged.connect(self._opacity_changed)
        session.layers.changed.connect(self._show)
        session.layers.remade.connect(self._show)
        session.collection_changed.connect(self._show)
        session.cells.changed.connect(self._show_cells)
        session.activity_changed.connect(self._show_cells)
        self._show()
        self._show_cells()

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE, 4, SPACE, 4)
        layout.addWidget(QLabel("Cells"))
        layout.addWidget(self.cells)
        layout.addSpacing(SPACE)
        layout.addWidget(QLabel("Layer"))
        layout.addWidget(self.kind)
        layout.addWidget(self.label)
        layout.addWidget(self.opacity)
        layout.addStretch(1)

    @Slot()
    def _chosen(self) -> None:
        layers = self._session.layers
        layers.choose(layers.wished(self.kind.currentData(), self.label.currentText()))

    @Slot()
    def _cells_chosen(self) -> None:
        self._session.cells.choose(self.cells.currentData())

    @Slot()
    def _show_cells(self) -> None:
        cells = self._session.cells
        self.cells.setCurrentIndex(self.cells.findData(cells.kind))
        model = cast("QStandardItemModel", self.cells.model())
        for name in OF_VECTORS:
            item = model.item(self.cells.findData(name))
            item.setEnabled(cells.possible)
            item.setToolTip("" if cells.possible else "Needs the pictures in memory: train first")

    @Slot(int)
    def _opacity_changed(self, percent: int) -> None:
        self._session.layers.set_opacity(percent / 100)

    @Slot()
    def _show(self) -> None:
        layers = self._session.layers
        self._offer_labels()
        self.kind.setCurrentIndex(self.kind.findData(layers.wish.name))
        if layers.wish.label is not None:
            self.label.setCurrentText(layers.wish.label)
        self.label.setVisible(layers.wish.name == "activation" and bool(self._labels))
        self.opacity.setVisible(layers.wish.name != NONE)
        self.legend.show_plane(layers.plane, layers.reason)

    def _offer_labels(self) -> None:
        labels = self._session.layers.labels
        if labels != self._labels:
            self._labels = labels
            self.label.clear()
            self.label.addItems(list(labels))


class Legend(QWidget):
    """What the colours of a layer mean: a ramp between two numbers, or boxes with names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plane: Plane | None = None
        self._reason = ""
        self.setMinimumHeight(22)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def show_plane(self, plane: Plane | None, reason: str) -> None:
        """Explain a layer, or say why there is none."""
        self._plane, self._reason = plane, reason
        self.setVisible(plane is not None or bool(reason))
        words = reason
        if plane is not None:
            words = ", ".join(plane.kinds[:_MOST_KINDS]) or (
                f"{plane.low:.4g} to {plane.high:.4g} {plane.unit}".strip()
            )
        self.setAccessibleName(f"Legend: {words}" if words else "Legend")
        self.setToolTip("" if plane is None or not plane.kinds else _tip(plane))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the legend in one line."""
        painter = QPainter(self)
        painter.setPen(faint_text(self.palette()))
        if self._plane is None:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._reason)
        elif self._plane.kinds:
            self._draw_kinds(painter, self._plane)
        else:
            self._draw_ramp(painter, self._plane)
        painter.end()

    def _draw_ramp(self, painter: QPainter, plane: Plane) -> None:
        low, high = f"{plane.low:.3g}", f"{plane.high:.3g} {plane.unit}".strip()
        x = self._write(painter, 0, low) + 6
        table = np.ascontiguousarray(ramp_table(plane.ramp))
        image = QImage(table.tobytes(), 256, 1, 768, QImage.Format.Format_RGB888)
        place = QRect(x, (self.height() - _RAMP.height()) // 2, _RAMP.width(), _RAMP.height())
        painter.drawImage(place, image)
        self._write(painter, place.right() + 7, high)

    def _draw_kinds(self, painter: QPainter, plane: Plane) -> None:
        """Draw as many names as there is room for, then how many more there are."""
        x, count = 0, len(plane.kinds)
        metrics = painter.fontMetrics()
        for place, (name, colour) in enumerate(zip(plane.kinds, kind_colours(count), strict=True)):
            short = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 110)
            more = f"and {count - place} more"
            room = self.width() - x - (metrics.horizontalAdvance(more) if place < count - 1 else 0)
            if 14 + metrics.horizontalAdvance(short) + 12 > room:
                self._write(painter, x, more)
                return
            box = QRect(x, (self.height() - 10) // 2, 10, 10)
            painter.fillRect(box, QColor(*colour.tolist()))
            x = self._write(painter, x + 14, short) + 12

    def _write(self, painter: QPainter, x: int, text: str) -> int:
        """Write from ``x`` on; returns where the text ends."""
        line = QRect(x, 0, self.width() - x, self.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        return x + painter.fontMetrics().horizontalAdvance(text)


def _tip(plane: Plane) -> str:
    """List all kinds with their colours."""
    colours = kind_colours(len(plane.kinds))
    lines = [
        f"<span style='color:rgb({r},{g},{b})'>&#9632;</span> {html.escape(name)}"
        for name, (r, g, b) in list(zip(plane.kinds, colours.tolist(), strict=True))[:_MOST_KINDS]
    ]
    return "<p style='white-space:pre'>" + "<br>".join(lines) + "</p>"
