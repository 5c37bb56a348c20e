"""Identity: which mentions are the same person."""
