"""The project file (.i2m): one zip of a manifest and arrays, checked when it is read."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import os
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.errors import ParameterError, ProjectError
from image2map_gui.core.files import replacing
from image2map_gui.core.images.collection import Parts, Split, rows_of
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import Skipped, Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of
from image2map_gui.core.options import from_plain, to_plain
from image2map_gui.core.som.course import Change
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import EpochFigures, Snapshot

FORMAT = 4
SUFFIX = ".i2m"
MAX_MANIFEST = 32 << 20
MAX_ARRAY = 4 << 30
_MANIFEST = "manifest.json"
_KINDS = ("file", "idx", "sample", "zip", "npy")
_SMALL = 16 << 20
_DENSEST = 150  # long lists of paths shrink to a fortieth; what shrinks far more is a trap
_ARRAYS = {
    "weights": "<f4",
    "hits": "<i8",
    "label_counts": "<i8",
    "distances": "<f8",
    "picture_units": "<i8",
    "picture_distances": "<f8",
    "projection_mean": "<f4",
    "projection_gain": "<f4",
    "projection_axes": "<f4",
    "projection_spread": "<f4",
    "exemplars": "|u1",
}
_MOMENT = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes


@dataclasses.dataclass(frozen=True)
class Project:
    """Pictures by reference, the map, and how it came about.

    ``picture_units`` and ``picture_distances`` hold for each picture its unit and its distance to
    it, ``(n,)``; empty without a map. A picture that is not on the map, such as one that is kept
    for testing, has the unit -1 and the distance 0. ``added`` says how many of those on the map,
    the last ones, came after it was trained.
    """

    spec: ImageSpec
    params: SomParams
    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...] = ()
    model: MapModel | None = None
    picture_units: NDArray[np.int64] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.int64)
    )
    picture_distances: NDArray[np.float64] = dataclasses.field(
        default_factory=lambda: np.zeros(0, np.float64)
    )
    history: tuple[EpochFigures, ...] = ()
    seconds: float = 0.0
    parts: Parts = dataclasses.field(default_factory=Parts)
    added: int = 0


def project_of(
    dataset: Dataset,
    params: SomParams,
    snapshot: Snapshot,
    history: tuple[EpochFigures, ...],
    seconds: float,
) -> Project:
    """Put together the project of a map and the pictures it was trained on."""
    model = model_of(dataset, params, snapshot)
    return Project(
        spec=dataset.spec,
        params=params,
        sources=dataset.sources,
        skipped=dataset.skipped,
        model=model,
        picture_units=np.asarray(snapshot.winners, np.int64),
        picture_distances=np.asarray(snapshot.distances, np.float64),
        history=history,
        seconds=seconds,
    )


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


def load_project(path: Path) -> Project:
    """Read a project.

    Raises
    ------
    ProjectError
        It is no project, is damaged, or was made by a newer version; the message says which.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise ProjectError("is not a file.")
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path)
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


def _write(project: Project, path: Path, file: Any) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    if project.model is not None:
        arrays = {
            "weights": project.model.weights,
            "hits": project.model.hits,
            "label_counts": project.model.label_counts,
            "distances": project.model.distances,
            "picture_units": project.picture_units,
            "picture_distances": project.picture_distances,
            **_preparation_arrays(project.model),
        }
    packed = {name: _pack(array, _ARRAYS[name]) for name, array in arrays.items()}
    manifest = {
        "format": FORMAT,
        "program": "Image2Map",
        "spec": to_plain(project.spec),
        "params": to_plain(project.params),
        "model": None if project.model is None else _model_facts(project.model),
        "history": [dataclasses.asdict(figures) for figures in project.history],
        "seconds": project.seconds,
        "sources": _source_table(project.sources, path),
        "skipped": [[skipped.path, skipped.reason] for skipped in project.skipped],
        "parts": _parts_table(project.parts, project.sources),
        "added": project.added,
        "arrays": {
            name: {
                "dtype": _ARRAYS[name],
                "shape": list(array.shape),
                "sha256": hashlib.sha256(packed[name]).hexdigest(),
            }
            for name, array in arrays.items()
        },
    }
    text = json.dumps(_without_nan(manifest), allow_nan=False, separators=(",", ":"))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(zipfile.ZipInfo(_MANIFEST, _MOMENT), text, zipfile.ZIP_DEFLATED)
        for name, data in packed.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _MOMENT), data, zipfile.ZIP_STORED)


def _preparation_arrays(model: MapModel) -> dict[str, NDArray[Any]]:
    """Return what was measured on the collection and what stands for the units, where it is."""
    found = {} if model.projection is None else vars(model.projection)
    arrays = {f"projection_{name}": array for name, array in found.items() if array is not None}
    if model.exemplars is not None:
        arrays["exemplars"] = model.exemplars.reshape(len(model.exemplars), -1)
    return arrays


def _pack(array: NDArray[Any], dtype: str) -> bytes:
    buffer = io.BytesIO()
    plain = np.ascontiguousarray(array, dtype)
    np.lib.format.write_array(buffer, plain, allow_pickle=False)
    return buffer.getvalue()


def _model_facts(model: MapModel) -> dict[str, Any]:
    return {
        "label_names": list(model.label_names),
        "quantization_error": model.quantization_error,
        "topographic_errors": [list(pair) for pair in model.topographic_errors],
    }


def _source_table(sources: tuple[Source, ...], project: Path) -> dict[str, Any]:
    """Return the sources with each folder and label written once, absolute and relative."""
    folders: dict[str, int] = {}
    labels: dict[str, int] = {}
    rows = []
    for source in sources:
        folder, name = os.path.split(source.path)
        place = folders.setdefault(folder, len(folders))
        label = None if source.label is None else labels.setdefault(source.label, len(labels))
        row = [_KINDS.index(source.kind), place, name, source.index, label]
        rows.append([*row, source.member] if source.member else row)
    here = project.resolve().parent
    return {
        "folders": [[folder, _relative(folder, here)] for folder in folders],
        "labels": list(labels),
        "rows": rows,
    }


def _parts_table(parts: Parts, sources: tuple[Source, ...]) -> dict[str, Any]:
    return {
        "excluded": rows_of(sources, parts.excluded).tolist(),
        "test": rows_of(sources, parts.test).tolist(),
        "split": None if parts.split is None else dataclasses.asdict(parts.split),
    }


def _relative(folder: str, here: Path) -> str | None:
    try:
        return os.path.relpath(folder, here) if folder else None
    except ValueError:  # another drive
        return None


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _read(archive: zipfile.ZipFile, path: Path) -> Project:
    _check_members(archive)
    manifest = _read_manifest(archive)
    version = manifest.get("format")
    if type(version) is not int or version < 1:
        raise ProjectError("is not an Image2Map project, or is damaged.")
    if version > FORMAT:
        raise ProjectError(
            f"was made by a newer version of Image2Map (format {version}); this one reads up to "
            f"{FORMAT}. Install the newer version to open it."
        )
    if version < FORMAT:
        _upgrade(manifest, version)
    arrays = {name: _unpack(archive, name, facts) for name, facts in manifest["arrays"].items()}
    spec = from_plain(ImageSpec, manifest["spec"])
    params = from_plain(SomParams, manifest["params"])
    sources = _sources(manifest["sources"], path)
    project = Project(
        spec=spec,
        params=params,
        sources=sources,
        skipped=tuple(Skipped(*_texts(pair, 2)) for pair in _list(manifest["skipped"])),
        history=tuple(_figures(fields) for fields in _list(manifest["history"])),
        seconds=_number(manifest["seconds"]),
        parts=_parts(manifest["parts"], sources),
    )
    if manifest["model"] is None:
        return project
    model = _model(manifest["model"], spec, params, arrays)
    units, distances = arrays["picture_units"], arrays["picture_distances"]
    _require(units.shape == distances.shape == (len(sources),))
    _require(units.dtype.kind == "i" and _within(units, params.units))
    added = _whole(manifest["added"])
    _require(0 <= added <= int(np.count_nonzero(units >= 0)))
    return dataclasses.replace(
        project, model=model, picture_units=units, picture_distances=distances, added=added
    )


def _upgrade(manifest: dict[str, Any], version: int) -> None:
    """Bring an older manifest to the present format, in place.

    3 brought pictures in archives, 4 features, what is measured on a collection, and its parts.
    """
    manifest |= {"parts": {"excluded": [], "test": [], "split": None}, "added": 0}
    if version > 1:
        return
    shuffle = manifest["params"].pop("shuffle")
    manifest["params"]["order"] = "shuffled" if shuffle else "as-given"
    for figures in manifest["history"]:
        figures |= {"movement": None, "change": None}


def _check_members(archive: zipfile.ZipFile) -> None:
    names = [member.filename for member in archive.infolist()]
    known = {_MANIFEST} | {f"{name}.npy" for name in _ARRAYS}
    _require(len(names) == len(set(names)) and set(names) <= known and _MANIFEST in names)
    for member in archive.infolist():
        if member.filename == _MANIFEST:
            _require(member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            _require(member.file_size <= max(_SMALL, _DENSEST * member.compress_size))
            limit = MAX_MANIFEST
        else:  # never packed, so that no array can be larger than the file it comes in
            _require(member.compress_type == zipfile.ZIP_STORED)
            limit = MAX_ARRAY
        if member.file_size > limit:
            raise ProjectError(f"its part {member.filename} is larger than {limit >> 20} MB.")


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _require(len({key for key, _ in pairs}) == len(pairs))
        return dict(pairs)

    def finite(text: str) -> float:
        _require(math.isfinite(value := float(text)))
        return value

    try:
        manifest = json.loads(
            archive.read(_MANIFEST).decode("utf-8"),
            object_pairs_hook=unique,
            parse_constant=finite,
            parse_float=finite,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    _require(isinstance(manifest, dict))
    return dict(manifest)


def _unpack(archive: zipfile.ZipFile, name: str, facts: dict[str, Any]) -> NDArray[Any]:
    dtype, shape = facts["dtype"], tuple(_list(facts["shape"]))
    _require(dtype == _ARRAYS[name] and len(shape) <= 2)
    _require(all(type(side) is int and side >= 0 for side in shape))
    size = math.prod(shape) * np.dtype(dtype).itemsize
    _require(size <= archive.getinfo(f"{name}.npy").file_size <= size + 1024)
    data = archive.read(f"{name}.npy")
    _require(hashlib.sha256(data).hexdigest() == facts["sha256"])
    array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    _require(array.dtype.str == dtype and array.shape == shape)
    _require(bool(np.isfinite(array).all()))
    array.setflags(write=False)
    return array


def _model(
    facts: dict[str, Any], spec: ImageSpec, params: SomParams, arrays: dict[str, NDArray[Any]]
) -> MapModel:
    names = _texts(facts["label_names"])
    projection = _projection(spec, arrays)
    length = spec.length if projection is None else projection.length
    _require(arrays["weights"].shape == (params.units, length))
    _require(arrays["hits"].shape == (params.units,))
    _require(arrays["label_counts"].shape == (params.units, len(names)))
    _require(arrays["distances"].ndim == 1)
    _require(all((arrays[name] >= 0).all() for name in ("hits", "label_counts", "distances")))
    _require(bool((np.diff(arrays["distances"]) >= 0).all()))
    return MapModel(
        spec=spec,
        params=params,
        weights=arrays["weights"],
        hits=arrays["hits"],
        label_names=names,
        label_counts=arrays["label_counts"],
        distances=arrays["distances"],
        quantization_error=_number(facts["quantization_error"]),
        topographic_errors=tuple(
            (_whole(adjacency), _number(share))
            for adjacency, share in _list(facts["topographic_errors"])
        ),
        projection=projection,
        exemplars=_exemplars(spec, params, arrays),
    )


def _projection(spec: ImageSpec, arrays: dict[str, NDArray[Any]]) -> Projection | None:
    _require(spec.fitted == ("projection_mean" in arrays))
    if not spec.fitted:
        return None
    mean, gain = arrays["projection_mean"], arrays["projection_gain"]
    axes, spread = arrays.get("projection_axes"), arrays.get("projection_spread")
    _require(mean.shape == gain.shape == (spec.length,) and bool((gain >= 0).all()))
    _require((axes is None) == (spec.reduction == "none"))
    _require((spread is None) == (spec.reduction != "whitened-pca"))
    if axes is not None:
        _require(axes.ndim == 2 and axes.shape[1] == spec.length and len(axes) > 0)
    if axes is not None and spread is not None:
        _require(spread.shape == axes.shape[:1] and bool((spread > 0).all()))
    return Projection(mean, gain, axes, spread)


def _exemplars(
    spec: ImageSpec, params: SomParams, arrays: dict[str, NDArray[Any]]
) -> NDArray[np.uint8] | None:
    _require(spec.plain == ("exemplars" not in arrays))
    if spec.plain:
        return None
    _require(arrays["exemplars"].shape == (params.units, math.prod(spec.shape)))
    return arrays["exemplars"].reshape(params.units, *spec.shape)


def _figures(fields: dict[str, Any]) -> EpochFigures:
    return EpochFigures(
        epoch=_whole(fields["epoch"]),
        epochs=_whole(fields["epochs"]),
        radius=_number(fields["radius"]),
        rate=None if fields["rate"] is None else _number(fields["rate"]),
        quantization_error=_number(fields["quantization_error"]),
        topographic_error=_number(fields["topographic_error"]),
        changed=None if fields["changed"] is None else _whole(fields["changed"]),
        seconds=_number(fields["seconds"]),
        movement=_number(fields["movement"]),
        change=None if fields["change"] is None else _change(fields["change"]),
    )


def _change(fields: dict[str, Any]) -> Change:
    def known(name: str) -> float | None:
        return None if fields[name] is None else _number(fields[name])

    epochs = fields["epochs"]
    return Change(
        radius=known("radius"),
        rate=known("rate"),
        epochs=None if epochs is None else _whole(epochs),
        pause=known("pause"),
    )


def _sources(table: dict[str, Any], project: Path) -> tuple[Source, ...]:
    """Rebuild the sources; a folder beside the project counts if the old place is gone."""
    folders = [_folder(_list(pair), project) for pair in _list(table["folders"])]
    labels = _texts(table["labels"])
    return tuple(_source(_list(row), folders, labels) for row in _list(table["rows"]))


def _folder(pair: list[Any], project: Path) -> str:
    absolute, relative = pair
    _require(isinstance(absolute, str) and (relative is None or isinstance(relative, str)))
    if relative is not None and not os.path.lexists(absolute):
        beside = os.path.normpath(project.resolve().parent / relative)
        return beside if os.path.lexists(beside) else str(absolute)
    return str(absolute)


def _source(row: list[Any], folders: list[str], labels: tuple[str, ...]) -> Source:
    kind, place, name, index, label, *rest = row
    member = rest[0] if rest else ""
    _require(_is_place(kind, _KINDS) and _is_place(place, folders) and isinstance(name, str))
    _require(type(index) is int and (label is None or _is_place(label, labels)))
    _require(isinstance(member, str) and bool(member) == bool(rest))
    _require(_KINDS[kind] == "npy" or bool(member) == (_KINDS[kind] == "zip"))
    path = os.path.join(folders[place], name) if folders[place] else name  # noqa: PTH118
    return Source(path, index, None if label is None else labels[label], _KINDS[kind], member)


def _parts(table: dict[str, Any], sources: tuple[Source, ...]) -> Parts:
    split = table["split"]
    return Parts(
        excluded=_addresses(table["excluded"], sources),
        test=_addresses(table["test"], sources),
        split=None if split is None else _split(split),
    )


def _addresses(rows: Any, sources: tuple[Source, ...]) -> frozenset[str]:
    _require(all(_is_place(row, sources) for row in _list(rows)))
    return frozenset(sources[row].address for row in rows)


def _split(fields: dict[str, Any]) -> Split:
    _require(type(fields["stratified"]) is bool)
    return Split(_number(fields["share"]), _whole(fields["seed"]), fields["stratified"])


def _is_place(value: Any, things: Sequence[Any]) -> bool:
    return type(value) is int and 0 <= value < len(things)


def _list(value: Any) -> list[Any]:
    _require(isinstance(value, list))
    return list(value)


def _texts(value: Any, count: int | None = None) -> tuple[str, ...]:
    texts = tuple(_list(value))
    _require(all(isinstance(text, str) for text in texts))
    _require(count is None or len(texts) == count)
    return texts


def _whole(value: Any) -> int:
    _require(type(value) is int)
    return int(value)


def _number(value: Any) -> float:
    """Return a finite number, NaN for null."""
    _require(value is None or type(value) in (int, float))
    return math.nan if value is None else float(value)


def _within(units: NDArray[Any], count: int) -> bool:
    return not len(units) or (int(units.min()) >= -1 and int(units.max()) < count)


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("the project does not agree with itself")
