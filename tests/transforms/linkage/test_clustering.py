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


def pattern(**levels: str) -> str:
    """What a pair shows, by comparison; the rest is missing."""
    return "".join(levels.get(comparison.name, "-") for comparison in MODEL.comparisons)


SAME = "0" * len(MODEL.comparisons)


def persons(rows: list[Mention], *weighted: tuple[Mention, Mention, float], levels: str = SAME,
            decisions: list[tuple[Mention, Mention, str]] | None = None) -> list[set[str]]:  # fmt: skip
    """The persons that a few pairs make, as sets of feed and role; those of one mention are left out."""
    drawn = [
        {"mention_a": min(a["mention_id"], b["mention_id"]), "mention_b": max(a["mention_id"], b["mention_id"]),
         "match_weight": weight, "levels": levels, "decided_by": "model"}
        for a, b, weight in weighted
    ]  # fmt: skip
    pairs, said = pa.Table.from_pylist(drawn, PAIRS), [decided(*decision) for decision in decisions or []]
    told = pa.concat_tables(said) if said else None
    outcome = resolve(table(*rows), pairs, None, MODEL, known_on=NIGHT, decisions=told)
    names = {row["mention_id"]: f"{row['record_key']}.{row['role']}" for row in rows}
    found: dict[str, set[str]] = {}
    for row in outcome.links.to_pylist():
        found.setdefault(row["person_id"], set()).add(names[row["mention_id"]])
    return sorted((person for person in found.values() if len(person) > 1), key=sorted)


def decided(one: Mention, other: Mention, word: str) -> pa.Table:
    return pa.table({"mention_a": [one["mention_id"]], "mention_b": [other["mention_id"]], "decision": [word]})


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


@pytest.mark.parametrize(
    ("told", "joined"),
    [
        ({"father": "0", "sex": "0"}, []),
        ({"phone": "0"}, [{"B1.father", "D1.kin"}]),
        ({"child": "1"}, [{"B1.father", "D1.kin"}]),
    ],
)
def test_a_bystander_is_linked_by_what_its_brothers_and_sisters_do_not_share(
    told: dict[str, str], joined: list[set[str]]
) -> None:
    kin, father = (
        mention("death_certificates", "D1", "kin", name="方国强"),
        mention("births", "B1", "father", name="方国强"),
    )
    assert persons([kin, father], (kin, father, SURE), levels=pattern(name="0", **told)) == joined


def test_two_rows_of_the_register_without_valid_numbers_are_two_persons() -> None:
    rows = [mention("household_register", f"H{n}", name="方子豪", birth_date="1999-03-10") for n in range(2)]
    assert persons(rows, (*rows, SURE)) == []
    dead = mention("death_certificates", "D1", name="方子豪")
    assert persons([*rows, dead], (rows[0], dead, LINK + 1), (rows[1], dead, LINK - 1)) == []


def test_two_that_cannot_be_one_and_fit_one_row_of_the_register_are_both_left_alone() -> None:
    row = mention("household_register", "H1", name="方子豪", birth_date="1999-03-10")
    one, other = (
        mention("low_income", f"L{n}", name="方子豪", id_no=number("1999-03-10", n), birth_date="1999-03-10")
        for n in (1, 3)
    )
    assert persons([row, one], (row, one, LINK - 1)) == [{"H1.subject", "L1.subject"}]
    known = (one, other, MODEL.thresholds.review_bits)
    assert persons([row, one, other], (row, one, LINK - 1), (row, other, LINK - 1), known) == []


def treated(key: str) -> Mention:
    return mention("medical_settlements", key, name="方子豪", id_no=ONE["id_no"])


def test_a_clerk_parts_what_number_and_name_make_one() -> None:
    first, second, third = sorted((treated(f"S{n}") for n in range(3)), key=lambda row: row["mention_id"])
    together = {f"{first['record_key']}.subject", f"{third['record_key']}.subject"}
    assert persons([first, second, third], decisions=[(first, second, "different")]) == [together]


def test_a_clerks_same_stands_above_number_and_name_too() -> None:
    one, other, stranger = treated("S1"), treated("S2"), mention("low_income", "L1", name="苗红")
    found = persons([one, other, stranger], decisions=[(one, stranger, "same"), (other, stranger, "different")])
    assert found == [{"S1.subject", "L1.subject"}]


def test_one_that_a_clerk_has_parted_is_not_held_by_number_and_name_any_more() -> None:
    one, other = sorted((treated(f"S{n}") for n in range(2)), key=lambda row: str(row["mention_id"]))
    birth = mention("births", "B1", "child", name="方子豪")
    pair = {"mention_a": min(other["mention_id"], birth["mention_id"]), "match_weight": SURE, "levels": SAME,
            "mention_b": max(other["mention_id"], birth["mention_id"]), "decided_by": "model"}  # fmt: skip
    pairs, told = pa.Table.from_pylist([pair], PAIRS), decided(one, other, "different")
    held = {}
    for said in (None, told):
        links = resolve(table(one, other, birth), pairs, None, MODEL, known_on=NIGHT, decisions=said).links.to_pylist()
        held[said is told] = {row["mention_id"]: row["decided_by"] for row in links}[other["mention_id"]]
    assert held == {False: "rule", True: "model"}
