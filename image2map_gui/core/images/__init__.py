"""From picture files to vectors and back."""
