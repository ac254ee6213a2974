"""What was found, in files that other programs read."""
