"""The widget of the map: all prototypes as one picture, with hover, selection and pins."""

from __future__ import annotations

from collections import Counter

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPolygonF
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from image2map_gui.ui.layer_bar import LayerBar
from image2map_gui.ui.layers import LAYERS
from image2map_gui.ui.map_view.marks import CellFrame, Pins
from image2map_gui.ui.map_view.overlays import LayerItem
from image2map_gui.ui.map_view.sheet import SheetItem
from image2map_gui.ui.session import Session
from image2map_gui.ui.state import MapState
from image2map_gui.ui.theme import SPACE, accent, canvas, faint_text, marker

_MARGIN = 0.4
_KEYS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_LAYER_KEYS = {key: name for name, _, key in LAYERS if key}
_HINT = "Wheel zooms, drag moves, click shows the pictures of a unit"


class MapView(QWidget):
    """Shows the session's map live; clicking a unit selects it, also while training."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._fitted: tuple[int, int] | None = None
        self._hovered: int | None = None
        self._box = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self._box.disableAutoRange()
        self._canvas = _Canvas(self)
        self._canvas.setCentralItem(self._box)
        self._sheet = SheetItem()
        self._layer = LayerItem()
        self._frame = CellFrame()
        self._hover = CellFrame()
        self._pins = Pins()
        for item in (self._sheet, self._layer, self._hover, self._frame, self._pins):
            self._box.addItem(item, ignoreBounds=True)
        self._words = QLabel(_HINT)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setContentsMargins(SPACE, 2, SPACE, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.layer_bar = LayerBar(session)
        layout.addWidget(self.layer_bar)
        layout.addWidget(self._canvas, 1)
        layout.addWidget(self._words)
        layout.addWidget(self.layer_bar.legend)
        self.setFocusProxy(self._canvas)
        self._restyle()
        self._canvas.scene().sigMouseMoved.connect(self._mouse_moved)
        self._canvas.scene().sigMouseClicked.connect(self._mouse_clicked)
        session.map_changed.connect(self._show)
        session.unit_selected.connect(self._unit_selected)
        session.matches_changed.connect(self._show_pins)
        session.cells.changed.connect(self._show)
        session.layers.changed.connect(self._show_layer)
        session.layers.remade.connect(self._show_layer)
        self._show()
        self._show_layer()

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

    def travel(self, event: QKeyEvent) -> bool:
        """Move the selection by an arrow key or choose a layer; returns whether the key did."""
        state, way = self._session.map, _KEYS.get(Qt.Key(event.key()))
        if event.text().upper() in _LAYER_KEYS and not event.modifiers():
            layers = self._session.layers
            layers.choose(layers.wished(_LAYER_KEYS[event.text().upper()]))
            return True
        if state is None or way is None:
            return False
        unit = self._session.unit
        row, column = state.grid.cells[unit] if unit is not None else (0, -way[1])
        near = state.grid.unit_at(int(row) + way[0], int(column) + way[1])
        if near is not None:
            self._session.select_unit(near)
        return True

    def _area(self, state: MapState) -> QRectF:
        """Return where the whole map lies; cells are 1 wide."""
        return QRectF(0, 0, state.cells.width, state.cells.height)

    def _outline(self, state: MapState, unit: int) -> QPolygonF:
        return QPolygonF([QPointF(x, y) for x, y in state.cells.outlines[unit].tolist()])

    def _middle(self, state: MapState, unit: int) -> QPointF:
        return QPointF(*state.cells.middles[unit].tolist())

    @Slot()
    def _show(self) -> None:
        state = self._session.map
        self._sheet.setVisible(state is not None)
        if state is None:
            self._fitted = None
            self._frame.show_cell(None)
            self._hover.show_cell(None)
            self._words.setText(_HINT)
            return
        sheet = self._session.cells.sheet_for(state)
        area = self._area(state)
        self._sheet.show_sheet(sheet, area)
        extent = (round(1000 * area.height()), round(1000 * area.width()))
        if self._fitted != extent:
            self._fitted = extent
            self.fit()
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

    @Slot(object)
    def _unit_selected(self, unit: int | None) -> None:
        state = self._session.map
        if state is None or unit is None:
            self._frame.show_cell(None)
            return
        self._frame.show_cell(self._outline(state, unit))
        self._say(state, unit)
        self._canvas.setAccessibleDescription(state.describe(unit))

    @Slot()
    def _show_pins(self) -> None:
        state = self._session.map
        if state is None:
            self._pins.show_points([])
            return
        seen: Counter[int] = Counter()
        points = []
        for match in self._session.matches:
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
        self._hover.show_cell(self._outline(state, unit))
        self._say(state, unit)

    def _point_at(self, state: MapState | None, unit: int | None, place: QPointF) -> None:
        """Tell the layers that follow the pointer where it is."""
        layers = self._session.layers
        if state is None or unit is None:
            layers.point_at(None)
        else:
            point = self._box.mapSceneToView(place)
            layers.point_at(unit, state.cells.within(unit, point.x(), point.y()))

    @Slot(object)
    def _mouse_clicked(self, event: pg.GraphicsScene.mouseEvents.MouseClickEvent) -> None:
        state = self._session.map
        if state is not None and event.button() == Qt.MouseButton.LeftButton:
            self._session.select_unit(self._unit_under(state, event.scenePos()))

    def _unit_under(self, state: MapState, place: QPointF) -> int | None:
        point = self._box.mapSceneToView(place)
        return state.cells.unit_at(point.x(), point.y())

    def _say(self, state: MapState, unit: int) -> None:
        plane = self._session.layers.plane
        text = state.describe(unit)
        if plane is not None and unit < len(plane.values):
            text += f" · {plane.title[:1].lower()}{plane.title[1:]}: {plane.told(unit)}"
        self._words.setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pins"):
            self._restyle()

    def _restyle(self) -> None:
        palette = self.palette()
        self._canvas.setBackground(canvas(palette))
        self._frame.set_colours(accent(palette), 3)
        self._hover.set_colours(faint_text(palette), 1)
        self._pins.set_colour(marker(palette))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let pyqtgraph take its scene apart in order."""
        self._canvas.close()
        super().closeEvent(event)


class _Canvas(pg.GraphicsView):  # type: ignore[misc]
    """The drawing area; hands arrow keys to the map."""

    def __init__(self, owner: MapView) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setAccessibleName("Map")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._owner.travel(event):
            event.accept()
        else:
            event.ignore()
