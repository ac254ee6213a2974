"""Everything a person can do: one table, by menus."""
