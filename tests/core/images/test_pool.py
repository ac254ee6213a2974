"""Helper processes: all items answered in order, whatever some of them do to their helper."""

from __future__ import annotations

import functools
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from image2map_gui.core.errors import PictureError
from image2map_gui.core.images import pool
from image2map_gui.core.images.helper import Answer, Function, Helper, _packed, _unpacked
from image2map_gui.core.images.pool import Answered, apart, apart_in_order, end_helpers, warm_up

posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have it")
linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="/proc is Linux's")


# What helpers are asked to do; they import this module to find it.


def name_of(item: int) -> bytes:
    return b"item %d" % item


def uneven(item: int) -> bytes:
    time.sleep(0.03 if item % 7 == 0 else 0.0)
    return name_of(item)


def choosy(item: int) -> bytes:
    if item == 3:
        raise PictureError("is no picture, but a \udcff and a \N{SNOWMAN}")
    if item == 5:
        raise KeyError("a mistake")
    return name_of(item)


def sleepy(sleeper: int, item: int) -> bytes:
    if item == sleeper:
        time.sleep(1000)
    return name_of(item)


def endless(item: int) -> bytes:
    while item == 9:
        pass
    return name_of(item)


def deadly(folder: str, how: str, item: int) -> bytes:
    (Path(folder) / f"{item}-{time.monotonic_ns()}").touch()
    if item == 11:
        if how == "exit":
            os._exit(0)
        os.kill(os.getpid(), getattr(signal, how))
    return name_of(item)


def who(item: int) -> bytes:
    time.sleep(0.01)
    return b"%d" % os.getpid()


def greedy(item: int) -> bytes:
    return name_of(item) if item != 2 else bytes(3 << 30)


def large(item: int) -> bytes:
    return bytes([item % 256]) * (3 << 20)


def open_files(item: int) -> bytes:
    places = list(Path("/proc/self/fd").iterdir())
    return "\n".join(str(place.readlink()) for place in places if place.is_symlink()).encode()


def deaf(item: int) -> bytes:
    return b"%d" % (signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def texts(answers: Iterator[Answered | None]) -> list[str]:
    """What was answered: bytes as text, reasons with an exclamation mark."""
    return [
        f"!{one.answer}" if isinstance(one.answer, str) else one.answer.decode()
        for one in answers
        if one is not None
    ]


def expected(count: int, **reasons: str) -> list[str]:
    return [reasons.get(f"at_{item}", f"item {item}") for item in range(count)]


def children() -> set[int]:
    return {process.pid for process in multiprocessing.active_children() if process.pid}


def runs(pid: int) -> bool:
    """Whether a process that need not be our child still does anything."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_gone(pids: set[int], seconds: float) -> None:
    end = time.monotonic() + seconds
    while any(map(runs, pids)):
        assert time.monotonic() < end, f"still running: {pids}"
        time.sleep(0.01)


@pytest.fixture
def no_helpers_before() -> None:
    end_helpers()


# All is well


def test_items_are_answered_in_their_order() -> None:
    assert texts(apart_in_order(uneven, range(100))) == expected(100)


def test_without_order_every_item_is_answered_once() -> None:
    answers = [one for one in apart(uneven, range(100)) if one is not None]
    assert sorted(one.index for one in answers) == list(range(100))
    assert all(one.item == one.index and one.answer == name_of(one.item) for one in answers)


def test_nothing_is_drawn_or_started_before_it_is_asked_for() -> None:
    items = iter(range(3))
    answers = apart(name_of, items)
    assert next(items) == 0
    answers.close()
    assert texts(apart(name_of, ())) == []


def test_several_helpers_work_at_a_time() -> None:
    if pool.cores() < 2:
        pytest.skip("there is one core only")
    assert len(set(texts(apart(who, range(60))))) > 1
    assert len(set(texts(apart(who, range(60), most=1)))) == 1


def test_helpers_are_kept_for_the_next_job() -> None:
    first = set(texts(apart(who, range(8), most=1)))
    assert set(texts(apart(who, range(8), most=1))) == first


@pytest.mark.usefixtures("no_helpers_before")
@pytest.mark.slow
def test_a_helper_can_be_started_before_it_is_needed() -> None:
    before = children()
    warm_up(name_of)
    (started,) = children() - before
    warm_up(name_of)
    assert children() - before == {started}
    assert texts(apart(who, range(5), most=1)) == [str(started)] * 5
    assert texts(apart_in_order(name_of, range(50))) == expected(50)


def test_large_answers_and_many_items_come_through() -> None:
    seen = 0
    for one in apart_in_order(large, range(40), ahead=8):
        if one is not None:
            assert one.answer == large(seen)
            seen += 1
    assert seen == 40
    assert texts(apart_in_order(name_of, range(20_000))) == expected(20_000)


def test_the_newest_item_is_never_far_ahead_of_the_oldest() -> None:
    drawn = 0

    def items() -> Iterator[int]:
        nonlocal drawn
        for drawn in range(1, 501):
            yield drawn - 1

    answered: set[int] = set()
    for one in apart(uneven, items(), ahead=20):
        oldest = next(index for index in itertools.count() if index not in answered)
        assert drawn <= oldest + 20
        if one is not None:
            answered.add(one.index)
    assert answered == set(range(500))


class Wishes:
    """Items that come up one after the other; its end may be a passing one."""

    def __init__(self, *items: int) -> None:
        self.left = list(items)

    def __iter__(self) -> Wishes:
        return self

    def __next__(self) -> int:
        if not self.left:
            raise StopIteration
        return self.left.pop(0)


@pytest.mark.slow
def test_what_comes_up_while_an_item_hangs_does_not_wait_for_it() -> None:
    if pool.cores() < 2:
        pytest.skip("there is one core only")
    wishes, fresh = Wishes(0), [1, 2]
    order = []
    for one in apart(functools.partial(sleepy, 0), wishes, seconds=3):
        if one is not None:
            order.append(one.item)
        wishes.left += fresh
        fresh = []
    assert order == [1, 2, 0]


# Some items are bad


def test_a_refusal_is_a_reason_and_a_mistake_is_too() -> None:
    assert texts(apart_in_order(choosy, range(8))) == expected(
        8,
        at_3="!is no picture, but a \\udcff and a \N{SNOWMAN}",
        at_5="!made the decoder fail (KeyError: 'a mistake')",
    )


@pytest.mark.parametrize("function", [functools.partial(sleepy, 9), endless], ids=["idle", "busy"])
@pytest.mark.slow
def test_an_item_that_never_ends_is_given_up(function: Function) -> None:
    before = children()
    reason = "!took longer than 0.5 s to decode"
    answers = apart_in_order(function, range(60), seconds=0.5)
    assert texts(answers) == expected(60, at_9=reason)
    assert len(children() - before) <= pool._SPARE


def test_the_caller_is_never_kept_waiting_by_an_item_that_hangs() -> None:
    gaps = []
    last = time.perf_counter()
    for _ in apart_in_order(functools.partial(sleepy, 9), range(60), seconds=0.7):
        gaps.append(time.perf_counter() - last)
        last = time.perf_counter()
    gaps.sort()
    assert gaps[-3] < 0.2  # starting a process and ending one may take a moment


def test_several_that_hang_cost_no_more_than_themselves() -> None:
    function = functools.partial(sleepy, 0)
    assert texts(apart_in_order(function, [0, 1, 0, 2, 0, 3], seconds=0.3)) == [
        text
        for name in ("item 1", "item 2", "item 3")
        for text in ("!took longer than 0.3 s to decode", name)
    ]


@pytest.mark.parametrize("how", ["exit", pytest.param("SIGKILL", marks=posix), "SIGABRT"])
@pytest.mark.slow
def test_an_item_at_which_helpers_die_is_tried_twice_and_the_others_are_read(
    tmp_path: Path, how: str
) -> None:
    function = functools.partial(deadly, str(tmp_path), how)
    answers = texts(apart_in_order(function, range(60)))
    assert answers == expected(60, at_11="!made the decoder fail")
    assert len(list(tmp_path.glob("11-*"))) == 2


@posix
def test_a_helper_that_is_killed_from_outside_costs_nothing() -> None:
    killed: set[int] = set()
    answered = 0
    for one in apart_in_order(who, range(150)):
        if one is not None:
            assert isinstance(one.answer, bytes), one
            answered += 1
            if answered in (20, 80):
                killed.add(int(one.answer))
                os.kill(int(one.answer), signal.SIGKILL)
    assert answered == 150
    assert killed


@posix
def test_a_spare_helper_that_was_killed_is_replaced() -> None:
    (pid,) = set(texts(apart(who, range(3), most=1)))
    os.kill(int(pid), signal.SIGKILL)
    wait_until_gone({int(pid)}, 10)
    (another,) = set(texts(apart(who, range(3), most=1)))
    assert another != pid


@linux
def test_memory_is_limited() -> None:
    assert texts(apart_in_order(greedy, range(5))) == expected(
        5, at_2="!needs too much memory; the limit is 2,048 MB (setting 'memory per picture')"
    )


@pytest.mark.parametrize(
    "message", [b"", b"\1", b"\2\0\0\0", b"\1\0\0\0\5\0\0\0abc", b"\xff\xff\xff\xff", b"\3\0\0\0"]
)
def test_nonsense_is_taken_for_a_death(message: bytes) -> None:
    helper = Helper()
    ours, theirs = multiprocessing.Pipe()
    try:
        helper.pipe.close()
        helper.pipe = ours
        theirs.send_bytes(message)
        with pytest.raises(OSError, match="nonsense"):
            helper.hear(2)
    finally:
        helper.end()
        theirs.close()


def test_answers_travel_together() -> None:
    group: list[Answer] = [b"", "", b"abc", "no", bytes(1000), "ünïcödé"]
    assert _unpacked(_packed(group), 6) == group
    assert _unpacked(_packed([]), 0) == []


# No helpers to be had


@pytest.mark.usefixtures("no_helpers_before")
def test_where_no_process_can_be_started_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> Helper:
        raise OSError("no room")

    monkeypatch.setattr(pool, "Helper", refuse)
    answers = texts(apart_in_order(choosy, range(8)))
    assert answers[:3] == expected(3)
    assert answers[3].startswith("!is no picture")
    assert set(texts(apart(who, range(3)))) == {str(os.getpid())}


def test_where_helpers_cannot_find_the_function_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("known_in_this_process_only")
    exec("import os\ndef who(item): return b'%d' % os.getpid()", module.__dict__)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert set(texts(apart(module.who, range(3)))) == {str(os.getpid())}


# Helpers leave


@linux
def test_helpers_are_gone_when_the_caller_stops_asking() -> None:
    before = children()
    answers = apart(functools.partial(sleepy, 0), [0, 0, 1, 1] * 20)
    for one in answers:
        if children() - before and one is None:
            break
    busy = children() - before
    assert busy
    began = time.perf_counter()
    answers.close()
    assert time.perf_counter() - began < 2
    wait_until_gone(busy, 5)


@linux
def test_spare_helpers_can_be_ended() -> None:
    pids = {int(pid) for pid in texts(apart(who, range(60)))}
    end_helpers()
    wait_until_gone(pids, 5)
    assert texts(apart_in_order(name_of, range(3))) == expected(3)


PROGRAM = """
    import re, sys, time
    from pathlib import Path

    def work(item):
        (Path(sys.argv[1]) / str(item)).touch()
        if sys.argv[2] == "busy":
            while True:
                pass
        if sys.argv[2] == "stuck":  # in C, with the interpreter's lock
            re.match("(a+)+$", 60 * "a" + "b")
        return b""

    def main():
        from image2map_gui.core.images.pool import apart

        for one in apart(work, range(20), seconds=2):
            pass
        (Path(sys.argv[1]) / "all done").touch()
        time.sleep(1000)
"""


@linux
@pytest.mark.parametrize("doing", ["busy", "stuck", "nothing"])
@pytest.mark.slow
def test_helpers_do_not_outlive_the_program_that_is_killed(tmp_path: Path, doing: str) -> None:
    program, marks = tmp_path / "program.py", tmp_path / "marks"
    (tmp_path / "worker.py").write_text(textwrap.dedent(PROGRAM))
    program.write_text("import worker\n\nworker.main()\n")  # helpers know no function in here
    marks.mkdir()
    with subprocess.Popen(
        [sys.executable, str(program), str(marks), doing], start_new_session=True
    ) as running:
        try:
            enough = 21 if doing == "nothing" else min(2, pool.cores())
            while len(list(marks.iterdir())) < enough:
                assert running.poll() is None
                time.sleep(0.01)
            family = session_of(running.pid) - {running.pid}
            assert len(family) >= 2  # helpers, and what Python itself keeps for them
        finally:
            running.kill()
    wait_until_gone(family, 15)


def session_of(leader: int) -> set[int]:
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            facts = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(facts[3]) == leader:
            found.add(int(place.name))
    return found


# Helpers are strangers


ASKED = """
    import sys

    def loaded(item):
        return " ".join({name.partition(".")[0] for name in sys.modules}).encode()
"""

ASKING = """
    import PySide6.QtCore
    from asked import loaded
    from image2map_gui.core.images.pool import apart

    print(*[one.answer.decode() for one in apart(loaded, [1]) if one])
"""


def test_helpers_do_not_load_the_window_toolkit(tmp_path: Path) -> None:
    (tmp_path / "asked.py").write_text(textwrap.dedent(ASKED))
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(ASKING))
    done = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    loaded = set(done.stdout.split())
    assert "image2map_gui" in loaded
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph", "scipy", "sklearn"}


@linux
@pytest.mark.usefixtures("no_helpers_before")
def test_helpers_hold_no_file_that_the_program_has_open(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with (tmp_path / "mine").open("w"):
        (places,) = texts(apart(open_files, [0]))
        pipe = str(Path(f"/proc/self/fd/{reader}").readlink())
    os.close(reader)
    os.close(writer)
    assert "mine" not in places
    assert pipe not in places.splitlines()


@posix
def test_an_interrupt_from_the_keyboard_is_not_meant_for_helpers() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    end_helpers()
    assert texts(apart(deaf, [0])) == ["1"]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
