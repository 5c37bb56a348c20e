"""The site's key for signing what it hands out: Ed25519, so that the same bytes are always signed alike.

The secret half lies in a file like the lake's key and nowhere else. The public half is for everybody: as PEM, which
other programs read, and as a fingerprint, which people read out to each other.
"""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from warehouse.lake_keys import LakeKeyUnreadable, open_or_create_key

SIGNATURE_BYTES = 64


class SigningKeyUnreadable(ValueError):
    """The file of the signing key does not hold 32 bytes in base64. Never carries what it holds."""


class PublicKeyUnreadable(ValueError):
    """What should be a public key in PEM is none, or one of another kind."""


class SigningKey:
    """The secret half. `fingerprint` and `public_pem` may be shown to anybody."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = fingerprint(self.public_pem)

    @classmethod
    def at(cls, path: Path) -> "SigningKey":
        """The key of a file, which is made (readable by its owner only) where there is none; SigningKeyUnreadable."""
        try:
            return cls(open_or_create_key(path))
        except LakeKeyUnreadable:
            raise SigningKeyUnreadable(f"{path.name} is no signing key; put the site's own back") from None

    def sign(self, content: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(content)


def is_signed(content: bytes, signature: bytes, public_pem: bytes) -> bool:
    """Whether the holder of that key has signed just these bytes; PublicKeyUnreadable."""
    try:
        _public(public_pem).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def fingerprint(public_pem: bytes) -> str:
    """SHA-256 of the public key's 32 bytes, in groups of four hex digits; PublicKeyUnreadable."""
    raw = _public(public_pem).public_bytes(Encoding.Raw, PublicFormat.Raw)
    digits = hashlib.sha256(raw).hexdigest()
    return ":".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise PublicKeyUnreadable("no public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise PublicKeyUnreadable("a public key of another kind than Ed25519")
    return key
