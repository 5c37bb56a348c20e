"""Verifying a pack: it passes as it is, and every kind of tampering is told, all of it at once."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.pack.folder import sums_of
from tests.commands import CommandLine
from tests.flows.packs import content, make, verify
from tests.nights import copy_site
from warehouse.signing import SigningKey

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture(scope="module")
def made(first_night: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack, without the site that made it."""
    site = copy_site(first_night, tmp_path_factory.mktemp("signed"))
    out = tmp_path_factory.mktemp("pack") / "pack"
    said = make(nuanxin, site, out)
    assert said.status == 0, said.err
    shutil.rmtree(site.parent)
    return out


@pytest.fixture
def pack(made: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return shutil.copytree(made, tmp_path / "pack")


def told(said: Any) -> dict[str, str]:
    """File → code of the fault."""
    return {each["file"]: each["code"] for each in json.loads(said.out)["faults"]}


def test_a_pack_verifies_and_says_whose_key_it_trusted(pack: Path, nuanxin: CommandLine) -> None:
    said = nuanxin.run("report", "--verify", str(pack), "--lang", "en")
    assert said.status == 0 and "Verified" in said.out and "only the key in the pack itself" in said.out
    page = json.loads(verify(nuanxin, pack).out)
    assert page["verified"] and page["is_own_key"] and page["files"] == len(content(pack))


def test_with_a_key_received_by_another_way(pack: Path, nuanxin: CommandLine, tmp_path: Path) -> None:
    key = tmp_path / "site.pem"
    key.write_bytes((pack / "public-key.pem").read_bytes())
    said = nuanxin.run("report", "--verify", str(pack), "--key", str(key), "--lang", "en")
    assert said.status == 0 and "Signed by the key that was given" in said.out


def test_with_the_key_of_somebody_else(pack: Path, nuanxin: CommandLine, tmp_path: Path) -> None:
    key = tmp_path / "other.pem"
    key.write_bytes(SigningKey(b"1" * 32).public_pem)
    said = verify(nuanxin, pack, "--key", str(key))
    assert said.status == 2
    assert told(said) == {"SHA256SUMS.sig": "not_signed", "public-key.pem": "other_key"}


def append(pack: Path) -> None:
    with (pack / "index.html").open("ab") as file:
        file.write(b" ")


def flip(pack: Path) -> None:
    content = bytearray((pack / "receipts.csv").read_bytes())
    content[len(content) // 2] ^= 1
    (pack / "receipts.csv").write_bytes(content)


def list_again(pack: Path) -> None:
    """Change a file and the list of hashes with it."""
    append(pack)
    files = {name: text for name, text in content(pack).items() if not name.startswith("SHA256SUMS")}
    (pack / "SHA256SUMS").write_bytes(sums_of(files))


def sign_again(pack: Path) -> None:
    """What somebody without the site's key can do at most: sign it all anew with a key of their own."""
    list_again(pack)
    (pack / "SHA256SUMS.sig").write_bytes(SigningKey(b"2" * 32).sign((pack / "SHA256SUMS").read_bytes()))


def swap_signature(pack: Path) -> None:
    (pack / "SHA256SUMS.sig").write_bytes(SigningKey(b"2" * 32).sign(b"something else"))


def edit_list(pack: Path) -> None:
    lines = (pack / "SHA256SUMS").read_text().splitlines(keepends=True)
    (pack / "SHA256SUMS").write_text("".join(line for line in lines if "receipts" not in line))


def climb_out(pack: Path) -> None:
    with (pack / "SHA256SUMS").open("a") as file:
        file.write(f"{'0' * 64}  ../secret\n")


def link(pack: Path) -> None:
    (pack / "night.json").unlink()
    (pack / "night.json").symlink_to("/etc/hostname")


TAMPERINGS: list[tuple[Callable[[Path], object], dict[str, str]]] = [
    (append, {"index.html": "changed"}),
    (flip, {"receipts.csv": "changed"}),
    (lambda pack: (pack / "checks.csv").unlink(), {"checks.csv": "missing"}),
    (lambda pack: (pack / "lineage" / "more.txt").write_text("x"), {"lineage/more.txt": "added"}),
    (list_again, {"SHA256SUMS.sig": "not_signed"}),
    (sign_again, {"SHA256SUMS.sig": "not_signed"}),
    (swap_signature, {"SHA256SUMS.sig": "not_signed"}),
    (lambda pack: (pack / "SHA256SUMS.sig").unlink(), {"SHA256SUMS.sig": "missing"}),
    (edit_list, {"receipts.csv": "added", "SHA256SUMS.sig": "not_signed"}),
    (climb_out, {"SHA256SUMS": "bad_line", "SHA256SUMS.sig": "not_signed"}),
    (link, {"night.json": "link"}),
    (lambda pack: (pack / "elsewhere").symlink_to("/tmp"), {"elsewhere": "added"}),
]


@pytest.mark.parametrize(("tamper", "expected"), TAMPERINGS, ids=[f"{at}" for at in range(len(TAMPERINGS))])
def test_tampering_is_told(
    tamper: Callable[[Path], object], expected: dict[str, str], pack: Path, nuanxin: CommandLine
) -> None:
    tamper(pack)
    said = verify(nuanxin, pack)
    assert said.status == 2
    assert told(said) == expected


def test_everything_that_is_wrong_is_told_at_once(pack: Path, nuanxin: CommandLine) -> None:
    append(pack)
    (pack / "checks.csv").unlink()
    (pack / "more.txt").write_text("x")
    said = verify(nuanxin, pack)
    assert told(said) == {"index.html": "changed", "checks.csv": "missing", "more.txt": "added"}
    for fault in json.loads(said.out)["faults"]:
        assert fault["file"] in fault["zh"] and fault["file"] in fault["en"]


@pytest.mark.parametrize("written", ["1000000", ""])
def test_a_reconciliation_that_was_signed_wrong_is_told_too(written: str, pack: Path, nuanxin: CommandLine) -> None:
    """Even a site that signs what does not add up is found out."""
    key = SigningKey(b"3" * 32)
    path = pack / "reconciliation.csv"
    lines = path.read_text("utf-8-sig").splitlines()
    cells = lines[1].split(",")
    cells[9] = written
    path.write_text("\ufeff" + "\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
    (pack / "public-key.pem").write_bytes(key.public_pem)
    files = {name: text for name, text in content(pack).items() if not name.startswith("SHA256SUMS")}
    (pack / "SHA256SUMS").write_bytes(sums_of(files))
    (pack / "SHA256SUMS.sig").write_bytes(key.sign(sums_of(files)))
    said = verify(nuanxin, pack)
    assert said.status == 2
    assert told(said) == {"reconciliation.csv": "does_not_add_up", "night.json": "other_totals"}


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"business_date\n1\n", b'{"a": [}'])
def test_files_that_cannot_be_read_are_faults_and_no_traceback(text: bytes, pack: Path, nuanxin: CommandLine) -> None:
    for name in ("reconciliation.csv", "night.json", "SHA256SUMS", "SHA256SUMS.sig", "public-key.pem"):
        (pack / name).write_bytes(text)
    said = verify(nuanxin, pack)
    assert said.status == 2 and "Traceback" not in said.err
    assert {"reconciliation.csv", "night.json", "public-key.pem"} <= set(told(said))


def test_a_folder_that_is_no_pack_and_a_key_that_is_none(pack: Path, nuanxin: CommandLine, tmp_path: Path) -> None:
    said = verify(nuanxin, tmp_path / "nowhere", "--lang", "en")
    assert said.status == 2 and "there is no folder" in said.err
    said = verify(nuanxin, pack, "--key", str(pack / "night.json"), "--lang", "en")
    assert said.status == 2 and "no usable public key" in said.err
    (tmp_path / "empty").mkdir()
    said = nuanxin.run("report", "--verify", str(tmp_path / "empty"), "--lang", "en")
    assert said.status == 2 and "does not look like a pack" in said.out
