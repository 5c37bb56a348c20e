"""Deliveries that earlier nights have blocked: they are read again from the bytes as landed, wherever their file is."""

from collections.abc import Collection
from typing import Any

from connectors.base import Delivery
from flows.decided import Decided
from flows.night import Night
from flows.refused_cells import landed_again
from warehouse.refusals import blocked_deliveries


def blocked_before(night: Night, decided: Decided) -> list[dict[str, Any]]:
    """The loads of blocked deliveries that still wait: no person has set them aside, no agency has replaced them.

    Of a pull only where a person asks for it: the next pull brings the same rows and more.
    """
    feeds, found = night.site.feeds, blocked_deliveries(night.warehouse)
    waiting = [load for load in found if not decided.is_dismissed(load["delivery_id"]) and load["feed"] in feeds]
    return [load for load in waiting if not feeds[load["feed"]].is_pulled or decided.is_replayed(load["delivery_id"])]


def with_blocked(
    night: Night, arrived: list[Delivery], blocked: list[dict[str, Any]], ever_refused: Collection[tuple[str, str]]
) -> list[Delivery]:
    """What has arrived, and of the blocked deliveries those that no longer lie at the door.

    What was refused and does not wait any more is left out, though its file may still lie there.
    """
    waiting = {each["delivery_id"] for each in blocked}
    names = {(each.feed, each.name) for each in arrived}
    at_the_door = [each for each in arrived if each.delivery_id in waiting or _is_new(night, each, ever_refused)]
    kept = [_landed(night, load) for load in blocked if (load["feed"], load["delivery"]) not in names]
    return at_the_door + [each for each in kept if each is not None]


def _is_new(night: Night, delivery: Delivery, ever_refused: Collection[tuple[str, str]]) -> bool:
    """A pull is always of its night."""
    return (delivery.name, delivery.delivery_id) not in ever_refused or night.site.feeds[delivery.feed].is_pulled


def _landed(night: Night, load: dict[str, Any]) -> Delivery | None:
    told = {"name": load["delivery"], "delivered_on": load["delivered_on"], "mode": load["mode"]}
    return landed_again(night.site, night.lake, load["feed"], load["delivery_id"], **told)
