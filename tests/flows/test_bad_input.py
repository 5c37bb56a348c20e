"""What a wrong delivery or a wrong site.toml is answered with: a sentence, a status, nothing lost."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from tests.commands import CommandLine, Said
from tests.site_views import rows
from transforms.feeds import load_contract

pytestmark = pytest.mark.xdist_group("nights")
DATE = "2025-06-03"
FEED = "cremations"


@pytest.fixture
def after(
    first_night: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> Callable[..., tuple[Path, Said]]:
    """Runs the second night of a copy in which the cremations of that day were put wrong."""

    def run(name: str, content: bytes) -> tuple[Path, Said]:
        site = own_copy(first_night)
        folder = site.parent / "inbox" / FEED
        for path in folder.glob("*20250603*"):
            path.unlink()
        (folder / name).write_bytes(content)
        return site, nuanxin.run("nightly", "--site", str(site), "--date", DATE, "--lang", "en")

    return run


def deliver(*lines: str) -> bytes:
    headers = ",".join(column.header for column in load_contract(FEED).columns)
    return "\n".join([headers, *lines, ""]).encode("gb18030")


ROW = "HH20250602000001,测试甲,,男,50,,2025-06-01,2025-06-02,测试馆,,,"


def assert_blocked(site: Path, said: Said, reason: str) -> None:
    loads = rows(site, "select * from v_feed_loads where feed = ? and run_id = 'R20250603'", FEED)
    assert [load["status"] for load in loads] == ["blocked"]
    assert said.status == 3 and "Traceback" not in said.err
    assert FEED in said.err and reason in said.err, said.err
    others = rows(site, "select count(*) as n from v_feed_loads where run_id = 'R20250603' and status = 'loaded'")
    assert others[0]["n"] >= 8, "a blocked feed stops no other"


def test_wrong_header(after: Callable[..., tuple[Path, Said]]) -> None:
    content = deliver(ROW).replace("火化日期".encode("gb18030"), "火化时间".encode("gb18030"))
    site, said = after("cremations_20250603_delta.csv", content)
    assert_blocked(site, said, "cremated_on")


def test_wrong_encoding(after: Callable[..., tuple[Path, Said]]) -> None:
    site, said = after("cremations_20250603_delta.csv", deliver(ROW).decode("gb18030").encode("utf-16"))
    assert_blocked(site, said, "encoding")


def test_half_a_file(after: Callable[..., tuple[Path, Said]]) -> None:
    site, said = after("cremations_20250603_delta.csv", deliver(ROW, ROW.replace("001,", '002,"'))[:-30])
    assert_blocked(site, said, "")


def test_an_empty_file(after: Callable[..., tuple[Path, Said]]) -> None:
    site, said = after("cremations_20250603_delta.csv", b"")
    assert_blocked(site, said, "empty")


def test_a_workbook_with_numbers_for_identity_numbers(after: Callable[..., tuple[Path, Said]], tmp_path: Path) -> None:
    """Excel has rounded the number: the field is set aside and counted, the row goes on."""
    book = openpyxl.Workbook()
    book.active.append([column.header for column in load_contract(FEED).columns])
    cells = [*ROW.split(",")]
    cells[2] = 370303198001011234  # a number in the cell
    book.active.append(cells)
    book.save(tmp_path / "numbers.xlsx")
    site, said = after("cremations_20250603_delta.xlsx", (tmp_path / "numbers.xlsx").read_bytes())
    assert said.status == 0, said.err
    load = rows(site, "select * from v_feed_loads where feed = ? and run_id = 'R20250603'", FEED)[0]
    assert (load["rows_read"], load["rows_accepted"], load["rows_quarantined"]) == (1, 1, 0)
    counted = rows(site, "select sum(rows_failed) as n from v_quality where run_id = 'R20250603' and check_id like ?",
                   f"{FEED}.id_no.%")[0]["n"]  # fmt: skip
    assert counted == 1


def test_the_blocked_bytes_are_kept(after: Callable[..., tuple[Path, Said]]) -> None:
    site, _ = after("cremations_20250603_delta.csv", b"")
    assert list((site.parent / "lake" / "landing" / FEED).glob("*/cremations_20250603_delta.csv"))


def test_five_mistakes_in_site_toml_are_told_at_once(tmp_path: Path, nuanxin: CommandLine) -> None:
    site = tmp_path / "site.toml"
    site.write_text(
        '[site]\nname = "测试区"\njurisdiction = "3703"\n'
        'policies = ["zhangdian-2020-134"]\nalert_since = "2024-01-01"\n'
        '[feeds.death_certificate]\nconnector = "files"\nurl = "inbox"\n'
        '[feeds.births]\nconnector = "ftp"\nurl = "inbox"\n'
        '[feeds.marriages]\nconnector = "files"\nurl = "inbox"\nencoding = "gb2313"\n',
        "utf-8",
    )
    said = nuanxin.run("nightly", "--site", str(site), "--date", DATE, "--lang", "en")
    assert said.status == 2 and "Traceback" not in said.err
    for line in (3, 5, 6, 10, 15):
        assert f"line {line} " in said.err
    assert not (tmp_path / "warehouse.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nightly", "--site", "nowhere/site.toml", "--date", DATE),
        ("nightly", "--site", "nowhere/site.toml", "--date", "3 June"),
        ("explain", "--site", "nowhere/site.toml", "A-1"),
        ("link", "--left", "a.csv"),
        ("console",),
    ],
)
def test_wrong_use_is_status_2_and_a_sentence(arguments: tuple[str, ...], nuanxin: CommandLine) -> None:
    said = nuanxin.run(*arguments)
    assert said.status == 2
    assert said.err.strip() and "Traceback" not in said.err
