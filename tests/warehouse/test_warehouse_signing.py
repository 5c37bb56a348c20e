"""The key by which a site signs: made once, closed to others, and the same bytes always signed alike."""

import stat
import subprocess
from pathlib import Path

import pytest

from warehouse.signing import PublicKeyUnreadable, SigningKey, SigningKeyUnreadable, fingerprint, is_signed


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.at(tmp_path / "keys" / "pack.key")


def test_it_is_made_once_and_closed_to_others(key: SigningKey, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "pack.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SigningKey.at(file).fingerprint == key.fingerprint == fingerprint(key.public_pem)


def test_the_same_bytes_are_signed_alike_and_others_not(key: SigningKey) -> None:
    signature = key.sign(b"one")
    assert signature == key.sign(b"one") and len(signature) == 64
    assert is_signed(b"one", signature, key.public_pem)
    assert not is_signed(b"two", signature, key.public_pem)
    assert not is_signed(b"one", signature[:-1] + b"\0", key.public_pem)
    assert not is_signed(b"one", b"", key.public_pem)


def test_another_site_has_another_key(key: SigningKey, tmp_path: Path) -> None:
    other = SigningKey.at(tmp_path / "other.key")
    assert other.fingerprint != key.fingerprint
    assert not is_signed(b"one", other.sign(b"one"), key.public_pem)


def test_openssl_verifies_what_was_signed(key: SigningKey, tmp_path: Path) -> None:
    names = {"what": b"one", "what.sig": key.sign(b"one"), "public.pem": key.public_pem}
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "what",
               "-sigfile", "what.sig"]  # fmt: skip
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "what").write_bytes(b"two")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_what_is_no_key_is_said_so(tmp_path: Path, key: SigningKey) -> None:
    (tmp_path / "bad.key").write_text("secret, but no key")
    with pytest.raises(SigningKeyUnreadable, match=r"bad\.key") as told:
        SigningKey.at(tmp_path / "bad.key")
    assert "secret" not in str(told.value)
    for wrong in (b"", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"):
        with pytest.raises(PublicKeyUnreadable):
            is_signed(b"one", key.sign(b"one"), wrong)
