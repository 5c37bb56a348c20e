"""A household under another name keeps its visits, what it was promised and what it was paid."""

from datetime import date

import pyarrow as pa

from tests.families import SINCE
from tests.law import CERTIFICATE, small_law
from tests.transforms.eligibility.test_ledger import death
from transforms.eligibility.drawing import draw_family
from transforms.eligibility.entitlements import dated_verdicts, entitlements
from transforms.eligibility.facts import Facts
from transforms.eligibility.following import RENAMES, followed, of_today, renames
from transforms.eligibility.verdicts import determine
from transforms.households import households
from transforms.life_events import life_events
from transforms.schemas import PAYMENTS, VISITS

LAW = [small_law()]
FIRST, SECOND = date(2025, 6, 10), date(2025, 6, 11)
OLDER = CERTIFICATE | {"certificate_no": "Z0", "issued_on": date(1998, 12, 1)}
DIED = {"only_child_certificates": [CERTIFICATE], "death_certificates": [death()]}
DIVORCED = {"marriages": [{"cert_no": "L1", "op_type": "IB", "op_date": date(2025, 6, 10), "man": "father",
                           "woman": "mother"}]}  # fmt: skip


def known(rows, as_of, visits=None):
    coverage = {"births": "fresh", "adoptions": "fresh"}
    drawn = draw_family({"as_of": as_of, "alerts_since": SINCE, "coverage": coverage} | rows)
    events = life_events(drawn.records, drawn.links)
    homes = households(drawn.records, drawn.links, events, as_of=as_of)
    return Facts(drawn.records, drawn.links, drawn.review, events, homes, drawn.coverage, visits)


def home_of(facts):
    couples = facts.households.households.to_pylist()
    (row,) = (row for row in couples if row["father_person_id"] and row["mother_person_id"])
    return row["household_id"]


def visited(home):
    return pa.Table.from_pylist([{
        "visit_id": "B1", "household_id": home, "person_id": "child", "event_type": "death", "visited_on": FIRST,
        "outcome": "confirmed", "recorded_on": FIRST, "recorded_by": "test",
    }], VISITS)  # fmt: skip


def night(facts, as_of, previous, payments=()):
    found = determine(LAW, facts, as_of=as_of, alerts_since=SINCE)
    paid = pa.Table.from_pylist(list(payments), PAYMENTS)
    dated = dated_verdicts(LAW, facts, as_of)
    return found, entitlements(found, LAW, previous, as_of=as_of, dated=dated, visits=facts.visits, payments=paid)


def paid(ledger):
    (once,) = (row for row in ledger.to_pylist() if row["benefit_id"] == "once")
    return [{"payment_id": "P1", "entitlement_id": once["entitlement_id"], "amount_fen": once["amount_fen"],
             "paid_on": FIRST, "reference_no": "1", "recorded_on": FIRST, "recorded_by": "test"}]  # fmt: skip


def two_nights(follows):
    then = known(DIED, FIRST)
    visits = visited(home_of(then))
    then = known(DIED, FIRST, visits)
    said, ledger = night(then, FIRST, None)
    now = known(DIED | {"only_child_certificates": [CERTIFICATE, OLDER]}, SECOND)
    renamed = renames(then, now) if follows else RENAMES.empty_table()
    now = known(DIED | {"only_child_certificates": [CERTIFICATE, OLDER]}, SECOND, of_today(visits, renamed))
    found = determine(LAW, now, as_of=SECOND, alerts_since=SINCE)
    before = followed(ledger, said, found, renamed)
    return ledger, night(now, SECOND, before, paid(ledger))[1], renamed, (home_of(then), home_of(now))


def test_a_renamed_household_is_owed_nothing_twice_and_gives_nothing_back() -> None:
    first, second, renamed, (then, now) = two_nights(follows=True)
    assert renamed.to_pylist() == [{"old_id": then, "new_id": now}]
    assert then != now
    assert second["entitlement_id"].to_pylist() == first["entitlement_id"].to_pylist()
    assert second["amount_fen"].to_pylist() == first["amount_fen"].to_pylist()
    assert set(second["household_id"].to_pylist()) == {now}
    assert sorted({*second["status"].to_pylist()}) == ["paid", "payable"]


def test_without_following_it_would_have_to_give_back() -> None:
    _, second, _, _ = two_nights(follows=False)
    assert "to_recover" in second["status"].to_pylist()


def test_names_are_carried_on_night_after_night() -> None:
    one, two = known(DIED, FIRST), known(DIED | {"only_child_certificates": [CERTIFICATE, OLDER]}, SECOND)
    oldest = OLDER | {"certificate_no": "Z00", "issued_on": date(1998, 11, 1)}
    three = known(DIED | {"only_child_certificates": [CERTIFICATE, OLDER, oldest]}, date(2025, 6, 12))
    once = renames(one, two)
    assert {row["old_id"]: row["new_id"] for row in renames(two, three, once).to_pylist()} == {
        home_of(one): home_of(three), home_of(two): home_of(three),
    }  # fmt: skip
    assert renames(two, one, once).to_pylist() == [{"old_id": home_of(two), "new_id": home_of(one)}]


def test_a_divorce_renames_nobody() -> None:
    assert renames(known(DIED, FIRST), known(DIED | DIVORCED, SECOND)).num_rows == 0
