"""Chooses what the cells show, the layer over them, what belongs to it, and how much it hides."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QSpinBox, QWidget

from image2map_gui.ui.session.cell_pictures import (
    CELLS,
    DIFFERENCES,
    DIFFERENCES_REMARK,
    OF_VECTORS,
)
from image2map_gui.ui.session.layers import COMPONENT, LAYERS, NONE
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.widgets.badges import SIDE, badge_icon
from image2map_gui.ui.widgets.legend import Legend

_STATISTICS = (("mean", "Mean"), ("median", "Median"), ("min", "Lowest"), ("max", "Highest"))
_METHODS = (("ward", "Ward"), ("k-means", "k-means"))
_MOST_CLUSTERS = 200


class LayerBar(QWidget):
    """A line over the map: cells, layer, its choices, opacity; its ``legend`` stands elsewhere."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.kind = _box("Layer over the map", "What is shown over the pictures of the map", 18)
        for name, title, key in LAYERS:
            self.kind.addItem(title, name)
            keys = f"{title} (key {key})" if key else title
            self.kind.setItemData(self.kind.count() - 1, keys, Qt.ItemDataRole.ToolTipRole)
        self.cells = _box("Pictures in the cells", "What the cells of a finished map show", 14)
        for name, title in CELLS:
            self.cells.addItem(title, name)
        self.statistic = _box("Statistic of the U-matrix", "Of the distances to the neighbours", 6)
        for name, title in _STATISTICS:
            self.statistic.addItem(title, name)
        self.method = _box(
            "Method of clustering",
            "Ward: each cluster is one region of the map. k-means: wherever units are alike",
            6,
        )
        for name, title in _METHODS:
            self.method.addItem(title, name)
        self.label = _box("Label whose pictures are shown", "Of which label", 8)
        self.label.setIconSize(QSize(SIDE, SIDE))
        self.channel = _box("Channel of the pixel", "What is shown of the pixel", 8)
        self.clusters = QSpinBox()
        self.clusters.setRange(1, _MOST_CLUSTERS)
        self.clusters.setSpecialValueText("best")
        self.clusters.setAccessibleName("Number of clusters")
        self.clusters.setToolTip(
            "How many clusters; best: where the index of Davies and Bouldin is lowest"
        )
        self.component = QSpinBox()
        self.component.setPrefix("no. ")
        self.component.setAccessibleName("Number of the component")
        self.component.setToolTip("Which component, 1 the first")
        for spin in (self.clusters, self.component):
            spin.setKeyboardTracking(False)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(5, 100)
        self.opacity.setFixedWidth(80)
        self.opacity.setAccessibleName("Opacity of the layer")
        self.opacity.setToolTip("How much of the pictures the layer hides")
        self.legend = Legend()
        self._lay_out()
        self._listen()
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
        for choice in self._choices:
            layout.addWidget(choice)
        layout.addWidget(self.opacity)
        layout.addStretch(1)

    @property
    def _choices(self) -> tuple[QWidget, ...]:
        boxes = self.statistic, self.method, self.label, self.channel
        return (*boxes, self.clusters, self.component)

    def _listen(self) -> None:
        session = self._session
        self.cells.activated.connect(self._cells_chosen)
        self.kind.activated.connect(self._chosen)
        self.label.activated.connect(self._label_chosen)
        self.statistic.activated.connect(self._statistic_chosen)
        self.method.activated.connect(self._method_chosen)
        self.channel.activated.connect(self._channel_chosen)
        self.clusters.valueChanged.connect(self._clusters_chosen)
        self.component.valueChanged.connect(self._component_chosen)
        self.opacity.valueChanged.connect(self._opacity_changed)
        session.layers.changed.connect(self._show)
        session.layers.remade.connect(self._show_legend)
        session.layers.waited.connect(self._show_legend)
        session.collection_changed.connect(self._show)
        session.map_changed.connect(self._map_changed)
        session.cells.changed.connect(self._show_cells)
        session.activity_changed.connect(self._show_cells)

    # --- what a person does -----------------------------------------------------------------

    @Slot()
    def _chosen(self) -> None:
        layers = self._session.layers
        layers.choose(layers.wished(self.kind.currentData()))

    @Slot()
    def _label_chosen(self) -> None:
        self._session.layers.change(label=self.label.currentText())

    @Slot()
    def _statistic_chosen(self) -> None:
        self._session.layers.change(statistic=self.statistic.currentData())

    @Slot()
    def _method_chosen(self) -> None:
        self._session.layers.change(method=self.method.currentData())

    @Slot()
    def _channel_chosen(self) -> None:
        self._session.layers.set_channel(self.channel.currentData())

    @Slot(int)
    def _clusters_chosen(self, number: int) -> None:
        self._session.layers.change(clusters=number if number > 1 else None)

    @Slot(int)
    def _component_chosen(self, number: int) -> None:
        self._session.layers.change(component=number - 1)

    @Slot()
    def _cells_chosen(self) -> None:
        self._session.cells.choose(self.cells.currentData())

    @Slot(int)
    def _opacity_changed(self, percent: int) -> None:
        self._session.layers.set_opacity(percent / 100)

    # --- what is shown ----------------------------------------------------------------------

    @Slot()
    def _show_cells(self) -> None:
        cells = self._session.cells
        self.cells.setCurrentIndex(self.cells.findData(cells.kind))
        model = cast("QStandardItemModel", self.cells.model())
        for name in OF_VECTORS:
            item = model.item(self.cells.findData(name))
            item.setEnabled(cells.possible)
            item.setToolTip("" if cells.possible else "Needs the pictures in memory: train first")
        self._show_legend()

    @Slot()
    def _show(self) -> None:
        layers = self._session.layers
        name, wish = layers.wish.name, layers.wish
        self._offer(self.label, layers.labels)
        for row, label in enumerate(layers.labels):
            ink = self._session.curator.inks.of(label)
            self.label.setItemIcon(row, badge_icon(ink, self.palette()))
        self.kind.setCurrentIndex(self.kind.findData(name))
        self.statistic.setCurrentIndex(self.statistic.findData(wish.statistic))
        self.method.setCurrentIndex(self.method.findData(wish.method))
        if wish.label is not None:
            self.label.setCurrentText(wish.label)
        with QSignalBlocker(self.clusters):
            self.clusters.setValue(wish.clusters or 1)
        with QSignalBlocker(self.opacity):
            self.opacity.setValue(round(100 * layers.opacity))
        self.statistic.setVisible(name == "u-matrix")
        self.method.setVisible(name == "clusters")
        self.clusters.setVisible(name == "clusters")
        self.label.setVisible(name == "activation" and bool(layers.labels))
        self.opacity.setVisible(name != NONE)
        self._map_changed()
        self._show_legend()

    @Slot()
    def _map_changed(self) -> None:
        """Offer the components and channels that the map has."""
        layers = self._session.layers
        self._offer(self.channel, layers.channels)
        self.channel.setVisible(layers.wish.name == COMPONENT and bool(layers.channels))
        self.channel.setCurrentIndex(self.channel.findData(layers.channel))
        self.component.setVisible(layers.components > 0)
        if layers.components:
            with QSignalBlocker(self.component):
                self.component.setRange(1, layers.components)
                self.component.setValue(layers.wish.component + 1)

    @Slot()
    def _show_legend(self) -> None:
        layers, cells = self._session.layers, self._session.cells
        remark = layers.reason
        if layers.slow:
            remark = f"Making {self.kind.currentText().lower()}…"
        elif not remark and layers.wish.name == NONE and cells.kind == DIFFERENCES:
            remark = DIFFERENCES_REMARK
        self.legend.show_plane(layers.plane, remark)

    def _offer(self, box: QComboBox, names: tuple[str, ...]) -> None:
        """Offer names to choose from, unless they are in the box already."""
        if names != tuple(box.itemData(row) for row in range(box.count())):
            box.clear()
            for name in names:
                shown = name if box is self.label else name[:1].upper() + name[1:]
                box.addItem(shown, name)


def _box(name: str, tip: str, letters: int) -> QComboBox:
    """Return a box as wide as so many letters, whatever it holds."""
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(letters)
    return box
