"""The curator: edits the collection in steps that can be undone."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from image2map_gui.core.images.collection import Group, Labels, LabelStyle, Split, rows_of
from image2map_gui.core.picture.label_inks import LabelInks, label_inks
from image2map_gui.ui.edits import (
    Both,
    Divide,
    Edit,
    Exclude,
    Include,
    Opened,
    Regroup,
    Relabel,
    Remove,
    Restyle,
)
from image2map_gui.ui.wording import plural

_MOST_STEPS = 100


@dataclasses.dataclass(frozen=True)
class Desk:
    """Where the curator finds what is open, and puts it when it was edited.

    ``free`` tells, and says to the person if not, whether edits are possible now; whether
    pictures may come and go is another question than whether their labels may change.
    """

    look: Callable[[], Opened]
    put: Callable[[Opened], None]
    free: Callable[[bool], bool]


class Curator(QObject):
    """Labels, excludes, divides and removes pictures, all named by their addresses."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._seen: tuple[object, object] = (None, None)  # what the labels were counted of
        self._labels: list[tuple[str, int]] = []
        self._inks = LabelInks()
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_MOST_STEPS)
        self._stack.indexChanged.connect(self.changed)

    # --- edits ------------------------------------------------------------------------------

    def label(self, addresses: Collection[str], label: str | None) -> None:
        """Give pictures a label, or none; those that have it already are left alone."""
        sources = self._desk.look().sources
        named = [sources[row] for row in rows_of(sources, addresses)]
        labels = {source.address: label for source in named if source.label != label}
        count = plural(len(labels), "picture")
        text = f"label {count} “{label}”" if label else f"take the label off {count}"
        self._do(labels, Relabel(labels), text)

    def relabel(self, labels: Labels, text: str, mark: str = "") -> int:
        """Give each of some pictures a label of its own in one step; returns how many changed.

        With ``mark`` these are kept as a selection of that name, beside those it holds already.
        """
        sources = self._desk.look().sources
        named = [sources[row] for row in rows_of(sources, labels)]
        changed = {
            one.address: labels[one.address] for one in named if one.label != labels[one.address]
        }
        edit: Edit = Relabel(changed)
        if mark:
            groups = {group.name: group for group in self._desk.look().groups}
            before = groups[mark].addresses if mark in groups else frozenset()
            groups[mark] = Group(mark, before | changed.keys())
            edit = Both(edit, Regroup(tuple(groups.values())))
        self._do(changed, edit, f"{text} ({plural(len(changed), 'picture')})")
        return len(changed)

    def rename_label(self, old: str, new: str | None) -> None:
        """Give all pictures of a label another one, which may be there already, or none."""
        look = self._desk.look()
        labels: Labels = {one.address: new for one in look.sources if one.label == old}
        styles = {style.name: style for style in self._styles()}
        own, kept = styles.get(old, LabelStyle(old)), dict[str, LabelStyle]()
        for name, style in styles.items():
            if name != old:
                kept[name] = style
            elif new is not None:  # its place and colour go with it, unless the other has its own
                kept[new] = LabelStyle(new, own.colour)
        if new in styles:
            kept[new] = LabelStyle(new, styles[new].colour or own.colour)
        text = f"rename label “{old}”" if new else f"remove label “{old}”"
        if labels and new != old:
            self._do(labels, Both(Relabel(labels), Restyle(tuple(kept.values()))), text)

    def move_label(self, name: str, by: int) -> None:
        """Move a label up or down among the others; the first nine have keys."""
        styles = self._styles()
        names = [style.name for style in styles]
        place = names.index(name) if name in names else -1
        target = place + by
        if place >= 0 and 0 <= target < len(styles):
            styles.insert(target, styles.pop(place))
            self._do((1,), Restyle(tuple(styles)), f"move label “{name}”")

    def colour_label(self, name: str, colour: str | None) -> None:
        """Give a label a colour such as ``#1e90ff``; ``None``: that of the palette again."""
        styles = self._styles()
        fresh = [LabelStyle(name, colour) if one.name == name else one for one in styles]
        text = f"colour label “{name}”" if colour else f"reset the colour of label “{name}”"
        if fresh != styles:
            self._do((1,), Restyle(tuple(fresh)), text)

    def has_own_colour(self, name: str) -> bool:
        """Whether a person chose the colour of a label."""
        return LabelStyle(name) not in self._styles()

    def _styles(self) -> list[LabelStyle]:
        """Return how each label is shown, in their order."""
        colours = {style.name: style.colour for style in self._desk.look().labels}
        return [LabelStyle(name, colours.get(name)) for name, _ in self.labels]

    @property
    def labels(self) -> list[tuple[str, int]]:
        """All labels with the numbers of their pictures: in the order a person chose, then by name.

        The first nine can be given by the keys 1 to 9.
        """
        self._look_at_labels()
        return self._labels

    @property
    def inks(self) -> LabelInks:
        """The colours of all labels, in the same order."""
        self._look_at_labels()
        return self._inks

    def _look_at_labels(self) -> None:
        look = self._desk.look()
        if self._seen[0] is not look.sources or self._seen[1] is not look.labels:
            counts = Counter(one.label for one in look.sources if one.label is not None)
            self._inks = label_inks(counts, look.labels)
            self._labels = [(name, counts[name]) for name in self._inks.names]
            self._seen = look.sources, look.labels

    def exclude(self, addresses: Collection[str]) -> None:
        """Leave pictures out of the next trainings."""
        fresh = frozenset(addresses) - self._desk.look().parts.excluded
        self._do(fresh, Exclude(fresh), f"exclude {plural(len(fresh), 'picture')}")

    def include(self, addresses: Collection[str]) -> None:
        """Take pictures into the next trainings again."""
        there = frozenset(addresses) & self._desk.look().parts.excluded
        self._do(there, Include(there), f"include {plural(len(there), 'picture')}")

    def remove(self, addresses: Collection[str]) -> None:
        """Take pictures out of the collection and off the map; files are not touched."""
        gone = frozenset(addresses)
        self._do(gone, Remove(gone), f"remove {plural(len(gone), 'picture')}")

    def divide(self, split: Split | None) -> None:
        """Keep a part of the pictures for testing, or none."""
        if split != self._desk.look().parts.split:
            self._do((1,), Divide(split), "split" if split is not None else "take back the split")

    def save_group(self, name: str, addresses: Collection[str]) -> None:
        """Keep pictures as a selection with a name, in the place of one of the same name."""
        groups = {group.name: group for group in self._desk.look().groups}
        fresh = Group(name, frozenset(addresses))
        if groups.get(name) != fresh:
            self._regroup(tuple((groups | {name: fresh}).values()), f"save selection “{name}”")

    def rename_group(self, name: str, other: str) -> None:
        """Give a selection another name, which none may have yet."""
        groups = self._desk.look().groups
        if name != other and other not in {group.name for group in groups}:
            renamed = tuple(
                Group(other, group.addresses) if group.name == name else group for group in groups
            )
            self._regroup(renamed, f"rename selection “{name}”")

    def delete_group(self, name: str) -> None:
        """Forget a selection with a name; its pictures stay."""
        left = tuple(group for group in self._desk.look().groups if group.name != name)
        self._regroup(left, f"delete selection “{name}”")

    def _regroup(self, groups: tuple[Group, ...], text: str) -> None:
        self._do((1,), Regroup(groups), text)

    # --- undo -------------------------------------------------------------------------------

    @property
    def undo_text(self) -> str:
        """What would be undone, empty if there is nothing."""
        return self._stack.undoText()

    @property
    def redo_text(self) -> str:
        """What would be done again, empty if there is nothing."""
        return self._stack.redoText()

    def undo(self) -> None:
        """Take the last edit back."""
        self._go(self._stack.index() - 1, self._stack.undo)

    def redo(self) -> None:
        """Do the edit again that was taken back."""
        self._go(self._stack.index(), self._stack.redo)

    @property
    def clean(self) -> bool:
        """Whether all edits are in the saved project."""
        return self._stack.isClean()

    def set_clean(self) -> None:
        """Note that all edits were saved."""
        self._stack.setClean()

    def forget(self) -> None:
        """Forget all edits: other pictures are open now, or the same under other names."""
        self._stack.clear()

    # --- helpers ----------------------------------------------------------------------------

    def _do(self, touched: Collection[object], edit: Edit, text: str) -> None:
        if touched and self._desk.free(isinstance(edit, Remove)):
            self._stack.push(_Step(self._desk, edit, text))

    def _go(self, index: int, go: Callable[[], None]) -> None:
        if not 0 <= index < self._stack.count():
            return
        step = self._stack.command(index)
        if self._desk.free(isinstance(step, _Step) and step.removes):
            go()


class _Step(QUndoCommand):
    """One edit on the stack; each time it is done it learns how to take it back."""

    def __init__(self, desk: Desk, edit: Edit, text: str) -> None:
        super().__init__(text)
        self.removes = isinstance(edit, Remove)
        self._desk = desk
        self._next = edit

    def redo(self) -> None:
        self._turn()

    def undo(self) -> None:
        self._turn()

    def _turn(self) -> None:
        after, self._next = self._next.done(self._desk.look())
        self._desk.put(after)
