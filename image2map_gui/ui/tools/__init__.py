"""Windows beside the main one, each for one task."""
