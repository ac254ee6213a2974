"""Parts of a collection: who is trained on, who is kept for testing, and that it stays so."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.collection import (
    LabelStyle,
    Parts,
    Split,
    held_out,
    relabelled,
    rows_of,
)
from image2map_gui.core.images.sources import Source

labels = st.lists(st.sampled_from(["cat", "dog", "owl", None]), max_size=60)
splits = st.builds(
    Split,
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**32 - 1),
    stratified=st.booleans(),
)


def pictures(labels: list[str | None], first: int = 0) -> tuple[Source, ...]:
    return tuple(
        Source(f"/pictures/{first + index}.png", label=label) for index, label in enumerate(labels)
    )


@given(labels, splits)
def test_the_same_seed_keeps_the_same_pictures(labels: list[str | None], split: Split) -> None:
    sources = pictures(labels)
    assert held_out(sources, split) == held_out(sources, split)
    assert held_out(sources, split) <= {source.address for source in sources}


def test_another_seed_keeps_others() -> None:
    sources = pictures(["cat"] * 100)
    kept = {held_out(sources, Split(0.2, seed)) for seed in range(20)}
    assert len(kept) == 20
    assert {len(one) for one in kept} == {20}


@given(labels, splits)
def test_the_share_is_kept_within_one_picture(labels: list[str | None], split: Split) -> None:
    test = held_out(pictures(labels), split)
    assert abs(len(test) - split.share * len(labels)) < 1
    if split.stratified:
        kept = Counter(source.label for source in pictures(labels) if source.address in test)
        for label, count in Counter(labels).items():
            assert abs(kept[label] - split.share * count) < 1


@given(labels, labels, splits)
def test_what_comes_later_moves_nothing(
    early: list[str | None], late: list[str | None], split: Split
) -> None:
    before = pictures(early)
    parts = Parts().divided(before, split)
    now = before + pictures(late, first=len(early))
    grown = parts.grown(now, before)
    known = {source.address for source in before}
    assert grown.test & known == parts.test
    assert grown.split == split
    if split.stratified:
        kept = Counter(source.label for source in now if source.address in grown.test)
        for label, count in Counter(early + late).items():
            assert kept[label] <= split.share * count + 1
            if label in late:
                assert kept[label] >= split.share * count - 1


def test_the_share_is_kept_as_a_collection_grows() -> None:
    now = pictures(["cat", "dog"] * 5)
    parts = Parts().divided(now, Split(0.25, 3))
    for _ in range(12):
        before, now = now, now + pictures(["cat"] * 3 + ["dog"], first=len(now))
        parts = parts.grown(now, before)
    kept = Counter(source.label for source in now if source.address in parts.test)
    counts = Counter(source.label for source in now)
    assert all(abs(kept[label] - 0.25 * counts[label]) <= 1 for label in counts)


def test_pictures_that_come_back_are_not_excluded() -> None:
    before = pictures(["cat"] * 3)
    parts = Parts(excluded=frozenset({"/pictures/1.png", "/pictures/3.png"}))
    now = before + pictures(["cat"], first=3)
    assert parts.grown(now, before).excluded == {"/pictures/1.png"}


@given(labels, st.sets(st.integers(0, 70)), splits)
def test_the_rows_are_those_in_no_other_part(
    labels: list[str | None], excluded: set[int], split: Split
) -> None:
    sources = pictures(labels)
    out = frozenset(f"/pictures/{row}.png" for row in excluded)
    parts = Parts(excluded=out).divided(sources, split)
    rows = parts.rows(sources)
    expected = [
        row
        for row, source in enumerate(sources)
        if source.address not in out and source.address not in parts.test
    ]
    assert (list(range(len(sources))) if rows is None else rows.tolist()) == expected


def test_nothing_is_chosen_where_all_is_trained_on() -> None:
    sources = pictures(["cat"] * 4)
    assert Parts().rows(sources) is None
    assert Parts(excluded=frozenset({"/elsewhere.png"})).rows(sources) is None
    divided = Parts().divided(sources, Split(0.5))
    assert divided.rows(sources) is not None
    assert divided.divided(sources, None) == Parts()


def test_parts_follow_pictures_to_another_place() -> None:
    parts = Parts(frozenset({"/a/1", "/a/2"}), frozenset({"/a/3"}))
    moved = parts.renamed({"/a/1": "/b/1", "/a/3": "/b/3"})
    assert moved == Parts(frozenset({"/b/1", "/a/2"}), frozenset({"/b/3"}))


@pytest.mark.parametrize(
    "values", [{"share": 0}, {"share": 1}, {"share": float("nan")}, {"seed": -1}, {"seed": 2**32}]
)
def test_splits_that_make_no_sense_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Split(**values)


def test_labels_are_replaced_by_address() -> None:
    sources = pictures(["cat", None, "dog"])
    named = {"/pictures/1.png": "owl", "/pictures/2.png": None, "/elsewhere.png": "x"}
    renewed = relabelled(sources, named)
    assert [source.label for source in renewed] == ["cat", "owl", None]
    assert renewed[0] is sources[0]
    np.testing.assert_array_equal(rows_of(sources, named), [1, 2])


@pytest.mark.parametrize(
    "values",
    [("",), ("a", ""), ("a", "red"), ("a", "#12345"), ("a", "#1E90FF"), ("a", "#1e90ff\n")],
)
def test_label_styles_that_make_no_sense_are_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(ParameterError):
        LabelStyle(*values)
