"""The classified pictures: a table of many, and a card for the one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.methods import Rules
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import SPACE
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.match_card import MatchCard
from image2map_gui.ui.widgets.match_table import SHOWN, MatchTable
from image2map_gui.ui.widgets.rules_form import RulesForm
from image2map_gui.ui.wording import plural

_NOTHING = "Drop pictures on the window, or press Ctrl+D, to see where they belong on the map."


class ClassifyPanel(QWidget):
    """Lists the session's matches, the newest first, and explains one of them."""

    def __init__(
        self, session: Session, more: Sequence[QAction] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._following = False
        self._newest: Match | None = None
        self._title = plain_label(_NOTHING, bold=True)
        self.rules = RulesForm(session.answers.rules)
        self.table = MatchTable(session.thumbnails)
        self.card = MatchCard(session)
        self._make_filter()
        self._make_buttons(more)
        self._lay_out()
        self.rules.changed.connect(self._rules_chosen)
        self.table.picked.connect(self._picked)
        session.answers.rules_changed.connect(self._rules_changed)
        session.matches_changed.connect(self._show)
        session.activity_changed.connect(self._say)
        session.collection_changed.connect(self._ink)
        session.selection.units_changed.connect(self._follow)
        self._show()

    def halt(self) -> None:
        """Stop what the panel is working on."""
        self.card.halt()

    def _make_filter(self) -> None:
        self.search = QLineEdit()
        self.search.setPlaceholderText("Label or file")
        self.search.setAccessibleName("Filter the classified pictures by label or file")
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)
        self.which = QComboBox()
        self.which.addItems(SHOWN)
        self.which.setAccessibleName("Which classified pictures are listed")
        self.search.textChanged.connect(self._filter)
        self.which.currentIndexChanged.connect(self._filter)

    def _make_buttons(self, more: Sequence[QAction]) -> None:
        self.keep = QPushButton("Keep")
        self.keep.setToolTip("Let the selected ones outlast a clearing, or not any more")
        self.remove = QPushButton("Remove")
        self.remove.setToolTip("Forget the selected ones; files are not touched")
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Forget all that are not kept; files are not touched")
        self.more = QPushButton("More")
        self.more.setToolTip("Save, copy or add the classified pictures")
        menu = QMenu(self.more)
        menu.addActions(list(more))
        self.more.setMenu(menu)
        self.keep.clicked.connect(self._keep)
        self.remove.clicked.connect(self._remove)
        self.clear.clicked.connect(self._session.clear_matches)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self.search, 1)
        tools.addWidget(self.which)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(tools)
        column.addWidget(self.table, 1)
        self._upper = upper
        self._halves = QSplitter(Qt.Orientation.Vertical)
        self._halves.addWidget(upper)
        self._halves.addWidget(self.card)
        self._halves.setChildrenCollapsible(False)
        self._halves.setSizes([220, 480])
        buttons = QHBoxLayout()
        for button in (self.keep, self.remove, self.clear, self.more):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.addWidget(self._title)
        layout.addWidget(self.rules)
        layout.addWidget(self._halves, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)

    # --- showing ----------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        matches, before = self._session.matches, self.table.current
        for widget in (self._halves, self.keep, self.remove, self.clear, self.more):
            widget.setVisible(bool(matches))
        self._upper.setVisible(len(matches) > 1)
        newest = matches[0] if matches else None
        fresh = newest is not None and newest is not self._newest
        self._newest = newest
        self._following = True
        self.table.content.show_matches(
            matches, self._session.answers.kept, self._session.curator.inks
        )
        self._go_to(newest if fresh or before is None else before)
        self._following = False
        self._say()

    @Slot()
    def _ink(self) -> None:
        self.table.content.inks = self._session.curator.inks
        self.table.viewport().update()

    def _go_to(self, match: Match | None) -> None:
        """Let the card be about a match, or what has become of it."""
        listed = self.table.content.matches
        address = None if match is None else match.source.address
        rows = [row for row, one in enumerate(listed) if one.source.address == address]
        shown = listed[rows[0]] if rows else next(iter(self._session.matches), None)
        if rows:
            self.table.go_to(rows[0])
        self.card.show_match(shown)
        self._session.layers.look_at(shown)

    @Slot()
    def _say(self) -> None:
        matches, listed = self._session.matches, len(self.table.content.matches)
        if not matches:
            busy = self._session.answering
            self._title.setText("Classifying pictures…" if busy else _NOTHING)
            return
        text = f"{plural(len(matches), 'classified picture')}"
        if listed < len(matches):
            text = f"{listed:,} of {text}"
        novel = sum(match.novel for match in matches)
        if novel and len(matches) > 1:
            text += f", {novel:,} unlike anything trained on"
        self._title.setText(f"{text} · working…" if self._session.answering else text)

    @Slot()
    def _filter(self) -> None:
        before = self.table.current
        self._following = True
        self.table.content.filter(self.search.text(), self.which.currentText())
        self._go_to(before)
        self._following = False
        self._say()

    @Slot(object)
    def _picked(self, match: Match) -> None:
        self.card.show_match(match)
        self._session.layers.look_at(match)
        if not self._following:
            self._session.select_unit(match.unit)

    @Slot()
    def _follow(self) -> None:
        """Show a match on the selected units, unless the one that is shown lies there."""
        matches, current = self.table.content.matches, self.table.currentIndex().row()
        units = frozenset(self._session.selection.units.tolist())
        there = [row for row, match in enumerate(matches) if match.unit in units]
        if there and current not in there:
            self._following = True
            self.table.go_to(there[0])
            self._following = False

    # --- doing ------------------------------------------------------------------------------

    @Slot(object)
    def _rules_chosen(self, rules: Rules) -> None:
        self._session.answers.set_rules(rules)

    @Slot()
    def _rules_changed(self) -> None:
        self.rules.show_rules(self._session.answers.rules)

    def _chosen(self) -> list[str]:
        chosen = self.table.chosen or self._session.matches[:1]
        return [match.source.address for match in chosen]

    @Slot()
    def _keep(self) -> None:
        answers, chosen = self._session.answers, self._chosen()
        answers.keep(chosen, on=not answers.kept.issuperset(chosen))

    @Slot()
    def _remove(self) -> None:
        self._session.answers.remove(self._chosen())
