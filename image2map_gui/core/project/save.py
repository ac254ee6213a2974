"""Saving a project: whole, or not at all."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from image2map_gui.core.errors import ProjectError
from image2map_gui.core.files import replacing
from image2map_gui.core.options import to_plain
from image2map_gui.core.project.archive import write_archive
from image2map_gui.core.project.frames import frames_arrays, frames_facts
from image2map_gui.core.project.manifest import (
    labels_table,
    parts_table,
    selections_table,
    source_table,
)
from image2map_gui.core.project.model import model_arrays, model_facts
from image2map_gui.core.project.project import FORMAT, Project
from image2map_gui.core.project.runs import packed_runs


def save_project(project: Project, path: Path) -> None:
    """Write a project, replacing ``path`` only once everything is on the disk.

    Raises
    ------
    ProjectError
        It cannot be written; what was at ``path`` is untouched.
    """
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise ProjectError(
                f"{path}: may not be written (it is read-only); save under another name."
            )
        with replacing(path) as file:
            _write(project, path, file)
    except OSError as error:
        raise ProjectError(
            f"{path}: could not be saved ({error.strerror or error}); nothing was changed there."
        ) from None


def _write(project: Project, path: Path, file: Any) -> None:
    model = project.model
    arrays: dict[str, NDArray[Any]] = {}
    frames = project.frames
    if model is not None:
        arrays = model_arrays(model, project.picture_units, project.picture_distances)
        frames = frames.of(project.sources)
        arrays |= frames_arrays(frames)
    runs, kept = packed_runs(project.runs, project.sources)
    arrays |= kept
    manifest = {
        "format": FORMAT,
        "program": "Image2Map",
        "spec": to_plain(project.spec),
        "params": to_plain(project.params),
        "model": None if model is None else model_facts(model),
        "history": [dataclasses.asdict(figures) for figures in project.history],
        "seconds": project.seconds,
        "sources": source_table(project.sources, path),
        "skipped": [[skipped.path, skipped.reason] for skipped in project.skipped],
        "parts": parts_table(project.parts, project.sources),
        "added": project.added,
        "frames": frames_facts(frames),
        "runs": runs,
        "run": project.run,
        "selections": selections_table(project.selections, project.sources),
        "labels": labels_table(project.labels),
        "threads": project.threads,
        "given": list(project.given),
    }
    write_archive(file, manifest, arrays)
