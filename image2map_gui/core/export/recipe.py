"""How to come to a map once more: its training as a command and as Python, and whether it can."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from image2map_gui.core.errors import SourceError
from image2map_gui.core.images.samples import SAMPLE_COUNT
from image2map_gui.core.images.sources import Found, Source, finding
from image2map_gui.core.options import options_of
from image2map_gui.core.project.project import Project
from image2map_gui.core.som.course import course_of

_LISTED = "pictures.csv"
_ALWAYS = frozenset({"rows", "columns", "epochs", "seed", "size", "colour"})  # are written out
_WIDTH = 96


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The text of a command and of a Python program, and why they would not give the same map.

    On another number of threads sums are rounded otherwise, which may lead to another map: the
    window trains on one core fewer than there are, the command line on all.

    Weights that were given to single pictures, and a map that the training started from, are in no
    project; a recipe knows nothing of them.
    """

    command: str
    python: str
    remarks: tuple[str, ...] = ()

    @property
    def reproducible(self) -> bool:
        """Whether they give the same map: bit for bit on as many threads of the same machine."""
        return not self.remarks


@dataclasses.dataclass(frozen=True)
class Recalling:
    """How far the pictures were looked for; the last step holds the recipe."""

    fraction: float
    looked_at: int
    recipe: Recipe | None = None

    @property
    def milestone(self) -> bool:
        """Whether this is the end."""
        return self.recipe is not None


@dataclasses.dataclass(frozen=True)
class _Origin:
    """What a training is to be given so that it sees the same pictures in the same order."""

    paths: tuple[str, ...] = ()
    pages: str = "first"
    labels: str = "auto"
    share: float = 1.0  # that was trained on, drawn by the seed
    sample: str = ""
    listed: bool = False  # by a table made from the project itself
    remark: str = ""


def recalling(project: Project, path: Path | None, *, paths: bool = True) -> Iterator[Recalling]:
    """Work out how a project came about; its pictures are looked for to see if they are the same.

    Parameters
    ----------
    path
        Where the project is saved, if it is.
    paths
        Whether to write where things lie; otherwise only how they are called.
    """
    yield Recalling(0.0, 0)
    origin = yield from _origin(project, path)
    if not paths:
        origin = dataclasses.replace(origin, paths=tuple(_last_part(one) for one in origin.paths))
        path = None if path is None else Path(path.name)
    remarks = [*_of_the_course(project), *([origin.remark] if origin.remark else [])]
    head = "".join(f"# Not the same map again: {one}\n" for one in remarks)
    command = head + _command(project, origin, path)
    python = head + _python(project, origin, path)
    yield Recalling(1.0, len(project.sources), Recipe(command, python, tuple(remarks)))


def trained_on(project: Project) -> tuple[Source, ...]:
    """Return the pictures a map was trained on: those that lie on it and did not come later."""
    if project.model is None:
        return ()
    rows = np.flatnonzero(project.picture_units >= 0)
    rows = rows[: len(rows) - project.added]
    return tuple(project.sources[row] for row in rows.tolist())


# --- the training -------------------------------------------------------------------------------


def _of_the_course(project: Project) -> Iterator[str]:
    """Say what happened during the training that no settings tell."""
    history, params = project.history, project.params
    if project.model is not None and project.model.tuned is not None:
        yield "its units were tuned on labels after the training."
    if any(one.change is not None and one.change.turns for one in history):
        yield "radius, rate or length were changed while it was trained."
        return
    if params.time_limit is not None:
        yield "it had a time limit, and how far it came depends on the computer."
    if not history:
        return
    if history[-1].epochs != course_of(params).epochs:
        yield "it was trained on after its training had ended."
    elif history[-1].epoch < history[-1].epochs and not _settled(project):
        yield f"its training ended after epoch {history[-1].epoch} of {history[-1].epochs}."


def _settled(project: Project) -> bool:
    params, last = project.params, project.history[-project.params.patience :]
    quiet = all(one.movement <= params.tolerance for one in last)
    return params.stop == "settled" and len(last) == params.patience and quiet


# --- the pictures -------------------------------------------------------------------------------


def _origin(project: Project, path: Path | None) -> Generator[Recalling, None, _Origin]:
    """Find out what to give to a training; where that cannot be said, a list of the pictures."""
    trained = trained_on(project)
    if {(one.kind, one.path) for one in trained} <= {("sample", one.path) for one in trained[:1]}:
        wanted = [(one.path, index) for index, one in enumerate(trained)]
        if [(one.path, one.index) for one in trained] == wanted and len(wanted) == SAMPLE_COUNT:
            return _Origin(sample=trained[0].path)
    files = [one for one in trained if one.kind != "sample"]
    paged = any(one.encoded and one.index >= 0 for one in files)
    given = tuple(dict.fromkeys(_root(one) for one in files))
    origin = _Origin(given, "all" if paged else "first")
    try:
        found = yield from _found(origin)
    except SourceError:
        found = Found((), ())
    if len(files) == len(trained) and (same := _same(origin, found, project, trained)) is not None:
        return same
    if path is not None and not project.added and all(_can_be_listed(one) for one in trained):
        return _Origin(listed=True)
    why = "the pictures it was trained on are not just those that lie there now."
    return dataclasses.replace(origin, remark=why)


def _root(source: Source) -> str:
    """Return what a person has opened, as far as it can be told: a file of many, or a folder."""
    if source.kind != "file":
        return source.path
    folder, label = os.path.dirname(source.path), source.label  # noqa: PTH120 - quicker
    if label and folder.endswith(os.sep + label.replace("/", os.sep)):
        return folder[: -len(label) - 1] or os.sep
    return folder


def _found(origin: _Origin) -> Generator[Recalling, None, Found]:
    found = Found((), ())
    for step in finding(origin.paths, pages=origin.pages):
        yield Recalling(0.0, step.count)
        found = step.found or found
    return found


def _same(
    origin: _Origin, found: Found, project: Project, trained: tuple[Source, ...]
) -> _Origin | None:
    """Return how to get the same pictures out of those that were found, if there is a way."""
    unread = {one.path for one in project.skipped}
    read = [one for one in found.sources if one.address not in unread]
    place = {one.address: row for row, one in enumerate(read)}
    rows = [place.get(one.address, -1) for one in trained]
    count, share = len(trained), len(trained) / max(1, len(read))
    if count < len(read):
        order = np.random.default_rng(project.params.seed).permutation(len(read))[:count]
        if round(share * len(read)) != count or rows != np.sort(order).tolist():
            return None
    elif rows != list(range(len(read))):
        return None
    return dataclasses.replace(origin, share=share, labels=_labels(trained, read, rows))


def _labels(trained: tuple[Source, ...], read: list[Source], rows: list[int]) -> str:
    """Return whether the labels of the files were used; others do not change the weights."""
    found = any(read[row].label is not None for row in rows)
    return "none" if found and all(one.label is None for one in trained) else "auto"


def _can_be_listed(source: Source) -> bool:
    """Whether a table of paths can name a picture."""
    try:
        source.path.encode()
    except UnicodeEncodeError:
        return False
    return source.kind == "file" and source.index < 0


def _last_part(path: str) -> str:
    return os.path.basename(path.rstrip(os.sep)) or "pictures"  # noqa: PTH119 - may be of anything


# --- as text ------------------------------------------------------------------------------------


def _command(project: Project, origin: _Origin, path: Path | None) -> str:
    sources: list[str] = [*origin.paths]
    first = ""
    if origin.sample:
        sources = [f"{origin.sample} drawings"]
        first = _line("image2map", "sample", origin.sample, *sources)
    elif origin.listed:
        sources = [_LISTED]
        first = _line("image2map", "export", str(path), "assignments", *sources)
    words = ["image2map", "train", *sources, "-o", _again(path)]
    if origin.pages != "first":
        words += ["--pages", origin.pages]
    if origin.labels != "auto":
        words += ["--labels", origin.labels]
    if origin.share < 1:
        words += ["--train-size", repr(origin.share)]
    return first + _line(*words, *_options(project.params), *_options(project.spec))


def _line(*words: str) -> str:
    return " ".join(_quoted(word) for word in words) + "\n"


def _quoted(word: str) -> str:
    """Write a word for a shell; what has no sign in bash's and zsh's way."""
    if word.isprintable():
        return shlex.quote(word)
    spelled = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in os.fsencode(word)
    )
    return f"$'{spelled}'"


def _options(settings: Any) -> Iterator[str]:
    for one in options_of(type(settings)):
        value = getattr(settings, one.name)
        if value != one.default or one.name in _ALWAYS:
            flag, text = "--" + one.name.replace("_", "-"), one.text(value)
            yield from [f"{flag}={text}"] if text.startswith("-") else [flag, text]


def _again(path: Path | None) -> str:
    return f"{'map' if path is None else path.stem} again.i2m"


def _python(project: Project, origin: _Origin, path: Path | None) -> str:
    """Write a program that trains the map with the functions of the core."""
    imports, found = _python_pictures(origin, path)
    read = "reading.dataset"
    if origin.share < 1:
        read += f".split({origin.share!r}, params.seed)[0]"
    lines = [
        "import time",
        "from pathlib import Path",
        "",
        *sorted(
            (
                *imports,
                "from image2map_gui.core.images.dataset import read_dataset",
                "from image2map_gui.core.images.spec import ImageSpec",
                "from image2map_gui.core.model import train_map",
                "from image2map_gui.core.som.params import SomParams",
                *_project_imports(origin, path),
            )
        ),
        "", "",
        "def main() -> None:",
        f"    spec = {_python_value(project.spec)}",
        f"    params = {_python_value(project.params)}",
        *(f"    {line}" for line in found),
        "    *_, reading = read_dataset(found, spec)",
        f"    dataset = {read}.fitted()",
        "    began = time.perf_counter()",
        "    history = []",
        "    for snapshot in train_map(dataset, params):",
        "        if snapshot.milestone and snapshot.figures is not None:",
        "            history.append(snapshot.figures)",
        "    seconds = time.perf_counter() - began",
        "    project = project_of(dataset, params, snapshot, tuple(history), seconds)",
        f"    save_project(project, Path({_again(path)!a}))",
        "", "",
        'if __name__ == "__main__":  # pictures are read in processes that load this file too',
        "    main()",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _project_imports(origin: _Origin, path: Path | None) -> list[str]:
    package = "from image2map_gui.core.project"
    imports = [f"{package}.project import project_of", f"{package}.save import save_project"]
    return [f"{package}.load import load_project", *imports] if _loaded(origin, path) else imports


def _loaded(origin: _Origin, path: Path | None) -> bool:
    """Whether a program takes the list of the pictures from the project."""
    return path is not None and (origin.listed or bool(origin.remark))


def _python_pictures(origin: _Origin, path: Path | None) -> tuple[list[str], list[str]]:
    """Return what to import to find the pictures, and how they are found."""
    module = "from image2map_gui.core.images.sources import "
    if origin.sample:
        return [f"{module}sample_sources"], [f"found = sample_sources({origin.sample!r})"]
    if _loaded(origin, path):
        return [
            f"{module}Found",
            "from image2map_gui.core.export.recipe import trained_on",
        ], [f"found = Found(trained_on(load_project(Path({str(path)!a}))), ())"]
    pages = f", pages={origin.pages!r}" if origin.pages != "first" else ""
    listed = ["found = find_sources(", "    ["]
    listed += [f"        {one!a}," for one in origin.paths]
    listed += (
        [f"    ]{pages},", ")"] if not pages else ["    ],", f"    pages={origin.pages!r},", ")"]
    )
    if origin.labels == "none":
        names = "Found, find_sources, without_labels"
        return [module + names], [*listed, "found = Found(without_labels(found.sources), ())"]
    return [f"{module}find_sources"], listed


def _python_value(settings: Any) -> str:
    """Write settings as the call that makes them, only what is not as usual."""
    given = [
        f"{one.name}={value!r}"
        for one in options_of(type(settings))
        if (value := getattr(settings, one.name)) != one.default or one.name in _ALWAYS
    ]
    name = type(settings).__name__
    line = f"{name}({', '.join(given)})"
    if len(line) <= _WIDTH - 12:
        return line
    return f"{name}(\n" + "".join(f"        {one},\n" for one in given) + "    )"
