"""`updated_at` as sources write it, brought to one clock: the wall clock of Asia/Shanghai, without a zone."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_MOMENT = pa.timestamp("us")
_SHAPE = (
    r"^\s*(?P<y>[0-9]{4})[-/]?(?P<m>[0-9]{2})[-/]?(?P<d>[0-9]{2})"
    r"(?:[T ]?(?P<t>[0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?)?(?:[.,][0-9]+)?)?\s*(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?\s*$"
)
_SHANGHAI = timedelta(hours=8)  # summer time of 1986 to 1991 is older than any updated_at that counts
EARLIEST = 1900  # what says less is no time: blanks, zeros, placeholders


def moments(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Strings → timestamp[us]; null for blanks, for what is no time, and for years before 1900.

    `2025-06-03`, `2025-06-03 10:11:12.5`, `2025/06/03T10:11:12`, `20250603101112`, each with or without a zone.
    """
    try:
        found = texts.cast(_MOMENT)
    except pa.ArrowInvalid:
        found = pa.chunked_array([_read(chunk) for chunk in texts.chunks], _MOMENT)
    return pc.if_else(pc.less(pc.year(found), EARLIEST), pa.scalar(None, _MOMENT), found)


def latest(found: pa.ChunkedArray) -> str | None:
    """The watermark: the latest moment, ISO to the second (rounded down); None where there is none."""
    last = pc.max(found).as_py()
    return None if last is None else last.replace(microsecond=0).isoformat()


def _read(texts: pa.Array) -> pa.Array:
    parts = pc.extract_regex(texts, _SHAPE)
    year, month, day, time, zone = (pc.struct_field(parts, name) for name in ("y", "m", "d", "t", "zone"))
    time = pc.utf8_rpad(pc.replace_substring(time, ":", ""), 6, "0")
    joined = pc.binary_join_element_wise(year, month, day, time, "")
    read = pc.strptime(joined, format="%Y%m%d%H%M%S", unit="us", error_is_null=True)
    return pc.add(read, _to_shanghai(zone)).cast(_MOMENT)


def _to_shanghai(zones: pa.Array) -> pa.Array:
    """How far each zone's clock is behind that of Shanghai; nothing where none is told. There are few zones."""
    encoded = zones.dictionary_encode()
    behind = [None if zone is None else _behind(zone) for zone in encoded.dictionary.to_pylist()]
    return pa.array(behind, pa.duration("us")).take(encoded.indices)


def _behind(zone: str) -> timedelta:
    if not zone:
        return timedelta()
    if zone == "Z":
        return _SHANGHAI
    digits: Any = zone[1:].replace(":", "").ljust(4, "0")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return _SHANGHAI - (ahead if zone[0] == "+" else -ahead)
