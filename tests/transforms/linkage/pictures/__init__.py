"""Pictures: what they say, what they never say, and that nothing in them runs or loads."""
