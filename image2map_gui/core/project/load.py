"""Loading a project: every part of it is checked before it is believed."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, ProjectError
from image2map_gui.core.files import Fingerprint, fingerprint_of
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import distances_at_units, labelled_anew
from image2map_gui.core.options import from_plain
from image2map_gui.core.project.archive import (
    check_end,
    check_members,
    read_arrays,
    read_manifest,
)
from image2map_gui.core.project.arrays import Arrays
from image2map_gui.core.project.checks import number, plain_list, require, texts, whole
from image2map_gui.core.project.embedded import stored_embedded
from image2map_gui.core.project.frames import stored_frames
from image2map_gui.core.project.manifest import clusters_of, figures_of, groups_of, labels_of
from image2map_gui.core.project.model import stored_model
from image2map_gui.core.project.pictures import Rows, stored_pictures, stored_skipped
from image2map_gui.core.project.project import BEYOND, FORMAT, Project
from image2map_gui.core.project.runs import stored_runs
from image2map_gui.core.project.schema import check_manifest
from image2map_gui.core.project.upgrade import upgrade
from image2map_gui.core.som.params import SomParams

Value = TypeVar("Value")
_FIRST_SEALED = 6  # format with a digest of the manifest
_EMBEDDED = frozenset(("embedded_vectors", "embedded_thumbs"))
_OF_MAP = frozenset(
    ("weights", "hits", "label_counts", "distances", "picture_units", "picture_distances",
     "projection_mean", "projection_gain", "projection_axes", "projection_spread", "exemplars",
     "embedded_vectors", "embedded_thumbs")
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Loading:
    """How far a project is read; at the end with it, and what its file was like."""

    fraction: float
    project: Project | None = None
    fingerprint: Fingerprint | None = None

    @property
    def milestone(self) -> bool:
        """Whether the project is there."""
        return self.project is not None


def load_project(path: Path) -> Project:
    """Read a project in one go, see :func:`loading`."""
    project = deque(loading(path), maxlen=1).pop().project
    assert project is not None
    return project


def loading(path: Path) -> Iterator[Loading]:
    """Read a project; yields after at most some 50 ms.

    Raises
    ------
    ProjectError
        It is no project, is damaged, or was made by a newer version; the message says which.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise ProjectError("is not a file.")
        with path.open("rb") as file:
            made = fingerprint_of(file)
            check_end(file)
            with zipfile.ZipFile(file) as archive:
                yield Loading(0.0)
                project = yield from _read(archive, file, path)
        yield Loading(1.0, project, made)
    except FileNotFoundError:
        raise ProjectError(f"{path}: there is no such project file.") from None
    except ProjectError as error:
        raise ProjectError(f"{path}: {error}") from None
    except ParameterError as error:
        raise ProjectError(f"{path}: the project holds a wrong setting: {error}") from None
    except OSError as error:
        raise ProjectError(f"{path}: cannot be read ({error.strerror or error}).") from None
    except (
        zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError,
        KeyError, TypeError, AttributeError, OverflowError, MemoryError,
    ):  # fmt: skip
        raise ProjectError(f"{path}: is not an Image2Map project, or is damaged.") from None


def _read(
    archive: zipfile.ZipFile, file: IO[bytes], path: Path
) -> Generator[Loading, None, Project]:
    """Return the project; yields how far it is read."""
    manifest, sealed = read_manifest(archive)
    version = manifest.get("format")
    if type(version) is not int or version < 1:
        raise ProjectError("is not an Image2Map project, or is damaged.")
    if version > FORMAT:
        raise ProjectError(
            f"was made by a newer version of Image2Map (format {version}); this one reads up to "
            f"{FORMAT}. Install the newer version to open it."
        )
    require(sealed is (True if version >= _FIRST_SEALED else None))
    check_members(archive, file, manifest)
    arrays = yield from _told(read_arrays(archive, manifest))
    if version < FORMAT:
        upgrade(manifest, arrays, version)
    check_manifest(manifest)
    sources = yield from _told(stored_pictures(arrays, path))
    project = _project(manifest, arrays, sources)
    yield Loading(1.0)
    return _with_map(project, manifest, arrays)


def _told(steps: Generator[float | None, None, Value]) -> Generator[Loading, None, Value]:
    """Tell how far a part is read, and return what it returns; ``None`` comes after all bytes."""
    while True:
        try:
            fraction = next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
        yield Loading(1.0 if fraction is None else fraction)


def _project(manifest: dict[str, Any], arrays: Arrays, sources: tuple[Source, ...]) -> Project:
    """Put the parts together, which have to fit each other."""
    spec = from_plain(ImageSpec, manifest["spec"])
    params = from_plain(SomParams, manifest["params"])
    rows = Rows(arrays, sources)
    parts, selections = groups_of(manifest["parts"], manifest["selections"], rows)
    project = Project(
        spec=spec,
        params=params,
        sources=sources,
        skipped=stored_skipped(arrays),
        history=tuple(figures_of(fields) for fields in plain_list(manifest["history"])),
        seconds=number(manifest["seconds"]),
        parts=parts,
        runs=stored_runs(manifest["runs"], arrays, sources),
        run=manifest["run"],
        selections=selections,
        labels=labels_of(manifest["labels"]),
        clusters=clusters_of(manifest["clusters"], params.units),
        threads=whole(manifest["threads"]),
        given=texts(manifest["given"]),
        absolute_paths=manifest["absolute_paths"],
        next_spec=_wanted(ImageSpec, manifest["next"]["spec"]),
        next_params=_wanted(SomParams, manifest["next"]["params"]),
    )
    require(project.threads >= 0 and set(project.given) <= set(BEYOND))
    require(type(project.absolute_paths) is bool)
    numbers = [run.number for run in project.runs]
    require(project.run is None or (type(project.run) is int and project.run in numbers))
    return project


def _wanted(kind: type[Value], plain: dict[str, Any] | None) -> Value | None:
    return None if plain is None else from_plain(kind, plain)


def _with_map(project: Project, manifest: dict[str, Any], arrays: Arrays) -> Project:
    """Return the project with its map, if it has one, and with the pictures that come with it."""
    spec, params, sources = project.spec, project.params, project.sources
    if manifest["model"] is None:
        stored_frames(manifest["frames"], arrays, None, sources, 0)
        require(not set(arrays) & _OF_MAP - _EMBEDDED)  # these were written without a map once
        return project
    model = stored_model(manifest["model"], spec, params, arrays)
    units, distances = arrays["picture_units"], arrays["picture_distances"]
    require(units.shape == distances.shape == (len(sources),))
    require(units.dtype.kind == "i" and _within(units, params.units))
    added = whole(manifest["added"])
    require(0 <= added <= int(np.count_nonzero(units >= 0)))
    epochs = project.history[-1].epoch if project.history else 0
    trained = np.flatnonzero(units >= 0)
    trained = trained[: len(trained) - added]
    own = distances_at_units(units[trained], distances[trained], params.units)
    model = dataclasses.replace(model, unit_distances=own)
    if added:  # older files do not count the labels of these
        model = labelled_anew(model, units, [source.label for source in sources])
    return dataclasses.replace(
        project,
        model=model,
        picture_units=units,
        picture_distances=distances,
        added=added,
        frames=stored_frames(manifest["frames"], arrays, model, sources, epochs),
        embedded=stored_embedded(arrays, spec, model.projection, len(sources)),
    )


def _within(units: NDArray[Any], count: int) -> bool:
    return not len(units) or (int(units.min()) >= -1 and int(units.max()) < count)
