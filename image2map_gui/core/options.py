"""Declares a setting once; forms, command-line options and files are made from it."""

from __future__ import annotations

import dataclasses
import functools
import math
import types
from typing import Any, TypeVar, get_args, get_type_hints

from image2map_gui.core.errors import ParameterError

AUTO = "auto"

Settings = TypeVar("Settings")
Need = tuple[str, tuple[str, ...]]


@dataclasses.dataclass(frozen=True)
class Option:
    """What a form, a command line or a file must know of one field.

    ``optional`` fields may be ``None``, shown and written as "auto". ``needs`` names another field
    and the values of it with which this one has any effect; ``choice_needs`` does the same for
    single choices, which are not allowed otherwise.
    """

    name: str
    label: str
    kind: type
    default: Any
    help: str
    low: float | None
    high: float | None
    unit: str
    choices: tuple[str, ...]
    optional: bool
    group: str
    needs: Need | None
    choice_needs: dict[str, Need]

    @property
    def range_text(self) -> str:
        """The allowed values in words, for example ``1 to 100``."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind is bool:
            return "yes or no"
        if self.kind is tuple:
            return f"{self.low:g}x{self.low:g} to {self.high:g}x{self.high:g}"
        low, high = self.low, self.high
        return f"{low} to {high}" if self.kind is int else f"{low:g} to {high:g}"

    def applies(self, values: Any) -> bool:
        """Whether this field has any effect beside the other fields of ``values``.

        A field without effect gives none to those that need it.
        """
        if self.needs is None:
            return True
        name, fitting = self.needs
        needed = next(one for one in options_of(type(values)) if one.name == name)
        return getattr(values, name) in fitting and needed.applies(values)

    def allows(self, choice: str, values: Any) -> bool:
        """Whether a choice goes together with the other fields of ``values``."""
        need = self.choice_needs.get(choice)
        return need is None or getattr(values, need[0]) in need[1]

    def parse(self, text: str) -> Any:
        """Turn what a person typed into a value of this field.

        Raises
        ------
        ParameterError
            The text is not a value of this field's type or lies outside its range.
        """
        plain = text.strip().lower()
        if self.optional and plain == AUTO:
            return None
        try:
            value = _PARSERS[self.kind](plain)
        except ValueError:
            raise ParameterError(
                f"{self.label}: '{text}' is not {_NOUNS[self.kind]}; allowed: {self.range_text}."
            ) from None
        self.check(value)
        return value

    def text(self, value: Any) -> str:
        """Write a value the way :meth:`parse` reads it."""
        if value is None:
            return AUTO
        if self.kind is tuple:
            return "x".join(str(side) for side in value)
        if self.kind is bool:
            return "yes" if value else "no"
        if self.kind is float:
            return short if float(short := f"{value:g}") == value else repr(float(value))
        return str(value)

    def check(self, value: Any) -> None:
        """Raise :class:`ParameterError` unless ``value`` has this field's type and range."""
        if value is None and self.optional:
            return
        if not self._fits(value):
            shown = value if isinstance(value, int | float | str) else repr(value)
            raise ParameterError(
                f"{self.label}: {shown} is not allowed; allowed: {self.range_text}."
            )

    def _fits(self, value: Any) -> bool:
        if self.kind is tuple:
            return (
                isinstance(value, tuple)
                and len(value) == 2
                and all(type(side) is int and self._inside(side) for side in value)
            )
        if self.kind is float:
            return (
                isinstance(value, int | float)
                and not isinstance(value, bool)
                and self._inside(value)
                and math.isfinite(value)
            )
        if type(value) is not self.kind:
            return False
        if self.choices:
            return value in self.choices
        return self.kind is bool or self._inside(value)

    def _inside(self, value: Any) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def option(
    default: Any,
    label: str,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    choices: tuple[str, ...] = (),
    group: str = "",
    needs: Need | None = None,
    choice_needs: dict[str, Need] | None = None,
) -> Any:
    """Declare one field of a frozen dataclass of settings; ``text`` is its help."""
    facts = {
        "label": label,
        "help": text,
        "low": low,
        "high": high,
        "unit": unit,
        "choices": choices,
        "group": group,
        "needs": needs,
        "choice_needs": choice_needs or {},
    }
    return dataclasses.field(default=default, metadata=facts)


def options_of(settings: type) -> tuple[Option, ...]:
    """Return the options of a dataclass whose fields were declared by :func:`option`, in order."""
    return _options_of(settings)


@functools.cache
def _options_of(settings: Any) -> tuple[Option, ...]:
    hints = get_type_hints(settings)
    found = []
    for field in dataclasses.fields(settings):
        kind, optional = _plain_type(hints[field.name])
        found.append(
            Option(
                name=field.name,
                kind=kind,
                default=field.default,
                optional=optional,
                **field.metadata,
            )
        )
    return tuple(found)


def check_options(values: Any) -> None:
    """Raise :class:`ParameterError` for a field out of its range or a choice that does not fit."""
    for one in options_of(type(values)):
        value = getattr(values, one.name)
        one.check(value)
        if one.choices and one.applies(values) and not one.allows(value, values):
            name, fitting = one.choice_needs[value]
            raise ParameterError(
                f"{one.label} '{value}' goes only with {name} {' or '.join(fitting)}, "
                f"not with '{getattr(values, name)}'."
            )


def to_plain(values: Any) -> dict[str, Any]:
    """Return the fields as JSON-ready values."""
    return {
        one.name: list(value) if isinstance(value := getattr(values, one.name), tuple) else value
        for one in options_of(type(values))
    }


def from_plain(settings: type[Settings], plain: dict[str, Any]) -> Settings:
    """Rebuild settings from :func:`to_plain`'s values.

    Raises
    ------
    ParameterError
        A field is unknown, or a value has the wrong type or lies outside its range.
    """
    known = {one.name: one for one in options_of(settings)}
    unknown = sorted(set(plain) - set(known))
    if unknown:
        raise ParameterError(f"Unknown setting '{unknown[0]}'.")
    values = {
        name: tuple(value) if known[name].kind is tuple and isinstance(value, list) else value
        for name, value in plain.items()
    }
    for name, value in values.items():
        known[name].check(value)
    return settings(**values)


def _plain_type(hint: Any) -> tuple[type, bool]:
    if isinstance(hint, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return _plain_type(kinds[0])[0], True
    return (tuple, False) if str(hint).startswith("tuple") else (hint, False)


def _parse_bool(text: str) -> bool:
    if text in ("yes", "true", "on", "1"):
        return True
    if text in ("no", "false", "off", "0"):
        return False
    raise ValueError(text)


def _parse_size(text: str) -> tuple[int, int]:
    first, _, second = text.partition("x")
    return int(first), int(second or first)


_PARSERS: dict[type, Any] = {
    int: int,
    float: float,
    str: str,
    bool: _parse_bool,
    tuple: _parse_size,
}
_NOUNS: dict[type, str] = {
    int: "a whole number",
    float: "a number",
    str: "one of the choices",
    bool: "yes or no",
    tuple: "a size such as 28x28",
}
