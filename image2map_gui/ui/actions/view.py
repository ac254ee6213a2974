"""The menu View: the map, its layers, the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence

from image2map_gui.ui.actions.action import Action
from image2map_gui.ui.actions.when import has_map, has_pictures
from image2map_gui.ui.handlers.context import Context
from image2map_gui.ui.session.layers import LAYERS

Keys = QKeySequence.StandardKey
_ZOOM = 1.25


def _layer(name: str) -> Callable[[Context], None]:
    return lambda context: context.session.layers.choose(context.session.layers.wished(name))


VIEW: tuple[Action, ...] = (
    Action(
        "fit", "&View", "&Fit map", lambda context: context.stage.fit(), "Ctrl+0", "fit",
        "Show the whole map", enabled=has_map,
    ),
    Action(
        "zoom-in", "&View", "Zoom &in", lambda context: context.stage.zoom(_ZOOM), Keys.ZoomIn,
        "zoom-in", "Enlarge the map", enabled=has_map,
    ),
    Action(
        "zoom-out", "&View", "Zoom &out", lambda context: context.stage.zoom(1 / _ZOOM),
        Keys.ZoomOut, "zoom-out", "Reduce the map", enabled=has_map,
    ),
    *(
        Action(
            f"layer-{name}", "&View/&Layer", f"{title}\t{key}" if key else title, _layer(name),
            tip=f"Show over the map: {title}", enabled=has_map,
            checked=lambda session, name=name: session.layers.wish.name == name,  # type: ignore[misc]
        )
        for name, title, key in LAYERS
    ),
    Action(
        "preview", "&View", "&Preview picture", lambda context: context.stage.preview(),
        icon="picture", enabled=has_pictures, separated=True,
        tip="Show the current picture of a list large; Space does so in the list",
    ),
    Action(
        "reset-layout", "&View", "&Reset layout", lambda context: context.stage.reset_layout(),
        icon="reset", tip="Put all parts of the window back in their places", separated=True,
    ),
    Action(
        "full-screen", "&View", "F&ull screen",
        lambda context: context.stage.toggle_full_screen(), "F11", tip="Fill the screen",
    ),
)  # fmt: skip
