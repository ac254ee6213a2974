"""What a finished map says: labels, classification, evaluation."""
