"""HEIC and HEIF, the pictures of many telephones: read where the optional pillow-heif is there."""

from __future__ import annotations

import importlib
from functools import lru_cache

from image2map_gui.core.errors import PictureError

FORMAT = "HEIF"
HEAD = 12  # bytes that tell
_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)


def is_heif(head: bytes) -> bool:
    """Whether a file that begins like this is HEIC or HEIF."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def require_heif() -> None:
    """See that Pillow can open such files; the library is loaded when the first one comes.

    Raises
    ------
    PictureError
        It is not installed.
    """
    if not _registered():
        raise PictureError(
            "is a HEIC picture, which needs the extra 'heif' (python -m pip install pillow-heif)"
        )


@lru_cache(maxsize=1)
def _registered() -> bool:
    try:
        library = importlib.import_module("pillow_heif")
    except ImportError:
        return False
    # One thread, since helpers keep all cores busy; never the thumbnail that may lie beside the
    # picture and need not show the same.
    library.register_heif_opener(
        thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
    )
    return True
