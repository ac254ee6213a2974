"""The project file (.i2m): one zip of a manifest and arrays, checked when it is read."""
