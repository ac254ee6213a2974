"""How good a map is, in figures whose conventions are stated; one idea per module."""
