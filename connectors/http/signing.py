"""The signature of a request: HMAC-SHA256 over what is asked, by whom, when, and once."""

import hashlib
import hmac
from datetime import UTC, datetime

SCHEME = "NUANXIN-HMAC-SHA256"


def canonical(method: str, target: str, key_id: str, timestamp: str, nonce: str, body: bytes) -> str:
    """What is signed: seven lines joined by a line feed, none after the last.

    The scheme, the method in capitals, the target (path and query exactly as sent), the key id, the timestamp
    (UTC, `2025-06-03T18:00:00Z`), the nonce, and SHA-256 of the body in hexadecimal, also of an empty one.
    """
    return "\n".join([SCHEME, method, target, key_id, timestamp, nonce, hashlib.sha256(body).hexdigest()])


def signature(secret: str, signed: str) -> str:
    """HMAC-SHA256 in hexadecimal; the secret and what is signed as UTF-8."""
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def signed_headers(
    method: str, target: str, *, key_id: str, secret: str, moment: datetime, nonce: str, body: bytes = b""
) -> dict[str, str]:
    """The headers that carry the signature. A nonce is for one request; `moment` has a zone."""
    timestamp = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    signed = canonical(method, target, key_id, timestamp, nonce, body)
    return {
        "X-Nuanxin-Key": key_id,
        "X-Nuanxin-Timestamp": timestamp,
        "X-Nuanxin-Nonce": nonce,
        "X-Nuanxin-Digest": hashlib.sha256(body).hexdigest(),
        "X-Nuanxin-Signature": signature(secret, signed),
    }
