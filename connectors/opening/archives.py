"""The one file in a zip or a gz; names, links and declared sizes are judged before anything is unpacked.

Runs in the child process. What comes out is written on as it is unpacked, so a child needs little memory.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator

from connectors.base import DeliveryUnreadable

MAX_UNPACKED = 4 << 30  # bytes; a register of ten million persons is about half of it
_MAX_RATIO = 100  # registers shrink five to twenty times; a bomb some hundred times
_RATIO_FROM = 32 << 20  # small files may shrink as they like
_MAX_MEMBERS = 10_000  # a workbook has some dozens
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)

Write = Callable[[bytes], object]


def check_zip(content: bytes, kind: str) -> list[zipfile.ZipInfo]:
    """The members of a zip (an xlsx is one) whose table of contents is whole and whose sizes are sane.

    Raises DeliveryUnreadable: `wrong_format`, `half_file`, `too_large`.
    """
    if not content.startswith(b"PK"):
        raise DeliveryUnreadable("wrong_format", expected=kind)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except _DAMAGED:
        raise DeliveryUnreadable("half_file", how="archive_cut") from None
    if len(members) > _MAX_MEMBERS:
        raise DeliveryUnreadable("archive_members", found=len(members))
    _check_size(sum(member.file_size for member in members), len(content))
    return members


def unzip(content: bytes, write: Write) -> str:
    """Writes the one file of a zip and returns its name.

    Raises DeliveryUnreadable: what `check_zip` raises; `archive_members` (not exactly one file);
    `archive_refused` (path, link, password, nested).
    """
    member = _only_member(check_zip(content, "zip"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(member) as inner:
            while chunk := inner.read(_CHUNK):
                write(chunk)
    except _DAMAGED:
        raise DeliveryUnreadable("half_file", how="archive_cut") from None
    return member.filename


def gunzip(content: bytes, write: Write) -> str:
    """Writes what a gz holds; it keeps no name that counts, so the name is empty.

    A gz declares no size that can be trusted: it is unpacked with a limit, and refused when it is reached.
    """
    if not content.startswith(b"\x1f\x8b"):
        raise DeliveryUnreadable("wrong_format", expected="gz")
    stream, unpacked = zlib.decompressobj(wbits=31), 0
    try:
        for chunk in _inflated(stream, content):
            unpacked += len(chunk)
            _check_size(unpacked, len(content))
            write(chunk)
    except zlib.error:
        raise DeliveryUnreadable("half_file", how="archive_cut") from None
    if not stream.eof:
        raise DeliveryUnreadable("half_file", how="archive_cut")
    if stream.unused_data.strip(b"\0"):
        raise DeliveryUnreadable("archive_members", found=2)
    return ""


def _inflated(stream: "zlib._Decompress", content: bytes) -> Iterator[bytes]:
    rest = memoryview(content)
    while not stream.eof and (rest or stream.unconsumed_tail):
        taken, rest = (stream.unconsumed_tail, rest) if stream.unconsumed_tail else (rest[:_CHUNK], rest[_CHUNK:])
        yield stream.decompress(taken, _CHUNK)
    if rest.tobytes().strip(b"\0"):
        raise DeliveryUnreadable("archive_members", found=2)


def _only_member(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(members) != 1 or members[0].is_dir():
        raise DeliveryUnreadable("archive_members", found=len(members))
    if why := _fault_of_member(members[0]):
        raise DeliveryUnreadable("archive_refused", why=why)
    return members[0]


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


def _check_size(unpacked: int, packed: int) -> None:
    if unpacked > MAX_UNPACKED or (unpacked > _RATIO_FROM and unpacked > packed * _MAX_RATIO):
        raise DeliveryUnreadable("too_large", how="declared", unpacked=unpacked, packed=packed)
