"""Settings declared once: parsing, writing, checking, and going through a file."""

from __future__ import annotations

import json
import math
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.options import Option, from_plain, options_of, to_plain
from image2map_gui.core.som.params import SomParams

SETTINGS = (SomParams, ImageSpec)
OPTIONS = [option for settings in SETTINGS for option in options_of(settings)]
BY_NAME = {option.name: option for option in OPTIONS}
every_option = pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)


def values_of(option: Option) -> st.SearchStrategy[Any]:
    """All values the option allows."""
    if option.kind is bool:
        found: st.SearchStrategy[Any] = st.booleans()
    elif option.choices:
        found = st.sampled_from(option.choices)
    elif option.kind is float:
        found = st.floats(option.low, option.high)
    else:
        found = st.integers(int(option.low or 0), int(option.high or 0))
        found = st.tuples(found, found) if option.kind is tuple else found
    return st.none() | found if option.optional else found


def settings_of(kind: type) -> st.SearchStrategy[Any]:
    """Settings whose values go together."""
    fields = {option.name: values_of(option) for option in options_of(kind)}
    if kind is SomParams:
        fields |= {"rows": st.integers(1, 200), "columns": st.integers(1, 200)}
        fields |= {"radius_start": st.none() | st.floats(1000, 100_000)}
        fields |= {"rate_start": st.just(1.0), "tiling": st.just("square")}
        fields |= {"epochs": st.integers(1, 1000), "fine_radius_end": st.just(0.0)}
        fields |= {"fine_rate_start": st.just(1.0)}
        names = [name for name in BY_NAME["neighbourhood"].choices if name != "mexican-hat"]
        fields |= {"neighbourhood": st.sampled_from(names)}
        hat = {"neighbourhood": st.just("mexican-hat"), "mode": st.just("online")}
        hexagons = {
            "tiling": st.just("hexagonal"),
            "unit_distance": st.sampled_from(("l2", "steps")),
            "rows": st.integers(1, 100).map(lambda half: 2 * half),
        }
        kinds = [fields, {**fields, **hat}, {**fields, **hexagons}]
        return st.one_of([st.builds(kind, **some) for some in kinds])
    return st.builds(kind, **fields)


def test_every_name_is_declared_once() -> None:
    assert len(BY_NAME) == len(OPTIONS)


@every_option
def test_every_option_explains_itself(option: Option) -> None:
    assert option.label
    assert option.help.endswith(".")
    assert option.group
    assert option.range_text
    option.check(option.default)


@every_option
@given(data=st.data())
def test_what_is_written_is_read_back(option: Option, data: st.DataObject) -> None:
    value = data.draw(values_of(option))
    option.check(value)
    text = option.text(value)
    for shown in (text, f"  {text} ", text.upper()):
        assert option.parse(shown) == value


@every_option
@given(data=st.data())
def test_text_is_parsed_or_refused_by_name(option: Option, data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=12) | st.text(string.digits + ".x-+e ", max_size=8))
    said = ""
    try:
        option.check(option.parse(text))
    except ParameterError as error:
        said = str(error)
    assert not said or (said.startswith(f"{option.label}: ") and option.range_text in said)


@every_option
def test_values_of_another_kind_are_refused_by_name(option: Option) -> None:
    wrong = [[], {}, object(), "", "no such thing", b"28", (1,), (1, 2, 3), (1.0, 2.0), (True, 1)]
    wrong += [math.nan, math.inf, -math.inf, -1, 10**30, 10**400, 1j]
    if not option.optional:
        wrong.append(None)
    wrong += [0, 1] if option.kind is bool else [True, False]
    if option.kind in (int, str, bool, tuple):
        wrong.append(1.5)
    for value in wrong:
        with pytest.raises(ParameterError, match=f"^{option.label}: "):
            option.check(value)


@pytest.mark.parametrize(
    "option", [one for one in OPTIONS if one.low is not None], ids=lambda option: option.name
)
def test_just_outside_the_range_is_refused_by_name(option: Option) -> None:
    assert option.low is not None
    assert option.high is not None
    step = 1 if option.kind in (int, tuple) else 1e-9
    beyond = [option.kind(option.low - step)] if option.kind is not tuple else []
    beyond += [option.kind(option.high + step * 1000)] if option.kind is not tuple else []
    if option.kind is tuple:
        beyond = [(int(option.low) - 1, 5), (5, int(option.high) + 1)]
    for value in beyond:
        with pytest.raises(ParameterError, match=f"^{option.label}: .*allowed: "):
            option.check(value)
        with pytest.raises(ParameterError, match=f"^{option.label}: .*allowed: "):
            option.parse(option.text(value))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "28x28", (28, 28)),
        ("size", "64X32", (64, 32)),
        ("size", "16", (16, 16)),
        ("order", "As-Given", "as-given"),
        ("radius_start", "auto", None),
        ("radius_start", "2.5", 2.5),
        ("radius_end", "1e-1", 0.1),
        ("topology", "MESH", "mesh"),
        ("rows", " 12 ", 12),
    ],
)
def test_texts_people_type(name: str, text: str, value: object) -> None:
    assert BY_NAME[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rows", "ten", "Rows: 'ten' is not a whole number; allowed: 1 to 500."),
        ("rows", "2.5", "Rows: '2.5' is not a whole number; allowed: 1 to 500."),
        ("rows", "auto", "Rows: 'auto' is not a whole number; allowed: 1 to 500."),
        ("rows", "9" * 5000, "is not a whole number"),
        ("rate_start", "fast", "Rate at the start: 'fast' is not a number"),
        ("rate_start", "nan", "Rate at the start: nan is not allowed"),
        ("radius_end", "1e999", "Radius at the end: inf is not allowed"),
        ("size", "28x28x3", "Size: '28x28x3' is not a size such as 28x28"),
        ("size", "x28", "Size: 'x28' is not a size such as 28x28"),
        ("size", "0x28", "Size: (0, 28) is not allowed; allowed: 1x1 to 512x512."),
        ("colour", "blue", "Colour: blue is not allowed; allowed: grey, rgb, lab, hsv."),
    ],
)
def test_refusals_say_what_is_allowed(name: str, text: str, said: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        BY_NAME[name].parse(text)
    assert said in str(refusal.value)


@pytest.mark.parametrize("kind", SETTINGS)
@given(data=st.data())
def test_settings_survive_a_file(kind: type, data: st.DataObject) -> None:
    settings = data.draw(settings_of(kind))
    plain = json.loads(json.dumps(to_plain(settings), allow_nan=False))
    assert from_plain(kind, plain) == settings


@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_that_a_file_leaves_out_have_their_defaults(kind: type) -> None:
    assert from_plain(kind, {}) == kind()


@pytest.mark.parametrize("kind", SETTINGS)
def test_unknown_settings_are_refused(kind: type) -> None:
    with pytest.raises(ParameterError, match="Unknown setting 'gamma'"):
        from_plain(kind, {"gamma": 1})


@every_option
def test_a_file_with_a_wrong_value_is_refused_by_name(option: Option) -> None:
    kind = SomParams if option.name in {one.name for one in options_of(SomParams)} else ImageSpec
    for value in (-5, "nonsense", [1, 2, 3], {}, 10**400, [28.0, 28.0], ["28", "28"]):
        with pytest.raises(ParameterError, match=f"^{option.label}: "):
            from_plain(kind, {option.name: value})
