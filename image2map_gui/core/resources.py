"""Finds the files that come with the program, in a checkout, a wheel or a frozen bundle."""

from pathlib import Path

from image2map_gui.core.errors import Image2MapError

_PACKAGE = Path(__file__).resolve().parent.parent
_PLACES = (_PACKAGE / "_resources", _PACKAGE.parent / "resources")


def resource(name: str) -> Path:
    """Return the path of a file that ships with the program, such as ``icons/image2map.svg``.

    Raises
    ------
    Image2MapError
        The file is in neither place; the installation is incomplete.
    """
    for place in _PLACES:
        path = place / name
        if path.exists():
            return path
    raise Image2MapError(f"A file of the program is missing: {name}. Install it again.")
