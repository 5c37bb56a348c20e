"""`nuanxin policies`: every file checks, every citation is in its document, and the pages that are made stay true."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from flows import edge
from flows.policies import check_policies, law_coverage, list_policies, list_words
from flows.status import DONE, WRONG_USE, WrongUse

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "policy-sources"
DOCS = edge.PROJECT / "docs"


def test_every_policy_checks_and_is_in_its_document() -> None:
    found = check_policies(DOCUMENTS)
    assert found.page["policies"]
    assert {name: page for name, page in found.page["policies"].items()
            if page["failed"] or page["without_situation"] or page["not_in_document"]} == {}  # fmt: skip
    assert found.exit_status == DONE


def test_a_figure_that_the_document_does_not_state_is_wrong_use(tmp_path: Path) -> None:
    for page in DOCUMENTS.glob("*.txt"):
        shutil.copy(page, tmp_path)
    text = (tmp_path / "zhangdian-2020-134.txt").read_text("utf-8").replace("10000", "20000")
    (tmp_path / "zhangdian-2020-134.txt").write_text(text, "utf-8")
    found = check_policies(tmp_path)
    assert found.exit_status == WRONG_USE
    assert "the document does not state 10000 yuan" in found.to_text("en")
    assert "没有 10000 yuan" in found.to_text("zh")


def test_a_document_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no such file"):
        check_policies(tmp_path)


def test_the_page_of_the_law_is_what_the_command_prints() -> None:
    assert (DOCS / "coverage-of-the-law.md").read_text("utf-8").rstrip() == law_coverage().to_text("zh")


def test_every_row_is_written_or_said_to_be_missing() -> None:
    page = law_coverage().page
    assert sorted({each["row"] for each in page["rows"]} | {*page["missing"]}) == [*range(1, 64)]


def test_words_are_listed_in_both_languages() -> None:
    found = list_words()
    assert all(name in found.to_text(lang) for name in found.page["words"] for lang in ("zh", "en"))
    assert "event.stands" in found.page["words"]


def test_what_is_in_force_on_a_day() -> None:
    days = {day: [page["id"] for page in list_policies(date.fromisoformat(day)).page["policies"]]
            for day in ("2021-01-07", "2021-01-08", "2026-01-07", "2026-01-08")}  # fmt: skip
    assert [("zhangdian-2020-134" in ids) for ids in days.values()] == [False, True, True, False]
