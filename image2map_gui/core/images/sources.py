"""Finds pictures: folders, files, zip archives, IDX and NumPy files, lists, drawn samples."""

from __future__ import annotations

import dataclasses
import itertools
import os
import stat
from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import BytesIO
from operator import attrgetter
from pathlib import Path, PurePosixPath

from natsort import natsorted, ns

from image2map_gui.core.errors import PictureError, SourceError
from image2map_gui.core.home import with_home
from image2map_gui.core.images import archive, arrays, listing, tiff
from image2map_gui.core.images.heif import is_heif
from image2map_gui.core.images.idx import is_idx_images, labels_beside, read_idx
from image2map_gui.core.images.ordering import in_natural_order
from image2map_gui.core.images.samples import SAMPLE_COUNT, draw_sample
from image2map_gui.core.progress import Breath

SUFFIXES = frozenset(
    f".{ending}"
    for ending in (
        "png jpg jpeg jpe jfif gif webp avif heic heif tif tiff bmp dib ppm pgm pbm pnm".split()  # noqa: SIM905
    )
)
PAGES = ("first", "all")  # that are taken of a TIFF file
_SIDE_FILES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_SIGNATURES = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"P4", b"P5", b"P6",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file was like when its pictures were found, and read.

    Attributes
    ----------
    size, mtime
        Bytes, and when it was changed, in nanoseconds since 1970.
    sha256
        Of its content; empty if it was not read yet.
    """

    size: int
    mtime: int
    sha256: bytes = b""


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Where one picture comes from.

    A file, one in a zip archive, one picture of an IDX or a NumPy file, or one of a drawn sample.
    ``index`` is the place within such a file or a sample (whose name is then the ``path``), or the
    page of a TIFF file from its second on, counted from 0, else -1; ``member`` is the name of a
    file or an array in an archive, else empty. ``facts`` tell what the file was like, where that
    is known; two pictures are the same whatever they say.
    """

    path: str
    index: int = -1
    label: str | None = None
    kind: str = "file"
    member: str = ""
    facts: FileFacts | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """A short name for a caption."""
        base = Path(self.path).name if self.kind != "sample" else self.path
        if self.kind == "zip":
            base = self.member.rpartition("/")[2]
        return base if self.index < 0 else f"{base} {self.index + 1}"

    @property
    def address(self) -> str:
        """The path, with ``#index`` or ``/member`` where a path holds many pictures."""
        path = f"{self.path}/{self.member}" if self.member else self.path
        return path if self.index < 0 else f"{path}#{self.index}"

    @property
    def encoded(self) -> bool:
        """Whether it is a file of some format, to be decoded apart from this process."""
        return self.kind in ("file", "zip")


@dataclasses.dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out, and why."""

    path: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Found:
    """The pictures found at some paths, and what was left out on the way."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]


@dataclasses.dataclass(frozen=True)
class Finding:
    """How many pictures were found so far; the last one holds them all."""

    count: int
    found: Found | None = None


def find_sources(paths: Iterable[str | Path], part: str = "train", pages: str = "first") -> Found:
    """Find all pictures at ``paths``, in natural order, folders with all their sub-folders.

    The path of a sub-folder is the label of the pictures in it; what all such labels have in
    common at their beginning is left out. Hidden files and folders are passed over. Of a
    folder with IDX files the pair whose name starts with ``part`` is taken. Pictures to train on
    that all lie in one sub-folder have no label: it would tell none from another. A CSV file that
    is among the ``paths`` lists pictures in its columns ``path`` (relative to the CSV file, if
    not absolute) and, if it has one, ``label``. Of a TIFF file the first page is a picture, with
    ``pages="all"`` every one.

    Raises
    ------
    SourceError
        A path does not exist, or there are no pictures at any of them.
    """
    *_, last = finding(paths, part, pages)
    assert last.found is not None
    return last.found


def finding(
    paths: Iterable[str | Path], part: str = "train", pages: str = "first"
) -> Iterator[Finding]:
    """Find all pictures as :func:`find_sources` does, yielding after at most some 50 ms."""
    walk = _Walk(part, pages)
    asked = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - keeps links as named
    for path in asked:
        for _ in walk.add(path):
            yield Finding(len(walk.sources))
    sources = _shorten_labels(walk.sources) + walk.listed
    if part == "train":
        sources = _without_lone_label(sources)
    if not sources:
        raise SourceError(_nothing_found(asked, walk.skipped))
    yield Finding(len(sources), Found(tuple(sources), tuple(walk.skipped)))


def sample_sources(name: str, count: int = SAMPLE_COUNT) -> Found:
    """Return the pictures of a drawn sample.

    Raises
    ------
    SourceError
        There is no sample of that name.
    """
    draw_sample(name, 0)
    return Found(tuple(Source(name, index, kind="sample") for index in range(count)), ())


def without_labels(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the same pictures, none with a label."""
    return tuple(dataclasses.replace(source, label=None) for source in sources)


class _Walk:
    """Collects pictures; each real file and folder once."""

    def __init__(self, part: str, pages: str) -> None:
        self.sources: list[Source] = []
        self.listed: list[Source] = []  # with labels that are no folders
        self.skipped: list[Skipped] = []
        self._part = part
        self._all_pages = pages == "all"
        self._seen: set[tuple[int, int]] = set()
        self._breath = Breath()

    def add(self, path: Path) -> Iterator[None]:
        """Take a path that a person named: it must exist; yields now and then."""
        try:
            facts = path.stat()
        except (OSError, ValueError) as error:
            reason = "there is no such file or folder" if _missing(error) else _why(error)
            raise SourceError(f"{path}: {reason}.") from None
        if stat.S_ISDIR(facts.st_mode):
            yield from self._folder(path)
        else:
            self._file(path, None, named=True)
            if self._breath.due():
                yield

    def _folder(self, top: Path) -> Iterator[None]:
        """Walk a folder; with a stack of our own, since Python's ends at a thousand folders."""
        walks = [self._entries(top, "")]
        while walks:
            for entry in walks[-1]:
                if self._breath.due():
                    yield
                if entry is None:
                    continue
                path, label = entry
                if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where one may not look
                    walks.append(self._entries(path, f"{label}/{path.name}".lstrip("/")))
                    break
                self._file(path, label or None, named=False)
            else:
                walks.pop()

    def _entries(self, folder: Path, label: str) -> Iterator[tuple[Path, str] | None]:
        """Yield what lies in a folder, with the folder's label; nothing if it was seen before.

        ``None`` means that it is still being put in order.
        """
        try:
            if self._known(folder.stat()):
                return
            with os.scandir(folder) as listing:
                entries = [entry.name for entry in listing if not _is_side_file(entry.name)]
        except OSError as error:
            self._skip(folder, _why(error))
            return
        ordered = yield from in_natural_order(entries)
        for name in self._chosen_part(ordered):
            yield folder / name, label

    def _chosen_part(self, names: list[str]) -> list[str]:
        """Of several IDX files keep those of the wanted part, and drop the files of labels."""
        pictures = [name for name in names if is_idx_images(name)]
        wanted = [name for name in pictures if name.startswith(self._part)] or pictures
        others = [name for name in names if "-idx" not in name and ".idx" not in name]
        return natsorted(wanted + others, alg=ns.IGNORECASE) if pictures else names

    def _file(self, path: Path, label: str | None, *, named: bool) -> None:
        try:
            facts = path.stat()
            if not stat.S_ISREG(facts.st_mode):
                raise PictureError("is not a regular file")
            if not self._known(facts):
                told = FileFacts(facts.st_size, facts.st_mtime_ns)
                self._take(Source(str(path), label=label, facts=told), named=named)
        except OSError as error:
            self._skip(path, _why(error))
        except PictureError as error:
            self._skip(path, str(error))
        except ValueError:  # from the system: no file can have such a name
            self._skip(path, "there is no such file")

    def _take(self, file: Source, *, named: bool) -> None:
        """Take what is in a file, by its name; what a person named may look like anything."""
        path, label = Path(file.path), file.label
        suffix = path.suffix.lower()
        if is_idx_images(path.name):
            self.sources.extend(_idx_sources(file))
        elif suffix in arrays.SUFFIXES:
            self.sources.extend(_array_sources(file, self._part, named=named))
        elif suffix == listing.SUFFIX and named:
            self._list(path)
        elif suffix == archive.SUFFIX:
            within = label or ""
            self._archive(file, within if named else f"{within}/{path.stem}".lstrip("/"))
        elif suffix in SUFFIXES or named or _looks_like_picture(path):
            self._picture(file)
        else:
            raise PictureError("is not a picture")

    def _list(self, table: Path) -> None:
        """Take the pictures a table names."""
        before, self.sources = self.sources, []
        for row in listing.read_rows(table):
            self._file(table.parent / with_home(row["path"]), row.get("label") or None, named=False)
        self.listed += self.sources
        self.sources = before

    def _archive(self, file: Source, label: str) -> None:
        """Take the pictures in a zip archive; their folders go on where the label ends."""
        for member in natsorted(
            archive.members(Path(file.path)), key=attrgetter("name"), alg=ns.IGNORECASE
        ):
            parts = member.name.split("/")
            if any(_is_side_file(part) for part in parts if part not in (".", "..")):
                continue
            folder = f"{label}/{archive.folder_of(member.name)}".strip("/")
            source = Source(
                file.path, label=folder or None, kind="zip", member=member.name, facts=file.facts
            )
            reason = member.trouble
            if not reason and PurePosixPath(member.name).suffix.lower() not in SUFFIXES:
                reason = "is not a picture"
            if reason:
                self.skipped.append(Skipped(source.address, reason))
            else:
                self._picture(source)

    def _picture(self, source: Source) -> None:
        """Take a picture, and with it the other pages of a TIFF file if they are wanted."""
        self.sources.append(source)
        name = source.member or source.path
        if not (self._all_pages and os.path.splitext(name)[1].lower() in tiff.SUFFIXES):  # noqa: PTH122 - quicker
            return
        try:
            pages = len(page_places(source))
        except (OSError, PictureError) as error:
            reason = _why(error) if isinstance(error, OSError) else str(error)
            self.skipped.append(Skipped(f"{source.address} (its further pages)", reason))
            return
        self.sources.extend(dataclasses.replace(source, index=page) for page in range(1, pages))

    def _known(self, facts: os.stat_result) -> bool:
        key = (facts.st_dev, facts.st_ino)
        if key in self._seen:
            return True
        self._seen.add(key)
        return False

    def _skip(self, path: Path, reason: str) -> None:
        self.skipped.append(Skipped(str(path), reason))


def page_places(source: Source) -> tuple[int, ...]:
    """Return where the pages of a TIFF file begin, in a file or in one of an archive.

    Raises
    ------
    PictureError
        It has too many pages, or cannot be had from its archive.
    OSError
        It cannot be read.
    """
    facts = os.stat(source.path)  # noqa: PTH116 - as it is now; the walk is kept
    return _page_places(source.path, source.member, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=4)
def _page_places(path: str, member: str, _size: int, _changed: int) -> tuple[int, ...]:
    if member:
        return tiff.page_places(BytesIO(archive.read_member(path, member)))
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb", buffering=512) as file:
        return tiff.page_places(file)


def _idx_sources(file: Source) -> Iterator[Source]:
    path = Path(file.path)
    pictures = read_idx(path)
    if pictures.ndim != 3:
        raise PictureError("holds labels, not pictures")
    beside = labels_beside(path)
    labels = None if beside is None else read_idx(beside)
    if labels is not None and labels.shape != pictures.shape[:1]:
        raise PictureError(
            f"holds {len(pictures):,} pictures, but its file of labels holds {len(labels):,}"
        )
    for index in range(len(pictures)):
        label = None if labels is None else str(labels[index])
        yield Source(file.path, index, label, "idx", facts=file.facts)


def _array_sources(file: Source, part: str, *, named: bool) -> Iterator[Source]:
    """Yield the pictures of a NumPy file; one of vectors must have been named by a person."""
    path = Path(file.path)
    name = arrays.array_name(path, part)
    found = arrays.read_arrays(path, name)
    if found.vectors and not named:
        raise PictureError("holds vectors; open it by itself to take them for pictures")
    labels = arrays.array_labels(path, name, part, len(found.pictures))
    for index in range(len(found.pictures)):
        label = None if labels is None else labels[index]
        yield Source(file.path, index, label, "npy", name, file.facts)


def _looks_like_picture(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as file:
        head = file.read(16)
    return (
        head.startswith(_SIGNATURES)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:12] == b"ftypavif")
        or is_heif(head)
    )


def _is_side_file(name: str) -> bool:
    return name.startswith(".") or name.lower() in _SIDE_FILES


def _shorten_labels(sources: list[Source]) -> list[Source]:
    """Leave out the folders that all labels start with, as long as they still differ."""
    folders = {source.label for source in sources if source.encoded and source.label}
    if len(folders) < 2:
        return sources
    parts = [folder.split("/") for folder in folders]
    alike = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*parts, strict=False))
    shared = min(len(list(alike)), min(map(len, parts)) - 1)
    if not shared:
        return sources
    return [
        dataclasses.replace(source, label=source.label.split("/", shared)[-1])
        if source.encoded and source.label
        else source
        for source in sources
    ]


def _without_lone_label(sources: list[Source]) -> list[Source]:
    labels = {source.label for source in sources}
    return list(without_labels(sources)) if len(labels) == 1 else sources


def _nothing_found(paths: list[Path], skipped: list[Skipped]) -> str:
    where = str(paths[0]) if len(paths) == 1 else f"{len(paths)} paths"
    if not skipped:
        return f"{where}: there are no pictures in it."
    if len(skipped) == 1:
        return f"{skipped[0].path}: {skipped[0].reason}; there are no pictures to use."
    return f"{where}: none of the {len(skipped)} files is a picture."


def _missing(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError | NotADirectoryError | ValueError)


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
