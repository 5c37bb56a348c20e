"""Linking a million-person register with noisy records: the drawn tables, the engines run as commands, the judge."""
