"""Pairs with weights set by hand: what is joined, what is refused."""

import pyarrow as pa
import pytest

from tests.transforms.linkage.drawn import NIGHT, Mention, mention, number, table
from transforms.linkage import default_model, resolve
from transforms.schemas import PAIRS

MODEL = default_model()
LINK, MARGIN = MODEL.thresholds.link_bits, MODEL.thresholds.margin_bits
SURE = LINK + 2 * MARGIN


def registered(serial: int) -> Mention:
    his = number("1999-03-10", serial)
    return mention("household_register", f"H{serial}", name="方子豪", id_no=his, birth_date="1999-03-10")


ONE, OTHER = registered(101), registered(103)
DEAD = mention("death_certificates", "D1", name="方子豪")


def persons(rows: list[Mention], *weighted: tuple[Mention, Mention, float]) -> list[set[str]]:
    """The persons that a few pairs make, as sets of feed and role; those of one mention are left out."""
    drawn = [
        {"mention_a": min(a["mention_id"], b["mention_id"]), "mention_b": max(a["mention_id"], b["mention_id"]),
         "match_weight": weight, "levels": "0" * len(MODEL.comparisons), "decided_by": "model"}
        for a, b, weight in weighted
    ]  # fmt: skip
    outcome = resolve(table(*rows), pa.Table.from_pylist(drawn, PAIRS), None, MODEL, known_on=NIGHT)
    names = {row["mention_id"]: f"{row['record_key']}.{row['role']}" for row in rows}
    found: dict[str, set[str]] = {}
    for row in outcome.links.to_pylist():
        found.setdefault(row["person_id"], set()).add(names[row["mention_id"]])
    return sorted((person for person in found.values() if len(person) > 1), key=sorted)


def test_a_pair_above_the_threshold_is_joined_and_one_below_is_not() -> None:
    assert persons([ONE, DEAD], (ONE, DEAD, LINK)) == [{"H101.subject", "D1.subject"}]
    assert persons([ONE, DEAD], (ONE, DEAD, LINK - 0.1)) == []


@pytest.mark.parametrize(("behind", "joined"), [(MARGIN - 1, []), (MARGIN + 1, [{"H101.subject", "D1.subject"}])])
def test_a_rival_within_the_margin_stops_both(behind: float, joined: list[set[str]]) -> None:
    assert persons([ONE, OTHER, DEAD], (ONE, DEAD, SURE), (OTHER, DEAD, SURE - behind)) == joined


def test_a_rival_below_the_link_threshold_stops_a_link_too() -> None:
    assert persons([ONE, OTHER, DEAD], (ONE, DEAD, LINK + 1), (OTHER, DEAD, LINK - 1)) == []


def test_two_candidates_that_may_be_one_person_are_no_rivals() -> None:
    birth = mention("births", "B1", "child", name="方子豪")
    assert persons([ONE, birth, DEAD], (ONE, DEAD, SURE), (birth, DEAD, SURE - 1), (ONE, birth, LINK)) == [
        {"H101.subject", "D1.subject", "B1.child"}
    ]


def test_the_weaker_of_two_pairs_does_not_bridge_two_registered_persons() -> None:
    birth = mention("births", "B1", "child", name="方子豪")
    found = persons([ONE, OTHER, birth, DEAD], (ONE, birth, 60.0), (birth, DEAD, 50.0), (OTHER, DEAD, LINK + 1))
    assert found == [{"H101.subject", "D1.subject", "B1.child"}]


def test_two_roles_of_one_record_do_not_meet_over_a_third_mention() -> None:
    father, child = (mention("births", "B1", role, name="方国强") for role in ("father", "child"))
    found = persons([father, child, DEAD], (father, DEAD, 60.0), (child, DEAD, LINK + 1))
    assert found == [{"B1.father", "D1.subject"}]


def test_twins_under_one_papers_are_contested_as_a_group() -> None:
    ashes = mention("cremations", "F1", name="方子豪")
    found = persons([ONE, OTHER, DEAD, ashes], (DEAD, ashes, 70.0), (ONE, DEAD, SURE), (OTHER, ashes, SURE - 1))
    assert found == [{"D1.subject", "F1.subject"}]
