"""Questions to the person: which file, save first, and texts to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import (
    QColorDialog,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from image2map_gui.core.images.collection import Rows, Split
from image2map_gui.core.images.sources import SUFFIXES, Source
from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.core.project.project import SUFFIX
from image2map_gui.core.project.save import BACKUP, backup_of, names_project
from image2map_gui.core.som.lvq import TuningSettings
from image2map_gui.ui.dialogs.animation_dialog import Animation, AnimationDialog
from image2map_gui.ui.dialogs.collection_dialogs import LabelDialog, SplitDialog
from image2map_gui.ui.dialogs.preferences import Preferences
from image2map_gui.ui.dialogs.selection_dialogs import (
    LabelsDialog,
    ListDialog,
    NameDialog,
    TextDialog,
)
from image2map_gui.ui.dialogs.tuning_dialog import TuningDialog
from image2map_gui.ui.fitting import fit
from image2map_gui.ui.settings import Preferred
from image2map_gui.ui.wording import visible

_MOST_COUNTS = 20
SAVE, DISCARD, CANCEL = "save", "discard", "cancel"
REPLACE, SAVE_AS = "replace", "save as"
_PROJECTS = f"Image2Map projects (*{SUFFIX})"
_ALL_PROJECTS = f"{_PROJECTS};;Versions saved before (*{SUFFIX}{BACKUP});;All files (*)"
_PICTURES = "Pictures ({});;MNIST files (*ubyte *ubyte.gz);;All files (*)"
_PHOTOS = "Pictures ({});;All files (*)"
_PALETTES = "GIMP palettes (*.gpl);;Pictures of swatches (*.png);;Lists of colours (*.json)"


class Dialogs:
    """Asks with the system's dialogs; every answer may be empty, which means "leave it"."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def folder(self, start: str) -> Path | None:
        """Ask for a folder of pictures."""
        chosen = QFileDialog.getExistingDirectory(self._parent, "Open a folder of pictures", start)
        return Path(chosen) if chosen else None

    def folder_to_search(self, start: str) -> Path | None:
        """Ask for the folder that missing pictures may be in."""
        title = "Where are the pictures now? Choose their folder, or one above it"
        chosen = QFileDialog.getExistingDirectory(self._parent, title, start)
        return Path(chosen) if chosen else None

    def pictures(self, title: str, start: str) -> list[Path]:
        """Ask for picture files."""
        kinds = _PICTURES.format(" ".join(sorted(f"*{suffix}" for suffix in SUFFIXES)))
        chosen, _ = QFileDialog.getOpenFileNames(self._parent, title, start, kinds)
        return [Path(path) for path in chosen]

    def photo(self, start: str) -> Path | None:
        """Ask for one picture file."""
        kinds = _PHOTOS.format(" ".join(sorted(f"*{suffix}" for suffix in SUFFIXES)))
        chosen, _ = QFileDialog.getOpenFileName(self._parent, "Choose a photo", start, kinds)
        return Path(chosen) if chosen else None

    def quantized_to_save(self, start: str) -> Path | None:
        """Ask where to save a photo in few colours."""
        return self._to_save("Save the picture", start, "Pictures (*.png)", ".png")

    def palette_to_save(self, start: str) -> Path | None:
        """Ask where to save a palette, and in which form."""
        return self._to_save("Save the palette", start, _PALETTES, ".gpl")

    def project(self, start: str) -> Path | None:
        """Ask for a project to open."""
        chosen, _ = QFileDialog.getOpenFileName(
            self._parent, "Open a project", start, _ALL_PROJECTS
        )
        return Path(chosen) if chosen else None

    def project_to_save(self, start: str) -> Path | None:
        """Ask where to save a project."""
        return self._to_save("Save the project", start, _PROJECTS, SUFFIX, only=True)

    def table_to_save(self, start: str) -> Path | None:
        """Ask where to save a table."""
        return self._to_save("Save the table", start, "Tables (*.csv)", ".csv")

    def table_to_open(self, start: str) -> Path | None:
        """Ask for a table with labels."""
        title, kinds = "Open a table of labels", "Tables (*.csv);;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(self._parent, title, start, kinds)
        return Path(chosen) if chosen else None

    def file_to_save(self, title: str, start: str, kinds: str, suffix: str) -> Path | None:
        """Ask where to save something that is exported."""
        return self._to_save(title, start, kinds, suffix)

    def folder_for_copies(self, start: str) -> Path | None:
        """Ask for the folder that copies of the pictures go to."""
        title = "Choose or make an empty folder for the copies"
        chosen = QFileDialog.getExistingDirectory(self._parent, title, start)
        return Path(chosen) if chosen else None

    def into_existing(self, folder: Path) -> bool:
        """Ask whether pictures may be copied into a folder that is not empty."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Image2Map")
        box.setText(f"“{folder}” is not empty. Copy the pictures into it?")
        box.setInformativeText(
            "Nothing in it is replaced: pictures whose name is taken get another."
        )
        box.addButton(QMessageBox.StandardButton.Cancel)
        copy = box.addButton("Copy", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is copy

    def copy_counts(self, out: Path, counts: Sequence[str], used: bool) -> bool:
        """Say what would be copied to where, and ask whether to do so."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Image2Map")
        box.setText(f"Copy the pictures into these folders in “{out}”?")
        shown = [*counts[:_MOST_COUNTS], *(["…"] if len(counts) > _MOST_COUNTS else [])]
        more = ["", "The folder is not empty; nothing in it is replaced."] if used else []
        box.setInformativeText("\n".join([*shown, *more]))
        box.addButton(QMessageBox.StandardButton.Cancel)
        copy = box.addButton("Copy", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is copy

    def save_first(self, name: str, activity: str) -> str:
        """Ask what to do with changes that are not saved: save, discard, or cancel."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Image2Map")
        box.setText(f"Save the changes to “{name}”?")
        more = "The training that is running will be stopped; its map so far is kept. "
        box.setInformativeText(
            (more if activity == "training" else "") + "Without saving they are lost."
        )
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answers = {buttons.Save.value: SAVE, buttons.Discard.value: DISCARD}
        return answers.get(box.exec(), CANCEL)

    def not_saved(self, message: str) -> str:
        """Say why a project is not saved, and offer to save it elsewhere."""
        more = "What is open is still there, and not saved."
        box, buttons = self._question(message, more, "Save as…")
        box.setIcon(QMessageBox.Icon.Warning)
        box.exec()
        return SAVE_AS if box.clickedButton() is buttons[0] else CANCEL

    def changed_elsewhere(self, path: Path) -> str:
        """Ask what to do about a project that somebody else has saved meanwhile."""
        more = (
            f"{path}\n\nReplacing it puts what you have here in its place; the other version "
            f"stays beside it as {backup_of(path).name}."
        )
        text = f"“{path.name}” was changed by another program or window since you opened it."
        box, buttons = self._question(text, more, "Replace", "Save as…")
        box.exec()
        answers = {id(buttons[0]): REPLACE, id(buttons[1]): SAVE_AS}
        return answers.get(id(box.clickedButton()), CANCEL)

    def open_previous(self, message: str, backup: Path) -> bool:
        """Say why a project does not open, and offer the version before."""
        try:
            when = datetime.fromtimestamp(backup.stat().st_mtime).astimezone()
        except OSError:
            return False
        more = (
            f"The version before it, saved on {when:%d %B %Y at %H:%M}, is still there as "
            f"{backup.name}. Opening it changes neither file."
        )
        box, buttons = self._question(message, more, "Open previous version")
        box.setIcon(QMessageBox.Icon.Warning)
        box.exec()
        return box.clickedButton() is buttons[0]

    def _question(
        self, text: str, more: str, *answers: str
    ) -> tuple[QMessageBox, list[QPushButton]]:
        """Make a question with some answers and Cancel; the first one is the usual."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Image2Map")
        box.setText(text)
        box.setInformativeText(more)
        role = QMessageBox.ButtonRole.AcceptRole
        buttons = [box.addButton(answer, role) for answer in answers]
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(buttons[-1])
        return box, buttons

    def label(self, count: int, label: str, known: Sequence[str]) -> str | None:
        """Ask for the label of some pictures; empty for none, ``None`` to leave it as it is."""
        dialog = LabelDialog(self._parent, count, label, known)
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return dialog.label if accepted else None

    def colour(self, name: str, present: str) -> str | None:
        """Ask for the colour of a label, such as ``#1e90ff``."""
        title = f"Colour of the label “{visible(name)}”"
        chosen = QColorDialog.getColor(QColor(present), self._parent, title)
        return chosen.name() if chosen.isValid() else None

    def run_name(self, usual: str, present: str) -> str | None:
        """Ask what to call a run; empty for its number, ``None`` to leave it as it is."""
        dialog = QInputDialog(self._parent)
        dialog.setWindowTitle("Rename")
        dialog.setLabelText(f"Name of {usual}:")
        dialog.setTextValue(present)
        accepted = _accepted(dialog)
        name = dialog.textValue() if accepted else None
        dialog.deleteLater()
        return name

    def cluster_name(self, present: str) -> str | None:
        """Ask what to call a cluster; empty for its own name, ``None`` to leave it as it is."""
        return self.run_name("this cluster", present)

    def delete_run(self, title: str) -> bool:
        """Ask whether a run may be forgotten."""
        box = QMessageBox(self._parent)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Image2Map")
        box.setText(f"Delete “{title}” with its map?")
        box.setInformativeText("This cannot be undone. Your picture files are not touched.")
        box.addButton(QMessageBox.StandardButton.Cancel)
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is delete

    def animation(self, usual: Animation, epochs: int) -> Animation | None:
        """Ask how an animation is to be made; ``None`` for not at all."""
        dialog = AnimationDialog(usual, epochs, self._parent)
        accepted = _accepted(dialog)
        chosen = dialog.animation if accepted else None
        dialog.deleteLater()
        return chosen

    def tuning(self) -> TuningSettings | None:
        """Ask how a map is to be tuned on its labels; ``None`` for not at all."""
        dialog = TuningDialog(self._parent)
        accepted = _accepted(dialog)
        chosen = dialog.settings if accepted else None
        dialog.deleteLater()
        return chosen

    def labels_to_select(
        self, labels: Sequence[tuple[str | None, int]], inks: LabelInks
    ) -> tuple[tuple[str | None, ...], bool] | None:
        """Ask for labels, and whether to add to what is selected."""
        dialog = LabelsDialog(self._parent, labels, inks)
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return (dialog.labels, dialog.adding.isChecked()) if accepted else None

    def text_to_select(self, sources: Sequence[Source]) -> tuple[Rows, bool] | None:
        """Ask for a text in names; returns the rows that have it, and whether to add them."""
        dialog = TextDialog(self._parent, sources)
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return (
            (dialog.rows, dialog.adding.isChecked())
            if accepted and dialog.rows is not None
            else None
        )

    def list_to_select(self) -> tuple[tuple[str, ...], bool] | None:
        """Ask for names, one in a line, and whether to add to what is selected."""
        dialog = ListDialog(self._parent)
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return (dialog.lines, dialog.adding.isChecked()) if accepted else None

    def selection_name(self, title: str, name: str, taken: Sequence[str]) -> str | None:
        """Ask for the name of a selection; one that is taken is pointed out."""
        known = frozenset(taken)
        dialog = NameDialog(
            self._parent,
            title,
            name,
            lambda wanted: "There is a selection of this name already." if wanted in known else "",
        )
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return dialog.name if accepted else None

    def split(self, present: Split | None, pictures: int) -> Split | None:
        """Ask how to divide the collection; the present split is the answer to leave it so."""
        dialog = SplitDialog(self._parent, present, pictures)
        accepted = _accepted(dialog)
        dialog.deleteLater()
        return dialog.split if accepted else present

    def preferences(self, present: Preferred) -> Preferred | None:
        """Ask for other preferences; ``None`` if they are to stay."""
        dialog = Preferences(present, self._parent)
        chosen = dialog.preferred if _accepted(dialog) else None
        dialog.deleteLater()
        return chosen

    def about(self, text: str) -> None:
        """Tell about the program."""
        QMessageBox.about(self._parent, "About Image2Map", text)

    def text(self, title: str, text: str) -> None:
        """Show a longer text that can be copied whole."""
        dialog = QDialog(self._parent)
        dialog.setWindowTitle("Image2Map")
        head = QLabel(title)
        head.setTextFormat(Qt.TextFormat.PlainText)
        body = QPlainTextEdit(text)
        body.setReadOnly(True)
        body.setAcceptDrops(False)
        body.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy all", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
        buttons.rejected.connect(dialog.reject)
        layout = QVBoxLayout(dialog)
        layout.addWidget(head)
        layout.addWidget(body)
        layout.addWidget(buttons)
        dialog.resize(680, 420)
        _accepted(dialog)
        dialog.deleteLater()

    def _to_save(
        self, title: str, start: str, kinds: str, suffix: str, *, only: bool = False
    ) -> Path | None:
        """Ask for a name; it gets the suffix if it has none, with ``only`` if it has another."""
        chosen, _ = QFileDialog.getSaveFileName(self._parent, title, start, kinds)
        if not chosen:
            return None
        path = Path(chosen)
        if names_project(path) if only else path.suffix:
            return path  # the system has asked whether a file there may be replaced
        path = path.with_name(path.name + suffix)
        return path if not path.exists() or self._may_replace(path) else None

    def _may_replace(self, path: Path) -> bool:
        text = f"“{path.name}” is there already. Replace it?"
        box, buttons = self._question(text, str(path.parent), "Replace")
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        return box.clickedButton() is buttons[0]


def _accepted(dialog: QDialog) -> bool:
    """Show a dialog until it is answered; returns whether that was with OK."""
    fit(dialog)
    return dialog.exec() == QDialog.DialogCode.Accepted
