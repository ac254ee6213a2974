"""How quick the dataset browser is with 100,000 pictures: processor time of the window's thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from bars import Bars, missed
from PySide6.QtWidgets import QApplication

from image2map_gui.core.images.sources import Source
from image2map_gui.ui.jobs import catalogue as kinds
from image2map_gui.ui.main_window import MainWindow

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(300)]
_PICTURES = 100_000


def milliseconds(do: Callable[[], object]) -> float:
    QApplication.processEvents()
    began = time.thread_time()
    do()
    QApplication.processEvents()
    return 1000 * (time.thread_time() - began)


def test_a_hundred_thousand_pictures_are_browsed(window: MainWindow, bars: Bars) -> None:
    session, browser = window.session, window.browser
    numbers = np.random.default_rng(1).integers(0, 10**6, _PICTURES)
    sources = tuple(
        Source(f"/pictures/class {row % 10}/IMG_{number}.jpg", label=f"class {row % 10}")
        for row, number in enumerate(numbers)
    )

    def show() -> None:
        session.sources = sources
        session.collection_changed.emit()

    def sort(order: int) -> None:
        browser._order.set_order(order, descending=False)
        browser._filter_changed()

    said = f"{_PICTURES:,} pictures"
    rows = [bars.at_most("browser: show the collection", milliseconds(show), 200, " ms", said)]
    steps: dict[str, Callable[[], object]] = {
        "scroll to the end": browser.gallery.scrollToBottom,
        "filter by name, first": lambda: browser._filter.setText("img_1"),
        "filter by name": lambda: browser._filter.setText("img_12"),
        "no filter": browser._filter.clear,
        "sort by name, first": lambda: sort(kinds.BY_NAME),
        "sort by label": lambda: sort(kinds.BY_LABEL),
        "sort by name": lambda: sort(kinds.BY_NAME),
        "select all": browser.gallery.selectAll,
        "label one": lambda: session.curator.label([sources[7].address], "other"),
    }
    for what, step in steps.items():
        rows.append(bars.at_most(f"browser: {what}", milliseconds(step), 400, " ms", said))
    session.thumbnails.shutdown()
    assert not missed(*rows), missed(*rows)
