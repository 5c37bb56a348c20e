"""Opens the archive around a delivery; names, links and declared sizes are judged before it is unpacked."""

import io
import stat
import zipfile
import zlib

from connectors.base import DeliveryUnreadable
from connectors.names import Format, format_of, parse_name

MAX_UNPACKED = 4 << 30  # bytes; a register of ten million persons is about half of it
_MAX_RATIO = 100  # registers shrink five to twenty times; a bomb some hundred times
_RATIO_FROM = 32 << 20  # small files may shrink as they like
_ENCRYPTED = 0x1


def unpack(content: bytes, name: str) -> tuple[bytes, Format]:
    """The bytes of the one file in a delivery of that name, and its format.

    Raises DeliveryUnreadable: `empty_file`; `half_file` (cut or damaged archive); `wrong_format` (no such
    archive); `archive_members` (not exactly one file); `archive_refused` (path, link, password, nested);
    `too_large` (declared or unpacked size).
    """
    said = parse_name(name)
    if not content:
        raise DeliveryUnreadable("empty_file", how="no_bytes")
    if said is None:
        raise DeliveryUnreadable("wrong_format", expected="csv, tsv, xlsx, parquet")
    inner, member_name = _OPENERS[said.wrapping](content, name) if said.wrapping else (content, name)
    format_ = said.format or format_of(member_name)
    if format_ is None:
        raise DeliveryUnreadable("archive_refused", why="format")
    if not inner:
        raise DeliveryUnreadable("empty_file", how="no_bytes")
    return inner, format_


def check_zip(content: bytes, kind: str) -> list[zipfile.ZipInfo]:
    """The members of a zip (an xlsx is one) whose table of contents is whole and whose sizes are sane."""
    if not content.startswith(b"PK"):
        raise DeliveryUnreadable("wrong_format", expected=kind)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise DeliveryUnreadable("half_file", how="archive_cut") from None
    _check_size(sum(member.file_size for member in members), len(content))
    return members


def _unzip(content: bytes, _name: str) -> tuple[bytes, str]:
    member = _only_member(check_zip(content, "zip"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(member), member.filename
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise DeliveryUnreadable("half_file", how="archive_cut") from None


def _only_member(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(members) != 1 or members[0].is_dir():
        raise DeliveryUnreadable("archive_members", found=len(members))
    member = members[0]
    if why := _fault_of_member(member):
        raise DeliveryUnreadable("archive_refused", why=why)
    return member


def _fault_of_member(member: zipfile.ZipInfo) -> str | None:
    """Why a member is not taken: it points elsewhere, or hides what it holds."""
    name = member.orig_filename.replace("\\", "/")
    mode = member.external_attr >> 16
    if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
        return "path"
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return "link"
    if member.flag_bits & _ENCRYPTED:
        return "password"
    return "nested" if name.lower().endswith((".zip", ".gz")) else None


def _gunzip(content: bytes, name: str) -> tuple[bytes, str]:
    """A gzip declares no size that can be trusted: unpacked with a limit, and refused when it is reached."""
    if not content.startswith(b"\x1f\x8b"):
        raise DeliveryUnreadable("wrong_format", expected="gz")
    stream = zlib.decompressobj(wbits=31)
    limit = min(MAX_UNPACKED, max(_RATIO_FROM, len(content) * _MAX_RATIO))
    try:
        inner = stream.decompress(content, limit + 1)
    except zlib.error:
        raise DeliveryUnreadable("half_file", how="archive_cut") from None
    _check_size(len(inner), len(content))
    if not stream.eof:
        raise DeliveryUnreadable("half_file", how="archive_cut")
    if stream.unused_data.strip(b"\0"):
        raise DeliveryUnreadable("archive_members", found=2)
    return inner, name[: -len(".gz")]


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > _RATIO_FROM and unpacked > packed * _MAX_RATIO):
        raise DeliveryUnreadable("too_large", how="declared", unpacked=unpacked, packed=packed)


_OPENERS = {"zip": _unzip, "gz": _gunzip}
