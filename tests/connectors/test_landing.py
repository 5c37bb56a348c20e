"""Landing keeps the bytes as received, once, and says what they are."""

import hashlib
import json

from tests.connectors.inbox import Inbox

NAME = "cremations_20250603_delta.csv"
BYTES = b"\xff not even text \x00"


def test_the_bytes_are_kept_as_received(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES)
    landed = inbox.land(inbox.arrivals()[0])
    assert landed.landed_path == f"landing/cremations/{landed.delivery_id}/{NAME}"
    assert inbox.shelf.get(landed.landed_path) == BYTES


def test_the_id_of_a_delivery_is_that_of_its_feed_and_bytes(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES)
    landed = inbox.land(inbox.arrivals()[0])
    sha256 = hashlib.sha256(BYTES).hexdigest()
    expected = "D" + hashlib.sha256(f"cremations:{sha256}".encode()).hexdigest()[:15]
    assert (landed.sha256, landed.delivery_id) == (sha256, expected)


def test_the_manifest_tells_the_receipt(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES, rows=3)
    landed = inbox.land(inbox.arrivals()[0])
    manifest = json.loads(inbox.shelf.get(landed.landed_path.replace(NAME, "manifest.json")))
    assert manifest == {
        "feed": "cremations",
        "name": NAME,
        "delivered_on": "2025-06-03",
        "mode": "delta",
        "sha256": hashlib.sha256(BYTES).hexdigest(),
        "size": len(BYTES),
        "encoding": "utf-8",
        "declared_rows": 3,
    }


def test_landed_twice_is_landed_once(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES)
    arrival = inbox.arrivals()[0]
    first = inbox.land(arrival)
    puts = inbox.shelf.puts
    assert inbox.land(arrival) == first
    assert inbox.shelf.puts == puts


def test_the_same_bytes_under_another_name_are_the_same_delivery(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES)
    inbox.put("cremations_20250604_delta.csv", BYTES)
    first, second = (inbox.land(arrival) for arrival in inbox.arrivals())
    assert second.delivery_id == first.delivery_id
    assert inbox.shelf.get(second.landed_path) == BYTES


def test_a_landing_that_was_cut_off_is_done_again(inbox: Inbox) -> None:
    inbox.put(NAME, BYTES)
    arrival = inbox.arrivals()[0]
    landed = inbox.land(arrival)
    del inbox.shelf.kept[landed.landed_path.replace(NAME, "manifest.json")]
    inbox.shelf.kept[landed.landed_path] = b"half"
    assert inbox.shelf.get(inbox.land(arrival).landed_path) == BYTES
