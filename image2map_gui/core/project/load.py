"""Loading a project: every part of it is checked before it is believed."""

from __future__ import annotations

import dataclasses
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, ProjectError
from image2map_gui.core.files import Fingerprint, fingerprint_of
from image2map_gui.core.images.sources import Skipped
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import distances_at_units
from image2map_gui.core.options import from_plain
from image2map_gui.core.project.archive import check_members, read_arrays, read_manifest
from image2map_gui.core.project.checks import number, plain_list, require, texts, whole
from image2map_gui.core.project.frames import stored_frames
from image2map_gui.core.project.manifest import (
    figures_of,
    labels_of,
    parts_of,
    selections_of,
    sources_of,
    upgrade,
)
from image2map_gui.core.project.model import stored_model
from image2map_gui.core.project.project import BEYOND, FORMAT, Project
from image2map_gui.core.project.runs import stored_runs
from image2map_gui.core.som.params import SomParams


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
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            made = fingerprint_of(file)
            yield Loading(0.0)
            project = _read(archive, path)
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


def _read(archive: zipfile.ZipFile, path: Path) -> Project:
    check_members(archive)
    manifest = read_manifest(archive)
    version = manifest.get("format")
    if type(version) is not int or version < 1:
        raise ProjectError("is not an Image2Map project, or is damaged.")
    if version > FORMAT:
        raise ProjectError(
            f"was made by a newer version of Image2Map (format {version}); this one reads up to "
            f"{FORMAT}. Install the newer version to open it."
        )
    if version < FORMAT:
        upgrade(manifest, version)
    arrays = read_arrays(archive, manifest)
    spec = from_plain(ImageSpec, manifest["spec"])
    params = from_plain(SomParams, manifest["params"])
    sources = sources_of(manifest["sources"], path)
    project = Project(
        spec=spec,
        params=params,
        sources=sources,
        skipped=tuple(Skipped(*texts(pair, 2)) for pair in plain_list(manifest["skipped"])),
        history=tuple(figures_of(fields) for fields in plain_list(manifest["history"])),
        seconds=number(manifest["seconds"]),
        parts=parts_of(manifest["parts"], sources),
        runs=stored_runs(manifest["runs"], arrays, sources),
        run=manifest["run"],
        selections=selections_of(manifest["selections"], sources),
        labels=labels_of(manifest.get("labels", [])),
        threads=whole(manifest["threads"]),
        given=texts(manifest["given"]),
    )
    require(project.threads >= 0 and set(project.given) <= set(BEYOND))
    numbers = [run.number for run in project.runs]
    require(project.run is None or (type(project.run) is int and project.run in numbers))
    if manifest["model"] is None:
        stored_frames(manifest["frames"], arrays, None, sources, 0)
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
    return dataclasses.replace(
        project,
        model=model,
        picture_units=units,
        picture_distances=distances,
        added=added,
        frames=stored_frames(manifest["frames"], arrays, model, sources, epochs),
    )


def _within(units: NDArray[Any], count: int) -> bool:
    return not len(units) or (int(units.min()) >= -1 and int(units.max()) < count)
