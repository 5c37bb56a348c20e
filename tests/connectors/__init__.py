"""Doors, landing and reading, on real files."""
