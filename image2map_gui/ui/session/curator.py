"""The curator: edits what is open in steps that can be undone."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from image2map_gui.core.images.collection import Group, Labels, LabelStyle, Rows, Split, rows_of
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import ClusterName
from image2map_gui.core.options import options_of
from image2map_gui.core.picture.label_inks import LabelInks
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.session.edits import (
    Both,
    Deal,
    Deed,
    Divide,
    Edit,
    Embed,
    Exclude,
    Include,
    Kind,
    NameClusters,
    Opened,
    Regroup,
    Relabel,
    Restyle,
    Settle,
)
from image2map_gui.ui.session.removing import Remove
from image2map_gui.ui.wording import plural

_MOST_STEPS = 100
_AT_ONCE_SECONDS = 1.5  # changes of one setting that follow so soon are one step


@dataclasses.dataclass(frozen=True)
class Desk:
    """Where the curator finds what is open, and puts it when it was edited.

    ``free`` tells, and says to the person if not, whether edits of a kind are possible now.
    """

    look: Callable[[], Opened]
    put: Callable[[Opened], None]
    free: Callable[[Kind], bool]


class Curator(QObject):
    """Labels, excludes, divides and removes pictures, all named by their addresses.

    What others change, such as settings and which map is open, is among its steps, too.
    """

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
            elif new is not None and new not in styles:  # its place and colour go with it
                kept[new] = LabelStyle(new, own.colour)
        if new in styles:  # that one keeps its place, and its colour if it has one
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
            self._inks = look.inks
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

    def name_cluster(self, units: Rows, name: str) -> None:
        """Call a cluster something else while it has these units; empty: as it was called first."""
        mine, before = tuple(sorted(units.tolist())), self._desk.look().clusters
        after = tuple(one for one in before if one.units != mine)
        if name:
            after += (ClusterName(mine, name),)
        text = f"name a cluster “{name}”" if name else "take the name off a cluster"
        if set(after) != set(before):
            self._do((1,), NameClusters(after), text)

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

    def settle(self, params: SomParams, spec: ImageSpec | None, text: str = "") -> None:
        """Set how maps are trained and pictures prepared; the ``text`` is what that was for."""
        look = self._desk.look()
        changed = _changed(look.params, params)
        if look.spec is not None and spec is not None:
            changed += _changed(look.spec, spec)
        one = changed[0] if len(changed) == 1 and not text else ""
        said = text or (f"set {one}" if one else f"change {plural(len(changed), 'setting')}")
        if (params, spec) != (look.params, look.spec):
            name = one.partition(" to ")[0]
            self._stack.push(_Step(self._desk, Settle(params, spec), said, setting=name))

    def embed(self, what: str) -> None:
        """Choose what of the pictures is to come with the project."""
        text = "leave the pictures out" if what == "no" else "keep the pictures in the project"
        self._do((1,), Embed(what), text)

    def note(self, done: Deal | Deed) -> None:
        """Take something among the steps that was done already."""
        if isinstance(done, Deal):
            self._stack.push(_Step(self._desk, done.back, done.text, done=True))
        else:
            self._stack.push(_DeedStep(done))

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

    def unclean(self) -> None:
        """Note that no step is the saved one: what was saved lies between two of them."""
        self._stack.resetClean()

    def forget(self) -> None:
        """Forget all edits: other pictures are open now, or the same under other names."""
        self._stack.clear()

    # --- helpers ----------------------------------------------------------------------------

    def _do(self, touched: Collection[object], edit: Edit, text: str) -> None:
        if touched and self._desk.free(edit.kind):
            self._stack.push(_Step(self._desk, edit, text))

    def _go(self, index: int, go: Callable[[], None]) -> None:
        if not 0 <= index < self._stack.count():
            return
        step = self._stack.command(index)
        if isinstance(step, _Step | _DeedStep) and self._desk.free(step.kind):
            go()


def _changed(before: object, after: object) -> list[str]:
    """Say which options have which new values."""
    return [
        f"{one.label} to {one.text(getattr(after, one.name))}"
        for one in options_of(type(after))
        if getattr(before, one.name) != getattr(after, one.name)
    ]


class _Step(QUndoCommand):
    """One edit on the stack; each time it is done it learns how to take it back.

    With ``done`` it was done already, and the edit is the one that takes it back. Edits of the
    same ``setting`` that follow each other at once become one step.
    """

    def __init__(
        self, desk: Desk, edit: Edit, text: str, *, done: bool = False, setting: str = ""
    ) -> None:
        super().__init__(text)
        self._desk = desk
        self._next = edit
        self._done = done
        self._setting = setting
        self._at = time.monotonic()

    @property
    def kind(self) -> Kind:
        """What it is about."""
        return self._next.kind

    def redo(self) -> None:
        if self._done:
            self._done = False
        else:
            self._turn()

    def undo(self) -> None:
        self._turn()

    def id(self) -> int:
        return hash(self._setting) & 0x7FFFFFFF if self._setting else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other._setting != self._setting:
            return False
        if other._at - self._at > _AT_ONCE_SECONDS:
            return False
        self._at = other._at
        self.setText(other.text())
        look = self._desk.look()
        if self._next == Settle(look.params, look.spec):
            self.setObsolete(True)  # there and back again is no step
        return True

    def _turn(self) -> None:
        after, self._next = self._next.done(self._desk.look())
        self._desk.put(after)


class _DeedStep(QUndoCommand):
    """Something on the stack that was done already, by somebody who can take it back."""

    def __init__(self, deed: Deed) -> None:
        super().__init__(deed.text)
        self.kind = deed.kind
        self._deed = deed
        self._new = True

    def redo(self) -> None:
        if self._new:
            self._new = False
        else:
            self._deed.again()

    def undo(self) -> None:
        self._deed.back()
