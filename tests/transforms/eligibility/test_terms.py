"""What a clause gives: the row of the amount, who pays how much of it, who is asked, what it keeps away."""

from datetime import date

import pytest

from tests.families import POLICIES, aid, death, family, zhangdian
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.receipt import facts_hash
from transforms.eligibility.terms import kept_away_by, terms_of

DAY = date(2025, 6, 5)
TEXT = (POLICIES / "zhangdian-2020-134" / "policy.yaml").read_text("utf-8")
ROWS = """amounts:
        - {from: 2021-01-08, until: 2023-12-31, fen: 1_000_000, source: {zh: 三（二）, en: 三（二）}}
        - {from: 2024-01-01, fen: 1_000_001, source: {zh: 来文, en: a letter}}"""
PAYERS = """payers:
  - {payer: city, title: {zh: 市财政, en: the city}, percent: 30}
  - {payer: district, title: {zh: 区财政, en: the district}, percent: 70}
"""


def policy_with(**changes: str) -> Policy:
    text = TEXT
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    return load_policy(text, "policy.yaml")


def bereaved(**more: object) -> dict[str, object]:
    return aid(family(death_certificates=[death(DAY)])) | more


def test_the_row_that_holds_on_the_ruling_date_and_its_source() -> None:
    policy = policy_with(rows=("amount_fen: 1_000_000", ROWS))
    terms = terms_of(bereaved(amount_fen=1_000_001), policy, ruling_on=DAY, parents={}, lang="en")
    assert terms.amount_rows == ("10,000.01 yuan (2024-01-01 to …; source: a letter)",)
    earlier = terms_of(bereaved(), policy, ruling_on=date(2023, 12, 31), parents={})
    assert earlier.amount_rows == ("10,000 元（2021-01-08 至 2023-12-31，来源：三（二））",)


def test_of_two_rows_of_a_day_the_one_with_the_amount() -> None:
    by_age = """amounts:
        - {when: 'household.living_parents == 1', fen: 500_000, source: {zh: 甲, en: a}}
        - {when: 'household.living_parents != 1', fen: 1_000_000, source: {zh: 乙, en: b}}"""
    policy = policy_with(
        rows=("amount_fen: 1_000_000", by_age),
        figures=("- {value: 10000, unit: yuan}", "- {value: 10000, unit: yuan}\n      - {value: 5000, unit: yuan}"),
    )
    yes, unknown = (
        terms_of(bereaved(verdict=verdict, amount_fen=fen), policy, ruling_on=DAY, parents={}, lang="en").amount_rows
        for verdict, fen in (("yes", 1_000_000), ("unknown", None))
    )
    assert yes == ("10,000 yuan (on any day; source: b; where: household.living_parents != 1)",)
    assert len(unknown) == 2


def test_the_shares_add_up_to_the_fen() -> None:
    policy = policy_with(rows=("amount_fen: 1_000_000", ROWS), payers=("\nparameters:", f"\n{PAYERS}\nparameters:"))
    terms = terms_of(bereaved(amount_fen=1_000_001), policy, ruling_on=DAY, parents={})
    assert [(share.title, share.percent, share.fen) for share in terms.shares] == [
        ("市财政", 30, 300_000), ("区财政", 70, 700_001)]  # fmt: skip


def test_a_document_that_does_not_say_who_pays() -> None:
    (share,) = terms_of(bereaved(), zhangdian(), ruling_on=DAY, parents={}).shares
    assert (share.title, share.fen) == ("文件没有写谁出", 1_000_000)


def test_a_no_gets_nothing_and_an_unknown_would_get() -> None:
    no, unknown = (
        terms_of(bereaved(verdict=verdict, amount_fen=None), zhangdian(), ruling_on=DAY, parents={})
        for verdict in ("no", "unknown")
    )
    assert (no.amount_rows, no.shares) == ((), ())
    assert (unknown.amount_rows, unknown.shares) == (("10,000 元（不分日期，来源：本条）",), ())


@pytest.mark.parametrize(("subject", "asked"), [("M", "the mother"), ("F", "the father"), (None, "one of the parents")])
def test_which_parent_is_asked(subject: str | None, asked: str) -> None:
    who = "    who: household_of_only_child\n    triggers: [death]\n    rules_on: event_date"
    policy = policy_with(who=(who, who.replace("household_of_only_child", "parent_of_only_child")))
    row = bereaved(subject_id=subject)
    terms = terms_of(row, policy, ruling_on=DAY, parents={"M": "mother", "F": "father"}, lang="en")
    assert terms.asked.startswith(asked)


def test_what_it_keeps_away_and_what_keeps_it_away() -> None:
    policy = policy_with(excluded=("exclusions: []", "exclusions: [special-assistance-district]"))
    yes = bereaved()
    assert terms_of(yes, policy, [policy], ruling_on=DAY, parents={}).keeps_away == ("特别扶助（区财政承担）",)
    kept = yes | {"benefit_id": "special-assistance-district", "verdict": "no", "determination_id": "V2"}
    assert [row["determination_id"] for row in kept_away_by(kept, [yes, kept], [policy])] == [yes["determination_id"]]
    another = yes | {"clause_id": "gateway", "benefit_id": "special-family-status"}
    assert kept_away_by(kept, [another], [policy]) == []
    of_another_event = yes | {"trigger_event_type": "disability"}
    assert kept_away_by(kept, [of_another_event], [policy]) == []


def test_the_hash_of_the_facts_is_that_of_what_is_kept() -> None:
    row = bereaved()
    parts = (row["trigger_event_id"], row["trigger_on"])
    assert facts_hash(*parts, row["conditions"]) == row["facts_hash"]
    assert facts_hash(*parts, row["conditions"].replace("2025", "2024")) != row["facts_hash"]
