"""What the actions of the selection do: each takes the context it works on."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QGuiApplication

from image2map_gui.core.analysis.similar import grown
from image2map_gui.core.images.collection import Rows
from image2map_gui.core.images.matching import by_names
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.session.selection import of_map
from image2map_gui.ui.widgets.gallery import select_rows, selected_rows
from image2map_gui.ui.wording import plural, visible


def select_all(context: Context) -> None:
    """Select all pictures of the list with the focus, else all units."""
    view = context.stage.list_with_focus()
    if view is not None:
        view.selectAll()
    elif context.session.map is not None:
        context.session.selection.select_all_units()
    else:
        context.session.selection.choose_rows(np.arange(len(context.session.sources)))


def select_none(context: Context) -> None:
    """Select nothing."""
    view = context.stage.list_with_focus()
    if view is not None:
        view.clearSelection()
    context.session.selection.clear()


def invert(context: Context) -> None:
    """Select the other pictures of the list with the focus, else the other units."""
    view, session = context.stage.list_with_focus(), context.session
    if view is not None:
        rows = np.arange(view.model().rowCount())
        selected = selected_rows(view.selectionModel())
        select_rows(view.selectionModel(), np.setdiff1d(rows, selected))
    elif session.map is not None:
        session.selection.invert_units()
    else:
        everything = np.arange(len(session.sources))
        session.selection.choose_rows(np.setdiff1d(everything, session.selection.rows))


def grow(context: Context) -> None:
    """Select the neighbours too that are like the selected units."""
    session = context.session
    state = session.map
    if state is None:
        return
    before = of_map(session.selection.units, state)
    units, bound = grown(state.weights, state.grid, state.metric, before)
    if len(units) == len(before):
        session.noticed.emit("No neighbour is like the selected units; nothing was added.")
        return
    session.selection.select_units(units)
    more = plural(len(units) - len(before), "unit")
    session.noticed.emit(f"Added {more} whose prototypes are at most {bound:.4g} away.")


def draw_lasso(context: Context) -> None:
    """Let the next drag on the map draw a lasso."""
    context.stage.draw_lasso()
    context.session.noticed.emit("Draw around the units to select them; Esc ends this.")


def by_label(context: Context) -> None:
    """Ask for labels and select the pictures that have them."""
    sources, curator = context.session.sources, context.session.curator
    offered: list[tuple[str | None, int]] = [*curator.labels]
    if bare := sum(source.label is None for source in sources):
        offered.append((None, bare))
    answer = context.dialogs.labels_to_select(offered, curator.inks)
    if answer is not None:
        labels, adding = frozenset(answer[0]), answer[1]
        found = [row for row, source in enumerate(sources) if source.label in labels]
        _select(context, np.array(found, np.intp), adding)


def by_text(context: Context) -> None:
    """Ask for a text and select the pictures whose names contain it."""
    answer = context.dialogs.text_to_select(context.session.sources)
    if answer is not None:
        _select(context, *answer)


def by_list(context: Context) -> None:
    """Ask for names and select the pictures that have them; unknown names are told."""
    answer = context.dialogs.list_to_select()
    if answer is None:
        return
    rows, unknown = by_names(context.session.sources, answer[0])
    if len(rows):
        _select(context, rows, answer[1])
    if unknown:
        context.dialogs.text(
            f"{plural(len(unknown), 'name')} of the list belong to no picture here:",
            "\n".join(visible(name) for name in unknown),
        )


def _select(context: Context, rows: Rows, adding: bool) -> None:
    selection = context.session.selection
    selection.choose_rows(np.union1d(selection.rows, rows) if adding else rows)
    context.session.noticed.emit(f"{plural(len(selection.rows), 'picture')} selected.")


def find_similar(context: Context) -> None:
    """Look for what is like the chosen picture, or the selected unit."""
    context.session.selection.ask()
    context.stage.show_tool("similar")


def save_selection(context: Context) -> None:
    """Ask for a name and keep the chosen pictures under it."""
    session = context.session
    names = [group.name for group in session.groups]
    number = next(count for count in range(1, len(names) + 2) if f"Selection {count}" not in names)
    name = context.dialogs.selection_name("Save selection", f"Selection {number}", names)
    if name:
        session.curator.save_group(name, session.chosen)
        session.noticed.emit(f"Saved {plural(len(session.chosen), 'picture')} as “{name}”.")


def copy_names(context: Context) -> None:
    """Copy the names of the chosen pictures, one in a line."""
    session = context.session
    names = [session.sources[row].name for row in session.selection.rows.tolist()]
    QGuiApplication.clipboard().setText("\n".join(names))
    text = names[0] if len(names) == 1 else f"the names of {plural(len(names), 'picture')}"
    session.noticed.emit(f"Copied {visible(text)}")
