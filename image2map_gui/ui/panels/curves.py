"""Curves of a training: errors, radius, rate and restlessness per epoch."""

from __future__ import annotations

import math
from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from image2map_gui.core.som.train import EpochFigures
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE, accent, axis_line, canvas, faint_text, marker

_REDRAW_MS = 30
_MOST_POINTS = 2000
_Read = Callable[[EpochFigures], float | None]
_CURVES: tuple[tuple[str, str, str, _Read], ...] = (
    (
        "Quantization error",
        "Mean distance of the pictures to their units: lower is finer.",
        "{:.4g}",
        lambda figures: figures.quantization_error,
    ),
    (
        "Topographic error",
        "Share of pictures whose two best units are no neighbours (8 on sheets, 2 on lines and "
        "rings), estimated from 2,000 pictures: lower is better ordered.",
        "{:.1%}",
        lambda figures: figures.topographic_error,
    ),
    (
        "Radius",
        "How far learning reaches over the map, in units.",
        "{:.3g}",
        lambda figures: figures.radius,
    ),
    (
        "Learning rate",
        "How far a unit moves towards a picture; batch training has none.",
        "{:.3g}",
        lambda figures: figures.rate,
    ),
    (
        "Pictures that moved",
        "How many pictures changed their unit since the epoch before: 0 means the map has settled.",
        "{:,.0f}",
        lambda figures: figures.changed,
    ),
)


class Curves(QWidget):
    """Five small plots side by side, each with its latest value."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plots: list[pg.PlotWidget] = []
        self._lines: list[pg.PlotDataItem] = []
        self._marks: list[pg.PlotDataItem] = []
        self._times: list[pg.InfiniteLine] = []  # at the earlier epoch that is shown
        self._known = [False] * len(_CURVES)  # whether there is something to be seen
        self._values: list[QLabel] = []
        layout = QGridLayout(self)
        layout.setContentsMargins(SPACE, 4, SPACE, 4)
        layout.setHorizontalSpacing(SPACE)
        layout.setVerticalSpacing(2)
        for column, (title, explanation, _, _) in enumerate(_CURVES):
            self._add(layout, column, title, explanation)
            layout.setColumnStretch(column, 1)
        layout.setRowStretch(2, 1)
        self._restyle()
        self._timer = QTimer(self)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._draw_next)
        self._next = 0
        self._stale = False
        session.epoch_ended.connect(self._draw_soon)
        session.history_changed.connect(self._draw)
        session.times.changed.connect(self._show_time)
        self._draw()
        self._show_time()

    def values(self, curve: int) -> list[float]:
        """Return what a curve shows, NaN for gaps."""
        read = _CURVES[curve][3]
        found = [read(figures) for figures in self._shown()]
        return [math.nan if value is None else float(value) for value in found]

    def _changes(self, curve: int) -> tuple[list[int], list[float]]:
        """Return the epochs before which the training was changed, with what the curve shows."""
        read = _CURVES[curve][3]
        found = [figures for figures in self._session.history if figures.change is not None]
        points = [(figures.epoch, read(figures)) for figures in found]
        known = [(epoch, value) for epoch, value in points if value is not None]
        return [epoch for epoch, _ in known], [value for _, value in known]

    def _add(self, layout: QGridLayout, column: int, title: str, explanation: str) -> None:
        caption, value = QLabel(title), QLabel()
        for line in (caption, value):
            line.setToolTip(explanation)
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        font = value.font()
        font.setBold(True)
        value.setFont(font)
        plot = pg.PlotWidget(enableMenu=False)
        plot.hideButtons()
        plot.setMouseEnabled(False, False)
        plot.setMinimumSize(70, 64)
        plot.setToolTip(
            f"{explanation} A triangle marks a change made while it trained. "
            "A click goes back to an epoch."
        )
        plot.setAccessibleName(f"Curve: {title}")
        plot.getPlotItem().layout.setContentsMargins(0, 4, 16, 0)
        plot.getPlotItem().getAxis("left").setWidth(44)
        plot.getPlotItem().getAxis("bottom").setStyle(hideOverlappingLabels=False)
        for row, widget in enumerate((caption, value, plot)):
            layout.addWidget(widget, row, column)
        self._values.append(value)
        self._plots.append(plot)
        self._lines.append(plot.plot([], [], connect="finite", antialias=True))
        line = pg.InfiniteLine(angle=90, movable=False)
        line.setZValue(-1)
        plot.addItem(line, ignoreBounds=True)
        self._times.append(line)
        plot.scene().sigMouseClicked.connect(self._clicked)
        self._marks.append(plot.plot([], [], pen=None, symbol="t", symbolSize=9, antialias=True))

    @property
    def time(self) -> int | None:
        """The epoch that the vertical lines mark, if an earlier one is shown."""
        line = self._times[0]
        return round(line.value()) if line.isVisible() else None

    @Slot()
    def _show_time(self) -> None:
        """Mark the earlier epoch that is shown."""
        epoch = self._session.times.epoch
        for curve, line in enumerate(self._times):
            line.setVisible(epoch is not None and self._known[curve])
            if epoch is not None:
                line.setValue(epoch)
            self._tell_value(curve)

    @Slot(object)
    def _clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        """Go to the epoch that was clicked."""
        for plot in self._plots:
            if plot.scene() is self.sender() and event.button() == Qt.MouseButton.LeftButton:
                place = plot.getPlotItem().vb.mapSceneToView(event.scenePos())
                self._session.times.stop()
                self._session.times.go(round(place.x()))

    @Slot()
    def _draw_soon(self) -> None:
        """Draw one plot at a time, a few times a second, however short the epochs are."""
        self._stale = True
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _draw_next(self) -> None:
        if self._next == 0:
            if not self._stale:
                self._timer.stop()
                return
            self._stale = False
        self._draw_curve(self._next)
        self._next = (self._next + 1) % len(_CURVES)

    def _shown(self) -> list[EpochFigures]:
        """Return the epochs to draw: all, or every n-th of very many, and always the last."""
        history = self._session.history
        step = 1 + len(history) // _MOST_POINTS
        return history if step == 1 else [*history[:-1:step], history[-1]]

    @Slot()
    def _draw(self) -> None:
        for curve in range(len(_CURVES)):
            self._draw_curve(curve)

    def _draw_curve(self, curve: int) -> None:
        epochs = [figures.epoch for figures in self._shown()]
        values = self.values(curve)
        known = [value for value in values if math.isfinite(value)]
        self._lines[curve].setData(epochs, values)
        self._marks[curve].setData(*self._changes(curve))
        plot = self._plots[curve]
        self._known[curve] = bool(known)
        for axis in ("left", "bottom"):
            plot.showAxis(axis, bool(known))
        if known:
            last = max(self._session.history[-1].epochs, 2)
            plot.setXRange(1, last, padding=0.04)
            plot.getAxis("bottom").setTicks([[(1, "1"), (last, f"{last:,}")]])
            plot.setYRange(0, max([*known, 0.0]) or 1.0, padding=0.06)
        self._tell_value(curve)

    def _tell_value(self, curve: int) -> None:
        """Tell the value of the epoch that is shown, or the latest that is known."""
        _, _, form, read = _CURVES[curve]
        history, epoch = self._session.history, self._session.times.epoch
        until = history if epoch is None else history[:epoch]
        found = [read(figures) for figures in until[-1:]]
        known = [value for value in found if value is not None and math.isfinite(value)]
        self._values[curve].setText(form.format(known[0]) if known else "none" if history else "")

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_plots"):
            self._restyle()

    def _restyle(self) -> None:
        for plot, line in zip(self._plots, self._lines, strict=True):
            plot.setBackground(canvas(self.palette()))
            for name in ("left", "bottom"):
                axis = plot.getPlotItem().getAxis(name)
                axis.setPen(pg.mkPen(axis_line(self.palette())))
                axis.setStyle(tickLength=-4, maxTickLevel=0)
                axis.setTextPen(pg.mkPen(faint_text(self.palette())))
            line.setPen(pg.mkPen(accent(self.palette()), width=2))
        for line in self._times:
            line.setPen(pg.mkPen(marker(self.palette()), width=1.5))
        for marks in self._marks:
            marks.setSymbolBrush(marker(self.palette()))
            marks.setSymbolPen(None)

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Let pyqtgraph take its scenes apart in order."""
        self._timer.stop()
        for plot in self._plots:
            plot.close()
        super().closeEvent(event)
