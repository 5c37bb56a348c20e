"""Whether a pack is what its site signed. Works on any machine: it reads the folder and a public key, nothing else."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from expectations.report import RECONCILIATION, adds_up, totals, totals_by_feed
from flows.pack.folder import NIGHT, PUBLIC_KEY, SIGNATURE, SUMS, entries, listed_in
from warehouse.signing import PublicKeyUnreadable, fingerprint, is_signed

RECONCILED = "reconciliation.csv"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file: a code of words.yaml, what was found and what is expected."""

    file: str
    code: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True)
class Verified:
    """The outcome: every fault, how many files were looked at, and the key by which it was verified."""

    faults: tuple[Fault, ...]
    files: int
    fingerprint: str
    is_own_key: bool  # no other key than the one inside the pack was given
    night: str = ""
    site: str = ""


def verify_pack(folder: Path, public_pem: bytes | None) -> Verified:
    """Signature, every hash, files missing and added, and the reconciliation; every fault at once.

    public_pem: the site's key as received by another way; None to use the one in the pack, which proves less. Raises
    PublicKeyUnreadable where the key that was given is none.
    """
    shown = "" if public_pem is None else fingerprint(public_pem)
    listed, faults = _listed(folder)
    found = entries(folder)
    faults += _signature(folder, public_pem)
    faults += [Fault(name, "missing", expected=listed[name]) for name in sorted(set(listed) - set(found))]
    added = set(found) - set(listed) - {SUMS, SIGNATURE}
    faults += [Fault(name, "added", expected=SUMS) for name in sorted(added)]
    faults += [
        fault for name in sorted(set(listed) & set(found)) for fault in _changed(found[name], name, listed[name])
    ]
    faults += [Fault(name, "unlisted", expected=SUMS) for name in (NIGHT, RECONCILED, PUBLIC_KEY) if name not in listed]
    page, more = _night(folder)
    faults += more + _sums(folder, page)
    own = _own_fingerprint(folder)
    if shown and own and shown != own:
        faults.append(Fault(PUBLIC_KEY, "other_key", own, shown))
    told = (str(page.get(name, "")) for name in ("business_date", "site"))
    return Verified(tuple(faults), len(found), shown or own, public_pem is None, *told)


def _read(path: Path) -> bytes:
    """FileNotFoundError where there is no file of the pack's own."""
    if path.is_symlink():
        raise FileNotFoundError(2, "a link", str(path))
    return path.read_bytes()


def _listed(folder: Path) -> tuple[dict[str, str], list[Fault]]:
    """The files of the list with their hashes; a line that is none, is there twice, or leads out of the folder."""
    try:
        text = _read(folder / SUMS).decode()
    except FileNotFoundError:
        return {}, [Fault(SUMS, "missing", expected="SHA-256")]
    except (OSError, UnicodeDecodeError):
        return {}, [Fault(SUMS, "unreadable", expected="SHA-256")]
    listed, faults = dict[str, str](), []
    for number, line in enumerate(text.splitlines(), 1):
        told = listed_in(line)
        if not told or set(told) & set(listed):
            faults.append(Fault(SUMS, "bad_line", found=str(number), expected="<sha256>  <file>"))
        listed = told | listed
    return listed, faults


def _signature(folder: Path, public_pem: bytes | None) -> list[Fault]:
    try:
        pem = _read(folder / PUBLIC_KEY) if public_pem is None else public_pem
        if is_signed(_read(folder / SUMS), _read(folder / SIGNATURE), pem):
            return []
    except FileNotFoundError as fault:
        name = Path(str(fault.filename)).name
        return [] if name in (SUMS, PUBLIC_KEY) else [Fault(name, "missing", expected="Ed25519")]
    except (OSError, PublicKeyUnreadable):
        return [Fault(PUBLIC_KEY, "no_key", expected="Ed25519, PEM")]
    return [Fault(SIGNATURE, "not_signed", expected=f"Ed25519 / {SUMS}")]


def _changed(path: Path, name: str, expected: str) -> list[Fault]:
    if path.is_symlink():
        return [Fault(name, "link")]
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    return [] if found == expected else [Fault(name, "changed", found, expected)]


def _night(folder: Path) -> tuple[dict[str, Any], list[Fault]]:
    try:
        page = json.loads(_read(folder / NIGHT))
        return (page, []) if isinstance(page, dict) else ({}, [Fault(NIGHT, "unreadable", expected="JSON")])
    except FileNotFoundError:
        return {}, []  # told with the other missing files
    except (OSError, ValueError):
        return {}, [Fault(NIGHT, "unreadable", expected="JSON")]


def _sums(folder: Path, page: dict[str, Any]) -> list[Fault]:
    """The reconciliation once more, from the table: every delivery, and the totals that the pack tells."""
    try:
        types = {field.name: pa.string() if pa.types.is_boolean(field.type) else field.type for field in RECONCILIATION}
        content = io.BytesIO(_read(folder / RECONCILED))
        table = csv.read_csv(content, convert_options=csv.ConvertOptions(column_types=types))
        table = table.select(RECONCILIATION.names)
        told = pc.fill_null(pc.equal(table["adds_up"], "true"), False)
        right = adds_up(table)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, pa.ArrowException):
        return [Fault(RECONCILED, "unreadable", expected=", ".join(RECONCILIATION.names))]
    wrong = table.filter(pc.invert(pc.and_(right, told))).to_pylist()
    faults = [Fault(RECONCILED, "does_not_add_up", _row(row), "read = accepted + unchanged + refused + not taken")
              for row in wrong]  # fmt: skip
    checked = table.set_column(table.schema.get_field_index("adds_up"), "adds_up", right)
    again = {"all": totals(checked), "feeds": totals_by_feed(checked)}
    kept = page.get("reconciliation")
    if kept is not None and kept != again:
        faults.append(Fault(NIGHT, "other_totals", *_differing(kept, again)))
    return faults


def _differing(kept: Any, again: dict[str, Any]) -> tuple[str, str]:
    """The totals that the pack tells and that come out otherwise: as told, and as they come out."""
    told, right = _flat(kept), _flat(again)
    names = sorted(name for name in {*told, *right} if told.get(name) != right.get(name))
    found, expected = (", ".join(f"{name} {each.get(name, '—')}" for name in names) for each in (told, right))
    return found, expected


def _flat(page: Any, above: str = "") -> dict[str, Any]:
    if not isinstance(page, dict):
        return {above: page}
    return {
        name: value for key, inner in page.items() for name, value in _flat(inner, f"{above}.{key}".strip(".")).items()
    }


def _row(row: dict[str, Any]) -> str:
    counts = ", ".join(f"{name} {row[name]}" for name in RECONCILIATION.names if name.startswith("rows_"))
    return f"{row['business_date']} {row['delivery']}: {counts}"


def _own_fingerprint(folder: Path) -> str:
    try:
        return fingerprint(_read(folder / PUBLIC_KEY))
    except (OSError, PublicKeyUnreadable):
        return ""
