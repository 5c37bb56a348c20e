"""An alert explains itself, back to the row and the file, and hides what need not be shown."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.site_views import rows

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture(scope="module")
def alert(first_night: Path) -> dict[str, str]:
    found = rows(first_night, "select * from v_alerts where status = 'live' and needs_review = 0 order by alert_id")
    assert found, "the simulated district has at least one certain loss on its first night"
    return found[0]


def test_back_to_the_delivered_file(first_night: Path, nuanxin: CommandLine, alert: dict[str, str]) -> None:
    said = nuanxin.run("explain", "--site", str(first_night), alert["alert_id"], "--json")
    assert said.status == 0, said.err
    page = json.loads(said.out)
    source = page["sources"][0]
    (file,) = (first_night.parent / "inbox" / alert["trigger_feed"]).glob(source["delivery"])
    assert hashlib.sha256(file.read_bytes()).hexdigest() == source["sha256"]
    assert source["bytes_intact"] is True


def test_the_bits_add_up(first_night: Path, nuanxin: CommandLine, alert: dict[str, str]) -> None:
    page = json.loads(nuanxin.run("explain", "--site", str(first_night), alert["alert_id"], "--json").out)
    assert page["evidence"]
    for pair in page["evidence"]:
        assert {part["name"] for part in pair["comparisons"]} >= {"name"}
        assert pair["model"]


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("条款与判定", "来源", "三（二）")), ("en", ("Clause and verdict", "Sources"))]
)
def test_in_both_languages(
    lang: str, words: tuple[str, ...], first_night: Path, nuanxin: CommandLine, alert: dict[str, str]
) -> None:
    said = nuanxin.run("explain", "--site", str(first_night), alert["alert_id"], "--lang", lang)
    assert all(word in said.out for word in words), said.out


def delivered_number(site: Path, alert: dict[str, str]) -> str:
    """The identity number that stands in the certificate of the alerted household."""
    import csv
    import io

    number = rows(
        site, "select only_child_certificate_no as n from v_households where household_id = ?", alert["household_id"]
    )
    path = next((site.parent / "inbox" / "only_child_certificates").glob("*full*"))
    text = next(t for t in (_decoded(path.read_bytes(), e) for e in ("utf-8-sig", "gb18030", "gbk")) if t)
    found = {row["证号"]: row for row in csv.DictReader(io.StringIO(text))}[number[0]["n"]]
    return found["父亲身份证号"] or found["母亲身份证号"]


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def test_masked_unless_revealed(first_night: Path, nuanxin: CommandLine, alert: dict[str, str]) -> None:
    number = delivered_number(first_night, alert)
    masked = nuanxin.run("explain", "--site", str(first_night), alert["alert_id"])
    revealed = nuanxin.run("explain", "--site", str(first_night), alert["alert_id"], "--reveal")
    assert number not in masked.out
    assert number in revealed.out


def test_an_unknown_alert_is_a_sentence(first_night: Path, nuanxin: CommandLine) -> None:
    said = nuanxin.run("explain", "--site", str(first_night), "A-20250602-NOBODY")
    assert said.status == 2
    assert "A-20250602-NOBODY" in said.err
