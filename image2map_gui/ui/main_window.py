"""The main window: puts the parts together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QImage, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.images.samples import SAMPLES
from image2map_gui.ui.actions.action_set import ActionSet
from image2map_gui.ui.dialogs.dialogs import Dialogs
from image2map_gui.ui.docks import Docks
from image2map_gui.ui.fitting import fit
from image2map_gui.ui.guard import guarded
from image2map_gui.ui.handlers.context import Context, title_of
from image2map_gui.ui.handlers.handlers import open_path
from image2map_gui.ui.handlers.save_handlers import may_leave
from image2map_gui.ui.icons import application_icon
from image2map_gui.ui.menus import Menus, actions_of, make_toolbar
from image2map_gui.ui.panels.classify_panel import ClassifyPanel
from image2map_gui.ui.panels.dataset_browser import DatasetBrowser
from image2map_gui.ui.panels.drop_overlay import ADD, CLASSIFY, DropOverlay
from image2map_gui.ui.panels.folder_watch import FolderWatch
from image2map_gui.ui.panels.hyperparameter_dock import HyperparameterDock
from image2map_gui.ui.panels.inspector import Inspector
from image2map_gui.ui.panels.label_keys import LabelKeys
from image2map_gui.ui.panels.preview import Preview
from image2map_gui.ui.panels.quality_panel import QualityPanel
from image2map_gui.ui.panels.runs_panel import RunsPanel
from image2map_gui.ui.panels.scrubber import AFTER, BEFORE, Scrubber
from image2map_gui.ui.panels.status import StatusLine
from image2map_gui.ui.panels.welcome import Ready, Welcome
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.settings import Settings
from image2map_gui.ui.tools.duplicates_dialog import DuplicatesDialog
from image2map_gui.ui.tools.evaluation_dialog import EvaluationDialog
from image2map_gui.ui.tools.labels_dialog import LabelsDialog
from image2map_gui.ui.tools.messages_dialog import MessagesDialog
from image2map_gui.ui.tools.quantize_dialog import QuantizeDialog
from image2map_gui.ui.tools.selections_dialog import SelectionsDialog
from image2map_gui.ui.tools.similar_dialog import SimilarDialog
from image2map_gui.ui.tools.skipped_list import SkippedList
from image2map_gui.ui.tools.statistics_dialog import StatisticsDialog
from image2map_gui.ui.widgets.gallery import Gallery

if TYPE_CHECKING:
    from image2map_gui.ui.map_view.view import MapView
    from image2map_gui.ui.panels.curves import Curves

_SOON_MS = 20  # after the window was painted, the rest of it is made
_WINDOWS: dict[str, Callable[[Context, QWidget], QDialog]] = {
    "duplicates": DuplicatesDialog,
    "evaluation": EvaluationDialog,
    "labels": LabelsDialog,
    "messages": MessagesDialog,
    "quantize": QuantizeDialog,
    "selections": SelectionsDialog,
    "similar": SimilarDialog,
    "skipped": SkippedList,
    "statistics": StatisticsDialog,
}  # beside this one, made when they are wanted

_ON_PICTURES = (
    "find-similar", "save-selection", "",
    "label", "exclude", "include", "remove", "",
    "show-in-folder", "copy-names", "copy-paths",
)  # fmt: skip
_ON_MAP = (
    "select-similar", "select-label", "select-invert", "",
    "find-similar", "save-selection", "",
    "label", "label-cluster", "name-cluster", "exclude", "include", "",
    "copy-names", "copy-paths", "copy-map",
)  # fmt: skip
_ON_ANSWERS = (
    "export-matches", "export-folders-answer", "", "matches-add", "matches-train",
)  # fmt: skip
_ON_RUNS = ("run-restore", "run-rename", "run-delete", "roll-again")


class MainWindow(QMainWindow):
    """Browser on the left, map in the middle, curves below, settings and answers on the right.

    The map and the curves are made when they are first needed, or once the window is on the screen:
    what draws them takes as long to load as all the rest.
    """

    completed = Signal()  # map and curves are there

    def __init__(
        self, session: Session, settings: Settings, dialogs: Dialogs | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.settings = settings
        self.log_file: Path | None = None
        self.left = False  # what is open is saved, or a person gave it up
        self.leaving = False  # at once, without a question: what is not saved is kept aside
        self.dialogs = dialogs or Dialogs(self)
        self.context = Context(session, self.dialogs, settings, self)
        self._map_view: MapView | None = None
        self._curves: Curves | None = None
        self._scrubber: Scrubber | None = None
        self._windows: dict[str, QDialog] = {}
        self.setWindowIcon(application_icon())
        self.setMinimumSize(QSize(900, 600).boundedTo(self.screen().availableSize()))
        self.actions_by_name = ActionSet(self.context, self)
        self._make_parts()
        self._docks = Docks(self, self._panels())
        Menus(self, self.actions_by_name, self._docks.actions(), settings, self._open_recent)
        make_toolbar(self, self.actions_by_name)
        self.large.watch(self.findChildren(Gallery))
        self.large.watch_view(self.browser.list, self.browser.gallery)
        self._connect()
        self._restore()
        self._show_page()
        self._show_title()

    # --- map and curves, made late ----------------------------------------------------------

    @property
    def map_view(self) -> MapView:
        """The map."""
        self.complete()
        assert self._map_view is not None
        return self._map_view

    @property
    def curves(self) -> Curves:
        """The curves of the training."""
        self.complete()
        assert self._curves is not None
        return self._curves

    @property
    def scrubber(self) -> Scrubber:
        """The slider over the epochs."""
        self.complete()
        assert self._scrubber is not None
        return self._scrubber

    @Slot()
    def complete(self) -> None:
        """Make the map and the curves unless they are there."""
        if self._map_view is not None:
            return
        from image2map_gui.ui.map_view.view import MapView
        from image2map_gui.ui.panels.curves import Curves

        self._map_view = MapView(self.session, actions_of(self.actions_by_name, _ON_MAP))
        self._curves = Curves(self.session)
        self.pages.addWidget(self._map_view)
        self.label_keys.watch(self._map_view.canvas.parentWidget())
        dock = self._docks["curves"]
        dock.widget().deleteLater()
        dock.setWidget(self._over_curves(self._curves))
        self.completed.emit()

    def _over_curves(self, curves: Curves) -> QWidget:
        """Return the curves with the scrubber over them."""
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        names = (*BEFORE, *AFTER, "train-from")
        made = {name: self.actions_by_name[name] for name in names}
        self._scrubber = Scrubber(self.session, made)
        layout.addWidget(self._scrubber)
        layout.addWidget(curves, 1)
        return both

    @Slot()
    def _complete_shown(self) -> None:
        if self.isVisible():
            self.complete()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        """Go on with the rest once something is to be seen."""
        super().paintEvent(event)
        if self._map_view is None:
            QTimer.singleShot(_SOON_MS, self, self._complete_shown)

    # --- for the actions --------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole map."""
        self.map_view.fit()

    def zoom(self, factor: float) -> None:
        """Enlarge or reduce the map."""
        self.map_view.zoom(factor)

    def map_picture(self) -> QImage:
        """Return the whole map as a picture."""
        return self.map_view.picture()

    def close_window(self) -> None:
        """Close the window."""
        self.close()

    def reset_layout(self) -> None:
        """Put all parts of the window back in their places."""
        self._docks.reset()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or stop doing so."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def show_quality(self) -> None:
        """Bring the panel with the quality figures to the front."""
        self._docks.bring("quality")

    def find_pictures(self) -> None:
        """Let a person type which pictures to look for."""
        self._docks.bring("pictures")
        self.browser.look_for()

    def preview(self) -> None:
        """Show the current picture of the list with the focus large, or that of the browser."""
        gallery = self.large.gallery_of(QApplication.focusWidget())
        self.large.open_on(gallery or self.browser.gallery)

    def show_tool(self, name: str) -> None:
        """Show a window of its own beside this one."""
        if name not in self._windows:
            self._windows[name] = _WINDOWS[name](self.context, self)
            self.large.watch(self._windows[name].findChildren(Gallery))
            fit(self._windows[name])
        window = self._windows[name]
        window.show()
        window.raise_()
        window.activateWindow()

    def list_with_focus(self) -> QAbstractItemView | None:
        """Return the list of pictures that has the focus."""
        focus = QApplication.focusWidget()
        known = self.large.gallery_of(focus) is not None
        return focus if known and isinstance(focus, QAbstractItemView) else None

    def draw_lasso(self) -> None:
        """Let the next drag on the map draw a lasso."""
        self.map_view.setFocus()
        self.map_view.gestures.arm()

    # --- parts ------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        session, actions = self.session, self.actions_by_name
        on_pictures = actions_of(self.actions_by_name, _ON_PICTURES)
        self.browser = DatasetBrowser(session, on_pictures)
        self.hyperparameters = HyperparameterDock(session)
        self.inspector = Inspector(session, on_pictures)
        self.answers = ClassifyPanel(session, actions_of(self.actions_by_name, _ON_ANSWERS))
        self.quality = QualityPanel(session)
        self.runs = RunsPanel(session, [actions[name] for name in _ON_RUNS])
        samples = [actions[f"sample-{name}"] for name in SAMPLES]
        self.welcome = Welcome(actions["open-folder"], samples)
        self.ready = Ready(session, actions["train"])
        self.pages = QStackedWidget()
        for page in (self.welcome, self.ready):
            self.pages.addWidget(page)
        self.setCentralWidget(self.pages)
        self.status_line = StatusLine(session)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.status_line, 1)
        self.overlay = DropOverlay(self, session)
        self.large = Preview(session, self)
        self.folder_watch = FolderWatch(session, self)
        self.label_keys = LabelKeys(session, self)
        self.label_keys.watch(self.browser.gallery, self.browser.list)

    def _panels(self) -> dict[str, QWidget]:
        """Return what the docks hold; the curves come later."""
        return {
            "pictures": self.browser,
            "settings": self.hyperparameters,
            "unit": self.inspector,
            "classified": self.answers,
            "quality": self.quality,
            "runs": self.runs,
        }

    def _open_recent(self, path: Path) -> None:
        open_path(self.context, path)

    def _connect(self) -> None:
        session = self.session
        session.map_changed.connect(self._show_page)
        session.collection_changed.connect(self._show_page)
        session.activity_changed.connect(self._show_page)
        session.project_changed.connect(self._show_title)
        session.unit_selected.connect(self._show_unit)
        session.answers.found.connect(self._show_answers)
        self.overlay.dropped.connect(self._dropped)
        self.status_line.skipped_wanted.connect(self.actions_by_name["skipped"].trigger)
        self.status_line.locating_wanted.connect(self.actions_by_name["locate"].trigger)

    def _restore(self) -> None:
        self._docks.restore(self.settings)
        self.browser.set_look(self.settings.text("browser"))

    # --- slots ------------------------------------------------------------------------------

    @Slot()
    def _show_page(self) -> None:
        session = self.session
        page: QWidget = self.welcome
        if session.map is not None:
            page = self.map_view
        elif session.sources or session.activity:
            page = self.ready
        if self.pages.currentWidget() is not page:
            self.pages.setCurrentWidget(page)

    @Slot()
    def _show_title(self) -> None:
        self.setWindowTitle(f"{title_of(self.session)}[*] - Image2Map")
        self.setWindowModified(self.session.modified)

    @Slot(object)
    def _show_unit(self, unit: int | None) -> None:
        if unit is not None and not self._docks["classified"].visibleRegion().isEmpty():
            return  # the card is being read
        if unit is not None:
            self._docks["unit"].raise_()

    @Slot(object)
    def _show_answers(self, _: Match) -> None:
        """Show new answers; those that were only answered anew stay wherever they are."""
        self._docks.bring("classified")

    @Slot(str, object)
    def _dropped(self, choice: str, paths: list[Path]) -> None:
        if self.session.opener.path is not None:  # what they would join is about to be closed
            self.session.noticed.emit("A project is being opened; drop them again after that.")
        elif choice == CLASSIFY:
            self.session.classify(paths)
        elif choice == ADD:
            self.session.add_pictures(paths)
        else:
            open_path(self.context, paths[0])

    @guarded
    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_name"):
            self.actions_by_name.retint()

    @guarded
    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, stop all jobs, remember the layout.

        Whatever goes wrong meanwhile, the window stays with what is open.
        """
        event.ignore()
        asked = self.leaving or may_leave(self.context)
        if not (asked or self.leaving):  # the program may have been told to end meanwhile
            return
        self.left = True
        self.large.shutdown()
        self.inspector.halt()
        self.answers.halt()
        self.settings.rules = self.session.answers.rules
        self.folder_watch.stop()
        for window in self._windows.values():
            window.close()
        self.session.shutdown()
        self._docks.remember(self.settings)
        self.settings.set_text("browser", self.browser.look)
        self.settings.save()
        for part in (self._map_view, self._curves):
            if part is not None:
                part.close()
        super().closeEvent(event)
