"""A pack as a folder: written whole or not at all, with the hash of every file and one signature over the hashes.

The list of hashes is what `sha256sum` reads and the signature what `openssl` reads, so that nobody needs this program
to check a pack.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from flows.status import WrongUse
from flows.words import word
from warehouse.signing import SigningKey

SUMS, SIGNATURE, PUBLIC_KEY, NIGHT = "SHA256SUMS", "SHA256SUMS.sig", "public-key.pem", "night.json"
_LINE = re.compile(r"^([0-9a-f]{64})  (\S.*)$")


def check_out(out: Path, lang: str) -> None:
    """WrongUse where something stands that is no pack, or holds more than one: only a pack may be replaced."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not is_pack(out):
        raise WrongUse(word("pack.not_ours", lang).format(out=out))
    foreign = sorted(set(entries(out)) - {SUMS, SIGNATURE, *listed_in((out / SUMS).read_text("utf-8", "replace"))})
    if foreign:
        raise WrongUse(word("pack.holds_more", lang).format(out=out, files=", ".join(foreign[:5])))


def is_pack(folder: Path) -> bool:
    """Whether the folder looks like a pack: it has a list of hashes, a signature, and the night's page."""
    return folder.is_dir() and all((folder / name).is_file() for name in (SUMS, SIGNATURE, NIGHT))


def entries(folder: Path) -> dict[str, Path]:
    """What lies in a folder and below, by name; links too, wherever they lead, and none is followed."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    return {path.relative_to(folder).as_posix(): path for path in found}


def listed_in(sums: str) -> dict[str, str]:
    """The files of a list of hashes, each with its hash; lines that are none are passed by."""
    found = (_LINE.match(line) for line in sums.splitlines())
    return {match[2]: match[1] for match in found if match and _is_inside(match[2])}


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and path.as_posix() == name


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """The list of hashes, a line a file, in the order of their names."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()


def write_pack(out: Path, files: Mapping[str, bytes], key: SigningKey, lang: str) -> None:
    """Write and sign the files into the folder `out`, in place of a pack that stands there; WrongUse."""
    sums = sums_of(files)
    whole = {**files, SUMS: sums, SIGNATURE: key.sign(sums)}
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        for name, content in whole.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        _take_place(draft, out)
    except OSError as fault:
        raise WrongUse(word("pack.not_written", lang).format(out=out, reason=fault.strerror)) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _take_place(draft: Path, out: Path) -> None:
    """The draft becomes the folder; what stood there is moved aside first and removed when the new one is in place."""
    old = out.with_name(f"{draft.name}.old")
    if out.exists():
        os.replace(out, old)
    try:
        os.replace(draft, out)
    except OSError:
        if old.exists():
            os.replace(old, out)
        raise
    shutil.rmtree(old, ignore_errors=True)
