"""From landed bytes to text columns: csv, tsv, xlsx and parquet, plain or packed. Nothing is believed yet."""

from connectors.reading.delivery import read

__all__ = ["read"]
