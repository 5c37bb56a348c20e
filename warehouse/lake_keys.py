"""The key of a site's lake, and what is derived from it. Whoever has the key has everything; it stands
nowhere else."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_NONCE_BYTES = 12


class LakeKeyUnreadable(ValueError):
    """The key file does not hold 32 bytes in base64. Never carries what it holds."""


class LakeTampered(ValueError):
    """Something in the lake is not what was put there: damaged, edited, or moved to another path."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} in the lake is not what was put there: damaged, edited or moved")
        self.path = path


def open_or_create_key(path: Path) -> bytes:
    """The key in a file, which is made (readable by its owner only) where there is none;
    LakeKeyUnreadable."""
    if not path.exists():
        _create(path)
    try:
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (binascii.Error, UnicodeDecodeError):
        key = b""
    if len(key) != KEY_BYTES:
        raise LakeKeyUnreadable(f"{path.name} does not hold {KEY_BYTES} bytes in base64; put the site's key back")
    return key


def _create(path: Path) -> None:
    """Whole or not at all, and never over a key that another run made at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            written.flush()
            os.fsync(written.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)


class Keyring:
    """The keys derived from a site's key, one a purpose, so that none is used in two ways."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise LakeKeyUnreadable(f"a lake's key has {KEY_BYTES} bytes, not {len(key)}")
        self._bytes = AESGCM(_derived(key, b"bytes"))
        self._columns = AESGCM(_derived(key, b"columns"))
        self._token = _derived(key, b"token")
        self.key_no = _derived(key, b"key number")[:8].hex()  # tells keys apart, and nothing about them

    def seal(self, path: str, content: bytes) -> bytes:
        """Content encrypted and bound to its path: it opens nowhere else."""
        return _sealed(self._bytes, content, path)

    def open(self, path: str, sealed: bytes) -> bytes:
        """What `seal` was given; LakeTampered where it is not, or lay under another path."""
        return _opened(self._bytes, sealed, path)

    def wrap(self, path: str, key: bytes) -> bytes:
        """A Parquet file's own key, encrypted and bound to the file's path."""
        return _sealed(self._columns, key, path)

    def unwrap(self, path: str, wrapped: bytes) -> bytes:
        """What `wrap` was given; LakeTampered where it is not."""
        return _opened(self._columns, wrapped, path)

    def token(self, value: str) -> str:
        """A keyed fingerprint (HMAC-SHA256, hex) by which a value is looked up where it may not stand."""
        return hmac.new(self._token, value.encode(), hashlib.sha256).hexdigest()


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"nuanxin lake: " + purpose).derive(key)


def _sealed(cipher: AESGCM, content: bytes, path: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, content, path.encode())


def _opened(cipher: AESGCM, sealed: bytes, path: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], path.encode())
    except (InvalidTag, ValueError):
        raise LakeTampered(path) from None
