"""Faults of the world: kills, repeats, two at once. Numbers in the names are rows of the promises we make."""
