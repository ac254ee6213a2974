"""The selections that were given names, in a window beside the main one."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.collection import Group
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.handlers.selection_handlers import save_selection
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.table import Table
from image2map_gui.ui.wording import plural

_NOTHING = "No selection has a name yet. Select pictures or units, then save them under a name."
_HOW = {
    "choose": ("&Select", "Select the pictures of the saved selection, and no others"),
    "add": ("&Add", "Select its pictures too"),
    "intersect": ("&Intersect", "Of the selected pictures keep those that are in it"),
    "subtract": ("Su&btract", "Of the selected pictures take away those that are in it"),
}


class SelectionsDialog(QDialog):
    """Lists the selections with names; they are selected again, combined, renamed, deleted."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._session = context.session
        self.setWindowTitle("Saved selections")
        self._words = plain_label(_NOTHING)
        self.table = Table(("Name", "Pictures"), "Saved selections")
        self.table.setSelectionMode(Table.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.buttons: dict[str, QPushButton] = {}
        choosing, keeping = QHBoxLayout(), QHBoxLayout()
        for name, (text, tip) in _HOW.items():
            choosing.addWidget(self._button(name, text, tip))
        for name, text, tip in (
            ("save", "Sa&ve selected…", "Save the selected pictures under a name"),
            ("rename", "&Rename…", "Give the saved selection another name"),
            ("delete", "&Delete", "Forget the saved selection; its pictures stay"),
        ):
            keeping.addWidget(self._button(name, text, tip))
        self._lay_out(choosing, keeping)
        self.table.doubleClicked.connect(self.buttons["choose"].click)
        self.table.selectionModel().selectionChanged.connect(self._allow)
        self._session.curator.changed.connect(self._show)
        self._session.collection_changed.connect(self._show)
        self._session.chosen_changed.connect(self._allow)
        self._show()

    def _lay_out(self, *rows: QHBoxLayout) -> None:
        layout = QVBoxLayout(self)
        layout.addWidget(self._words)
        layout.addWidget(self.table, 1)
        for row in rows:
            layout.addLayout(row)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout.addWidget(close)
        self.resize(440, 380)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.setProperty("does", name)
        button.clicked.connect(self._do)
        self.buttons[name] = button
        return button

    @property
    def group(self) -> Group | None:
        """The saved selection that is chosen in the list."""
        names = [str(row[0]) for row in self.table.chosen()]
        return next((group for group in self._session.groups if [group.name] == names), None)

    @Slot()
    def _show(self) -> None:
        chosen = self.group
        there = {source.address for source in self._session.sources}
        rows = [(one.name, len(one.addresses & there)) for one in self._session.groups]
        self.table.content.show_rows(rows)
        self._words.setText(plural(len(rows), "saved selection") if rows else _NOTHING)
        names = [str(row[0]) for row in self.table.content.rows]
        if names:
            self.table.go_to(names.index(chosen.name) if chosen is not None else 0)
        self._allow()

    @Slot()
    def _allow(self) -> None:
        known = self.group is not None
        for name, button in self.buttons.items():
            button.setEnabled(known if name != "save" else bool(self._session.chosen))

    @Slot()
    def _do(self) -> None:
        name, group = self.sender().property("does"), self.group
        if name == "save":
            save_selection(self._context)
        elif group is not None and name in _HOW:
            self._session.selection.combine(group.addresses, name)
        elif group is not None and name == "delete":
            self._session.curator.delete_group(group.name)
        elif group is not None:
            self._rename(group)

    def _rename(self, group: Group) -> None:
        names = [one.name for one in self._session.groups if one is not group]
        name = self._context.dialogs.selection_name("Rename selection", group.name, names)
        if name and name in names:
            self._session.noticed.emit(f"There is a selection “{name}” already; choose another.")
        elif name:
            self._session.curator.rename_group(group.name, name)
