"""What the middle of the window shows before there is a map."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from image2map_gui.core.images.samples import SAMPLES
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.course import course_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.icons import application_icon
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.theme import faint_text
from image2map_gui.ui.wording import duration_text, shown_choice

_LOGO = 96
_PRODUCTS_PER_SECOND = 2e10


class Welcome(QWidget):
    """Nothing is open: a place to drop pictures on, and buttons for those who do not drag."""

    def __init__(self, open_folder: QAction, samples: list[QAction]) -> None:
        super().__init__()
        title = _line("Drop a folder of pictures here", 1.5)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        first = _button(open_folder, "Open folder…")
        first.setDefault(True)
        buttons.addWidget(first)
        for action, (text, _) in zip(samples, SAMPLES.values(), strict=True):
            if action is samples[0]:
                buttons.addWidget(
                    _button(action, f"Try a sample: {text.partition(':')[0].lower()}")
                )
        buttons.addStretch(1)
        self._hint = _line(
            "or pictures, a zip archive, a project, or MNIST files; sub-folders become labels", 1.0
        )
        self._keys = _line("Ctrl+Shift+O open folder     Ctrl+O open project     F1 all keys", 0.9)
        logo = QLabel()
        logo.setPixmap(application_icon().pixmap(_LOGO, _LOGO))
        logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(3)
        layout.addWidget(logo)
        layout.addSpacing(12)
        layout.addWidget(title)
        layout.addWidget(self._hint)
        layout.addSpacing(20)
        layout.addLayout(buttons)
        layout.addSpacing(20)
        layout.addWidget(self._keys)
        layout.addStretch(4)

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dashed frame of a place to drop things."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(QPen(faint_text(self.palette()), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(24, 24, -24, -24), 12, 12)
        painter.end()


class Ready(QWidget):
    """Pictures are there, but no map yet: one large button."""

    def __init__(self, session: Session, train: QAction) -> None:
        super().__init__()
        self._session = session
        self._title = _line("", 1.5)
        self._plan = _line("", 1.0)
        self._train = _button(train, "Train")
        self._train.setDefault(True)
        self._train.setMinimumSize(160, 44)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._train)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self._title)
        layout.addWidget(self._plan)
        layout.addSpacing(16)
        layout.addLayout(row)
        layout.addStretch(1)
        for signal in (
            session.collection_changed,
            session.settings_changed,
            session.activity_changed,
        ):
            signal.connect(self._refresh)
        self._refresh()

    @guarded
    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        painter.end()

    @Slot()
    def _refresh(self) -> None:
        session = self._session
        reading = session.activity == "reading"
        count = len(session.sources)
        self._title.setText("Reading pictures…" if reading else f"{count:,} pictures are ready")
        params, spec = session.params, session.spec
        self._train.setVisible(not reading and bool(count))
        if reading or spec is None:
            self._plan.setText("")
            return
        self._plan.setText(
            f"A map of {params.rows} x {params.columns} units will learn from them in "
            f"{course_of(params).planned:,} epochs, at {_preparation(spec)}: about "
            f"{duration_text(_seconds(params, spec.length, count))} on a common computer."
        )


def _preparation(spec: ImageSpec) -> str:
    size = f"{spec.size[0]} x {spec.size[1]} pixels"
    if not spec.plain:
        return f"{size}, {shown_choice(spec.features)} features"
    return f"{size} in grey" if spec.colour == "grey" else f"{size} in colour"


def _seconds(params: SomParams, features: int, pictures: int) -> float:
    """Guess how long a training takes: one comparison of a picture with a unit dominates."""
    products = float(course_of(params).planned) * pictures * params.units * features
    return 1 + products / (_PRODUCTS_PER_SECOND / (1 if params.mode != "online" else 4))


def _line(text: str, scale: float) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * scale)
    label.setFont(font)
    return label


def _button(action: QAction, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(action.icon())
    button.setMinimumHeight(34)
    button.clicked.connect(action.trigger)
    return button
