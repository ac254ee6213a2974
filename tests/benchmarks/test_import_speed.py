"""How fast a folder of photographs is read, against plain decoding on all cores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bars import Bars
from drawn import write_photographs
from pace import in_turns
from PIL import Image

from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.proposal import propose_spec
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec

if TYPE_CHECKING:  # the extra ``bench`` is not needed to collect the tests
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
_PICTURES = 400
_SIZE = (1600, 1200)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photographs(tmp_path_factory.mktemp("photographs"), _PICTURES, _SIZE)


@pytest.mark.parametrize("judging", [False, True], ids=["given", "proposed"])
def test_reading_a_folder_is_little_slower_than_decoding_it(
    benchmark: BenchmarkFixture, bars: Bars, photographs: Path, judging: bool
) -> None:
    spec = ImageSpec(size=(32, 32), colour="rgb")

    def read() -> None:
        found = find_sources([photographs])
        chosen = propose_spec(found.sources) if judging else spec
        *_, reading = read_dataset(found, chosen)
        assert len(reading.dataset) == _PICTURES

    def decode() -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            sizes = list(pool.map(decoded_size, sorted(photographs.iterdir())))
        assert sizes == [(_SIZE[0] // 8, _SIZE[1] // 8)] * _PICTURES

    ours, theirs = in_turns(benchmark, read, decode, rounds=4)
    row = bars.at_least(
        f"import of {_PICTURES} JPEGs / plain decoding{', judged first' if judging else ''}",
        100 * theirs / ours,
        80,
        " %",
        f"{_PICTURES / ours:,.0f} a second, plain {_PICTURES / theirs:,.0f}",
    )
    assert row.met, row


def decoded_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.draft("RGB", (32, 32))
        image.load()
        return image.size
