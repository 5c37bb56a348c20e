"""Linkage on Spark: the same answers as on one machine."""
