"""The quality panel: how good the finished map is, in figures that say what they mean."""

from __future__ import annotations

import html

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QBrush, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.evaluate import Evaluation
from image2map_gui.core.analysis.figures import (
    HIGHER,
    LOWER,
    ZERO,
    Figure,
    figures,
    figures_csv,
    figures_text,
)
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE, faint_text
from image2map_gui.ui.widgets.labels import plain_label

_STEPS = 1000
_LINES = 7  # of the explanation, so that the table does not jump from figure to figure
_ROOM = 4  # above and below the text of a row, together
_NAME, _VALUE, _BEST = range(3)
_BEST_WORDS = {LOWER: "low", HIGHER: "high", ZERO: "near 0", "": ""}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_EXPLANATION = Qt.ItemDataRole.UserRole
_NO_MAP = "Train a map; then press Measure to see how good it is."
_FORMING = "The map is still forming. When it is finished, its quality can be measured."
_READY = "Press Measure to see how closely, and in what order, the map shows its pictures."
_OUTDATED = "The map or its pictures have changed since the last measurement. Measure again."


class QualityPanel(QWidget):
    """Measures the session's finished map when asked to, and lists the figures by groups."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Evaluation | None = None
        self._title = plain_label()
        self._progress = QProgressBar()
        self._progress.setRange(0, _STEPS)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Progress of the measurement")
        self.table = FigureTable()
        self._explanation = plain_label()
        self._explanation.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._explanation.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing())
        self._explanation.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._explanation.setAccessibleName("What the chosen figure means")
        self.measure_button = QPushButton("Measure")
        self.copy_text = QPushButton("Copy as text")
        self.copy_text.setToolTip("Copy all figures with their conventions, to be read")
        self.copy_table = QPushButton("Copy as CSV")
        self.copy_table.setToolTip("Copy all figures with all their digits, for a spreadsheet")
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def title(self) -> str:
        """What is said above the figures."""
        return self._title.text()

    @property
    def explanation(self) -> str:
        """What is said about the chosen figure."""
        return self._explanation.text()

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.measure_button, self.copy_text, self.copy_table):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self._title)
        layout.addWidget(self._progress)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._explanation)
        layout.addLayout(buttons)
        layout.addStretch(0)

    def _connect(self) -> None:
        session = self._session
        for signal in (
            session.map_changed,
            session.activity_changed,
            session.collection_changed,
        ):
            signal.connect(self._refresh)
        session.progressed.connect(self._progressed)
        self.table.currentItemChanged.connect(self._explain)
        self.measure_button.clicked.connect(self._measure_or_stop)
        self.copy_text.clicked.connect(self._copy_text)
        self.copy_table.clicked.connect(self._copy_table)

    @property
    def _measuring(self) -> bool:
        return self._session.activity == "measuring"

    @Slot()
    def _refresh(self) -> None:
        session = self._session
        found = session.quality
        if not self._measuring:
            self._title.setText(self._heading(found))
            self._progress.setValue(0)
        self._progress.setVisible(self._measuring)
        self.measure_button.setText("Stop" if self._measuring else "Measure")
        self.measure_button.setEnabled(
            self._measuring or (session.model is not None and not session.activity)
        )
        self.measure_button.setToolTip(
            "Stop measuring" if self._measuring else "Work out all figures of the finished map"
        )
        for widget in (self.table, self._explanation, self.copy_text, self.copy_table):
            widget.setVisible(found is not None)
        if found is not self._shown:
            self._shown = found
            self.table.show_figures(figures(found) if found is not None else ())

    def _heading(self, found: Evaluation | None) -> str:
        session = self._session
        if found is not None:
            lost = len(session.trained_on) - found.images
            text = f"{found.images:,} pictures on {found.units:,} units"
            return f"{text}; {lost:,} could not be read any more" if lost else text
        if session.map is None:
            return _NO_MAP
        if session.model is None:
            return _FORMING
        return _OUTDATED if session.outdated else _READY

    @Slot(float, str)
    def _progressed(self, fraction: float, text: str) -> None:
        if self._measuring:
            self._progress.setValue(round(_STEPS * fraction))
            self._title.setText(text)

    @Slot()
    def _explain(self) -> None:
        item = self.table.currentItem()
        self._explanation.setText(item.data(_NAME, _EXPLANATION) if item is not None else "")

    @Slot()
    def _measure_or_stop(self) -> None:
        if self._measuring:
            self._session.stop()
        else:
            self._session.measure()

    @Slot()
    def _copy_text(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(figures_text(self._shown))

    @Slot()
    def _copy_table(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(figures_csv(self._shown))


class FigureTable(QTreeWidget):
    """Figures under the headings of their groups; what belongs to one stands below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faint: list[tuple[QTreeWidgetItem, int]] = []
        self.setHeaderLabels(["Figure", "Value", "Best"])
        self.setAccessibleName("Quality figures")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setUniformRowHeights(True)
        self.setIndentation(SPACE)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_VALUE, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_BEST, QHeaderView.ResizeMode.ResizeToContents)
        self.headerItem().setTextAlignment(_VALUE, _RIGHT)

    @property
    def _row_size(self) -> QSize:
        return QSize(0, self.fontMetrics().lineSpacing() + _ROOM)

    def show_figures(self, shown: tuple[Figure, ...]) -> None:
        """List these figures, and choose the first."""
        self._faint = []
        self.clear()
        groups: dict[str, QTreeWidgetItem] = {}
        for figure in shown:
            if figure.group not in groups:
                groups[figure.group] = self._add_group(figure.group)
            self._add(groups[figure.group], figure)
        self.expandAll()
        self._tint()
        first = self.model().index(0, 0)
        self.setCurrentIndex(self.model().index(0, 0, first))

    def _add_group(self, name: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, [name])
        font = self.font()
        font.setBold(True)
        item.setFont(_NAME, font)
        item.setSizeHint(_NAME, self._row_size)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        item.setFirstColumnSpanned(True)
        return item

    def _add(self, group: QTreeWidgetItem, figure: Figure) -> None:
        item = self._row(group, figure.title, figure)
        item.setText(_VALUE, f"≈ {figure.text}" if figure.sample else figure.text)
        item.setText(_BEST, _BEST_WORDS[figure.better])
        self._faint.append((item, _BEST))
        for name, value in figure.beside:
            beside = self._row(group, name, figure)
            beside.setText(_NAME, f"\N{EM SPACE}{name}")
            beside.setText(_VALUE, value)
            self._faint += [(beside, _NAME), (beside, _VALUE)]

    def _row(self, group: QTreeWidgetItem, name: str, figure: Figure) -> QTreeWidgetItem:
        item = QTreeWidgetItem(group, [name])
        item.setSizeHint(_NAME, self._row_size)
        item.setTextAlignment(_VALUE, _RIGHT)
        item.setData(_NAME, _EXPLANATION, figure.explanation)
        item.setData(_NAME, Qt.ItemDataRole.AccessibleDescriptionRole, figure.explanation)
        for column in (_NAME, _VALUE, _BEST):
            item.setToolTip(column, f"<p>{html.escape(figure.explanation)}</p>")  # wraps its lines
        return item

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_faint"):
            self._tint()

    def _tint(self) -> None:
        brush = QBrush(faint_text(self.palette()))
        for item, column in self._faint:
            item.setForeground(column, brush)
