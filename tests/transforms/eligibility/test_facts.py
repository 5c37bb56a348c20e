"""The law says of the families concerned what it says of a whole district, and what is kept of them judges the same."""

from functools import cache
from pathlib import Path

import pytest

from tests.families import POLICIES
from transforms.eligibility.drawing import draw_family, side_by_side
from transforms.eligibility.facts import Facts, as_tables, concerned, from_tables
from transforms.eligibility.policy import load_policy
from transforms.eligibility.verdicts import determine
from transforms.households import households
from transforms.life_events import life_events
from transforms.pages import read_page

WITH_SITUATIONS = sorted(page.parent.name for page in POLICIES.glob("*/situations.yaml"))


@cache
def district(name: str) -> tuple:
    """All situations of a policy as one district on one night, whatever nights they were drawn for."""
    page = read_page((Path(POLICIES) / name / "situations.yaml").read_text("utf-8"))
    drawn = [page["usual"] | each for each in page["situations"]]
    if not drawn:
        return None, None
    night = max(each["as_of"] for each in drawn)
    same = [each | {"as_of": night, "coverage": drawn[0]["coverage"], "visits": ()} for each in drawn]
    family = side_by_side([draw_family(each, each["id"]) for each in same])
    events = life_events(family.records, family.links)
    homes = households(family.records, family.links, events, as_of=night)
    return Facts(family.records, family.links, family.review, events, homes, family.coverage), family


@pytest.mark.parametrize("name", WITH_SITUATIONS)
def test_the_families_concerned_are_judged_as_in_the_whole_district(name):
    facts, family = district(name)
    if facts is None:
        assert not load_policy_of(name).clauses, f"{name} has no situation"
        return
    law = [load_policy_of(name)]
    judged = determine(law, facts, as_of=family.as_of, alerts_since=family.alerts_since)
    fewer = concerned(facts)
    assert fewer.links.num_rows < facts.links.num_rows or judged.num_rows > 0
    assert determine(law, fewer, as_of=family.as_of, alerts_since=family.alerts_since).equals(judged)
    kept = from_tables(as_tables(fewer))
    assert determine(law, kept, as_of=family.as_of, alerts_since=family.alerts_since).equals(judged)


def load_policy_of(name):
    return load_policy((POLICIES / name / "policy.yaml").read_text("utf-8"), name)


def test_whom_nothing_befell_is_not_carried_along():
    facts, _ = district("zhangdian-2020-134")
    fewer = concerned(facts)
    befallen = set(facts.events["person_id"].to_pylist())
    assert 0 < fewer.links.num_rows < facts.links.num_rows
    assert set(fewer.events["person_id"].to_pylist()) <= befallen
    assert sum(table.num_rows for table in fewer.records.values()) < sum(t.num_rows for t in facts.records.values())
