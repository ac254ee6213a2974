"""What actions do when they are triggered."""
