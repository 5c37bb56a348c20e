"""From landed bytes to text columns: csv, tsv, xlsx and parquet, plain or packed. Nothing is believed yet."""

from connectors.reading.delivery import read, read_content

__all__ = ["read", "read_content"]
