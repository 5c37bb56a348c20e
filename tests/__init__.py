"""Tests mirror the folders; stories walk through several rooms."""
