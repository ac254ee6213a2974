"""``quantize``: a photo in the few colours that a map of its pixels learns."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from image2map_gui.commands.shared import (
    check_output,
    keep_limits,
    last,
    say,
    say_json,
    with_progress,
)
from image2map_gui.core.errors import ParameterError
from image2map_gui.core.export.drawings import write_scene
from image2map_gui.core.export.quantized import spare_photo, write_palette, write_quantized
from image2map_gui.core.options import options_of
from image2map_gui.core.palettes import PALETTES, colour_records
from image2map_gui.core.picture.panels import panels_view
from image2map_gui.core.quantize import (
    STANDARD,
    Photo,
    Quantized,
    quantizing,
    reading_photo,
)
from image2map_gui.core.som.params import SomParams

_SUFFIXES = {
    "output": (".png",),
    "palette": tuple(PALETTES),
    "panels": (".png", ".svg", ".pdf"),
}


def run_quantize(chosen: argparse.Namespace) -> int:
    """Read a photo, train, write what is wanted, report."""
    params = _params(chosen)
    outputs = _outputs(chosen)
    keep_limits(chosen)
    silent = chosen.quiet or chosen.json
    photo = _read(chosen.photo, silent)
    for path in outputs.values():
        check_output(path)
        spare_photo(path, photo)
    steps = with_progress(quantizing(photo, params, chosen.space), "Quantizing", silent)
    quantized = last(steps).result
    assert quantized is not None
    write_quantized(chosen.output, quantized)
    if chosen.palette:
        write_palette(chosen.palette, quantized)
    if chosen.panels:
        write_scene(chosen.panels, panels_view(quantized))
    if chosen.json:
        say_json(_report(chosen, quantized))
    elif not chosen.quiet:
        _say_report(quantized, outputs)
    return 0


def _read(path: Path, silent: bool) -> Photo:
    photo = last(with_progress(reading_photo(path), "Reading the photo", silent)).photo
    assert photo is not None
    return photo


def _params(chosen: argparse.Namespace) -> SomParams:
    given = vars(chosen)
    names = {option.name for option in options_of(SomParams)} & set(given)
    if given.get("epochs", STANDARD.epochs) is None:
        raise ParameterError("Epochs: 'auto' is not possible for colours; say how many.")
    return dataclasses.replace(STANDARD, **{name: given[name] for name in names})


def _outputs(chosen: argparse.Namespace) -> dict[str, Path]:
    """Return the files to write by what goes into them; a wrong suffix is the argument's fault."""
    outputs: dict[str, Path] = {}
    for name, suffixes in _SUFFIXES.items():
        path = getattr(chosen, name)
        if path is None:
            continue
        if path.suffix.lower() not in suffixes:
            raise ParameterError(f"{path}: --{name} can only be {_either(suffixes)}.")
        if path.absolute() in {other.absolute() for other in outputs.values()}:
            raise ParameterError(f"{path}: is named twice; name another file for --{name}.")
        outputs[name] = path
    return outputs


def _either(suffixes: tuple[str, ...]) -> str:
    *some, final = suffixes
    return f"{', '.join(some)} or {final}" if some else final


def _report(chosen: argparse.Namespace, quantized: Quantized) -> dict[str, Any]:
    height, width, _ = quantized.pixels.shape
    return {
        "photo": str(chosen.photo),
        "output": str(chosen.output),
        "palette": str(chosen.palette) if chosen.palette else None,
        "panels": str(chosen.panels) if chosen.panels else None,
        "width": width,
        "height": height,
        "rows": quantized.params.rows,
        "columns": quantized.params.columns,
        "space": quantized.space,
        "epochs": quantized.epochs,
        "sampled_pixels": quantized.sampled,
        "seconds": round(quantized.seconds, 3),
        "mean_error": quantized.mean_error,
        "colours": colour_records(quantized),
    }


def _say_report(quantized: Quantized, outputs: dict[str, Path]) -> None:
    height, width, _ = quantized.pixels.shape
    used = int((quantized.counts > 0).sum())
    say(
        f"{width:,} x {height:,} pixels, {quantized.params.rows} x {quantized.params.columns} "
        f"units, {used:,} colour{'' if used == 1 else 's'}, "
        f"{quantized.epochs} epochs in {quantized.seconds:.1f} s"
    )
    say(f"mean error  {quantized.mean_error:.2f}  (of 255, RGB)")
    for path in outputs.values():
        say(f"saved as {path}")
