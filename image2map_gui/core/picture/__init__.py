"""From a map to RGB arrays that can be shown."""
