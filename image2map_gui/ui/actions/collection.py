"""The menu Collection: what is known of the pictures."""

from __future__ import annotations

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.when import has_pictures
from image2map_gui.ui.handlers import handlers

COLLECTION: tuple[Action, ...] = (
    Action(
        "statistics", "&Collection", "&Statistics…",
        lambda context: context.stage.show_tool("statistics"), icon="info",
        tip="Sizes, formats, colours and labels of the pictures", enabled=has_pictures,
    ),
    Action(
        "duplicates", "&Collection", "&Duplicates…",
        lambda context: context.stage.show_tool("duplicates"),
        tip="Find pictures that are there more than once, or nearly so", enabled=has_pictures,
    ),
    Action(
        "labels", "&Collection", "&Labels…", lambda context: context.stage.show_tool("labels"),
        "Ctrl+Shift+L", "label",
        "Order, rename, merge and spread labels; take them from a table or save them",
        enabled=lambda session: bool(session.sources),
    ),
    Action(
        "split", "&Collection", "&Training and test pictures…", handlers.split, icon="split",
        tip="Keep a share of the pictures for testing", enabled=has_pictures, separated=True,
    ),
    Action(
        "watch", "&Collection", "&Watch folder for new pictures",
        lambda context: context.session.watch(on=not context.session.watching),
        tip="Add pictures that come into the opened folders; a map that is there places them",
        enabled=has_pictures, separated=True, checked=lambda session: session.watching,
    ),
    Action(
        "all-pages", "&Collection", "All &pages of TIFF files", handlers.all_pages,
        tip="Take every page of a TIFF file as a picture of its own, not only the first",
        checked=lambda session: session.pages == "all",
    ),
)  # fmt: skip
