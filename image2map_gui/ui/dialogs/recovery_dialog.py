"""The offer after a crash: what was not saved, to be restored, discarded, or left for later."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.ui.icons import pixmap
from image2map_gui.ui.safety.log import shortened
from image2map_gui.ui.session.recovery import About, Orphan
from image2map_gui.ui.theme import SPACE, accent
from image2map_gui.ui.widgets.labels import beside_sign, heading, plain_label
from image2map_gui.ui.wording import plural, visible

_SIDE = 32
_WIDTH = 560
_MOST = 4  # in sight at once


class RecoveryDialog(QDialog):
    """Offers what runs that are gone have left; ``restored`` and ``discarded`` tell the answer."""

    restored = Signal(object)
    discarded = Signal(object)

    def __init__(self, orphans: tuple[Orphan, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Unsaved work")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._orphans = list(orphans)
        self.head, self.means = heading(), plain_label()
        self.list = QListWidget()
        self.list.setAccessibleName("Unsaved work")
        self.list.setAlternatingRowColors(True)
        for orphan in orphans:
            QListWidgetItem(_entry(orphan.about), self.list)
        self.list.setCurrentRow(0)
        self._lay_out(self._make_buttons())
        self.list.currentRowChanged.connect(self._show)
        self.list.itemDoubleClicked.connect(self._restore)
        self._show()

    def _make_buttons(self) -> QDialogButtonBox:
        roles = QDialogButtonBox.ButtonRole
        buttons = QDialogButtonBox()
        self.restore = buttons.addButton("Restore", roles.AcceptRole)
        self.discard = buttons.addButton("Discard", roles.DestructiveRole)
        self.later = buttons.addButton("Later", roles.RejectRole)
        self.restore.setToolTip("Open it as unsaved work; your own file is not touched")
        self.discard.setToolTip("Delete it for good; your own file is not touched")
        self.later.setToolTip("Leave it where it is, and ask at the next start")
        self.restore.setDefault(True)
        self.restore.clicked.connect(self._restore)
        self.discard.clicked.connect(self._discard)
        self.later.clicked.connect(self.reject)
        return buttons

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        sign = pixmap("info", accent(self.palette()), _SIDE, self.devicePixelRatioF())
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(beside_sign(sign, self.head, self.means))
        layout.addWidget(self.list)
        layout.addWidget(buttons)
        self.list.setSpacing(2)
        row = self.list.sizeHintForRow(0) + 2 * self.list.spacing()
        shown = min(len(self._orphans), _MOST)
        self.list.setFixedHeight(shown * row + 2 * self.list.frameWidth() + self.list.spacing())
        self._show()
        longest = max((_meaning(one.about) for one in self._orphans), key=len)
        self.means.setText(longest)  # there is room for any of them
        self.means.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
        self.setMinimumSize(self.size())

    @property
    def chosen(self) -> Orphan | None:
        """The one that the buttons are about."""
        row = self.list.currentRow()
        return self._orphans[row] if 0 <= row < len(self._orphans) else None

    @Slot()
    def _show(self) -> None:
        count = len(self._orphans)
        what = "Unsaved work was" if count == 1 else f"{count:,} pieces of unsaved work were"
        self.head.setText(f"{what} found")
        chosen = self.chosen
        if chosen is not None:
            self.means.setText(_meaning(chosen.about))

    @Slot()
    def _restore(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.restored.emit(chosen)
            self.accept()

    @Slot()
    def _discard(self) -> None:
        chosen = self.chosen
        if chosen is None:
            return
        row = self._orphans.index(chosen)
        self._orphans.pop(row)
        self.list.takeItem(row)
        self.discarded.emit(chosen)
        if self._orphans:
            self._show()
        else:
            self.reject()


def _entry(about: About) -> str:
    place = f" in {shortened(about.path.rpartition(about.name)[0])}" if about.path else ""
    return visible(f"{about.name}{place}") + f"\n{about.contents}\nkept {_when(about.when)}"


def _meaning(about: About) -> str:
    text = "Image2Map ended before this was saved. Restored, it opens for you to look at. "
    if about.path:
        text += f"Your file {visible(about.name)} stays as it is until you save. "
    else:
        text += "It was never saved to a file of yours. "
    if about.unfinished:
        text += (
            f"Its training had come to epoch {about.epochs:,} of {about.planned:,}: "
            "“Finish the training” in the menu Map goes on from there."
        )
    return text.strip()


def _when(time: datetime) -> str:
    """Say when something was, in the words of this place and as the time since."""
    moment = QDateTime.fromMSecsSinceEpoch(round(1000 * time.timestamp()))
    local = QLocale().toString(moment, "d MMMM yyyy, HH:mm:ss")
    minutes = (datetime.now(UTC) - time).total_seconds() / 60
    if minutes < 1:
        return f"{local}, less than a minute ago"
    if minutes < 90:
        return f"{local}, {plural(round(minutes), 'minute')} ago"
    hours = minutes / 60
    return f"{local}, {plural(round(hours), 'hour')} ago" if hours < 48 else local
