import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.families import DIVORCE, NIGHT, aid, child_of_both, death, decided, family, homes, verdicts, zhangdian
from transforms.eligibility.drawing import side_by_side
from transforms.eligibility.facts import Facts
from transforms.eligibility.verdicts import determine
from transforms.schemas import DETERMINATIONS

DAY = date(2025, 6, 5)


def conditions(row):
    return {part["condition_id"]: part for part in json.loads(row["conditions"])}


def test_no_policy_gives_no_determinations():
    drawn = family(death_certificates=[death(DAY)])
    nothing = Facts(drawn.records, drawn.links, None, pa.table({}), homes(drawn), None)
    found = determine([], nothing, as_of=NIGHT, alerts_since=DAY)
    assert found.num_rows == 0
    assert found.schema == DETERMINATIONS


def test_a_living_child_gives_no_determination():
    assert verdicts(family()).num_rows == 0


def test_without_coverage_rows_nothing_counts_as_delivered():
    assert (
        aid(family(coverage={"cremations": "fresh"}, death_certificates=[death(DAY)]))["reason_code"]
        == "coverage_births"
    )


def test_a_blocked_feed_is_not_fresh():
    drawn = family(death_certificates=[death(DAY)])
    rows = [row | {"load_status": "blocked", "last_delivered_on": DAY} for row in drawn.coverage.to_pylist()]
    blocked = pa.Table.from_pylist(rows, drawn.coverage.schema)
    assert aid(replace(drawn, coverage=blocked))["verdict"] == "unknown"


def test_every_condition_of_the_clause_is_told_with_its_outcome():
    told = conditions(aid(family(death_certificates=[death(DAY)])))
    assert [c.id for c in zhangdian().conditions(zhangdian().clauses[1]) if c.id not in told] == []
    assert {part["outcome"] for part in told.values()} == {"true"}


def test_what_the_feed_does_not_cover_is_carried_by_the_certificate_and_named():
    told = conditions(aid(family(death_certificates=[death(DAY)])))["adoptions_covered"]
    assert told["facts"]["carried_by_certificate"] is True


def test_a_night_without_news_changes_no_determination():
    records = {"death_certificates": [death(DAY, known_on=NIGHT)]}
    assert verdicts(family(NIGHT, **records)).equals(verdicts(family(NIGHT + timedelta(days=1), **records)))


def test_facts_hold_no_record_keys_and_no_names():
    row = aid(family(death_certificates=[death(DAY)], births=[child_of_both("B2", date(2005, 1, 1))]))
    assert conditions(row)["no_other_child"]["facts"] == {
        "other_child_id": "second_child", "since_on": "2005-01-01", "by": "birth",
    }  # fmt: skip
    assert row["trigger_record_key"] not in row["conditions"]


def test_an_unknown_has_no_amount():
    row = aid(family(coverage={"births": "none"}, death_certificates=[death(DAY)]))
    assert (row["verdict"], row["amount_fen"]) == ("unknown", None)


def test_divorced_parents_are_told_with_the_open_question():
    rows = verdicts(family(death_certificates=[death(DAY)], marriages=[DIVORCE])).to_pylist()
    told = [conditions(row)["divorced_two_households"] for row in rows if row["benefit_id"] == "special-aid-bereaved"]
    assert [part["facts"]["divorced_on"] for part in told] == ["2020-01-01", "2020-01-01"]


def test_a_child_born_on_the_day_of_the_event_counts():
    assert aid(family(death_certificates=[death(DAY)], births=[child_of_both("B2", DAY)]))["verdict"] == "no"


def test_a_child_born_the_day_after_does_not():
    later = child_of_both("B2", DAY + timedelta(days=1))
    assert aid(family(death_certificates=[death(DAY)], births=[later]))["verdict"] == "yes"


def test_the_date_is_the_certificates_also_when_the_cremation_came_first():
    cremation = {
        "record_no": "F1",
        "died_on": DAY,
        "cremated_on": DAY,
        "subject": "child",
        "known_on": date(2025, 6, 6),
    }
    row = aid(family(cremations=[cremation], death_certificates=[death(date(2025, 6, 4))]))
    assert (row["trigger_feed"], row["trigger_on"]) == ("cremations", date(2025, 6, 4))


def test_a_register_row_without_a_date_leaves_the_date_unknown():
    row = {"household_no": "H1", "id_no": "K", "cancel_reason": "死亡", "subject": "child"}
    assert aid(family(household_register=[row]))["reason_code"] == "event_undated"


@st.composite
def histories(draw):
    """Records of the usual family in any combination."""
    days = st.dates(date(2020, 6, 1), date(2026, 6, 1))
    numbers, statuses = st.sampled_from(["S1", "S2"]), st.sampled_from(["有效", "更正", "作废", "恢复"])
    deaths = [
        death(draw(days), no=draw(numbers), version=version, status=draw(statuses))
        for version in range(1, draw(st.integers(1, 4)))
    ]
    births = [child_of_both(f"B{n}", draw(days), f"child{n}") for n in range(draw(st.integers(0, 2)))]
    bonds = [
        DIVORCE | {"cert_no": f"M{n}", "op_type": draw(st.sampled_from(["IA", "IB", "ICB"])), "op_date": draw(days)}
        for n in range(draw(st.integers(0, 3)))
    ]
    return {"death_certificates": deaths, "births": births, "marriages": bonds}


def district(drawn):
    """Many histories as the families of one district."""
    return side_by_side([family(apart=f"f{number}", **history) for number, history in enumerate(drawn)])


DISTRICTS = st.lists(histories(), min_size=1, max_size=12).map(district)
CALM = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@CALM
@given(DISTRICTS, st.integers(0, 2**16))
def test_verdicts_are_a_function_of_the_set_of_records_not_of_their_order(drawn, seed):
    order = np.random.default_rng(seed)
    shuffled = {feed: table.take(order.permutation(table.num_rows)) for feed, table in drawn.records.items()}
    links = drawn.links.take(order.permutation(drawn.links.num_rows))
    assert verdicts(replace(drawn, records=shuffled, links=links)).equals(verdicts(drawn))


@CALM
@given(DISTRICTS)
def test_a_false_condition_is_a_no_an_unknown_one_an_unknown_and_else_it_is_a_yes(drawn):
    for row in verdicts(drawn, in_full=True).to_pylist():
        asked = [p["outcome"] for p in json.loads(row["conditions"]) if p["condition_id"] != "identity_is_certain"]
        assert row["verdict"] == ("no" if "false" in asked else "unknown" if "unknown" in asked else "yes")


@CALM
@given(DISTRICTS)
def test_what_decided_is_kept_of_each_and_of_a_yes_everything(drawn):
    kept, full = verdicts(drawn).to_pylist(), verdicts(drawn, in_full=True).to_pylist()
    assert [row | told(row, "x") for row in kept] == [row | told(row, "x") for row in full]
    for short, whole in zip(kept, full, strict=True):
        deciding = {"no": ("false",), "unknown": ("unknown",), "yes": ("true", "unknown", "false")}[short["verdict"]]
        parts = [p for p in json.loads(whole["conditions"]) if p["outcome"] in deciding or p["facts"].keys() & APART]
        assert json.loads(short["conditions"]) == parts


APART = {"doubts", "divorced_on"}  # told of every verdict


def told(row, text):
    """The columns that tell the conditions, with another text."""
    return dict.fromkeys(("conditions", "facts_hash"), text)


@CALM
@given(DISTRICTS)
def test_a_household_gets_at_most_one_amount_for_a_child_and_never_the_couple_beside_a_divorced_half(drawn):
    found, standing = decided(drawn)
    parents = {
        r["household_id"]: (r["father_person_id"], r["mother_person_id"]) for r in standing.households.to_pylist()
    }
    asked: dict[str, list[int]] = {}
    for row in found.to_pylist():
        if row["benefit_id"] == "special-aid-bereaved":
            asked.setdefault(row["person_id"], []).append(sum(p is not None for p in parents[row["household_id"]]))
    assert all(sorted(halves) in ([2], [1, 1]) for halves in asked.values())
