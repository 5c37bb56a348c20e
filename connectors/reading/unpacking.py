"""What a delivery of a name holds: its bytes as they are, or those of the one file in the archive."""

from connectors.base import DeliveryUnreadable
from connectors.names import Format, format_of, parse_name
from connectors.opening.confined import opened


def unpack(content: bytes, name: str) -> tuple[bytes, Format]:
    """The bytes of the one file in a delivery of that name, and its format.

    Raises DeliveryUnreadable: `empty_file`; `half_file` (cut or damaged archive); `wrong_format` (no such
    archive); `archive_members` (not exactly one file); `archive_refused` (path, link, password, nested);
    `too_large` (declared or unpacked size, or the limits of the child that opens it).
    """
    said = parse_name(name)
    if not content:
        raise DeliveryUnreadable("empty_file", how="no_bytes")
    if said is None:
        raise DeliveryUnreadable("wrong_format", expected="csv, tsv, xlsx, parquet")
    if said.wrapping is None:
        inner, format_ = content, said.format
    else:
        packed = opened(said.wrapping, content)
        inner, format_ = packed.content, said.format or format_of(packed.name)
    if format_ is None:
        raise DeliveryUnreadable("archive_refused", why="format")
    if not inner:
        raise DeliveryUnreadable("empty_file", how="no_bytes")
    return inner, format_
