"""Small projects, taken apart and put together again, for tests that spoil something in them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data import lines_dataset, train_model

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.frames import Keeper
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.sources import Found, Skipped
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project
from image2map_gui.core.project.project import Project, project_of
from image2map_gui.core.runs import Kept, Run, kept_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import train

Manifest = dict[str, Any]
Members = dict[str, bytes]


def small_project() -> Project:
    """A map of the LINES drawings, half of them with labels, as a training leaves it."""
    dataset = lines_dataset()
    marked = tuple(
        dataclasses.replace(source, label=("flat", "steep", None, None)[index % 4])
        for index, source in enumerate(dataset.sources)
    )
    dataset = dataclasses.replace(
        dataset, sources=marked, skipped=(Skipped("/pictures/notes.txt", "is not a picture"),)
    )
    params = SomParams(rows=2, columns=3, epochs=3, mode="online", seed=4, radius_start=2.5)
    snapshots = list(train(dataset.vectors, params))
    history = tuple(one.figures for one in snapshots if one.milestone and one.figures is not None)
    keeper = Keeper(dataset, params, 1 << 20)
    for snapshot in snapshots:
        keeper.take(snapshot)
    project = project_of(dataset, params, snapshots[-1], history, 1.25, keeper.frames)
    return dataclasses.replace(
        project,
        runs=(*earlier_runs(dataset), run(4, project)),
        run=4,
        next_params=dataclasses.replace(params, epochs=7),
    )


def run(number: int, project: Project, kept: Kept | None = None, note: str = "") -> Run:
    thumb = np.full((2, 3, 3), number, np.uint8)
    return Run(
        number, project.spec, project.params, 3, 1.25, 100, 2.5, 0.25, thumb,
        "2026-03-01T12:00:00+00:00", note, kept,
    )  # fmt: skip


def earlier_runs(dataset: Dataset) -> list[Run]:
    """One whose map is gone, one of pixels, one of features with all that can be measured."""
    found = []
    plain_one = ImageSpec(size=dataset.spec.size)
    features = dataclasses.replace(
        plain_one, features="fourier", value_range="z-score", reduction="whitened-pca"
    )
    for spec in (plain_one, features):
        *_, reading = read_dataset(Found(dataset.sources, ()), spec)
        model, last = train_model(reading.dataset.fitted(), rows=1, columns=4, epochs=2)
        project = project_of(reading.dataset.fitted(), model.params, last, (), 1.0)
        kept = kept_of(
            model, project.sources, project.picture_units, project.picture_distances, 2, ()
        )
        found.append(run(len(found) + 2, project, kept, "a <b>note</b>"))
    return [run(1, project), *found]


def plain(value: Any) -> Any:
    """Everything a value holds, in a form in which NaN equals NaN."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if dataclasses.is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def refused(path: Path) -> str:
    began = time.perf_counter()
    with pytest.raises(ProjectError) as refusal:
        load_project(path)
    assert time.perf_counter() - began < 5
    said = str(refusal.value)
    assert said.startswith(f"{path}: ")
    assert said.endswith(".")
    assert len(said.splitlines()) == 1
    return said


def unpacked(data: bytes) -> tuple[Manifest, Members]:
    """Return the manifest of a project and its arrays, as files of NumPy."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members.pop("manifest.sha256", None)
    return json.loads(members.pop("manifest.json")), members


def packed(
    path: Path,
    manifest: Manifest | bytes,
    members: Members,
    *,
    arrays: int = zipfile.ZIP_STORED,
    text: int = zipfile.ZIP_DEFLATED,
    sealed: bool = True,
) -> Path:
    """Write a project of these parts; sealed with the right digest of its manifest, if wanted."""
    data = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member, arrays)
        archive.writestr("manifest.json", data, text)
        if sealed:
            digest = f"{hashlib.sha256(data).hexdigest()}  manifest.json\n"
            archive.writestr("manifest.sha256", digest)
    return path


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def array_of(member: bytes) -> np.ndarray:
    return np.load(io.BytesIO(member), allow_pickle=False)


def swap(manifest: Manifest, members: Members, name: str, array: np.ndarray) -> None:
    """Put another array in place of one, with a description that agrees with it."""
    members[f"{name}.npy"] = npy(array)
    manifest["arrays"][name] = {
        "dtype": array.dtype.str,
        "shape": list(array.shape),
        "sha256": hashlib.sha256(members[f"{name}.npy"]).hexdigest(),
    }
