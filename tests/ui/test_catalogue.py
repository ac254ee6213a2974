"""Filters and orders of the collection, against naive ones."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from natsort import natsorted, ns

from image2map_gui.core.images.collection import Parts
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.som.params import SomParams
from image2map_gui.ui.jobs import catalogue as kinds
from image2map_gui.ui.jobs.catalogue import Catalogue, View
from image2map_gui.ui.state import Drawing, MapState

LABELS = ("cat", "Dog 2", "Dog 10", None)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    count = draw(st.integers(0, 25))
    sources = tuple(
        Source(f"/a/{row % 3}/img{draw(st.integers(0, 120))}-{row}.png", label=draw(_labels))
        for row in range(count)
    )
    addresses = [source.address for source in sources]
    some = st.frozensets(st.sampled_from(addresses)) if addresses else st.just(frozenset())
    on_map = [source for source in sources if draw(st.booleans())]
    units = np.array([draw(st.integers(0, 3)) for _ in on_map], np.intp)
    distances = np.array([draw(st.integers(0, 9)) / 8 for _ in on_map], np.float64)
    state = MapState(
        params=SomParams(rows=2, columns=2),
        spec=ImageSpec(),
        weights=np.zeros((4, 1), np.float32),
        drawing=Drawing(np.zeros((4, 1, 1, 1), np.uint8), np.zeros((1, 1, 1), np.uint8)),
        pictures=tuple(on_map),
        units=units,
        distances=distances,
        added=draw(st.integers(0, len(on_map))),
    )
    return Catalogue(sources, Parts(draw(some), draw(some)), draw(st.sampled_from([None, state])))


_labels = st.sampled_from(LABELS)


def naive(catalogue: Catalogue, view: View) -> set[int]:
    """Which rows pass, one after the other."""
    state = catalogue.state
    units = {} if state is None else state.unit_of
    far: dict[str, float] = {}
    new: set[str] = set()
    if state is not None and state.distances is not None:
        far = dict(zip((one.address for one in state.pictures), state.distances, strict=True))
        trained = len(state.pictures) - state.added
        new = {one.address for one in state.pictures[trained:]}
    limit = np.quantile(list(far.values()), 0.95) if far else np.inf
    passing = set()
    for row, source in enumerate(catalogue.sources):
        address = source.address
        excluded = address in catalogue.parts.excluded
        test = address in catalogue.parts.test and not excluded
        answer = {
            kinds.ALL: True,
            kinds.LABEL: source.label == view.label,
            kinds.UNLABELLED: source.label is None,
            kinds.TRAINING: not excluded and not test,
            kinds.TEST: test,
            kinds.EXCLUDED: excluded,
            kinds.NEW: address in new,
            kinds.FAR: far.get(address, -1.0) > limit,
            kinds.ON_UNIT: units.get(address) in view.units,
        }[view.kind]
        text = view.text.lower()
        if answer and (text in source.name.lower() or text in (source.label or "").lower()):
            passing.add(row)
    return passing


views = st.builds(
    View,
    text=st.sampled_from(["", "img1", "DOG", "x"]),
    kind=st.integers(kinds.ALL, kinds.ON_UNIT),
    label=st.sampled_from(["cat", "Dog 10", "gone"]),
    units=st.frozensets(st.sampled_from([0, 1, 3])),
    sort=st.integers(kinds.FOUND, kinds.BY_DISTANCE),
    descending=st.booleans(),
)


@given(catalogues(), views)
def test_the_rows_are_those_that_pass(catalogue: Catalogue, view: View) -> None:
    rows = catalogue.rows(view)
    assert len(rows) == len(set(rows.tolist()))
    assert set(rows.tolist()) == naive(catalogue, view)


@given(catalogues(), st.booleans())
def test_orders(catalogue: Catalogue, descending: bool) -> None:
    sources = catalogue.sources
    state = catalogue.state
    units = {} if state is None else state.unit_of

    def in_order(sort: int) -> list[Source]:
        return [sources[row] for row in catalogue.rows(View(sort=sort, descending=descending))]

    step = -1 if descending else 1
    assert in_order(kinds.FOUND) == list(sources[::step])
    names = [source.name for source in in_order(kinds.BY_NAME)]
    assert names == natsorted((one.name for one in sources), alg=ns.IGNORECASE)[::step]
    labels = [source.label for source in in_order(kinds.BY_LABEL)]
    known = natsorted((one for one in labels if one is not None), alg=ns.IGNORECASE)
    assert labels == known[::step] + [None] * labels.count(None)
    on_units = [units.get(source.address, -1) for source in in_order(kinds.BY_UNIT)]
    there = sorted((unit for unit in on_units if unit >= 0), reverse=descending)
    assert on_units == there + [-1] * on_units.count(-1)


@given(catalogues(), st.data())
def test_what_is_taken_over_is_what_would_be_found_anew(
    catalogue: Catalogue, data: st.DataObject
) -> None:
    for view in (View(text="img"), View(sort=kinds.BY_NAME), View(kind=kinds.TEST)):
        catalogue.rows(view)
    assert len(catalogue.units) == len(catalogue.label_codes) == len(catalogue)
    sources = data.draw(
        st.sampled_from(
            [
                catalogue.sources,
                tuple(dataclasses.replace(one, label="cat") for one in catalogue.sources),
                catalogue.sources[1:],
            ]
        )
    )
    parts = data.draw(st.sampled_from([catalogue.parts, Parts()]))
    state = data.draw(st.sampled_from([catalogue.state, None]))
    after, fresh = catalogue.followed_by(sources, parts, state), Catalogue(sources, parts, state)
    view = data.draw(views)
    np.testing.assert_array_equal(after.rows(view), fresh.rows(view))


def test_names_are_those_the_pictures_tell() -> None:
    sources = (
        Source("/a/b c.png"),
        Source("/a/x.zip", kind="zip", member="in/y.png"),
        Source("/a/t10k-images-idx3-ubyte", 4, kind="idx"),
        Source("lines", 3, kind="sample"),
    )
    assert Catalogue(sources).names == [source.name for source in sources]
