"""A family of three drawn as records and links, for tests of what befalls it, and nights in a row."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from transforms.alerts import raise_alerts
from transforms.eligibility.drawing import Family, draw_family
from transforms.eligibility.entitlements import entitlements
from transforms.eligibility.facts import Facts
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.verdicts import determine
from transforms.households import Households, households
from transforms.life_events import life_events

POLICIES = Path(__file__).parents[1] / "policies"
ZHANGDIAN = POLICIES / "zhangdian-2020-134"
NIGHT = date(2025, 6, 10)
SINCE = date(2024, 1, 1)
CERTIFICATE = {
    "certificate_no": "Z1", "issued_on": date(1999, 1, 1), "child_birth_date": date(1998, 9, 9),
    "father_birth_date": date(1970, 3, 1), "mother_birth_date": date(1972, 5, 1), "village_code": "370303001001",
    "father": "father", "mother": "mother", "child": "child", "known_on": date(2024, 12, 31),
}  # fmt: skip


@cache
def zhangdian() -> Policy:
    return load_policy((ZHANGDIAN / "policy.yaml").read_text("utf-8"), "policy.yaml")


_DRAWN: dict[tuple[str, str], Family] = {}


def family(
    as_of: date = NIGHT, *, coverage: dict[str, Any] | None = None, doubts: Any = (), apart: str = "", **records: Any
) -> Family:
    """The usual family, and the given records of other feeds; a feed given replaces the usual one."""
    situation = {"as_of": as_of, "alerts_since": SINCE, "doubts": doubts, "only_child_certificates": [CERTIFICATE]}
    situation["coverage"] = coverage or {"births": "fresh", "adoptions": "fresh"}
    situation |= records
    if (repr(situation), apart) not in _DRAWN:
        _DRAWN[repr(situation), apart] = draw_family(situation, apart)
    return _DRAWN[repr(situation), apart]


def death(died_on: date, *, no: str = "S1", version: int = 1, status: str = "valid", **more: Any) -> dict[str, Any]:
    """A death certificate of the child."""
    return {"certificate_no": no, "version": version, "status": status, "died_at": died_on, "subject": "child"} | more


def homes(drawn: Family) -> Households:
    events = life_events(drawn.records, drawn.links)
    return households(drawn.records, drawn.links, events, as_of=drawn.as_of)


_DECIDED: dict[tuple[int, str, bool], tuple[Family, tuple[pa.Table, Households]]] = {}


def decided(drawn: Family, policy: Policy | None = None, *, in_full: bool = False) -> tuple[pa.Table, Households]:
    """DETERMINATIONS and households of one night; a family that was judged before is not judged again."""
    policy = policy or zhangdian()
    if (id(drawn), policy.id, in_full) not in _DECIDED:
        events = life_events(drawn.records, drawn.links)
        found = households(drawn.records, drawn.links, events, as_of=drawn.as_of)
        facts = Facts(drawn.records, drawn.links, drawn.review, events, found, drawn.coverage)
        told = determine([policy], facts, as_of=drawn.as_of, alerts_since=drawn.alerts_since, in_full=in_full)
        _DECIDED[id(drawn), policy.id, in_full] = (drawn, (told, found))
    return _DECIDED[id(drawn), policy.id, in_full][1]


def verdicts(drawn: Family, *, in_full: bool = False) -> pa.Table:
    """DETERMINATIONS of one night."""
    return decided(drawn, in_full=in_full)[0]


def child_of_both(feed_no: str, born_on: date, who: str = "second_child") -> dict[str, Any]:
    """A birth record of father and mother."""
    return {
        "birth_certificate_no": feed_no, "birth_date": born_on, "mother": "mother", "father": "father", "child": who,
    }  # fmt: skip


DIVORCE = {"cert_no": "L1", "op_type": "IB", "op_date": date(2020, 1, 1), "man": "father", "woman": "mother"}


def aid(drawn: Family, benefit: str = "special-aid-bereaved", *, in_full: bool = False) -> dict[str, Any]:
    """The one determination of a benefit."""
    rows = [row for row in verdicts(drawn, in_full=in_full).to_pylist() if row["benefit_id"] == benefit]
    assert len(rows) == 1, [(row["verdict"], row["reason_code"]) for row in rows]
    return rows[0]


class Nights:
    """A warehouse of alerts and entitlements over the nights that are played."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or zhangdian()
        self.alerts: pa.Table | None = None
        self.ledger: pa.Table | None = None

    def play(self, drawn: Family) -> list[dict[str, Any]]:
        """One night; the rows that it raised."""
        found, standing = decided(drawn, self.policy)
        self.ledger = entitlements(found, [self.policy], self.ledger, as_of=drawn.as_of)
        self.alerts = raise_alerts(
            found, standing, self.alerts, [self.policy], as_of=drawn.as_of, alerts_since=drawn.alerts_since
        )
        return [row for row in self.alerts.to_pylist() if row["raised_on"] == drawn.as_of]

    @property
    def live(self) -> list[dict[str, Any]]:
        assert self.alerts is not None
        return [row for row in self.alerts.to_pylist() if row["status"] == "live"]

    @property
    def owed_fen(self) -> int:
        assert self.ledger is not None
        return sum(self.ledger["amount_fen"].to_pylist())


def night(number: int) -> date:
    """The first, second … night of the stories, from 2025-06-10."""
    return NIGHT + timedelta(days=number - 1)
