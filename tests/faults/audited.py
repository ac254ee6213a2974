"""Does all that the command line can do in one process, for a test that watches it."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from data import draw_lines

from image2map_gui.cli import main
from image2map_gui.core.errors import Image2MapError
from image2map_gui.core.images.dataset import read_dataset
from image2map_gui.core.images.idx import read_idx
from image2map_gui.core.images.sources import find_sources
from image2map_gui.core.images.spec import ImageSpec
from image2map_gui.core.project.load import load_project

SMALL = "--rows 3 --columns 3 --epochs 2 --size 8x8 --quiet"
FIRST = (f"train PICTURES -o MAP {SMALL}", "export MAP assignments OUT/units.csv")
OTHERS = (
    "info MAP --json",
    "classify MAP PICTURES --csv OUT/answers.csv --json",
    f"train PICTURES -o OUT/all.i2m {SMALL} --embed vectors --features hog --reduction pca",
    "classify MAP PICTURES --method pictures --copy-into OUT/sorted",
    "evaluate MAP PICTURES --folds 2 --json",
    "tune MAP -o OUT/tuned.i2m --quiet",
    "suggest MAP --ignore-labels --csv OUT/todo.csv",
    "export MAP mosaic OUT/a.png",
    "export MAP collage OUT/b.svg",
    "export MAP u-matrix-expanded OUT/c.pdf",
    "export MAP clusters OUT/d.png",
    "export MAP principal OUT/e.png",
    "export MAP topographic OUT/f.png",
    "export MAP weights OUT/g.npz",
    "export MAP report OUT/h.html",
    "export MAP history OUT/i.gif",
    "export MAP history OUT/j.png",
    "export MAP history OUT/k.webp",
    "export MAP folders OUT/folders --by cluster",
    "quantize PICTURE -o OUT/l.png --palette OUT/l.gpl --panels OUT/m.png --space lab",
    "sample lines OUT/sample --count 3",
)


def labelled_lines(folder: Path) -> None:
    """Draw lines, the flat ones and the steep ones in folders of their own."""
    draw_lines(folder / "flat", 16)
    (folder / "steep").mkdir()
    for path in sorted((folder / "flat").iterdir())[4:12]:
        path.rename(folder / "steep" / path.name)


def everything(folder: Path, commands: tuple[str, ...]) -> None:
    """Run commands on the pictures in a folder."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    pictures = folder / "pictures"
    places = {"PICTURES": pictures, "MAP": folder / "map.i2m",
              "PICTURE": min(pictures.rglob("*.png"), default=pictures)}  # fmt: skip
    for command in commands:
        words = [word.replace("OUT/", f"{out}/") for word in command.split()]
        code = main([str(places.get(word, word)) for word in words])
        assert code == 0, command


def corpus(folder: Path) -> None:
    """Open all that is in the collection of hostile files, each as everything."""
    for name in ("images_bad", "images_odd"):
        with contextlib.suppress(Image2MapError):
            found = find_sources([folder / name])
            for _ in read_dataset(found, ImageSpec(size=(8, 8))):
                pass
    for path in sorted((folder / "files_bad").rglob("*")):
        if not path.is_file():
            continue
        for read in (load_project, read_idx, lambda path: find_sources([path])):
            with contextlib.suppress(Image2MapError):
                read(path)


if __name__ == "__main__":
    everything(Path(sys.argv[1]), (*FIRST, *OTHERS) if "all" in sys.argv else FIRST)
    if len(sys.argv) > 3:
        corpus(Path(sys.argv[3]))
