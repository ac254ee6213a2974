"""The worker: ends, stops, pauses, steps, fails; keeps only the newest value."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
from collections.abc import Iterator

from pytestqt.qtbot import QtBot

from image2map_gui.ui.jobs.worker import Worker


@dataclasses.dataclass(frozen=True)
class Count:
    number: int
    milestone: bool = False
    fraction: float = 0.0


def numbers(end: int, every: int = 1) -> Iterator[Count]:
    for number in range(end):
        yield Count(number, milestone=number % every == every - 1)


def run(qtbot: QtBot, worker: Worker) -> None:
    with qtbot.waitSignal(worker.finished, timeout=5000):
        worker.start()


def test_runs_to_the_end_and_keeps_the_last_value(qtbot: QtBot) -> None:
    worker = Worker(numbers(100))
    run(qtbot, worker)
    assert worker.completed
    assert worker.error is None
    assert worker.last.number == 99


def test_milestones_come_in_order_by_signal(qtbot: QtBot) -> None:
    worker = Worker(numbers(50, every=10), digest=lambda value: value.number)
    seen: list[int] = []
    worker.milestone.connect(seen.append)
    run(qtbot, worker)
    qtbot.waitUntil(lambda: len(seen) == 5)
    assert seen == [9, 19, 29, 39, 49]


def test_letterbox_holds_one_painted_value_and_is_then_empty(qtbot: QtBot) -> None:
    painted: list[int] = []

    def paint(value: Count) -> int:
        painted.append(value.number)
        return 10 * value.number

    worker = Worker(numbers(1000, every=1001), paint=paint)
    run(qtbot, worker)
    frame = worker.take()
    assert frame is not None
    assert frame[1] == 10 * frame[0].number
    assert worker.take() is None
    assert painted == [0], "nobody looked, so nothing more needed painting"


def test_stop_ends_an_endless_job_and_closes_the_generator(qtbot: QtBot) -> None:
    closed = threading.Event()

    def endless() -> Iterator[Count]:
        try:
            while True:
                yield Count(0)
        finally:
            closed.set()

    worker = Worker(endless())
    worker.start()
    qtbot.waitUntil(lambda: worker.last is not None)
    worker.request_stop()
    assert worker.wait(5000)
    assert closed.is_set()
    assert not worker.completed


def test_step_runs_one_stage_and_resume_goes_on(qtbot: QtBot) -> None:
    worker = Worker(numbers(30, every=10), digest=lambda value: value.number)
    worker.step()
    with qtbot.waitSignal(worker.milestone, timeout=5000):
        worker.start()
    qtbot.waitUntil(lambda: worker.paused)
    assert worker.last.number == 9
    with qtbot.waitSignal(worker.milestone, timeout=5000):
        worker.step()
    qtbot.waitUntil(lambda: worker.paused)
    assert worker.last.number == 19
    with qtbot.waitSignal(worker.finished, timeout=5000):
        worker.resume()
    assert worker.last.number == 29


def test_a_worker_gives_way_until_it_is_told_to_go_on(qtbot: QtBot) -> None:
    worker = Worker(numbers(10**9))
    worker.start()
    qtbot.waitUntil(lambda: worker.last is not None)
    worker.give_way(3600)
    seen = [worker.last.number]

    def stands_still() -> bool:
        seen.append(worker.last.number)
        return len(seen) > 5 and len(set(seen[-5:])) == 1

    qtbot.waitUntil(stands_still)
    still = worker.last.number
    worker.go_on()
    qtbot.waitUntil(lambda: worker.last.number > still)
    worker.give_way(3600)
    worker.request_stop()
    assert worker.wait(5000)


def test_a_worker_gives_way_no_longer_than_it_was_asked_to(qtbot: QtBot) -> None:
    worker = Worker(numbers(3))
    worker.give_way(0.05)
    run(qtbot, worker)
    assert worker.completed


def test_a_paused_worker_can_be_stopped(qtbot: QtBot) -> None:
    worker = Worker(numbers(10))
    worker.pause()
    worker.start()
    worker.request_stop()
    assert worker.wait(5000)
    assert worker.last is None


def test_an_error_is_kept_and_not_taken_for_success(qtbot: QtBot) -> None:
    def failing() -> Iterator[Count]:
        yield Count(1)
        raise ValueError("broken")

    worker = Worker(failing())
    run(qtbot, worker)
    assert str(worker.error) == "broken"
    assert not worker.completed
    assert worker.last.number == 1


STORM = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
class Sender(QObject):
    happened = Signal(bool, float)
class Receiver(QObject):
    count = 0
    @Slot(bool, float)
    def take(self, flag, number):
        self.count += 1
application = QCoreApplication([])
sender, receiver = Sender(), Receiver()
sender.happened.connect(receiver.take)
for number in range(50_000):
    sender.happened.emit(True, number)
print(receiver.count)
"""


def test_fifty_thousand_signals_do_not_abort_the_interpreter() -> None:
    """Some versions of Qt for Python lose a reference to True at every signal."""
    done = subprocess.run(
        [sys.executable, "-c", STORM], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "50000"
