# ruff: noqa: E501 - situations are drawn as tables
"""The report: what it says, what it never says, and that nothing in it runs or loads."""

import base64
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pyarrow as pa
import pytest

from expectations.report import render
from expectations.report.charts import bar, trend
from tests.expectations.drawn import outcome, row, rows, through
from transforms.schemas import FEED_LOADS, QUALITY

TONIGHT, LAST_NIGHT = date(2025, 6, 2), date(2025, 6, 1)
_OF_A_NIGHT = [pa.field("run_id", pa.string()), pa.field("business_date", pa.date32())]
QUALITY_OF_NIGHTS = pa.schema([*_OF_A_NIGHT, *QUALITY])


def load(feed: str, night: date = TONIGHT, **changed: Any) -> dict[str, Any]:
    return {
        "run_id": "R1", "business_date": night, "feed": feed, "delivery": f"{feed}_20250602_delta.csv",
        "delivered_on": night, "rows_read": 10, "rows_accepted": 7, "rows_unchanged": 2, "rows_quarantined": 1,
        "status": "loaded", "reason_code": "", "reason_detail": "{}", **changed,
    }  # fmt: skip


def check(check_id: str, checked: int, bad: int, night: date = TONIGHT, severity: str = "field") -> dict[str, Any]:
    return {
        "run_id": "R1", "business_date": night, "feed": check_id.split(".", maxsplit=1)[0], "delivery": "f", "delivery_id": "D1",
        "dimension": "correctness", "check_id": check_id, "column_name": check_id.split(".")[1],
        "rows_checked": checked, "rows_failed": bad, "severity": severity, "passed": bad == 0,
    }  # fmt: skip


def page(loads: list[dict[str, Any]], quality: list[dict[str, Any]] = [], **changed: Any) -> str:  # noqa: B006
    said = {
        "site_name": "某区卫生健康局", "business_date": TONIGHT, "funnel": {"read": 1234, "alerted": 3}, "lang": "zh",
        "loads": pa.Table.from_pylist(loads, schema=pa.schema([*_OF_A_NIGHT, *FEED_LOADS])),
        "quality": pa.Table.from_pylist(quality, schema=QUALITY_OF_NIGHTS),
    }  # fmt: skip
    return render(**{**said, **changed})


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "rect", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle", "polyline"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_and_asks_nothing_of_the_network(lang: str) -> None:
    text = page(
        [load("births"), load("adoptions", status="stale", delivery="")],
        [check("births.issued_on.unreadable_date", 9, 2)],
        lang=lang,
    )
    tags = _Tags(text)
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "object", "form"}
    for _, attributes in tags.seen:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
        assert str(attributes.get("href", "#")).startswith("#")
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode() if style else ""
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in text and text.count("<style") == 1
    assert "url(" not in text and "@import" not in text and "http://" not in text and "https://" not in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_markup_in_names_and_headers_stays_text(lang: str) -> None:
    attack = "<script>alert(1)</script>"
    detail = {"missing": [{"column": "name", "expected_header": attack}], "unknown": [attack], "unknown_count": 1,
              "renamed": [{"received": attack, "column": "name", "expected_header": attack}]}  # fmt: skip
    blocked = load(
        "births", status="blocked", delivery=attack, reason_code="missing_column", reason_detail=json.dumps(detail)
    )
    text = page([blocked], site_name=attack, lang=lang)
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 5


def test_the_verdict_names_the_feeds_that_are_not_in_place() -> None:
    text = page([load("births"), load("adoptions", status="missing", reason_code="missing", delivery="")])
    verdict = re.search(r'class="verdict">(.*?)<', text)
    assert verdict and "2 个数据源中有 1 个未到位" in verdict[1] and "收养登记" in verdict[1]


@pytest.mark.parametrize(("refused", "words"), [(0, "一切就绪"), (1_500, "1,500 行无法使用")])
def test_the_verdict_of_a_night_on_which_every_feed_came(refused: int, words: str) -> None:
    assert words in page([load("births", rows_quarantined=refused)])


def test_feeds_in_trouble_stand_first_with_whose_move_it_is() -> None:
    detail = json.dumps({"rows_read": 3, "known_rows": 20})
    text = page(
        [
            load("household_register"),
            load("low_income", status="blocked", reason_code="volume_shrunken", reason_detail=detail),
        ]
    )
    assert "只有 3 行" in text and "民政局" in text
    feeds = re.findall(r'<th scope="row"><a href="#(\w+)"', text)
    assert feeds == ["low_income", "household_register"]


def test_two_deliveries_of_a_feed_are_one_row_with_their_sum() -> None:
    text = page([load("births"), load("births", rows_read=1_000)])
    assert text.count('<a href="#births"') == 1 and ">1,010<" in text


def test_a_feed_without_news_tonight_is_listed_with_its_last_delivery() -> None:
    text = page([load("births", LAST_NIGHT), load("adoptions")])
    assert "无新交付" in text and "2025-06-01" in text


def test_a_check_that_was_not_run_is_said_so_and_not_green() -> None:
    text = page([load("births", status="blocked", reason_code="missing_column")])
    assert "通过的" not in text
    assert 'class="pill passed"' not in text and 'class="pill not_run"' in text


def test_a_check_is_told_with_counts_share_column_and_sentence() -> None:
    text = page(
        [load("births")],
        [check("births.mother_id_no.bad_check", 1_000, 30), check("births.issued_on.unreadable_date", 9, 0)],
    )
    assert "1 项不符 · 1 项通过" in text
    for told in ("1,000", ">30<", "3.0%", "母亲身份证号", "校验码不符", "字段搁置"):
        assert told in text


def test_a_rare_fault_is_not_rounded_to_nothing() -> None:
    assert "&lt;0.1%" in page([load("births")], [check("births.mother_id_no.bad_check", 100_000, 1)])


def test_later_nights_are_left_out() -> None:
    later = load("births", date(2025, 6, 3), status="blocked", reason_code="unknown_column")
    text = page([load("births"), later])
    assert 'class="pill blocked"' not in text and "需要处理" not in text


def test_the_days_may_be_text_as_sqlite_keeps_them() -> None:
    day = [pa.field("run_id", pa.string()), pa.field("business_date", pa.string())]
    drawn = {**load("births"), "business_date": "2025-06-02"}
    loads = pa.Table.from_pylist([drawn], schema=pa.schema([*day, *FEED_LOADS]))
    text = render(
        site_name="某区", business_date=TONIGHT, loads=loads, quality=QUALITY_OF_NIGHTS.empty_table(), funnel={}
    )
    assert "1 行无法使用" in text and "2025-06-02" in text


def test_the_trend_leaves_a_gap_for_a_night_without_the_check() -> None:
    assert trend([0.1, 0.2, None, 0.1, 0.3], "x").count("<polyline") == 2
    assert trend([None, None], "x") == ""


def test_the_trend_rises_with_the_share() -> None:
    points = re.search(r'points="([^"]+)"', trend([0.0, 0.5, 1.0], "x"))
    heights = [float(point.split(",")[1]) for point in points[1].split()] if points else []
    assert heights == sorted(heights, reverse=True) and len(set(heights)) == 3


def test_a_single_refused_row_among_many_is_visible_in_the_bar() -> None:
    widths = {
        name: float(width)
        for name, width in re.findall(
            r'class="(\w+)" x="[\d.]+" y="0" width="([\d.]+)"', bar([("a", 99_999), ("b", 1)], "")
        )
    }
    assert widths["b"] >= 1.5 and sum(widths.values()) == pytest.approx(100, abs=0.1)


def test_an_unknown_count_of_the_night_is_left_out_of_the_page() -> None:
    assert "mysterious" not in page([load("births")], funnel={"read": 1, "mysterious": 2})


def test_no_delivered_value_reaches_quality_reasons_or_the_page() -> None:
    number, name = "37030319990101999X", "欧阳不该见"
    drawn = [
        *rows("births", 30, mother_id_no=number, mother_name=name, hospital=name, issued_on=name, child_sex=name),
        row("births", birth_date=name, mother_name=name),
        row("births", mother_name=name), row("births", mother_name=name, hospital=name),
    ]  # fmt: skip
    gated = through("births", drawn)
    outside = [str(gated.quality.to_pylist()), str(gated.reason_detail)]
    quality = [{"run_id": "R1", "business_date": TONIGHT, **each} for each in gated.quality.to_pylist()]
    detail = json.dumps(gated.reason_detail, ensure_ascii=False)
    outside.append(
        page([load("births", status=gated.status, reason_code=gated.reason_code, reason_detail=detail)], quality)
    )
    assert gated.status == "blocked" and outcome(gated, "births.child_sex.unknown_code") == (30, 30)
    assert not [text for text in outside if number in text or name in text]
