"""The actions that are about answers: classified pictures, their labels, how good they are."""

from __future__ import annotations

from image2map_gui.ui import answer_handlers, handlers
from image2map_gui.ui.action import Action
from image2map_gui.ui.session import Session


def _has_matches(session: Session) -> bool:
    return bool(session.matches)


def _has_matches_at_rest(session: Session) -> bool:
    return bool(session.matches) and bool(session.sources) and not session.activity


def _can_tune(session: Session) -> bool:
    return session.model is not None and not session.activity and bool(session.layers.labels)


CLASSIFYING: tuple[Action, ...] = (
    Action(
        "classify", "&Map", "&Classify pictures…", handlers.classify, "Ctrl+D", "classify",
        "Find out where pictures belong on this map",
        enabled=lambda session: session.map is not None, separated=True,
    ),
    Action(
        "export-matches", "&Map", "Save classified pictures…", answer_handlers.export_matches,
        icon="save", tip="Write path, unit, distance and label to a CSV or JSON file",
        enabled=_has_matches,
    ),
    Action(
        "matches-add", "&Map", "Add classified pictures to the collection",
        answer_handlers.add_matches(training=False), icon="add",
        tip="Add them to the collection; the map stays as it is", enabled=_has_matches_at_rest,
    ),
    Action(
        "matches-train", "&Map", "Add classified pictures and go on training",
        answer_handlers.add_matches(training=True), icon="train",
        tip="Add them to the collection, then train this map on from its last radius and rate",
        enabled=_has_matches_at_rest,
    ),
)  # fmt: skip

COPYING: tuple[Action, ...] = (
    Action(
        "export-folders-answer", "&File/&Export", "Classified pictures into folders by label…",
        answer_handlers.copy_answers,
        tip="Copy the classified pictures into folders by the labels they were given",
        enabled=lambda session: _has_matches(session) and not session.activity,
    ),
)  # fmt: skip

LABELLING: tuple[Action, ...] = (
    Action(
        "labels", "&Collection", "&Labels…", lambda context: context.stage.show_tool("labels"),
        "Ctrl+Shift+L", "label",
        "Order, rename, merge and spread labels; take them from a table or save them",
        enabled=lambda session: bool(session.sources),
    ),
)  # fmt: skip

JUDGING: tuple[Action, ...] = (
    Action(
        "evaluate", "&Map", "&Evaluation…", lambda context: context.stage.show_tool("evaluation"),
        "Shift+F8", "measure",
        "See how far the answers of this map can be trusted, and which labels would help",
        enabled=lambda session: session.model is not None,
    ),
    Action(
        "tune", "&Map", "T&une on labels…", answer_handlers.tune, icon="train",
        tip="Move the units so that they tell labels apart, as a new run", enabled=_can_tune,
    ),
)  # fmt: skip
