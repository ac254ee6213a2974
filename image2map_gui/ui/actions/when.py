"""When actions can be done: conditions on the session."""

from __future__ import annotations

from image2map_gui.ui.session.session import Session


def has_pictures(session: Session) -> bool:
    """Whether pictures are open."""
    return bool(session.sources)


def has_pictures_at_rest(session: Session) -> bool:
    """Whether pictures are open and no job runs."""
    return bool(session.sources) and not session.activity


def can_train(session: Session) -> bool:
    """Whether a training can begin, pause or go on."""
    return bool(session.sources) and session.activity in ("", "training")


def can_go_on(session: Session) -> bool:
    """Whether there is a finished map and no job runs."""
    return session.model is not None and not session.activity


def has_labelled_map(session: Session) -> bool:
    """Whether there is a finished map, and labels."""
    return can_go_on(session) and bool(session.layers.labels)


def can_step(session: Session) -> bool:
    """Whether one more epoch can be trained."""
    return can_train(session) and (not session.training or session.paused)


def can_save(session: Session) -> bool:
    """Whether there is something to save that is not half read."""
    return bool(session.sources) and session.activity in ("", "training", "settling", "measuring")


def is_busy(session: Session) -> bool:
    """Whether a job runs."""
    return bool(session.activity)


def has_map(session: Session) -> bool:
    """Whether there is a map, if only one that forms."""
    return session.map is not None


def has_past(session: Session) -> bool:
    """Whether earlier epochs are kept."""
    return len(session.times.epochs) > 1


def is_other_run(session: Session) -> bool:
    """Whether a run is chosen whose map is not the one shown."""
    return session.runs.chosen_run is not None and session.runs.chosen != session.runs.shown


def has_chosen(session: Session) -> bool:
    """Whether pictures are selected."""
    return bool(session.chosen)


def has_units(session: Session) -> bool:
    """Whether units are selected."""
    return session.map is not None and bool(len(session.selection.units))


def has_selection(session: Session) -> bool:
    """Whether units or pictures are selected."""
    return has_units(session) or has_chosen(session)


def has_excluded(session: Session) -> bool:
    """Whether a selected picture is excluded from training."""
    return not session.parts.excluded.isdisjoint(session.chosen)


def may_exclude(session: Session) -> bool:
    """Whether a selected picture is not excluded yet."""
    return bool(session.chosen) and not session.parts.excluded.issuperset(session.chosen)


def has_matches(session: Session) -> bool:
    """Whether pictures were classified."""
    return bool(session.matches)


def has_matches_to_add(session: Session) -> bool:
    """Whether pictures were classified that can be added, if only after the running job."""
    return bool(session.matches) and bool(session.sources)


def can_tune(session: Session) -> bool:
    """Whether there is a finished map and labels to tune it on."""
    return session.model is not None and not session.activity and bool(session.layers.labels)
