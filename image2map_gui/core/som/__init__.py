"""The mathematics of self-organizing maps. Knows arrays, not pictures."""
