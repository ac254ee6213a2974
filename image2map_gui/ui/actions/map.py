"""The menu Map: training, time, runs, quality, answers."""

from __future__ import annotations

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.when import (
    can_go_on,
    can_step,
    can_train,
    can_tune,
    has_matches,
    has_matches_to_add,
    has_past,
    has_pictures_at_rest,
    is_busy,
    is_other_run,
)
from image2map_gui.ui.handlers import answer_handlers, handlers
from image2map_gui.ui.session.past import TimeTravel


def _to_now(times: TimeTravel) -> None:
    times.stop()
    times.now()


MAP: tuple[Action, ...] = (
    Action(
        "train", "&Map", "&Train", handlers.train_or_pause, "F5", "train",
        "Train a new map; while it forms, pause and go on", enabled=can_train,
    ),
    Action(
        "go-on", "&Map", "&Go on training", lambda context: context.session.go_on(), "F7", "train",
        "Train this map for as many epochs again, from its last radius and rate",
        enabled=can_go_on,
    ),
    Action(
        "finish", "&Map", "Fi&nish the training",
        lambda context: context.session.finish_training(), icon="train",
        tip="Train for the epochs that were left when the training was stopped or cut off",
        enabled=lambda session: session.unfinished,
    ),
    Action(
        "step", "&Map", "One &epoch", lambda context: context.session.step(), "F6", "step",
        "Train for one epoch, then wait", enabled=can_step,
    ),
    Action(
        "stop", "&Map", "&Stop", lambda context: context.session.stop(), "Esc", "stop",
        "Stop; the map reached so far is kept", enabled=is_busy,
    ),
    Action(
        "roll-again", "&Map", "&Roll the dice again", lambda context: context.session.roll_again(),
        "Ctrl+Shift+R", "dice", "Train a new map with the same settings and another seed",
        enabled=has_pictures_at_rest,
    ),
    *(
        Action(
            name, "&Map/T&ime", text, lambda context, go=go: go(context.session.times),  # type: ignore[misc]
            keys, icon, tip, enabled=has_past, separated=name == "time-now",
        )
        for name, text, keys, icon, tip, go in (
            ("time-start", "To the &start", "Alt+Home", "first",
             "Show how the training began", TimeTravel.start),
            ("time-back", "Epoch &before", "Alt+Left", "chevron-left",
             "Show the map as it was one epoch before", lambda times: times.step(-1)),
            ("time-on", "Epoch &after", "Alt+Right", "chevron-right",
             "Show the map as it was one epoch later", lambda times: times.step(1)),
            ("time-now", "&Newest map", "Alt+End", "step",
             "Show the map as it is now", _to_now),
        )
    ),
    Action(
        "time-play", "&Map/T&ime", "&Play", lambda context: context.session.times.play(1),
        "Ctrl+Space", "train", "Play the learning, epoch by epoch; again to stop",
        enabled=has_past, checked=lambda session: session.times.direction > 0, separated=True,
    ),
    Action(
        "time-play-back", "&Map/T&ime", "Play bac&kwards",
        lambda context: context.session.times.play(-1),
        "Ctrl+Shift+Space", "play-back", "Play the learning backwards; again to stop",
        enabled=has_past, checked=lambda session: session.times.direction < 0,
    ),
    Action(
        "train-from", "&Map/T&ime", "Train on from &here",
        lambda context: context.session.go_on_from_here(),
        tip="Train on from the epoch that is shown; the map there is now stays among the runs",
        enabled=lambda session: session.past and can_go_on(session), separated=True,
    ),
    Action(
        "run-restore", "&Map/R&uns", "&Restore", handlers.restore_run,
        tip="Open the map of the chosen run again; the one that is open stays in the list",
        enabled=lambda session: is_other_run(session) and not session.activity,
    ),
    Action(
        "run-rename", "&Map/R&uns", "Re&name…", handlers.rename_run,
        tip="Call the chosen run something else",
        enabled=lambda session: session.runs.chosen_run is not None,
    ),
    Action(
        "run-delete", "&Map/R&uns", "&Delete…", handlers.delete_run,
        tip="Take the chosen run off the list", enabled=is_other_run,
    ),
    Action(
        "measure", "&Map", "&Measure quality", handlers.measure, "F8", "measure",
        "Work out how closely and in what order this map shows its pictures",
        enabled=can_go_on, separated=True,
    ),
    Action(
        "evaluate", "&Map", "E&valuation…", lambda context: context.stage.show_tool("evaluation"),
        "Shift+F8", "measure",
        "See how far the answers of this map can be trusted, and which labels would help",
        enabled=lambda session: session.model is not None,
    ),
    Action(
        "tune", "&Map", "Tune on la&bels…", answer_handlers.tune, icon="train",
        tip="Move the units so that they tell labels apart, as a new run", enabled=can_tune,
    ),
    Action(
        "classify", "&Map", "&Classify pictures…", handlers.classify, "Ctrl+D", "classify",
        "Find out where pictures belong on this map",
        enabled=lambda session: session.map is not None, separated=True,
    ),
    Action(
        "export-matches", "&Map", "Save classi&fied pictures…", answer_handlers.export_matches,
        icon="save", tip="Write path, unit, distance and label to a CSV or JSON file",
        enabled=has_matches,
    ),
    Action(
        "matches-add", "&Map", "&Add classified pictures to the collection",
        answer_handlers.add_matches(training=False), icon="add",
        tip="Add them to the collection; the map stays as it is", enabled=has_matches_to_add,
    ),
    Action(
        "matches-train", "&Map", "Add classified pictures and go &on training",
        answer_handlers.add_matches(training=True), icon="train",
        tip="Add them to the collection, then train this map on from its last radius and rate",
        enabled=has_matches_to_add,
    ),
)  # fmt: skip
