"""The numeric core: pictures in, maps out. Never Qt."""
