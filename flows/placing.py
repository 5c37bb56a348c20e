"""Where a delivery stands among all of its feed, and which full one is the latest: the order in which rows count."""

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from connectors.names import parse_name
from flows.night import Done, Night
from flows.replaying import REPLAY
from transforms.records import moment
from transforms.schemas import RECORD_KEY
from warehouse.refusals import keys_refused, latest_full

_DELTAS = 10_000  # of one date a full delivery is read before the deltas


def place_among(load: Mapping[str, Any]) -> int:
    """The place of a delivery among all of its feed: by date, full before delta, then by the number in its name."""
    told = json.loads(load["reason_detail"]) if load["mode"] == REPLAY else {}
    said = parse_name(told.get("of", load["delivery"]))
    mode = told.get("mode", load["mode"])
    place = (said.number if said else 0) + (0 if mode == "full" else _DELTAS)
    return moment(load["delivered_on"], place)


class Fulls:
    """The latest full delivery of each feed as the loads go by, and the keys of the rows that were refused in it."""

    def __init__(self, night: Night, checked: Done) -> None:
        self._night, self._checked = night, checked
        self._latest: dict[str, tuple[int, pa.Array]] = {}

    def refused(self, load: Mapping[str, Any]) -> pa.Array:
        """The keys refused in the latest full delivery of the load's feed, this one included."""
        feed = load["feed"]
        if feed not in self._latest:
            self._latest[feed] = self._before(feed)
        at = place_among(load)
        if load["mode"] == "full" and at >= self._latest[feed][0]:
            keys = self._night.table(self._checked, f"quarantine/{load['delivery_id']}")[RECORD_KEY]
            self._latest[feed] = (at, keys.combine_chunks())
        return self._latest[feed][1]

    def _before(self, feed: str) -> tuple[int, pa.Array]:
        load = latest_full(self._night.warehouse, feed)
        if load is None:
            return 0, pa.array([], pa.string())
        return place_among(load), keys_refused(self._night.warehouse, load["delivery_id"])
