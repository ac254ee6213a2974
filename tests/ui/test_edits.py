"""Edits as values: what they change, and that undoing gives back exactly what was there."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.images.collection import Parts, Split
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, labelled_anew, model_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train
from image2map_gui.ui.session.edits import Divide, Exclude, Include, Opened, Relabel
from image2map_gui.ui.session.removing import Remove
from image2map_gui.ui.state import MapState, state_of

COUNT = 24


def opened_map() -> Opened:
    """A trained map of small noise pictures; two of them were added afterwards."""
    spec = ImageSpec(size=(2, 2), colour="grey")
    vectors = np.random.default_rng(5).random((COUNT + 2, 4), np.float32)
    labels = ("cat", "dog", None)
    sources = tuple(
        Source(f"/pictures/{row}.png", label=labels[row % 3]) for row in range(COUNT + 2)
    )
    first = Dataset(spec, vectors[:COUNT], sources[:COUNT])
    params = SomParams(rows=2, columns=3, epochs=3)
    *_, last = train(first.vectors, params)
    state = state_of(last, params, first, None)
    state = state.with_pictures(sources[COUNT:], np.array([0, 1]), np.array([0.5, 0.25]))
    state = dataclasses.replace(state, pictures=sources)
    return Opened(
        sources,
        Parts(),
        Dataset(spec, vectors, sources),
        None,
        state,
        labelled_anew(model_of(first, params, last), state.units, [one.label for one in sources]),
    )


OPENED = opened_map()
some_addresses = st.frozensets(st.sampled_from([source.address for source in OPENED.sources]))


def same(first: Opened, second: Opened) -> bool:
    """Whether two collections hold the same in all that is counted, shown or saved."""
    assert first.sources == second.sources
    assert first.parts == second.parts
    assert first.dataset is not None
    assert second.dataset is not None
    assert first.dataset.sources == second.dataset.sources
    np.testing.assert_array_equal(first.dataset.vectors, second.dataset.vectors)
    for one, other in ((first.map, second.map),):
        assert isinstance(one, MapState)
        assert isinstance(other, MapState)
        assert one.pictures == other.pictures
        assert one.added == other.added
        np.testing.assert_array_equal(one.units, other.units)
        np.testing.assert_array_equal(one.distances, other.distances)
    assert isinstance(first.model, MapModel)
    assert isinstance(second.model, MapModel)
    assert first.model.label_names == second.model.label_names
    np.testing.assert_array_equal(first.model.label_counts, second.model.label_counts)
    return True


edits = st.one_of(
    st.builds(
        lambda addresses, label: Relabel(dict.fromkeys(addresses, label)),
        some_addresses,
        st.sampled_from(["cat", "owl", None]),
    ),
    st.builds(Exclude, some_addresses),
    st.builds(Include, some_addresses),
    st.builds(Remove, some_addresses),
    st.builds(lambda seed: Divide(Split(0.3, seed)), st.integers(0, 9)),
    st.just(Divide(None)),
)


@given(st.lists(edits, max_size=5))
def test_undoing_and_redoing_give_back_exactly_what_was_there(steps: list) -> None:
    states, backs = [OPENED], []
    for step in steps:
        after, back = step.done(states[-1])
        states.append(after)
        backs.append(back)
    present, forths = states[-1], []
    for place in reversed(range(len(steps))):
        present, forth = backs[place].done(present)
        forths.append(forth)
        assert same(present, states[place])
    for place, forth in enumerate(reversed(forths)):
        present, _ = forth.done(present)
        assert same(present, states[place + 1])


@given(some_addresses)
def test_the_counts_are_those_of_a_map_that_had_these_labels(addresses: frozenset[str]) -> None:
    after, _ = Relabel(dict.fromkeys(addresses, "owl")).done(OPENED)
    state, model = after.map, after.model
    assert state is not None
    assert model is not None
    counts = np.zeros_like(model.label_counts)
    for source, unit in zip(state.pictures, state.units, strict=True):
        if source.label is not None:
            counts[unit, model.label_names.index(source.label)] += 1
    np.testing.assert_array_equal(model.label_counts, counts)
    assert ("owl" in model.label_names) == any(source.label == "owl" for source in state.pictures)


def test_who_shared_a_list_goes_on_sharing_it() -> None:
    after, back = Relabel({OPENED.sources[0].address: "owl"}).done(OPENED)
    for opened in (
        after,
        back.done(after)[0],
        Remove(frozenset({"/pictures/3.png"})).done(after)[0],
    ):
        assert opened.dataset is not None
        assert opened.map is not None
        assert opened.dataset.sources is opened.sources
        assert opened.map.pictures is opened.sources


def test_a_retrained_map_does_not_get_old_places_back() -> None:
    removed, back = Remove(frozenset({"/pictures/0.png"})).done(OPENED)
    assert removed.map is not None
    other = dataclasses.replace(removed.map, weights=removed.map.weights + 1)
    restored, _ = back.done(dataclasses.replace(removed, map=other))
    assert restored.map is other
    assert restored.sources == OPENED.sources
    assert restored.model is removed.model


@pytest.mark.parametrize("spec", [ImageSpec(size=(2, 2), colour="grey", value_range="-1..1"), None])
def test_pictures_that_were_read_otherwise_meanwhile_are_read_again(spec: ImageSpec | None) -> None:
    removed, back = Remove(frozenset({"/pictures/0.png"})).done(OPENED)
    dataset = removed.dataset and dataclasses.replace(removed.dataset, spec=spec)
    restored, _ = back.done(dataclasses.replace(removed, dataset=dataset if spec else None))
    assert restored.dataset is None
    assert restored.sources == OPENED.sources


def test_a_picture_that_was_added_again_is_not_put_back_twice() -> None:
    removed, back = Remove(frozenset({"/pictures/0.png", "/pictures/1.png"})).done(OPENED)
    again = dataclasses.replace(
        removed, sources=(*removed.sources, OPENED.sources[0]), dataset=None, map=None
    )
    restored, _ = back.done(again)
    addresses = [source.address for source in restored.sources]
    assert len(addresses) == len(set(addresses)) == len(OPENED.sources)


def test_pictures_come_back_at_the_end_if_their_old_places_are_gone() -> None:
    gone = frozenset(source.address for source in OPENED.sources[-3:])
    removed, back = Remove(gone).done(OPENED)
    fewer = dataclasses.replace(removed, sources=removed.sources[:4], dataset=None, map=None)
    restored, _ = back.done(fewer)
    assert restored.sources == (*removed.sources[:4], *OPENED.sources[-3:])


def test_pictures_whose_vectors_are_features_come_back_with_their_thumbs() -> None:
    assert OPENED.dataset is not None
    thumbs = np.arange(len(OPENED.sources) * 12, dtype=np.uint8).reshape(-1, 2, 2, 3)
    whole = dataclasses.replace(
        OPENED, dataset=dataclasses.replace(OPENED.dataset, thumbs=thumbs), map=None, model=None
    )
    removed, back = Remove(frozenset({"/pictures/2.png", "/pictures/9.png"})).done(whole)
    assert removed.dataset is not None
    np.testing.assert_array_equal(removed.dataset.thumbs, np.delete(thumbs, [2, 9], axis=0))
    restored, _ = back.done(removed)
    assert restored.dataset is not None
    np.testing.assert_array_equal(restored.dataset.thumbs, thumbs)
    np.testing.assert_array_equal(restored.dataset.vectors, OPENED.dataset.vectors)
