"""What a person decides about the pictures of a collection: labels, left out, kept for testing."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError
from image2map_gui.core.images.sources import Source

Labels = Mapping[str, str | None]
Rows = NDArray[np.intp]
_SEEDS = 2**32
_HEX = re.compile("#[0-9a-f]{6}")


@dataclasses.dataclass(frozen=True)
class Split:
    """How a collection is divided: the ``share`` of its pictures that is kept for testing.

    A ``stratified`` split takes that share of the pictures of each label.
    """

    share: float = 0.2
    seed: int = 0
    stratified: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ParameterError("The share of pictures kept for testing lies between 0 and 1.")
        if not 0 <= self.seed < _SEEDS:
            raise ParameterError(f"The seed of the split lies between 0 and {_SEEDS - 1}.")


@dataclasses.dataclass(frozen=True)
class Parts:
    """Which pictures are excluded, and which are kept for testing; all known by their addresses.

    A map is trained on the others. ``test`` is fixed once it was drawn: pictures that come later
    are shared out without moving one that was there before.
    """

    excluded: frozenset[str] = frozenset()
    test: frozenset[str] = frozenset()
    split: Split | None = None

    @property
    def everything(self) -> bool:
        """Whether a map is trained on all pictures."""
        return not self.excluded and not self.test

    @property
    def left_out(self) -> frozenset[str]:
        """The addresses of the pictures that nothing may be learnt from."""
        return self.excluded | self.test

    def rows(self, sources: Sequence[Source]) -> Rows | None:
        """Return the rows of the pictures a map is trained on; ``None`` if those are all."""
        if self.everything:
            return None
        out = self.left_out
        kept = [row for row, source in enumerate(sources) if source.address not in out]
        return None if len(kept) == len(sources) else np.array(kept, np.intp)

    def divided(self, sources: Sequence[Source], split: Split | None) -> Parts:
        """Return the same with all pictures shared out anew; ``None`` takes the division back."""
        test = frozenset[str]() if split is None else held_out(sources, split)
        return dataclasses.replace(self, split=split, test=test)

    def grown(self, sources: Sequence[Source], before: Sequence[Source]) -> Parts:
        """Return the same with those ``sources`` shared out that are not among those ``before``.

        They are not excluded, whatever was said about them in former times.
        """
        known = {source.address: source.address in self.test for source in before}
        test = frozenset[str]()
        if self.split is not None:
            test = held_out(sources, self.split, known)
        return dataclasses.replace(self, excluded=self.excluded & known.keys(), test=test)

    def renamed(self, addresses: Mapping[str, str]) -> Parts:
        """Return the same for pictures that are somewhere else now: old addresses to new ones."""
        return dataclasses.replace(
            self,
            excluded=frozenset(addresses.get(one, one) for one in self.excluded),
            test=frozenset(addresses.get(one, one) for one in self.test),
        )


@dataclasses.dataclass(frozen=True)
class Group:
    """A selection of pictures that was given a name; they are known by their addresses."""

    name: str
    addresses: frozenset[str]

    def renamed(self, addresses: Mapping[str, str]) -> Group:
        """Return the same for pictures that are somewhere else now: old addresses to new ones."""
        there = frozenset(addresses.get(one, one) for one in self.addresses)
        return dataclasses.replace(self, addresses=there)


@dataclasses.dataclass(frozen=True)
class LabelStyle:
    """A label as a person wants it to be shown; its place in a list is that among all labels.

    ``colour`` is one such as ``#1e90ff``; ``None``: the one that the palette gives it.
    """

    name: str
    colour: str | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ParameterError("A label needs a name.")
        if self.colour is not None and _HEX.fullmatch(self.colour) is None:
            raise ParameterError(f"'{self.colour}' is no colour such as #1e90ff.")


def held_out(
    sources: Sequence[Source], split: Split, known: Mapping[str, bool] | None = None
) -> frozenset[str]:
    """Return the addresses of the pictures to keep for testing, the same for the same seed.

    Parameters
    ----------
    known
        Pictures that have their part already, and whether that is testing. They keep it; the
        others are shared out so that the shares come as near to the split's as they can.
    """
    known = {} if known is None else known
    settled = sum(source.address in known for source in sources)
    chance = np.random.default_rng([split.seed, settled])
    groups: dict[str | None, list[str]] = {}
    for source in sources:
        groups.setdefault(source.label if split.stratified else None, []).append(source.address)
    test: set[str] = set()
    wanted = _shared_out([len(group) for group in groups.values()], split.share)
    for group, count in zip(groups.values(), wanted, strict=True):
        kept = {address for address in group if known.get(address)}
        free = [address for address in group if address not in known]
        order = chance.permutation(len(free))
        test |= kept | {free[place] for place in order[: max(0, count - len(kept))]}
    return frozenset(test)


def relabelled(sources: tuple[Source, ...], labels: Labels) -> tuple[Source, ...]:
    """Return the same pictures, some with other labels, named by their addresses."""
    return tuple(
        dataclasses.replace(source, label=labels[address])
        if (address := source.address) in labels
        else source
        for source in sources
    )


def rows_of(sources: Sequence[Source], addresses: Collection[str]) -> Rows:
    """Return the rows of those pictures that have one of these addresses, in their order."""
    wanted = frozenset(addresses)
    return np.array(
        [row for row, source in enumerate(sources) if source.address in wanted], np.intp
    )


def _shared_out(sizes: list[int], share: float) -> list[int]:
    """Return how many of each group to take: each within one of its share, as is the sum."""
    exact = [share * size for size in sizes]
    counts = [math.floor(value) for value in exact]
    missing = round(sum(exact)) - sum(counts)
    by_rest = sorted(range(len(sizes)), key=lambda place: counts[place] - exact[place])
    for place in by_rest[:missing]:
        counts[place] += 1
    return counts
