"""The widget of the map: all prototypes as one picture, with hover, selection and pins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QImage, QKeyEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget

from image2map_gui.ui.guard import guarded
from image2map_gui.ui.map_view.canvas import Canvas
from image2map_gui.ui.map_view.endless import Endless
from image2map_gui.ui.map_view.gestures import Gestures, inside
from image2map_gui.ui.map_view.marks import CellFrame, Pins, Trace
from image2map_gui.ui.map_view.open_cells import OpenCells
from image2map_gui.ui.map_view.overlays import LayerItem
from image2map_gui.ui.map_view.selecting import Selecting, outline_of
from image2map_gui.ui.map_view.sheet import SheetItem
from image2map_gui.ui.map_view.tiles import turns
from image2map_gui.ui.session.layers import LAYERS
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import SPACE, accent, canvas, faint_text, marker, on_pictures
from image2map_gui.ui.widgets.layer_bar import LayerBar
from image2map_gui.ui.widgets.spoken import announce

_MARGIN = 0.4
_COPIED = (1200, 6400)  # pixels along the longer side of a copied map, at least and at most
_MANY_PINS = 50
_LAYER_KEYS = {key: name for name, _, key in LAYERS if key}
_HINT = "Wheel zooms, drag moves, click selects a unit; Shift draws a rectangle, Alt a lasso"


class MapView(QWidget):
    """Shows the session's map live; units are selected by mouse and keys, also while training.

    A right click offers the ``menu`` of actions.
    """

    def __init__(
        self, session: Session, menu: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._menu = list(menu)
        self._fitted: tuple[int, int] | None = None
        self._hovered: int | None = None
        self._box = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self._box.disableAutoRange()
        self._canvas = Canvas(self, self._box, self)
        self._sheet = SheetItem()
        self._open = OpenCells(session.thumbnails.pixmap)
        self._layer = LayerItem()
        self._selecting = Selecting(session)
        self._hover = CellFrame()
        self._pins = Pins()
        self._trace = Trace(on_pictures())
        marks = (self._hover, self._selecting.border, self._selecting.frame, self._pins)
        self._endless = Endless(
            self._canvas, self._box, (self._sheet, self._open, self._layer, *marks)
        )
        self._box.addItem(self._trace, ignoreBounds=True)
        self.gestures = Gestures(self._trace, self._place_at, self)
        self._lay_out()
        self.setFocusProxy(self._canvas)
        self._restyle()
        self._listen()
        self._show()
        self._show_layer()

    def _lay_out(self) -> None:
        """Place the bar over the map, and words and legend under it."""
        self._words = QLabel(_HINT)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setContentsMargins(SPACE, 2, SPACE, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.layer_bar = LayerBar(self._session)
        layout.addWidget(self.layer_bar)
        layout.addWidget(self._canvas, 1)
        layout.addWidget(self._words)
        layout.addWidget(self.layer_bar.legend)

    def _listen(self) -> None:
        """Follow the session and the mouse."""
        session = self._session
        self._canvas.scene().sigMouseMoved.connect(self._mouse_moved)
        self._canvas.scene().sigMouseClicked.connect(self._mouse_clicked)
        session.map_changed.connect(self._show)
        self.gestures.drawn.connect(self._drawn)
        self.gestures.clicked.connect(self._clicked_at)
        session.selection.units_changed.connect(self._units_changed)
        session.matches_changed.connect(self._show_pins)
        session.cells.changed.connect(self._show)
        session.thumbnails.ready.connect(self._open.refresh)
        session.layers.changed.connect(self._show_layer)
        session.layers.remade.connect(self._show_layer)

    @Slot()
    def fit(self) -> None:
        """Show the whole map."""
        state = self._session.map
        if state is not None:
            area = self._area(state).adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
            self._box.setRange(area, padding=0)

    def zoom(self, factor: float) -> None:
        """Enlarge (above 1) or reduce the map about its middle."""
        self._box.scaleBy((1 / factor, 1 / factor))

    def picture(self) -> QImage:
        """Return the whole map with its layer and pins, once, whatever of it is seen now.

        It is as large as its pictures are, within bounds.
        """
        state, sheet = self._session.map, self._sheet.sheet
        if state is None or sheet is None:
            return QImage()
        area = self._area(state)
        longest = min(max(*sheet.shape[:2], _COPIED[0]), _COPIED[1])
        scale = longest / max(area.width(), area.height())
        size = (area.size() * scale).toSize()
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(canvas(self.palette()))
        painter = QPainter(image)
        painter.scale(scale, scale)
        for item in (self._sheet, self._layer, self._pins):
            if item.isVisible():
                painter.save()
                painter.setOpacity(item.opacity())
                item.paint(painter, None, None)
                painter.restore()
        painter.end()
        return image

    def point_of(self, unit: int) -> QPointF:
        """Return where the middle of a unit lies, in pixels of the canvas."""
        state = self._session.map
        if state is None:
            return QPointF()
        middle = self._box.mapViewToScene(self._middle(state, unit))
        return QPointF(self._canvas.mapFromScene(middle))

    @property
    def canvas(self) -> QWidget:
        """The widget that receives the mouse."""
        viewport: QWidget = self._canvas.viewport()
        return viewport

    @property
    def words(self) -> str:
        """What the line under the map says."""
        return self._words.text()

    @property
    def outlined(self) -> int:
        """How many corners the border of the selection has."""
        return sum(loop.count() for loop in self._selecting.border.loops)

    def travel(self, event: QKeyEvent) -> bool:
        """Move or extend the selection, choose a layer; returns whether the key means so."""
        if event.key() == Qt.Key.Key_Escape:
            return self.gestures.cancel()
        if event.text().upper() in _LAYER_KEYS and not event.modifiers():
            layers = self._session.layers
            layers.choose(layers.wished(_LAYER_KEYS[event.text().upper()]))
            return True
        return self._selecting.travel(event)

    def offer(self, point: QPoint | None = None) -> None:
        """Show the menu at a point of the screen, or at the unit that leads."""
        if not self._menu:
            return
        if point is None:
            unit = self._session.unit
            middle = self.point_of(unit).toPoint() if unit is not None else QPoint()
            point = self.canvas.mapToGlobal(middle)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._menu)
        menu.popup(point)

    def _area(self, state: MapState) -> QRectF:
        """Return where the whole map lies; cells are 1 wide."""
        return QRectF(0, 0, state.cells.width, state.cells.height)

    def _middle(self, state: MapState, unit: int) -> QPointF:
        return QPointF(*state.cells.middles[unit].tolist())

    @Slot()
    def _show(self) -> None:
        state = self._session.map
        self._sheet.setVisible(state is not None)
        if state is None:
            self._fitted = None
            self._open.show_map(None, QRectF())
            self._endless.set_map(QRectF(), (0.0, 0.0))
            self._units_changed()
            self._hover.show_cell(None)
            self._words.setText(_HINT)
            return
        sheet = self._session.cells.sheet_for(state)
        area = self._area(state)
        self._sheet.show_sheet(sheet, area)
        self._open.show_map(state, area)
        self._endless.set_map(area, state.cells.period)
        extent = (round(1000 * area.height()), round(1000 * area.width()))
        if self._fitted != extent:
            self._fitted = extent
            self.fit()
        if self._hovered is not None and self._hovered >= state.grid.units:
            self._hovered = None  # of a larger map
            self._hover.show_cell(None)
        if self._hovered is not None:
            self._say(state, self._hovered)

    @Slot()
    def _show_layer(self) -> None:
        """Lay the colours of the chosen layer over the pictures."""
        state, layers = self._session.map, self._session.layers
        if state is None or layers.plane is None or not layers.plane.suits(state.cells):
            self._layer.hide()
            return
        self._layer.show_plane(layers.plane, state.cells, layers.opacity)
        self._layer.show()
        unit = self._hovered if self._hovered is not None else self._session.unit
        if unit is not None and unit < state.grid.units:
            self._say(state, unit)

    @Slot()
    def _units_changed(self) -> None:
        """Frame the unit that leads, and draw the border of all that are selected."""
        said = self._selecting.show()
        state, unit = self._session.map, self._session.unit
        if state is not None and unit is not None and unit < state.grid.units:
            self._words.setText(self._selecting.words() or self._told(state, unit))
        announce(self._canvas, said)

    @Slot()
    def _show_pins(self) -> None:
        state = self._session.map
        if state is None:
            self._pins.show_points([])
            return
        seen: Counter[int] = Counter()
        points = []
        pins = self._session.pins
        if len(pins) > _MANY_PINS:  # one for each unit, so that the map is still seen
            pins = list({match.unit: match for match in pins}.values())
        for match in pins:
            middle = self._middle(state, match.unit)
            place = seen[match.unit] % 5
            seen[match.unit] += 1
            offset = 0.0 if place == 0 else (0.18 if place % 2 else -0.18) * ((place + 1) // 2)
            points.append(middle + QPointF(offset, 0))
        self._pins.show_points(points)

    @Slot(object)
    def _mouse_moved(self, place: QPointF) -> None:
        state = self._session.map
        unit = None if state is None else self._unit_under(state, place)
        self._point_at(state, unit, place)
        if unit == self._hovered:
            return
        self._hovered = unit
        if state is None or unit is None:
            self._hover.show_cell(None)
            self._words.setText(_HINT)
            return
        self._hover.show_cell(outline_of(state, unit))
        self._say(state, unit)

    def _point_at(self, state: MapState | None, unit: int | None, place: QPointF) -> None:
        """Tell the layers that follow the pointer where it is."""
        layers = self._session.layers
        if state is None or unit is None:
            layers.point_at(None)
        else:
            point = self._box.mapSceneToView(place)
            x, y = state.cells.turned(unit, point.x(), point.y())
            layers.point_at(unit, state.cells.within(unit, x, y))

    @Slot(object)
    def _mouse_clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._click(event.scenePos(), event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton:
            self._right_click(event.scenePos(), event.screenPos())

    @Slot(QPointF, Qt.KeyboardModifier)
    def _clicked_at(self, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._click(self._canvas.mapToScene(place.toPoint()), keys)

    def _click(self, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        state = self._session.map
        if state is None:
            return
        picture = self._open.member_at(self._box.mapSceneToView(place), self._cell_pixels)
        if picture is not None and not keys:
            self._session.choose((picture.address,))
        else:
            self._selecting.click(self._unit_under(state, place), keys)

    @property
    def _cell_pixels(self) -> float:
        """How many pixels wide a cell is on the screen."""
        return 1 / max(1e-9, float(self._box.viewPixelSize()[0]))

    def _right_click(self, place: QPointF, point: QPointF) -> None:
        if (state := self._session.map) is not None:
            self._selecting.aim(self._unit_under(state, place))
            self.offer(QPointF(point).toPoint())

    @Slot(object, bool)
    def _drawn(self, outline: NDArray[np.float64], adding: bool) -> None:
        """Select the units whose middles are inside what was drawn."""
        state = self._session.map
        if state is not None:
            units = self._units_inside(state, outline)
            self._session.selection.select_within(units, adding=adding)

    def _place_at(self, point: QPointF) -> QPointF:
        """Return where on the map a point of the viewport is."""
        return QPointF(self._box.mapSceneToView(self._canvas.mapToScene(point.toPoint())))

    def _unit_under(self, state: MapState, place: QPointF) -> int | None:
        point = self._box.mapSceneToView(place)
        return state.cells.unit_on_plane(point.x(), point.y())

    def _units_inside(self, state: MapState, outline: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the units whose middles lie inside an outline on the map."""
        cells = state.cells
        drawn = QPolygonF([QPointF(x, y) for x, y in outline.tolist()]).boundingRect()
        held = np.zeros(state.grid.units, bool)
        for turn in turns(drawn, self._area(state), cells.period):
            held |= inside(cells.middles + np.array([turn.x(), turn.y()]), outline)
        return np.flatnonzero(held)

    def _say(self, state: MapState, unit: int) -> None:
        self._words.setText(self._told(state, unit))

    def _told(self, state: MapState, unit: int) -> str:
        """Return what is said of a unit, with what the layer shows of it."""
        plane = self._session.layers.plane
        text = state.describe(unit)
        if plane is not None and unit < len(plane.values):
            text += f" · {plane.title[:1].lower()}{plane.title[1:]}: {plane.told(unit)}"
        return text

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pins"):
            self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        self._canvas.setBackground(canvas(palette))
        self._hover.set_colours(faint_text(palette), 1)
        self._endless.set_colour(accent(palette))
        self._open.set_colours(canvas(palette), palette.text().color())
        self._pins.set_colour(marker(palette))

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Let pyqtgraph take its scene apart in order."""
        self._canvas.close()
        super().closeEvent(event)
