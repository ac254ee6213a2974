"""Builds the bundle: ``python packaging/build.py`` leaves it in ``packaging/dist/image2map``."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEC = HERE / "image2map.spec"
DIST = HERE / "dist"
WORK = HERE / "build"
BUNDLE = DIST / "image2map"
EXECUTABLE = BUNDLE / ("image2map.exe" if sys.platform == "win32" else "image2map")


def clean() -> None:
    """Remove what earlier builds left."""
    for folder in (DIST, WORK):
        shutil.rmtree(folder, ignore_errors=True)


def build() -> None:
    """Run PyInstaller.

    Raises
    ------
    subprocess.CalledProcessError
        PyInstaller failed; its own output says why.
    """
    command = [sys.executable, "-m", "PyInstaller", str(SPEC), "--noconfirm", "--log-level=WARN"]
    folders = ["--distpath", str(DIST), "--workpath", str(WORK)]
    subprocess.run([*command, *folders], cwd=HERE.parent, check=True)


def size_of(folder: Path) -> int:
    """Return the bytes of all files below ``folder``, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def main(arguments: list[str] | None = None) -> int:
    """Build, then print the size and the command that starts the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clean", action="store_true", help="forget earlier builds first")
    if parser.parse_args(arguments).clean:
        clean()
    try:
        build()
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"build.py: PyInstaller failed with exit code {error.returncode}.\n")
        return 1
    sys.stdout.write(f"Size:  {size_of(BUNDLE) / 1e6:.0f} MB in {BUNDLE}\n")
    sys.stdout.write(f'Start: "{EXECUTABLE}"\n')
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
