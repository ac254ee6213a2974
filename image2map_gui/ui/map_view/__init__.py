"""The map as the window shows it: pictures, layer, marks, and what the mouse does on them."""
