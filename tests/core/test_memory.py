"""How much memory there is: what the system, groups of processes and limits leave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from image2map_gui.core import memory
from image2map_gui.core.errors import MemoryNeededError
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.dataset import check_room as check_reading
from image2map_gui.core.images.sources import Found, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import check_room, train_map
from image2map_gui.core.som.params import SomParams

GB = 1 << 30
MEMINFO = "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n"


def made(root: Path, **files: str) -> Path:
    """Make a root with files below it; two underscores in a name stand for a slash."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_this_machine_knows() -> None:
    assert 10 << 20 < (memory.available() or 0) < 1 << 50


def test_what_is_left_is_what_is_available_and_what_can_be_swapped_out(tmp_path: Path) -> None:
    root = made(tmp_path, proc__meminfo=MEMINFO)
    assert memory.available(root) == 8 * GB
    made(tmp_path, proc__meminfo=MEMINFO + "SwapFree:   2097152 kB\n")
    assert memory.available(root) == 10 * GB


def test_a_group_of_processes_leaves_less_and_files_it_holds_are_given_back(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        proc__meminfo=MEMINFO,
        proc__self__cgroup="0::/user/app\n",
        sys__fs__cgroup__user__memory_DOT_max=str(3 * GB),
        sys__fs__cgroup__user__memory_DOT_current=str(2 * GB),
        sys__fs__cgroup__user__memory_DOT_stat=f"anon 7\ninactive_file {GB}\n",
        sys__fs__cgroup__user__app__memory_DOT_max="max",
    )
    assert memory.available(root) == 2 * GB


def test_a_container_sees_its_own_group_as_the_root(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        proc__meminfo=MEMINFO,
        proc__self__cgroup="0::/../../elsewhere\n",
        sys__fs__cgroup__memory_DOT_max=str(GB),
        sys__fs__cgroup__memory_DOT_current="0",
    )
    made(tmp_path, proc__self__cgroup="0::/docker/12345\n")
    assert memory.available(root) == GB


def test_groups_of_the_first_version_count_too(tmp_path: Path) -> None:
    root = made(
        tmp_path,
        proc__meminfo=MEMINFO,
        proc__self__cgroup="9:cpu:/a\n4:cpuset,memory:/a\n",
        sys__fs__cgroup__memory__a__memory_DOT_limit_in_bytes=str(GB),
        sys__fs__cgroup__memory__a__memory_DOT_usage_in_bytes=str(GB // 4),
        sys__fs__cgroup__memory__memory_DOT_limit_in_bytes="9223372036854771712",
    )
    assert memory.available(root) == GB * 3 // 4


@pytest.mark.parametrize("text", ["", "no numbers: at all\n", "MemAvailable:\n", "\N{SNOWMAN}"])
def test_what_cannot_be_understood_refuses_nothing(tmp_path: Path, text: str) -> None:
    root = made(tmp_path, proc__meminfo=text, proc__self__cgroup="nonsense\n")
    free = memory.available(root)
    assert free is None or free > 10 << 20  # all there is, where the system tells it otherwise


def test_the_limit_of_the_process_counts() -> None:
    told = (
        "import resource\n"
        "from image2map_gui.core.memory import available\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "print(available())"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    assert 100 << 20 < int(done.stdout) < 1 << 30


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 MB"), (50 << 20, "50 MB"), (int(1.94 * GB), "1.9 GB"), (7200 * GB, "7,200.0 GB")],
)
def test_sizes_are_told_in_words(size: int, text: str) -> None:
    assert memory.size_text(size) == text


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 2 * GB)


def dataset(count: int = 10, spec: ImageSpec | None = None) -> Dataset:
    spec = spec or ImageSpec(size=(10, 10), colour="grey")
    sources = tuple(Source(f"/p/{row}.png") for row in range(count))
    return Dataset(spec, np.zeros((count, spec.length), np.float32), sources)


@pytest.mark.usefixtures("little")
def test_a_training_that_cannot_fit_is_refused_with_the_figures() -> None:
    wide = ImageSpec(size=(512, 512), colour="rgb")
    params = SomParams(rows=40, columns=40)
    with pytest.raises(MemoryNeededError, match=r"^Training 40 x 40 .* 5\d\.\d GB .*; 2\.0 GB are"):
        check_room(dataset(2, wide), params)
    with pytest.raises(MemoryNeededError):
        next(train_map(dataset(2, wide), params))
    check_room(dataset(), params)


@pytest.mark.usefixtures("little")
def test_epochs_that_are_kept_count_as_far_as_there_are_any() -> None:
    check_room(dataset(), SomParams(rows=10, columns=10, epochs=3), more=100 * GB)
    with pytest.raises(MemoryNeededError):
        check_room(dataset(), SomParams(rows=100, columns=100, epochs=9000), more=100 * GB)


@pytest.mark.usefixtures("little")
def test_reading_that_cannot_fit_is_refused_before_the_first_picture() -> None:
    spec = ImageSpec(size=(512, 512), colour="rgb")
    found = Found(dataset(1000).sources, ())
    with pytest.raises(MemoryNeededError, match=r"^Reading 1,000 pictures at 512 x 512 .*2\.9 GB"):
        next(read_dataset(found, spec))
    check_reading(300, spec)
    with pytest.raises(MemoryNeededError):
        check_reading(300, spec, before=300)


def test_nothing_is_refused_where_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: None)
    check_reading(1 << 40, ImageSpec())
