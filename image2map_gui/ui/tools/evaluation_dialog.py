"""How far the answers of the map can be trusted, in a window beside the main one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.analysis.classify import Match
from image2map_gui.core.analysis.folds import Folds
from image2map_gui.core.analysis.scores import Scores
from image2map_gui.core.images.collection import spread_ones
from image2map_gui.core.images.sources import Source
from image2map_gui.ui.handlers.context import Context, start_folder
from image2map_gui.ui.jobs.judging_jobs import (
    FOLDER,
    TEST,
    TRAINING,
    About,
    Judged,
    Judging,
    Pictures,
    cross_validating,
    judging,
    suggesting,
)
from image2map_gui.ui.jobs.runner import Outcome
from image2map_gui.ui.theme import marker
from image2map_gui.ui.widgets.gallery import Gallery, selected_rows
from image2map_gui.ui.widgets.job_line import JobDialog
from image2map_gui.ui.widgets.labels import plain_label
from image2map_gui.ui.widgets.score_views import ConfidenceView, ConfusionView
from image2map_gui.ui.widgets.table import Row, Table
from image2map_gui.ui.wording import judged_on, plural, visible

_SUGGESTED = 20
_SIDE = 64
_INTRODUCTION = (
    "Compares the answers of the map with the labels that pictures have. Best on pictures that it "
    "was not trained on: Collection > Training and test pictures keeps some."
)
_OUTDATED = (
    "These figures are outdated: the map, the labels or how pictures are answered has changed "
    "since. Evaluate again."
)
_FIGURES = (
    ("accuracy", "Right"),
    ("all", "Right if all were answered"),
    ("calibration", "Calibration error"),
    ("purity", "Purity of the units"),
    ("nmi", "Labels and units (NMI)"),
    ("ari", "Labels and units (ARI)"),
    ("tuned", "Tuned on labels"),
)


class EvaluationDialog(JobDialog):
    """Judges the finished map by labelled pictures when it is asked to."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._session = context.session
        self.judged: Judged | None = None
        self._scores: Scores | None = None  # that are shown
        self._matches: tuple[Match, ...] = ()  # that they are of
        self._asked = self._about = About()  # what they are about; what the running job is
        self.setWindowTitle("Evaluation")
        self.words = plain_label(_INTRODUCTION)
        self.outdated = plain_label(_OUTDATED, bold=True)
        self.outdated.hide()
        self.listed = plain_label(bold=True)
        self.gallery = Gallery(self._session.thumbnails, "Pictures of the evaluation", _SIDE)
        self.gallery.setFixedHeight(_SIDE + 48)
        self._make_tools()
        self._make_views()
        self._lay_out()
        self.what.currentIndexChanged.connect(self._allow)
        self.run.clicked.connect(self._judge)
        self.validate.clicked.connect(self._validate)
        self.suggest.clicked.connect(self._suggest)
        self.job.ended.connect(self._ended)
        self.matrix.picked.connect(self._show_cell)
        self.gallery.chosen_changed.connect(self._choose)
        for signal in (
            self._session.activity_changed,
            self._session.collection_changed,
        ):
            signal.connect(self._allow)
        self._session.collection_changed.connect(self._ink)
        for signal in (
            self._session.collection_changed,
            self._session.map_changed,
            self._session.history_changed,
            self._session.answers.rules_changed,
        ):
            signal.connect(self._check)
        self._allow()

    def _stopped(self) -> None:
        self._allow()

    # --- parts ------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.what = QComboBox()
        self.what.addItem("Test pictures", TEST)
        self.what.addItem("Training pictures", TRAINING)
        self.what.addItem("Pictures in another folder…", FOLDER)
        self.what.setAccessibleName("Which pictures the map is judged by")
        self.run = QPushButton("&Evaluate")
        self.run.setDefault(True)
        self.count = QSpinBox()
        self.count.setRange(2, 20)
        self.count.setValue(5)
        self.count.setSuffix(" maps")
        self.count.setAccessibleName("How many maps are trained to cross-validate")
        self.count.lineEdit().setAcceptDrops(False)
        self.validate = QPushButton("&Cross-validate")
        self.validate.setToolTip(
            "Train so many maps with the settings of this one, each without one part of the "
            "pictures, which it answers then; takes about as long as so many trainings"
        )
        self.suggest = QPushButton("&Suggest labels")
        self.suggest.setToolTip(
            f"Select the {_SUGGESTED} pictures that would help most if they were labelled by hand"
        )
        for button in (self.validate, self.suggest):
            button.setAutoDefault(False)

    def _make_views(self) -> None:
        self.figures = {name: plain_label() for name, _ in _FIGURES}
        self.table = Table(("Label", "Pictures", "Precision", "Recall", "F1"), "Figures by label")
        self.table.content.inked = 0
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in ((1, 72), (2, 76), (3, 64), (4, 60)):
            self.table.setColumnWidth(column, width)
        self.matrix = ConfusionView()
        self.confidence = ConfidenceView()
        overview = QWidget()
        form = QFormLayout()
        for name, title in _FIGURES:
            form.addRow(title, self.figures[name])
        row = QHBoxLayout(overview)
        row.addLayout(form, 2)
        row.addWidget(self.table, 3)
        self.tabs = QTabWidget()
        for widget, title in (
            (overview, "Figures"),
            (self.matrix, "Confusion"),
            (self.confidence, "Confidence"),
        ):
            self.tabs.addTab(widget, title)

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(QLabel("Judge by"))
        first.addWidget(self.what)
        first.addWidget(self.run)
        first.addStretch(1)
        second.addWidget(self.count)
        second.addWidget(self.validate)
        second.addWidget(self.suggest)
        second.addStretch(1)
        closing = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        closing.rejected.connect(self.reject)
        second.addWidget(closing)
        layout = QVBoxLayout(self)
        layout.addLayout(first)
        layout.addWidget(self.words)
        layout.addWidget(self.outdated)
        layout.addWidget(self.job)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.listed)
        layout.addWidget(self.gallery)
        layout.addLayout(second)
        self.resize(820, 720)

    @Slot()
    def _allow(self) -> None:
        session = self._session
        free = session.model is not None and not session.past and not self.job.busy
        self.run.setEnabled(free)
        self.validate.setEnabled(free and not session.activity)
        self.suggest.setEnabled(free)
        tests = sum(source.address in session.parts.test for source in session.sources)
        self.what.setItemText(0, f"Test pictures ({tests:,})")
        self.what.setItemText(1, f"Training pictures ({len(session.trained_on):,})")

    # --- asking -----------------------------------------------------------------------------

    @Slot()
    def _judge(self) -> None:
        session, ground = self._session, self._session.answers.ground()
        pictures = self._pictures()
        if ground is not None and pictures is not None:
            self._asked = self._now(self.what.currentData())
            self._start(judging(ground, session.answers.rules, pictures))

    def _pictures(self) -> Pictures | None:
        """Return what to judge by; ``None``, with a word, if there is nothing."""
        session, what = self._session, self.what.currentData()
        if what == FOLDER:
            folder = self._context.dialogs.folder(start_folder(self._context))
            return None if folder is None else Pictures(folder=Path(folder))
        sources = self._now(what).sources
        if what == TEST and not sources:
            self.words.setText(
                "No pictures are kept for testing. Collection > Training and test pictures "
                "keeps some; then train again, or judge by another folder."
            )
            return None
        return Pictures(sources, dataset=session.dataset)

    def _now(self, what: str) -> About:
        """Return what figures of such pictures would be about now."""
        session = self._session
        sources = session.trained_on if what == TRAINING else ()
        if what == TEST:
            test = session.parts.test
            sources = tuple(one for one in session.sources if one.address in test)
        on_map = () if session.newest is None else session.newest.pictures
        return About(what, session.model, session.answers.rules, sources, on_map)

    @Slot()
    def _validate(self) -> None:
        session = self._session
        if session.model is not None:
            rules, count = session.answers.rules, self.count.value()
            self._asked = self._now(TRAINING)
            self._start(
                cross_validating(session.trained_on, session.dataset, session.model, rules, count)
            )

    @Slot()
    def _suggest(self) -> None:
        session = self._session
        if session.model is not None and session.map is not None:
            self._start(suggesting(session.model, session.map, _SUGGESTED))

    def _start(self, steps: object) -> None:
        self.job.start(steps, lambda step: step.doing)  # type: ignore[arg-type]
        self._allow()

    @Slot(object)
    def _ended(self, outcome: Outcome) -> None:
        last = outcome.last
        if outcome.error is not None:
            self.words.setText(str(outcome.error))
        elif not outcome.completed or not isinstance(last, Judging):
            self.words.setText("Stopped.")
        elif last.judged is not None:
            self._show(last.judged)
        elif last.folds is not None:
            self._show_folds(last.folds)
        elif last.suggested is not None:
            sources = [source for source, _ in last.suggested]
            speaks = [f"for {one.pictures:,}" for _, one in last.suggested]
            self._list("Label these by hand; each speaks for so many others", sources, speaks)
            self._session.choose([source.address for source in sources])
            self.words.setText(f"{plural(len(sources), 'picture')} selected in the list.")
        self._allow()

    # --- showing ----------------------------------------------------------------------------

    def _show(self, judged: Judged) -> None:
        self.judged, self._matches = judged, judged.matches
        scores = judged.scores
        left = len(judged.matches) - scores.pictures
        said = f"{plural(scores.pictures, 'labelled picture')}, {scores.answered:,} answered"
        said += f"; {left:,} without a label left out." if left else "."
        if judged.trained:
            said += f" {judged.trained:,} of them are on the map already: that flatters."
        spread = spread_ones(self._session.groups, [one.source for one in judged.matches])
        if spread:
            said += f" The labels of {spread:,} were spread by the map, not given: that flatters."
        self.words.setText(said)
        texts = {
            "purity": f"{judged.purity:.1%}",
            "nmi": f"{judged.nmi:.3f}",
            "ari": f"{judged.ari:.3f}",
            "tuned": _tuned(judged),
        }
        self._show_scores(scores, texts)

    def _show_folds(self, folds: Folds) -> None:
        self.judged, self._matches = None, folds.matches
        spread = f"{folds.mean:.1%} ± {folds.deviation:.1%}"
        count = len(folds.accuracies)
        self.words.setText(f"Right: {spread} over {count} maps, each on what it had not seen.")
        self._show_scores(folds.scores, {})

    def _show_scores(self, scores: Scores, texts: dict[str, str]) -> None:
        self._scores, self._about = scores, self._asked
        texts |= {
            "accuracy": _share(scores.accuracy),
            "all": _share(scores.accuracy_of_all),
            "calibration": f"{scores.calibration_error:.3f}",
        }
        for name, label in self.figures.items():
            label.setText(texts.get(name, "\N{EN DASH}"))
        rows: list[Row] = [
            (one.label, one.pictures, *(_told(x) for x in (one.precision, one.recall, one.f1)))
            for one in scores.classes
        ]
        self.table.content.show_rows(rows)
        self.matrix.show_counts(scores.names, scores.confusion)
        self._ink()
        self.confidence.show_scores(scores.bins, scores.coverage)
        said = "The most confident mistakes" if scores.mistakes else "No mistakes"
        self._list(said, *_mistakes(scores, self._matches))
        self._check()

    @Slot()
    def _check(self) -> None:
        """Say that figures are outdated; forget them once nothing of it is open any more."""
        about = self._about
        if self._scores is None:
            return
        known = self._session.selection.row_of
        if any(known(source.address) >= 0 for source in about.on_map):
            self.outdated.setVisible(not about.same(self._now(about.what)))
            self.outdated.setStyleSheet(f"color: {marker(self.palette()).name()}")
        else:
            self._forget()

    def _forget(self) -> None:
        """Show nothing, as before anything was evaluated."""
        self.judged, self._scores, self._matches = None, None, ()
        self._asked = self._about = About()
        self.outdated.hide()
        self.words.setText(_INTRODUCTION)
        for label in self.figures.values():
            label.setText("")
        self.table.content.show_rows([])
        self.matrix.show_counts((), np.zeros((0, 0), np.int64))
        self.confidence.show_scores((), ())
        self._list("", (), ())

    @Slot()
    def _ink(self) -> None:
        """Show labels in their colours of today."""
        inks = self._session.curator.inks
        self.table.content.inks = self.gallery.pictures.inks = inks
        self.table.viewport().update()
        self.gallery.viewport().update()
        self.matrix.show_inks(inks)

    @Slot(int, int)
    def _show_cell(self, row: int, column: int) -> None:
        """List the pictures of a cell, and select those of them that are in the collection."""
        if self._scores is None:
            return
        names = self._scores.names
        true, given = names[row], names[column]
        found = [
            match for match in self._matches if match.source.label == true and match.guess == given
        ]
        words = f"{visible(true)} told as {visible(given)}: {plural(len(found), 'picture')}"
        self._list(words, [one.source for one in found], [f"{m.confidence:.0%}" for m in found])
        known = self._session.selection.row_of
        there = [one.source.address for one in found if known(one.source.address) >= 0]
        if there:
            self._session.choose(there)

    def _list(self, words: str, sources: Sequence[Source], captions: Sequence[str]) -> None:
        self.listed.setText(words)
        self.gallery.show_pictures(list(sources), list(captions))

    @Slot()
    def _choose(self) -> None:
        """Choose in the main window what is selected here."""
        rows = selected_rows(self.gallery.selectionModel())
        addresses = [self.gallery.pictures.source(row).address for row in rows]
        if addresses:
            self._session.choose(addresses)


def _mistakes(scores: Scores, matches: Sequence[Match]) -> tuple[list[Source], list[str]]:
    by_address: dict[str, Match] = {match.source.address: match for match in matches}
    worst = [by_address[one.path] for one in scores.mistakes]
    captions = [f"{one.source.label} → {one.guess}" for one in worst]
    return [one.source for one in worst], captions


def _tuned(judged: Judged) -> str:
    tuned = judged.model.tuned
    if tuned is None:
        return "no"
    return (
        f"{_share(tuned.before)} before, {_share(tuned.after)} after, {judged_on(tuned.held_out)}"
    )


def _share(value: float) -> str:
    return "\N{EN DASH}" if math.isnan(value) else f"{value:.1%}"


def _told(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
