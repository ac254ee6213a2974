"""The hyperparameters: which values and which combinations are allowed."""

from __future__ import annotations

import dataclasses

import pytest

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.options import options_of
from image2map_gui.core.som.params import MAX_UNITS, SomParams
from image2map_gui.core.som.presets import PRESETS, preset


def test_the_defaults_are_the_balanced_preset() -> None:
    assert preset("balanced") == SomParams()


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_can_be_had(name: str) -> None:
    params = preset(name)
    for field, value in PRESETS[name].items():
        assert getattr(params, field) == value


def test_an_unknown_preset_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(ParameterError, match=r"'nope'.*balanced"):
        preset("nope")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rows": 0}, "Rows: 0 is not allowed"),
        ({"columns": 501}, "Columns: 501"),
        ({"rows": 201, "columns": 200}, "40,200 units"),
        ({"radius_start": 1.0, "radius_end": 2.0}, r"end \(2\).*start \(1\)"),
        ({"rate_start": 0.1, "rate_end": 0.2}, r"end \(0\.2\).*start \(0\.1\)"),
        ({"rate_start": 1.5}, "Rate at the start: 1.5"),
        ({"rate_end": 0.0}, "Rate at the end: 0"),
        ({"topology": "cube"}, "Topology: cube.*grid, mesh, cylinder, line, ring"),
        ({"epochs": True}, "Epochs: True"),
        ({"epochs": 2.0}, "Epochs: 2.0"),
        ({"order": 1}, "Order: 1"),
        ({"radius_end": float("nan")}, "Radius at the end: nan"),
        ({"radius_end": float("inf")}, "Radius at the end: inf"),
        ({"radius_end": 10**400}, "Radius at the end: 1000"),
        ({"seed": -1}, "Seed: -1"),
    ],
)
def test_what_is_not_allowed_is_named(values: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        SomParams(**values)


def test_the_largest_map_is_allowed() -> None:
    assert SomParams(rows=200, columns=200).units == MAX_UNITS


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SomParams().rows = 5


def test_rates_and_batch_size_apply_only_where_they_have_an_effect() -> None:
    effects = {
        mode: {option.name for option in options_of(SomParams) if option.applies(params)}
        for mode in ("batch", "online", "minibatch")
        for params in (SomParams(mode=mode),)
    }
    stepped = {"rate_start", "rate_end", "rate_decay", "rate_decay_rate"}
    assert effects["online"] - effects["batch"] == stepped
    slow = SomParams(mode="online", rate_decay="power")
    applying = {option.name for option in options_of(SomParams) if option.applies(slow)}
    assert effects["online"] - applying == {"rate_decay_rate"}
    assert effects["minibatch"] - effects["online"] == {"batch_size"}
