"""The night, its command line and its settings."""
