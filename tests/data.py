"""What several tests need: pictures they draw themselves, and where shared data lie."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from image2map_gui.cli import main
from image2map_gui.core.images.dataset import Dataset, read_dataset
from image2map_gui.core.images.limits import limits, use_limits
from image2map_gui.core.images.samples import write_sample
from image2map_gui.core.images.sources import Source, sample_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, model_of
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot, train

PROJECT = Path(__file__).resolve().parent.parent
Result = TypeVar("Result")


def shared(*names: str) -> Path:
    """Return a path in the folder of shared data, which need not exist."""
    return PROJECT.parent.joinpath("shared", *names)


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output."""
        assert self.code == 0, self.err
        return json.loads(self.out)


def image2map(*arguments: object, **environment: str) -> Answer:
    """Run the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "image2map_gui", *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


def run_command(*arguments: object, **environment: str) -> Answer:
    """Run the command line in this process: the same function, without the start of a program."""
    before, folder, limited = dict(os.environ), Path.cwd(), limits()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    os.environ.update(environment)
    os.chdir(PROJECT)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = _code(arguments)
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(folder)
        use_limits(limited)
    told, said = (_written(stream) for stream in (out, err))
    return Answer(code, told, said)


def _code(arguments: tuple[object, ...]) -> int:
    try:
        return main([str(one) for one in arguments])
    except SystemExit as end:  # of arguments that are not understood
        return end.code if isinstance(end.code, int) else 0


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode("utf-8")


def finish(steps: Generator[object, None, Result]) -> Result:
    """Run a generator to its end and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def draw_lines(folder: Path, count: int = 100) -> Path:
    """Write the LINES drawings and return their folder."""
    write_sample("lines", folder, count, 16)
    return folder


def lines_dataset() -> Dataset:
    """Return the 100 LINES drawings as vectors."""
    *_, reading = read_dataset(sample_sources("lines"), ImageSpec(size=(16, 16)))
    return reading.dataset


def noise(count: int, features: int, seed: int = 0) -> NDArray[np.float64]:
    """Return random vectors between 0 and 1."""
    return np.random.default_rng(seed).random((count, features))


def write_picture(path: Path, pixels: NDArray[np.generic] | int = 128) -> Path:
    """Write an array as a picture (a number: 6 x 6 pixels of that grey), making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.full((6, 6), pixels, np.uint8) if isinstance(pixels, int) else pixels
    Image.fromarray(array).save(path)
    return path


FLAT_COLOURS = [(10, 10, 240), (30, 160, 60), (200, 30, 30), (250, 250, 250)]


def write_flat_photo(path: Path) -> Path:
    """Write four flat colours in quarters of 40 x 24 pixels."""
    pixels = np.empty((24, 40, 3), np.uint8)
    for place, colour in enumerate(FLAT_COLOURS):
        row, column = divmod(place, 2)
        pixels[row * 12 : row * 12 + 12, column * 20 : column * 20 + 20] = colour
    return write_picture(path, pixels)


def write_idx(path: Path, array: NDArray[np.uint8]) -> Path:
    """Write an IDX file of bytes, not packed."""
    sides = struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sides + array.tobytes())
    return path


def labelled_vectors(
    vectors: NDArray[np.floating], labels: list[str | None], spec: ImageSpec
) -> Dataset:
    """Return a dataset of given vectors and labels, with made-up sources."""
    sources = tuple(
        Source(f"/pictures/{index}.png", label=label) for index, label in enumerate(labels)
    )
    table = np.array(vectors, np.float32)
    table.setflags(write=False)
    return Dataset(spec, table, sources)


def model_with(
    weights: list[list[float]],
    counts: dict[str, list[int]],
    *,
    rows: int = 1,
    topology: str = "grid",
    metric: str = "euclidean",
    distances: Sequence[float] = (0.0,),
) -> MapModel:
    """Return a model with given units, pictures of each label per unit, and distances."""
    units = np.array(weights, np.float32)
    table = np.array([counts[name] for name in sorted(counts)], np.int64)
    table = table.T.reshape(len(units), len(counts))
    return MapModel(
        spec=ImageSpec(size=(units.shape[1], 1)),
        params=SomParams(rows=rows, columns=len(units) // rows, topology=topology, metric=metric),
        weights=units,
        hits=table.sum(axis=1),
        label_names=tuple(sorted(counts)),
        label_counts=table,
        distances=np.array(distances, np.float64),
        quantization_error=0.0,
        topographic_errors=((8, 0.0),),
    )


def train_model(dataset: Dataset, **values: object) -> tuple[MapModel, Snapshot]:
    """Train a map and return its model with the last snapshot."""
    params = SomParams(**values)
    *_, snapshot = train(dataset.vectors, params)
    return model_of(dataset, params, snapshot), snapshot
