"""Every check and every refusal has a sentence that names the column and whose move it is."""

import json
import string

import pytest

from expectations import declared_checks, reason_sentence, sentence
from expectations.published import AUDITS
from expectations.sentences import _pages, audit_sentence
from tests.expectations.drawn import contract_of
from transforms.feeds import FEEDS


@pytest.mark.parametrize("feed", FEEDS)
def test_a_check_names_its_column_and_its_agency(feed: str) -> None:
    contract = contract_of(feed)
    for check in declared_checks(contract):
        said = sentence(check)
        assert contract.agency.zh in said.zh and contract.agency.en in said.en, check.check_id
        if check.column:
            assert contract.column(check.column).header in said.zh
            assert check.column in said.en


def test_no_check_falls_back_to_the_general_sentence() -> None:
    rules = {check.rule for feed in FEEDS for check in declared_checks(contract_of(feed))}
    assert rules <= set(_pages().checks)


def test_a_code_column_tells_the_agreed_codes() -> None:
    check = next(c for c in declared_checks(contract_of("births")) if c.check_id == "births.status.unknown_code")
    assert "有效、作废、换发" in sentence(check).zh


def test_a_reason_is_told_from_its_json_as_the_warehouse_keeps_it() -> None:
    detail = json.dumps({"rows_read": 3, "known_rows": 2000})
    said = reason_sentence("births", "volume_shrunken", detail)
    assert "只有 3 行" in said.zh and "2,000 records" in said.en


def test_an_unknown_reason_still_gives_a_sentence() -> None:
    assert "no_such_reason" in reason_sentence("births", "no_such_reason", None).zh


@pytest.mark.parametrize("reason", sorted(_pages().reasons))
def test_a_reason_without_its_facts_breaks_nothing(reason: str) -> None:
    said = reason_sentence("births", reason, {})
    assert "{" not in said.zh + said.en


def test_both_languages_use_the_same_facts() -> None:
    for page in (_pages().checks, _pages().reasons, _pages().audits):
        for name, label in page.items():
            facts = [{part[1] for part in string.Formatter().parse(text) if part[1]} for text in (label.zh, label.en)]
            assert facts[0] - {"kind", "agency"} == facts[1] - {"kind", "agency"}, name


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: audit.check_id)
def test_every_audit_has_a_sentence(audit: object) -> None:
    check_id = audit.check_id  # type: ignore[attr-defined]
    said = audit_sentence(check_id, 3, "zh")
    assert check_id not in said and "3" in said
