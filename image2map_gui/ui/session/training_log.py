"""The log of a map's training: its epochs, the time they took, and where it stands now."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

import numpy as np

from image2map_gui.core.som.course import Change, course_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot
from image2map_gui.ui.wording import duration_text, rate_text

_REHEATED = 10  # epochs at least after a reheating, so that the map can settle again


class TrainingLog:
    """What is known of all epochs of a map, also over several trainings of it."""

    def __init__(self, history: Sequence[EpochFigures] = (), seconds: float = 0.0) -> None:
        self.history = list(history)
        self.seconds = seconds
        self._course = course_of(SomParams())
        self.earlier = 0  # epochs before the running training
        self._began: float | None = None

    def until(self, epoch: int) -> TrainingLog:
        """Return the log of the epochs up to one of them."""
        history = self.history[:epoch]
        return TrainingLog(history, sum(figures.seconds for figures in history))

    def copy(self) -> TrainingLog:
        """Return what is known by now, also while a training runs."""
        began = self._began
        seconds = self.seconds if began is None else time.perf_counter() - began
        return TrainingLog(self.history, seconds)

    def begin(self, params: SomParams) -> None:
        """Note that a training with these parameters starts now."""
        self._course = course_of(params)
        self.earlier = len(self.history)
        self._began = time.perf_counter() - self.seconds

    def add(self, figures: EpochFigures) -> EpochFigures:
        """Note an epoch; return its figures counted from the first epoch of the map."""
        figures = dataclasses.replace(
            figures,
            epoch=figures.epoch + self.earlier,
            epochs=figures.epochs + self.earlier,
        )
        self.history.append(figures)
        return figures

    def end(self) -> None:
        """Note that the training has ended; what still comes is no training."""
        if self._began is not None:
            self.seconds = time.perf_counter() - self._began
            self._began = None

    def standing(self) -> tuple[float, float, int]:
        """Return radius and rate of the last epoch, and how many epochs are still to come."""
        if len(self.history) <= self.earlier:
            return *self._course.at(0), self._course.planned
        figures = self.history[-1]
        rate = self._course.at(0)[1] if figures.rate is None else figures.rate
        return figures.radius, rate, max(1, figures.epochs - self._course.extra - figures.epoch)

    def reheating(self) -> Change:
        """Return the change that goes on from the first radius and rate, for some epochs."""
        radius, rate = self._course.at(0)
        return Change(radius, rate, max(_REHEATED, self.standing()[2]))

    def progress_text(self, snapshot: Snapshot) -> str:
        """Say which epoch it is, how fast they go by, and how long it will take."""
        epoch = min(snapshot.epoch + 1, snapshot.epochs)
        most = "at most " if self._course.extra else ""
        text = f"Epoch {epoch:,} of {most}{snapshot.epochs:,}"
        if not self.history:
            return text
        seconds = float(np.mean([figures.seconds for figures in self.history[-5:]]))
        left = seconds * snapshot.epochs * (1 - snapshot.fraction)
        return f"{text} · {rate_text(seconds)} · {duration_text(left)} left"


def remaining(params: SomParams, history: Sequence[EpochFigures]) -> SomParams | None:
    """Return parameters for what is left of a training that ended early; ``None``: nothing is.

    It goes on where it stood, along the course that was planned; where the plan is not known any
    more, after several trainings, from the last radius and rate.
    """
    if not history:
        return None
    last, course = history[-1], course_of(params)
    left = last.epochs - course.extra - last.epoch
    if left <= 0:
        return None
    (end_radius, end_rate), (radius, rate) = course.at(course.planned - 1), course.at(last.epoch)
    if last.epochs != course.epochs:
        radius, rate = last.radius, rate if last.rate is None else last.rate
    return dataclasses.replace(
        params,
        epochs=left,
        phases="one",
        radius_start=max(radius, end_radius),
        radius_end=end_radius,
        rate_start=max(rate, end_rate),
        rate_end=end_rate,
    )


def onwards(params: SomParams, history: Sequence[EpochFigures], epoch: int) -> SomParams:
    """Return parameters that go on after an epoch as the training did, until its end."""
    left = max(1, len(history) - epoch)
    if not epoch:
        return dataclasses.replace(params, epochs=left)
    coming = history[min(epoch, len(history) - 1)]
    radius = max(coming.radius, params.radius_end)
    rate = params.rate_start if coming.rate is None else max(coming.rate, params.rate_end)
    return dataclasses.replace(
        params, epochs=left, radius_start=radius, rate_start=rate, phases="one"
    )
