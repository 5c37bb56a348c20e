"""The night and its command line, as real processes."""
