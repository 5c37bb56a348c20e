"""The lake: deliveries as received and tables with personal data, nothing of it readable without the site's
key.

Bytes are AES-256-GCM, tables are Parquet with modular encryption (every column and the footer, so that not
even column names show). Both are bound to their path, appear whole or not at all, and are on the disk when a
call returns.
"""

import base64
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

from warehouse.lake_keys import Keyring, LakeKeyUnreadable, LakeTampered, open_or_create_key

__all__ = ["Lake", "LakeKeyMissing", "LakeKeyUnreadable", "LakeKeyWrong", "LakeTampered", "open_or_create_key"]

_KEY_NO = "KEY_NO"  # which key the lake belongs to
_PARTIAL = ".partial"  # where files grow until they are whole
_MAGIC = b"NXL1"


class LakeKeyMissing(Exception):
    """A lake that was filled under a key, and no key file. A new key is never made beside it."""


class LakeKeyWrong(ValueError):
    """The lake was filled under another key: its content is out of reach until that key is put back."""

    def __init__(self, received: str, wanted: str) -> None:
        super().__init__(f"this lake was filled under key {wanted}, the key file holds key {received}")
        self.received = received
        self.wanted = wanted


class Lake:
    """A folder of encrypted files. Paths are relative, with forward slashes. LakeKeyWrong for another lake's
    key."""

    def __init__(self, root: Path, key: bytes) -> None:
        self._root = root
        self._keys = Keyring(key)
        self._belong()

    @classmethod
    def at(cls, root: Path, key_file: Path) -> "Lake":
        """The lake of a folder with the key of a file, both made where there is neither.

        Raises LakeKeyMissing, LakeKeyWrong or LakeKeyUnreadable, and then changes nothing.
        """
        if (root / _KEY_NO).exists() and not key_file.exists():
            raise LakeKeyMissing
        return cls(root, open_or_create_key(key_file))

    def put(self, path: str, content: bytes) -> None:
        """Keep the content under that path, in place of what was there."""
        if self.exists(path) and self._holds(path, content):
            return
        with self._growing(path) as draft:
            draft.write_bytes(_MAGIC + self._keys.seal(path, content))

    def get(self, path: str) -> bytes:
        """The content of a path. FileNotFoundError if there is none, LakeTampered if it is not what was
        put."""
        sealed = self._at(path).read_bytes()
        if not sealed.startswith(_MAGIC):
            raise LakeTampered(path)
        return self._keys.open(path, sealed[len(_MAGIC) :])

    def exists(self, path: str) -> bool:
        """Whether something is kept under that path."""
        return self._at(path).is_file()

    def write_table(self, path: str, table: pa.Table) -> None:
        """Keep a table under that path, in place of what was there."""
        factory, connection = self._crypto(path)
        settings = pe.EncryptionConfiguration(
            footer_key=self._keys.key_no,
            uniform_encryption=True,
            plaintext_footer=False,
            data_key_length_bits=256,
        )
        properties = factory.file_encryption_properties(connection, settings)
        with self._growing(path) as draft:
            pq.write_table(table, draft, compression="zstd", encryption_properties=properties)

    def read_table(self, path: str, columns: Sequence[str] | None = None, *, if_there: bool = False) -> pa.Table:
        """The table of a path, or some of its columns. FileNotFoundError, KeyError or LakeTampered.

        `if_there`: a column that the table does not have is left out.
        """
        factory, connection = self._crypto(path)
        try:
            properties = factory.file_decryption_properties(connection)
            with pq.ParquetFile(self._at(path), decryption_properties=properties) as opened:
                unknown = sorted(set(columns or ()) - set(opened.schema_arrow.names))
                if unknown and not if_there:
                    raise KeyError(f"{path} has no column {', '.join(unknown)}")  # Parquet would leave it out
                return opened.read(columns=None if columns is None else [*columns])
        except (FileNotFoundError, PermissionError, LakeKeyWrong, LakeTampered):
            raise
        except (OSError, ValueError, pa.ArrowException) as error:
            raise LakeTampered(path) from error

    def remove(self, path: str) -> None:
        """Forget what is kept under that path, or below it; nothing to do where there is nothing."""
        target = self._at(path)
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def list(self, prefix: str = "") -> list[str]:
        """The paths that are kept below a folder, in order; all of them without one."""
        folder = self._at(prefix) if prefix else self._root
        found = (each.relative_to(self._root) for each in folder.rglob("*") if each.is_file())
        return sorted(p.as_posix() for p in found if p.parts[0] != _PARTIAL and p.as_posix() != _KEY_NO)

    def remove_partial(self) -> int:
        """Clear what killed runs left half-written; how many files. Only while no other run writes."""
        left = list((self._root / _PARTIAL).glob("*"))
        for each in left:
            each.unlink(missing_ok=True)
        return len(left)

    def token(self, value: str) -> str:
        """A keyed fingerprint (HMAC-SHA256, hex) by which a value is looked up where it may not stand
        itself."""
        return self._keys.token(value)

    def _belong(self) -> None:
        """A lake belongs to the key it was begun with: another one must not add what the first cannot
        read."""
        if not self.exists(_KEY_NO):
            with self._growing(_KEY_NO) as draft:
                draft.write_text(self._keys.key_no, "ascii")
        wanted = self._at(_KEY_NO).read_text("ascii")
        if wanted != self._keys.key_no:
            raise LakeKeyWrong(self._keys.key_no, wanted)

    def _holds(self, path: str, content: bytes) -> bool:
        try:
            return self.get(path) == content
        except LakeTampered:
            return False

    def _at(self, path: str) -> Path:
        relative = PurePosixPath(path)
        if relative.is_absolute() or not relative.parts or ".." in relative.parts or "\\" in path:
            raise ValueError("a path in the lake is relative, with forward slashes, and stays inside")
        return self._root / relative

    @contextmanager
    def _growing(self, path: str) -> Iterator[Path]:
        """A file to write beside the lake's; when it is whole it takes the path in one step, flushed to the
        disk."""
        final, draft = self._at(path), self._root / _PARTIAL / secrets.token_hex(8)
        draft.parent.mkdir(parents=True, exist_ok=True)
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.chmod(0o600)
            _flush(draft)
            os.replace(draft, final)
            _flush(final.parent)
        finally:
            draft.unlink(missing_ok=True)

    def _crypto(self, path: str) -> tuple[Any, Any]:
        """Parquet's key tools with our keyring as their key service, bound to one path."""
        return pe.CryptoFactory(lambda _: _KeyService(self._keys, path)), pe.KmsConnectionConfig()


class _KeyService(pe.KmsClient):  # type: ignore[misc]
    """Wraps the keys that Parquet makes for a file with the site's key."""

    def __init__(self, keys: Keyring, path: str) -> None:
        super().__init__()
        self._keys = keys
        self._path = path

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(self._keys.wrap(self._path, key_bytes))

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        if master_key_identifier != self._keys.key_no:
            raise LakeKeyWrong(self._keys.key_no, master_key_identifier)
        return self._keys.unwrap(self._path, base64.b64decode(wrapped_key))


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
