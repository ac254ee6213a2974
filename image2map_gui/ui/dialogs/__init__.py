"""What asks a person something, or tells it, and waits for the answer."""
