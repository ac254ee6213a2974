"""Starts the command line with ``python -m image2map_gui``."""

from image2map_gui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
