"""What the actions on a cluster do: label its pictures, give it a name."""

from __future__ import annotations

import dataclasses

import numpy as np

from image2map_gui.core.images.collection import Rows
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.session.session import Session
from image2map_gui.ui.wording import plural

_CLUSTERS = "clusters"
_SHOW_THEM = "These are the clusters: select a unit of one, then do this again."


@dataclasses.dataclass(frozen=True)
class _Cluster:
    """A cluster of the map that is shown: its units and its name."""

    units: Rows
    name: str


def label_cluster(context: Context) -> None:
    """Ask for a label and give it to all pictures of the cluster of the selected unit."""
    session, cluster = context.session, _cluster(context.session)
    if cluster is None:
        return
    session.selection.select_units(cluster.units)
    addresses = session.chosen
    if not addresses:
        session.noticed.emit(f"The cluster “{cluster.name}” has no pictures.")
        return
    found = {one.label for one in session.sources if one.address in frozenset(addresses)}
    known = [name for name, _ in session.curator.labels]
    present = found.pop() if len(found) == 1 else cluster.name
    answer = context.dialogs.label(len(addresses), present or "", known)
    if answer is not None:
        label = answer or None
        text = f"label a cluster “{label}”" if label else "take the labels off a cluster"
        count = session.curator.relabel(dict.fromkeys(addresses, label), text)
        session.noticed.emit(f"{plural(count, 'picture')} of the cluster labelled anew.")


def name_cluster(context: Context) -> None:
    """Ask for the name of the cluster of the selected unit."""
    session, cluster = context.session, _cluster(context.session)
    if cluster is None:
        return
    name = context.dialogs.cluster_name(cluster.name)
    if name is not None:
        session.curator.name_cluster(cluster.units, name.strip())


def _cluster(session: Session) -> _Cluster | None:
    """Return the cluster of the selected unit; if no clusters are shown, show them and say so."""
    layers, unit = session.layers, session.unit
    if layers.wish.name != _CLUSTERS:
        layers.choose(layers.wished(_CLUSTERS))
        session.noticed.emit(_SHOW_THEM)
        return None
    plane = layers.plane
    if plane is None:
        session.noticed.emit("The clusters are being found; try again in a moment.")
        return None
    if unit is None or unit >= len(plane.values):
        session.noticed.emit(_SHOW_THEM)
        return None
    kind = plane.values[unit]
    return _Cluster(np.flatnonzero(plane.values == kind), plane.kinds[int(kind)])
