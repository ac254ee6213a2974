"""Image2Map: self-organizing maps of picture collections."""

__version__ = "0.1.0"
