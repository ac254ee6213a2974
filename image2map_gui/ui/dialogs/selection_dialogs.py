"""Questions about what to select: by label, by text, by list; and the name of a selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.collection import Rows
from image2map_gui.core.images.matching import by_text
from image2map_gui.core.images.sources import Source
from image2map_gui.core.picture.label_inks import NO_INKS, LabelInks
from image2map_gui.ui.widgets.badges import SIDE, badge_icon
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.wording import plural, visible

_WIDTH = 400
_MOST_BYTES = 16 << 20  # of a file of names
NO_LABEL = "No label"


class SelectDialog(QDialog):
    """Asks which pictures to select, and whether besides those that are selected."""

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.adding = QCheckBox("&Add to the pictures that are selected")
        self.words = plain_label()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.select = self._buttons.addButton("Select", QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._layout = QVBoxLayout(self)

    def _lay_out(self, *widgets: QWidget) -> None:
        for widget in (*widgets, self.words, self.adding, self._buttons):
            self._layout.addWidget(widget)
        self.select.setDefault(True)  # once it is in the dialog: before, Enter would cancel it
        self.resize(_WIDTH, self.sizeHint().height())


class LabelsDialog(SelectDialog):
    """Offers the labels with their counts; ``None`` stands for no label."""

    def __init__(
        self,
        parent: QWidget | None,
        labels: Sequence[tuple[str | None, int]],
        inks: LabelInks = NO_INKS,
    ) -> None:
        super().__init__(parent, "Select by label")
        self.list = QListWidget()
        self.list.setAccessibleName("Labels")
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._counts = dict(labels)
        for label, count in labels:
            name = NO_LABEL if label is None else visible(label)
            item = QListWidgetItem(f"{name} ({count:,})")
            item.setData(Qt.ItemDataRole.UserRole, (label,))
            if label in inks.colours:
                item.setIcon(badge_icon(inks.of(label), self.palette()))
            self.list.addItem(item)
        self.list.itemSelectionChanged.connect(self._say)
        self.list.itemDoubleClicked.connect(self.accept)
        self._lay_out(self.list)
        self._say()

    @property
    def labels(self) -> tuple[str | None, ...]:
        """What was chosen."""
        role = Qt.ItemDataRole.UserRole
        return tuple(item.data(role)[0] for item in self.list.selectedItems())

    @Slot()
    def _say(self) -> None:
        count = sum(self._counts[label] for label in self.labels)
        self.words.setText(plural(count, "picture"))
        self.select.setEnabled(bool(self.labels))


class TextDialog(SelectDialog):
    """Asks for a text in the names, and says at once how many have it."""

    def __init__(self, parent: QWidget | None, sources: Sequence[Source]) -> None:
        super().__init__(parent, "Select by text")
        self._sources = sources
        self.rows: Rows | None = None
        self.line = QLineEdit()
        self.line.setAccessibleName("Text in the names")
        self.line.setPlaceholderText("Text in the names of the pictures")
        self.line.setAcceptDrops(False)
        self.expression = QCheckBox("&Regular expression")
        self.expression.setToolTip("For example ^IMG_[0-9]+ or (cat|dog)")
        self.line.textChanged.connect(self._look)
        self.expression.toggled.connect(self._look)
        self._lay_out(self.line, self.expression)
        self._look()

    @Slot()
    def _look(self) -> None:
        self.rows, text = None, self.line.text()
        try:
            if text:
                self.rows = by_text(self._sources, text, expression=self.expression.isChecked())
            said = "" if self.rows is None else f"{plural(len(self.rows), 'picture')} found"
        except ParameterError as error:
            said = str(error)
        self.words.setText(said)
        self.select.setEnabled(self.rows is not None and len(self.rows) > 0)


class ListDialog(SelectDialog):
    """Asks for names, one in a line, pasted or from a text file."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, "Select by list")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Names of pictures, one in a line")
        self.text.setPlaceholderText("Names or paths of pictures, one in a line")
        self.text.setAcceptDrops(False)
        self.text.setTabChangesFocus(True)
        self.file = QPushButton("&Open a text file…")
        self.file.setAutoDefault(False)
        self.file.clicked.connect(self._ask)
        self.text.textChanged.connect(self._say)
        self._lay_out(self.text, self.file)
        self._say()

    @property
    def lines(self) -> tuple[str, ...]:
        """What was written."""
        return tuple(line for line in self.text.toPlainText().splitlines() if line.strip())

    def read(self, path: Path) -> None:
        """Take the lines of a text file."""
        try:
            if path.stat().st_size > _MOST_BYTES:
                self.words.setText(f"{visible(str(path))}: is too large for a list of names.")
                return
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            reason = "is no text" if isinstance(error, ValueError) else "cannot be read"
            self.words.setText(f"{visible(str(path))}: {reason}.")
            return
        self.text.setPlainText(text)

    @Slot()
    def _ask(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Open a list of names", "", "Texts (*.txt *.csv *.lst);;All files (*)"
        )
        if chosen:
            self.read(Path(chosen))

    @Slot()
    def _say(self) -> None:
        count = len(self.lines)
        self.words.setText(plural(count, "name"))
        self.select.setEnabled(count > 0)


class NameDialog(QDialog):
    """Asks for the name of a selection; says whether it takes the place of another."""

    def __init__(
        self, parent: QWidget | None, title: str, name: str, taken: Callable[[str], str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._taken = taken
        self.line = QLineEdit(name)
        self.line.setAccessibleName("Name of the selection")
        self.line.setMaxLength(100)
        self.line.selectAll()
        self._words = plain_label()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton("Save", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.line.textChanged.connect(self._say)
        layout = QVBoxLayout(self)
        for widget in (self.line, self._words, buttons):
            layout.addWidget(widget)
        self.save.setDefault(True)
        self.resize(_WIDTH, self.sizeHint().height())
        self._say()

    @property
    def name(self) -> str:
        """What was written."""
        return self.line.text().strip()

    @Slot()
    def _say(self) -> None:
        self._words.setText(self._taken(self.name))
        self.save.setEnabled(bool(self.name))
