"""The page of all checks is the one that the program writes, and nothing is checked that does not stand on it."""

from pathlib import Path

import pytest

from expectations.between import QUESTIONS
from expectations.catalogue import catalogue, checks_of, owner_of
from expectations.published import AUDITS
from expectations.sentences import _pages, agency, sentence
from expectations.thresholds import OF_A_FEED, Thresholds, default_thresholds, thresholds_with
from transforms.feeds import FEEDS, load_contract

PAGE = Path(__file__).parents[2] / "docs" / "quality-checks.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == catalogue(), (
        "write it anew: python -m expectations.catalogue > docs/quality-checks.md"
    )


def test_every_check_stands_on_the_page_once() -> None:
    page = PAGE.read_text("utf-8")
    ids = [check.check_id for feed in FEEDS for check in checks_of(load_contract(feed))]
    ids += [question.check(owner_of(question.feed)).check_id for question in QUESTIONS if question.feed not in FEEDS]
    ids += [audit.check_id for audit in AUDITS]
    assert len(ids) == len(set(ids))
    assert [check_id for check_id in ids if page.count(f"| `{check_id}` |") != 1] == []


@pytest.mark.parametrize("feed", FEEDS)
def test_every_check_has_an_owner_and_a_sentence_of_its_own(feed: str) -> None:
    for check in checks_of(load_contract(feed)):
        said, owner = sentence(check), agency(check.agency)
        assert check.rule in _pages().checks, check.check_id
        assert owner.zh in said.zh and owner.en in said.en, check.check_id


@pytest.mark.parametrize("name", list(Thresholds.model_fields))
def test_every_bound_says_what_it_means(name: str) -> None:
    assert Thresholds.model_fields[name].description


def test_a_feeds_own_bounds_lie_over_the_shipped_ones() -> None:
    assert thresholds_with({"full_keeps_share": 0.9}).full_keeps_share == 0.9
    assert thresholds_with({}) == default_thresholds()
    assert "fund_tolerance_fen" not in OF_A_FEED
