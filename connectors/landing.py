"""Landing: the bytes of an arrival are kept as received, with their checksum and a manifest beside them."""

import hashlib
import json
from dataclasses import replace
from datetime import date

from connectors.base import Arrival, ByteStore, Connector, Delivery


def land(connector: Connector, arrival: Arrival, store: ByteStore, *, encoding: str) -> Delivery:
    """Keeps the arrival under `landing/<feed>/<delivery_id>/` and says what was landed.

    A delivery is recognised by its content: the same bytes land once, whatever they are called, and landing
    them again writes nothing. A file far away that still looks as it did when it was landed is not fetched again.
    The manifest is written last, so where it stands the bytes are whole; it tells
    the first receipt (with the encoding declared then) and is not rewritten. Raises what `connector.fetch`
    raises.
    """
    note = _note(arrival)
    if note and store.exists(note):
        return _landed_before(arrival, json.loads(store.get(note))["delivery_id"], store, encoding)
    delivery = keep(connector.fetch(arrival), arrival, store, encoding=encoding)
    if note:
        store.put(note, json.dumps({"delivery_id": delivery.delivery_id}).encode())
    return delivery


def keep(
    content: bytes, arrival: Arrival, store: ByteStore, *, encoding: str, watermark: str | None = None
) -> Delivery:
    """The same for bytes in hand."""
    delivery = _delivery(arrival, content, encoding, watermark)
    folder = delivery.landed_path.rsplit("/", 1)[0]
    manifest = f"{folder}/manifest.json"
    if not store.exists(manifest):
        store.put(delivery.landed_path, content)
        store.put(manifest, _manifest(delivery))
    landed_as = json.loads(store.get(manifest))["name"]
    return replace(delivery, landed_path=f"{folder}/{landed_as}")


def landed_delivery(feed: str, delivery_id: str, store: ByteStore) -> Delivery:
    """A delivery that was landed before, by its id; FileNotFoundError if it never was."""
    folder = f"landing/{feed}/{delivery_id}"
    page = json.loads(store.get(f"{folder}/manifest.json"))
    return Delivery(
        delivery_id=delivery_id,
        feed=feed,
        name=page["name"],
        delivered_on=date.fromisoformat(page["delivered_on"]),
        mode=page["mode"],
        number=0,
        sha256=page["sha256"],
        size_bytes=page["size"],
        landed_path=f"{folder}/{page['name']}",
        encoding=page["encoding"],
        declared_rows=page["declared_rows"],
    )


def _note(arrival: Arrival) -> str | None:
    """Where it is noted which delivery a file far away was, as long as name, size, time and sentinel stay."""
    if not arrival.is_remote:
        return None
    told = [arrival.location, arrival.version, arrival.declared_sha256, arrival.declared_rows]
    return f"landing/{arrival.feed}/seen/{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}.json"


def _landed_before(arrival: Arrival, delivery_id: str, store: ByteStore, encoding: str) -> Delivery:
    known = landed_delivery(arrival.feed, delivery_id, store)
    return replace(
        known,
        name=arrival.name,
        delivered_on=arrival.delivered_on,
        mode=arrival.mode,
        number=arrival.number,
        encoding=encoding,
        declared_rows=arrival.declared_rows,
    )


def delivery_id_of(feed: str, sha256: str) -> str:
    """The opaque id of a delivery: a function of its feed and its bytes."""
    return "D" + hashlib.sha256(f"{feed}:{sha256}".encode()).hexdigest()[:15]


def _delivery(arrival: Arrival, content: bytes, encoding: str, watermark: str | None) -> Delivery:
    sha256 = hashlib.sha256(content).hexdigest()
    delivery_id = delivery_id_of(arrival.feed, sha256)
    return Delivery(
        delivery_id=delivery_id,
        feed=arrival.feed,
        name=arrival.name,
        delivered_on=arrival.delivered_on,
        mode=arrival.mode,
        number=arrival.number,
        sha256=sha256,
        size_bytes=len(content),
        landed_path=f"landing/{arrival.feed}/{delivery_id}/{arrival.name}",
        encoding=encoding,
        declared_rows=arrival.declared_rows,
        watermark=watermark,
    )


def _manifest(delivery: Delivery) -> bytes:
    page = {
        "feed": delivery.feed,
        "name": delivery.name,
        "delivered_on": delivery.delivered_on.isoformat(),
        "mode": delivery.mode,
        "sha256": delivery.sha256,
        "size": delivery.size_bytes,
        "encoding": delivery.encoding,
        "declared_rows": delivery.declared_rows,
    }
    return json.dumps(page, ensure_ascii=False, indent=1).encode()
