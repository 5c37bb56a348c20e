"""`nuanxin policies calendar`: the table, the JSON, and the file that calendar programs read."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from flows.cli import app
from flows.ics_lines import AllDay, calendar_file
from flows.policies_calendar import show_calendar
from flows.status import WrongUse

FIRST = date(2025, 11, 22)
SITE = """
[site]
name = "某区"
jurisdiction = "620102"
policies = ["gansu-measures"]
[feeds.births]
connector = "files"
url = "births"
"""


def events_of(content: bytes) -> list[dict[str, str]]:
    """The events of a calendar file, read by RFC 5545 and by nothing of ours: name (with parameters) → value."""
    assert content.endswith(b"\r\n")
    raw = content[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in raw)
    assert max(map(len, raw)) <= 75
    lines = [line.decode() for line in raw]  # each by itself: no character is cut
    whole = re.sub(r"\n[ \t]", "", "\n".join(lines)).split("\n")
    assert (whole[0], whole[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert "VERSION:2.0" in whole
    assert any(line.startswith("PRODID:") for line in whole)
    assert not any("VALARM" in line for line in whole)
    events: list[dict[str, str]] = []
    for line in whole[1:-1]:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and line != "END:VEVENT":
            assert name not in events[-1]
            plain = re.sub(r"\\(.)", lambda match: "\n" if match[1] in "nN" else match[1], value)
            assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), "; and , stand escaped in a text"
            events[-1][name] = plain
    assert whole.count("BEGIN:VEVENT") == whole.count("END:VEVENT") == len(events)
    return events


def page(**options: Any) -> dict[str, Any]:
    given_ = {"first": FIRST, "months": 12, "site": None, "ics": None, "lang": "en"} | options
    return show_calendar(**given_).to_json()


def test_the_file_holds_every_entry_that_has_a_day(tmp_path: Path) -> None:
    ics = tmp_path / "new" / "calendar.ics"
    entries = page(ics=ics)["entries"]
    events = events_of(ics.read_bytes())
    dated = [each for each in entries if each["on"]]
    assert [each["DTSTART;VALUE=DATE"] for each in events] == [each["on"].replace("-", "") for each in dated]
    assert [each["SUMMARY"] for each in events] == [f"{each['policy_id']}: {each['gist']['en']}" for each in dated]
    assert len({each["UID"] for each in events}) == len(events)
    assert all(re.fullmatch(r"\d{8}T\d{6}Z", each["DTSTAMP"]) for each in events)
    (sunday,) = (each for each in events if each["DTSTART;VALUE=DATE"] == "20260531")
    assert "latest working day: 2026-05-29" in sunday["DESCRIPTION"].split("\n")


def test_a_later_file_knows_the_same_events(tmp_path: Path) -> None:
    for name, first in (("a", date(2026, 1, 1)), ("b", date(2026, 2, 1))):
        page(ics=tmp_path / f"{name}.ics", first=first)
    a, b = ({each["UID"] for each in events_of((tmp_path / f"{name}.ics").read_bytes())} for name in "ab")
    assert {uid for uid in a if "2026-01" not in uid} <= b


any_text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from("\n\\,;：暖𠮷 "))


@given(any_text, any_text)
def test_any_text_comes_back(summary: str, description: str) -> None:
    made = calendar_file("暖心", [AllDay("a@b", date(2026, 2, 28), summary, description, "c")], datetime.now(UTC))
    (event,) = events_of(made)
    assert (event["SUMMARY"], event["DESCRIPTION"]) == tuple(each.removesuffix("\n") for each in (summary, description))


def test_no_line_end_and_no_control_character_of_a_text_gets_into_the_file() -> None:
    made = calendar_file("c", [AllDay("u", FIRST, "a\r\nEND:VEVENT\rb\x00\x1b\x7f", "", "")], datetime.now(UTC))
    (event,) = events_of(made)
    assert event["SUMMARY"] == "a\nEND:VEVENT\nb"


def test_the_moment_it_was_made_is_told_in_utc() -> None:
    made_at = datetime.fromisoformat("2026-01-01T07:30:00+08:00")
    (event,) = events_of(calendar_file("c", [AllDay("u", FIRST, "s", "d", "k")], made_at))
    assert event["DTSTAMP"] == "20251231T233000Z"


@pytest.mark.parametrize(("lang", "said"), [
    ("zh", ["05-31 日", "2026-05-29", "2025 年度", "失效", "没有写施行日期"]),
    ("en", ["05-31 Sun", "2026-05-29", "counties have paid", "lapsed", "bears neither"]),
])  # fmt: skip
def test_the_table_says_what_lies_ahead(lang: str, said: list[str]) -> None:
    text = re.sub(r"\s+", " ", show_calendar(FIRST, 12, None, None, lang).to_text(lang))
    assert [each for each in said if each not in text] == []
    assert "…" not in text, "something was cut"


def test_what_is_not_certain_has_a_mark_that_is_explained() -> None:
    known, unknown = (show_calendar(first, 3, None, None, "en").to_text("en")
                      for first in (date(2026, 3, 15), date(2100, 4, 1)))  # fmt: skip
    assert "2100-05-31 ?" in unknown
    assert "holidays are not known" in unknown
    assert "holidays are not known" not in known


def test_a_document_that_had_ended_before_is_told() -> None:
    told = show_calendar(date(2026, 11, 22), 1, None, None, "en")
    assert told.to_json()["ended"] == [{"policy_id": "zhangdian-2020-134", "until": "2026-01-07"}]
    assert "zhangdian-2020-134 has ended, its last day was 2026-01-07" in told.to_text("en")
    assert page(first=date(2026, 1, 7))["ended"] == []


def test_a_sites_calendar_holds_its_own_policies_only(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(SITE, "utf-8")
    assert {each["policy_id"] for each in page(site=site)["entries"]} == {"gansu-measures"}
    assert len({each["policy_id"] for each in page()["entries"]}) > 2


def test_a_file_that_cannot_be_written_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--ics"):
        page(ics=tmp_path)


def test_the_command_prints_json_alone_on_standard_output(tmp_path: Path) -> None:
    ics = tmp_path / "calendar.ics"
    said = CliRunner().invoke(
        app, ["policies", "calendar", "--from", "2025-11-22", "--months", "6", "--ics", str(ics), "--json"]
    )
    assert said.exit_code == 0
    assert json.loads(said.stdout)["entries"][0]["on"] == "2025-12-08"
    assert str(ics) in said.stderr
    assert events_of(ics.read_bytes())


@pytest.mark.parametrize("arguments", [["--from", "2026-02-30"], ["--from", "2026-01-01", "--months", "0"], []])
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["policies", "calendar", *arguments]).exit_code == 2
