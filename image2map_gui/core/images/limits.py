"""What one picture may cost: limits that a person can change, each named where it refuses."""

from __future__ import annotations

import dataclasses

from image2map_gui.core.errors import PictureError
from image2map_gui.core.options import check_options, option, options_of


@dataclasses.dataclass(frozen=True)
class Limits:
    """What a file may hold to be read as a picture, and what its decoding may take.

    Raises
    ------
    ParameterError
        A value is out of its range.
    """

    max_file_mb: int = option(
        256,
        "Max file MB",
        "Larger files are skipped. Pictures in zip archives are measured one by one, unpacked.",
        low=1,
        high=4096,
        unit="MB",
        group="Limits",
    )
    max_megapixels: int = option(
        64,
        "Max megapixels",
        "Pictures of so many million pixels, or more, are skipped before they are decoded. "
        "Decoding takes up to 16 bytes per pixel: raise the memory as well.",
        low=1,
        high=4000,
        unit="million pixels",
        group="Limits",
    )
    max_side: int = option(
        32_768,
        "Max side",
        "Pictures that are wider or higher are skipped.",
        low=64,
        high=1_000_000,
        unit="pixels",
        group="Limits",
    )
    max_scans: int = option(
        500,
        "Max scans",
        "Progressive JPEGs of more scans are skipped: each costs as much as a whole picture. "
        "Usual ones have about ten.",
        low=1,
        high=100_000,
        unit="scans",
        group="Limits",
    )
    seconds_per_picture: float = option(
        5.0,
        "Seconds per picture",
        "What takes longer to decode is given up.",
        low=0.5,
        high=600,
        unit="s",
        group="Limits",
    )
    memory_per_picture: int = option(
        2048,
        "Memory per picture",
        "What needs more memory to be decoded is given up. Kept on Linux only.",
        low=256,
        high=65_536,
        unit="MB",
        group="Limits",
    )

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def pixels(self) -> int:
        """Number of pixels from which on a picture is too large."""
        return self.max_megapixels * 10**6

    @property
    def memory_bytes(self) -> int:
        """Memory for decoding one picture, in bytes."""
        return self.memory_per_picture << 20


def setting(name: str) -> str:
    """Name a limit as it is found both in the window and on the command line."""
    label = next(one.label for one in options_of(Limits) if one.name == name)
    return f"setting '{label[0].lower()}{label[1:]}'"


_in_use = Limits()


def limits() -> Limits:
    """Return the limits of this process; its helpers get the same when they start."""
    return _in_use


def use_limits(chosen: Limits) -> None:
    """Keep to these limits from now on, once the program knows what its user has chosen."""
    global _in_use
    _in_use = chosen


def check_size(size: int) -> None:
    """Raise :class:`PictureError` for a file of more bytes than are allowed."""
    most = limits().max_file_mb
    if size > most << 20:
        raise PictureError(f"is larger than {most:,} MB ({setting('max_file_mb')})")


def too_much_memory() -> str:
    """Say why something was given up for want of memory."""
    most = limits().memory_per_picture
    return f"needs too much memory; the limit is {most:,} MB ({setting('memory_per_picture')})"
