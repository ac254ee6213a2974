"""Key frames: the map after its epochs, spread over the whole training, within a limit."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image2map_gui.core.exemplars import unit_pictures
from image2map_gui.core.images.dataset import Dataset
from image2map_gui.core.images.projection import Projection
from image2map_gui.core.images.sources import Source
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.model import MapModel, distances_at_units, labels_of_units
from image2map_gui.core.options import check_options, option
from image2map_gui.core.som.metric import Metric
from image2map_gui.core.som.params import SomParams
from image2map_gui.core.som.train import Snapshot

MB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Keeping:
    """How much of trainings is kept.

    Raises
    ------
    ParameterError
        A value is out of its range.
    """

    frames: int = option(
        256,
        "Epochs in memory",
        "The map after each epoch, to go back to. Beyond this every second epoch is kept, then "
        "every fourth, and so on; the first and the last always. 0: none.",
        low=0,
        high=65_536,
        unit="MB",
        group="Kept of trainings",
    )
    saved_frames: int = option(
        64,
        "Epochs in files",
        "What a project file holds of them at most, thinned out in the same way. 0: none.",
        low=0,
        high=2048,
        unit="MB",
        group="Kept of trainings",
    )
    runs: int = option(
        128,
        "Earlier runs",
        "Maps of earlier trainings, to be restored, in memory and in project files. Beyond this "
        "the oldest keep their figures only.",
        low=0,
        high=2048,
        unit="MB",
        group="Kept of trainings",
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclasses.dataclass(frozen=True, eq=False)
class Frame:
    """The map after some epochs; arrays are read-only.

    Attributes
    ----------
    epoch
        Epochs before it, counted from the map's first; 0 for the start.
    weights
        ``(k, d)`` float32, exactly as they were.
    units, distances
        Of the pictures as that epoch found them, ``(n,)``; the unit -1 is that of a picture which
        was not there. ``None`` for the start, when no picture has a unit yet.
    exemplars
        Pictures that stand for units that are none, ``(k, height, width, 3)``.
    """

    epoch: int
    weights: NDArray[np.float32]
    units: NDArray[np.int32] | None = None
    distances: NDArray[np.float32] | None = None
    exemplars: NDArray[np.uint8] | None = None

    @property
    def size(self) -> int:
        """Bytes in memory and in a file."""
        arrays = (self.weights, self.units, self.distances, self.exemplars)
        return sum(array.nbytes for array in arrays if array is not None)


@dataclasses.dataclass(frozen=True, eq=False)
class Frames:
    """Frames in the order of their epochs, and the pictures that they tell the units of."""

    frames: tuple[Frame, ...] = ()
    sources: tuple[Source, ...] = ()

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs after which they show the map."""
        return tuple(frame.epoch for frame in self.frames)

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(frame.size for frame in self.frames)

    def near(self, epoch: int) -> Frame:
        """Return the frame nearest to an epoch, of two the earlier; there must be one."""
        return min(self.frames, key=lambda frame: (abs(frame.epoch - epoch), frame.epoch))

    def until(self, epoch: int) -> Frames:
        """Return those of an epoch and before it."""
        return Frames(tuple(one for one in self.frames if one.epoch <= epoch), self.sources)

    def within(self, limit: int) -> Frames:
        """Return as many as fit into so many bytes, see :func:`thinned`."""
        frames, _ = thinned(self.frames, limit, stride_of(self.frames))
        return Frames(frames, self.sources)

    def joined(self, others: Frames) -> Frames:
        """Return these and those of other epochs of the same map, for the pictures of these.

        The others are of no use where they tell of another map: then these are returned alone.
        """
        mine = {frame.epoch: frame for frame in self.frames}
        common = [frame for frame in others.frames if frame.epoch in mine]
        same = (np.array_equal(one.weights, mine[one.epoch].weights) for one in common)
        if not all(same):
            return self
        both = {frame.epoch: frame for frame in others.of(self.sources).frames} | mine
        return Frames(tuple(both[epoch] for epoch in sorted(both)), self.sources)

    def of(self, sources: tuple[Source, ...]) -> Frames:
        """Return the same for other pictures: those that were not there have the unit -1."""
        if sources is self.sources or sources == self.sources:
            return Frames(self.frames, sources)
        place = {source.address: row for row, source in enumerate(self.sources)}
        rows = np.array([place.get(source.address, -1) for source in sources], np.intp)
        return Frames(tuple(_of_rows(frame, rows) for frame in self.frames), sources)


def _of_rows(frame: Frame, rows: NDArray[np.intp]) -> Frame:
    if frame.units is None or frame.distances is None:
        return frame
    units = np.full(len(rows), -1, np.int32)
    distances = np.zeros(len(rows), np.float32)
    known = rows >= 0
    units[known], distances[known] = frame.units[rows[known]], frame.distances[rows[known]]
    return dataclasses.replace(frame, units=_fixed(units), distances=_fixed(distances))


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


# --- which are kept ---------------------------------------------------------------------------


def stride_of(frames: Sequence[Frame]) -> int:
    """Return of how many epochs frames keep one, a power of two; the last is there anyway."""
    gaps = [later.epoch - earlier.epoch for earlier, later in pairwise(frames[:-1])]
    return 1 << (max(gaps, default=1) - 1).bit_length()


def thinned(
    frames: tuple[Frame, ...], limit: int, stride: int = 1
) -> tuple[tuple[Frame, ...], int]:
    """Leave frames out until the rest fits into ``limit`` bytes; return it with the new stride.

    The first and the last stay, and between them those whose epochs are multiples of the stride,
    which is doubled as often as needed: so the gaps between two frames are never longer than the
    stride. Where not even first and last fit, nothing is kept.
    """
    while sum(frame.size for frame in frames) > limit:
        if len(frames) <= 2:
            return (), stride
        stride *= 2
        inner = tuple(frame for frame in frames[1:-1] if frame.epoch % stride == 0)
        frames = (frames[0], *inner, frames[-1])
    return frames, stride


class Keeper:
    """Gathers the frames of a training from its snapshots, in constant time for each.

    Snapshots own their arrays and never change them, so that a frame costs no copy of the weights.

    Parameters
    ----------
    limit
        Bytes that all frames may take.
    before
        Frames of the map that the training goes on from, the last of them its present state.
    """

    def __init__(
        self, dataset: Dataset, params: SomParams, limit: int, before: Frames | None = None
    ) -> None:
        before = Frames() if before is None else before.of(dataset.sources)
        self._dataset = dataset
        self._metric = Metric(params.measure, dataset.spec.mask)
        self._limit = limit
        self._frames, self._stride = before.frames, stride_of(before.frames)

    @property
    def frames(self) -> Frames:
        """What was gathered so far; safe to ask for while another thread gathers."""
        return Frames(self._frames, self._dataset.sources)

    def take(self, snapshot: Snapshot, earlier: int = 0) -> None:
        """Keep a snapshot if it begins the training, ends an epoch, or is the finished map.

        ``earlier`` epochs were counted before the training.
        """
        begins = snapshot.epoch == 0 and snapshot.fraction == 0 and not snapshot.settled
        if not (begins or snapshot.milestone or snapshot.settled) or not self._limit:
            return
        last = self._frames[-1] if self._frames else None
        epoch = snapshot.epoch + earlier
        if begins and last is not None and last.epoch == epoch:
            return  # the map it goes on from, which knows the units of its pictures
        self._frames, self._stride = thinned(
            (*self._lasting(epoch), self._frame(snapshot, epoch)), self._limit, self._stride
        )

    def _lasting(self, epoch: int) -> tuple[Frame, ...]:
        """Return the frames that stay beside one of this epoch, which is the last from now on."""
        frames = self._frames
        if not frames:
            return ()
        last = frames[-1].epoch
        only_newest = len(frames) > 1 and last % self._stride != 0
        return frames[:-1] if last == epoch or only_newest else frames

    def _frame(self, snapshot: Snapshot, epoch: int) -> Frame:
        units, far = snapshot.winners, snapshot.distances
        exemplars = None
        if not self._dataset.spec.plain:
            weights = snapshot.weights
            exemplars = _fixed(unit_pictures(self._dataset, weights, self._metric, units, far))
        return Frame(
            epoch,
            _fixed(np.asarray(snapshot.weights, np.float32)),
            None if units is None else _fixed(units.astype(np.int32)),
            None if far is None else _fixed(far.astype(np.float32)),
            exemplars,
        )


# --- as maps ----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Setting:
    """What all frames of a training have in common."""

    spec: ImageSpec
    params: SomParams
    projection: Projection | None = None


def frame_model(frame: Frame, setting: Setting, labels: Sequence[str | None]) -> MapModel:
    """Return the map of a frame whose pictures have these labels ``(n,)``.

    Before the first epoch no picture has a unit: then there are no hits and no labels on it.
    """
    count = setting.params.units
    units: NDArray[np.integer[Any]] = np.zeros(0, np.int64)
    distances = np.zeros(0)
    if frame.units is not None and frame.distances is not None:
        there = frame.units >= 0
        labels = [label for label, known in zip(labels, there.tolist(), strict=True) if known]
        units, distances = frame.units[there], frame.distances[there].astype(np.float64)
        names, counts = labels_of_units(labels, units, count)
    else:
        names, counts = labels_of_units(labels, np.full(len(labels), -1), count)
    return MapModel(
        spec=setting.spec,
        params=setting.params,
        weights=frame.weights,
        hits=np.bincount(units, minlength=count),
        label_names=names,
        label_counts=counts,
        distances=np.sort(distances),
        quantization_error=float(distances.mean()) if len(distances) else float("nan"),
        topographic_errors=(),
        projection=setting.projection,
        exemplars=frame.exemplars,
        unit_distances=distances_at_units(units, distances, count),
    )
