"""The list that goes to the payers: every entry once, each payer's share in a column, no cell that runs."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from flows.register_lists import list_payments, payer_titles
from flows.registers import record_payments
from flows.status import WrongUse
from tests.commands import CommandLine
from tests.families import POLICIES
from tests.flows.ledger import ENTRIES, NIGHT, TODAY, lay_site, publish_ledger
from transforms.eligibility.entries import Payer
from transforms.eligibility.policy import load_policy

COLUMNS = [
    "entitlement_id", "household_id", "person_id", "township_code", "policy_id", "benefit_id", "payee", "period_from",
    "period_to", "status", "amount_yuan", "'=county", "province",
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, warehouse_url: str) -> Path:
    publish_ledger(warehouse_url)
    return lay_site(tmp_path / "site", warehouse_url)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_may_be_paid_is_listed_with_every_payers_share(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "pay.csv"
    list_payments(site, TODAY, out, "en")
    rows = rows_of(out)
    assert list(rows[0]) == COLUMNS
    assert [(row["entitlement_id"], row["payee"], row["amount_yuan"], row["'=county"], row["province"])
            for row in rows] == [
        ("N4-1", "committee", "600.00", "", ""),
        ("N3-1R", "x", "-3000.00", "-3000.00", ""),
        ("N2-1", "x", "10000.01", "6000.01", "4000.00"),
    ]  # fmt: skip


def test_totals_are_told_by_payer(site: Path, tmp_path: Path) -> None:
    told = list_payments(site, TODAY, tmp_path / "pay.csv", "en")
    assert told.page["payers"] == [
        {"payer": "=county", "entries": 2, "amount_fen": 300_001},
        {"payer": "province", "entries": 1, "amount_fen": 400_000},
    ]
    assert (told.page["entries"], told.page["amount_fen"]) == (3, 760_001)
    lines = [line.split() for line in told.to_text("en").splitlines()]
    assert ["=county", "2", "3,000.01"] in lines and ["together", "3", "7,600.01"] in lines
    assert ["without", "a", "payer", "600.00"] in lines
    assert "合计" in told.to_text("zh")


@pytest.fixture
def gansu(tmp_path: Path, new_database) -> Path:
    """A site whose law names payers; one entry is shared by them, of one nobody says who pays."""
    url = new_database("sqlite", True)
    payers = {"province": 800_001, "city": 100_000, "county": 100_000}
    shares = [{"entitlement_id": "N2-1", "payer": payer, "amount_fen": fen} for payer, fen in payers.items()]
    shares += [
        {"entitlement_id": "N3-1R", "payer": "unstated", "amount_fen": -300_000},
        {"entitlement_id": "N4-1", "payer": "county-fund", "amount_fen": 60_000},  # of a law that is the site's no more
    ]
    publish_ledger(url, entitlement_shares=shares)
    return lay_site(tmp_path / "gansu", url, ("gansu-measures", "zhangdian-2020-134"))


def test_payers_are_called_what_the_document_calls_them(gansu: Path, tmp_path: Path) -> None:
    told = list_payments(gansu, TODAY, tmp_path / "pay.csv", "zh")
    assert [each["payer"] for each in told.page["payers"]] == ["city", "county", "county-fund", "province", "unstated"]
    for lang, names in {
        "zh": ["市州财政", "县级财政", "county-fund", "省级财政", "文件未写明承担方"],
        "en": ["the prefecture", "the county", "county-fund", "the province", "payer not stated"],
    }.items():
        lines = told.to_text(lang).splitlines()[2:7]
        assert [line.strip().split("  ")[0] for line in lines] == names


@pytest.mark.parametrize(
    ("lang", "heads"),
    [
        ("zh", ["市州财政", "县级财政", "county-fund", "省级财政", "文件未写明承担方"]),
        ("en", ["city", "county", "county-fund", "province", "unstated"]),
    ],
)
def test_a_file_names_payers_as_it_names_its_columns_and_is_taken_back(
    gansu: Path, tmp_path: Path, lang: str, heads: list[str]
) -> None:
    out = tmp_path / "pay.csv"
    list_payments(gansu, TODAY, out, lang)
    first, *rest = out.read_text("utf-8-sig").splitlines()
    assert first.replace('"', "").split(",")[11:] == heads
    assert [row.split(",")[11:] for row in rest if "N2-1" in row] == [["1000.00", "1000.00", "", "8000.01", ""]]
    more = "发放日期,凭证号" if lang == "zh" else "paid_on,reference_no"
    lines = [f"{first},{more}", *(f"{row},2025-06-03,F-{n}" for n, row in enumerate(rest)), ""]
    out.write_text("\n".join(lines), "utf-8")
    assert record_payments(gansu, out, TODAY, "finance", lang).page["recorded"] == 3


def test_payers_of_one_title_are_told_apart() -> None:
    gansu = load_policy((POLICIES / "gansu-measures" / "policy.yaml").read_text("utf-8"), "policy.yaml")
    fund = Payer.model_validate({"payer": "fund", "title": {"zh": "县级财政", "en": "a fund"}, "percent": 1})
    law = [gansu.model_copy(update={"payers": (*gansu.payers, fund)})]
    assert payer_titles(law, ["county", "fund"], "zh") == {"county": "县级财政 (county)", "fund": "县级财政 (fund)"}
    assert payer_titles(law, ["county", "fund"], "en") == {"county": "the county", "fund": "a fund"}


def test_a_cell_that_a_spreadsheet_would_run_is_text(tmp_path: Path, new_database) -> None:
    url = new_database("sqlite", True)
    bad = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "plain", "a=1"]
    rows = [{**ENTRIES[1], "entitlement_id": f"N{n}", "benefit_id": text} for n, text in enumerate(bad)]
    publish_ledger(url, entitlements=rows)
    site = lay_site(tmp_path / "site", url)
    wanted = [f"'{text}" for text in bad[:6]] + bad[6:]
    list_payments(site, TODAY, tmp_path / "pay.csv", "en")
    assert [row["benefit_id"] for row in rows_of(tmp_path / "pay.csv")] == wanted
    list_payments(site, TODAY, tmp_path / "pay.xlsx", "en")
    sheet = openpyxl.load_workbook(tmp_path / "pay.xlsx").active
    column = [row[COLUMNS.index("benefit_id")] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in column] == [text.replace("\r", "\n") for text in wanted]
    assert {cell.data_type for cell in column} == {"s"}


def test_amounts_of_a_workbook_are_numbers_with_two_decimals(site: Path, tmp_path: Path) -> None:
    list_payments(site, TODAY, tmp_path / "pay.xlsx", "zh")
    sheet = openpyxl.load_workbook(tmp_path / "pay.xlsx").active
    at = [cell.value for cell in sheet[1]].index("金额")
    cells = [row[at] for row in sheet.iter_rows(min_row=2)]
    assert [Decimal(str(cell.value)) for cell in cells] == [Decimal("600"), Decimal("-3000"), Decimal("10000.01")]
    assert {(cell.data_type, cell.number_format) for cell in cells} == {("n", "0.00")}
    assert {cell.value for cell in sheet[3]} >= {"应追回"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_list_with_date_and_number_is_a_file_of_payments(
    site: Path, tmp_path: Path, lang: str, suffix: str
) -> None:
    out = tmp_path / f"pay.{suffix}"
    list_payments(site, TODAY, out, lang)
    more = ("发放日期", "凭证号") if lang == "zh" else ("paid_on", "reference_no")
    if suffix == "xlsx":
        book = openpyxl.load_workbook(out)
        for number, row in enumerate(list(book.active.iter_rows())):
            for at, value in enumerate(more if number == 0 else (TODAY, f"F-{number}")):
                book.active.cell(row[0].row, len(row) + 1 + at, value)
        book.save(out)
    else:
        first, *rest = out.read_text("utf-8-sig").splitlines()
        lines = [",".join([first, *more]), *(f"{row},2025-06-03,F-{n}" for n, row in enumerate(rest)), ""]
        out.write_text("\n".join(lines), "utf-8")
    told = record_payments(site, out, TODAY, "finance", lang)
    assert told.page == {"rows": 3, "recorded": 3, "known": 0, "amount_fen": 760_001}
    assert list_payments(site, TODAY, tmp_path / "again.csv", "en").page["entries"] == 0


def test_a_list_is_as_known_on_its_date(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    publish_ledger(warehouse_url, date(2025, 6, 4), entitlements=[{**ENTRIES[1], "status": "paid"}])
    told = {day: list_payments(site, day, tmp_path / "pay.csv", "en").page["entries"]
            for day in (date(2025, 6, 1), NIGHT, date(2025, 6, 4))}  # fmt: skip
    assert list(told.values()) == [0, 3, 0]


def test_a_list_that_cannot_be_written_is_told(site: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"\.csv or \.xlsx"):
        list_payments(site, TODAY, tmp_path / "pay.pdf", "en")
    (tmp_path / "pay.csv").mkdir()
    with pytest.raises(WrongUse, match="it is a folder"):
        list_payments(site, TODAY, tmp_path / "pay.csv", "en")


def test_the_commands_from_list_to_list(tmp_path: Path, new_database, nuanxin: CommandLine) -> None:
    url = new_database("sqlite", True)
    publish_ledger(url)
    at = ("--site", str(lay_site(tmp_path / "site", url)))
    visits, paid = tmp_path / "visits.csv", tmp_path / "paid.csv"
    by = ("--date", str(TODAY), "--by", "office", "--json")
    visits.write_text("户号,子女编号,事件,结果,走访日期\nHa1,Pa1,死亡,属实,2025-06-03\n", "utf-8")
    recorded = nuanxin.run("visits", "record", *at, "--file", str(visits), *by)
    assert (recorded.status, '"confirmed": 1' in recorded.out) == (0, True), recorded.err
    listed = nuanxin.run("visits", "list", *at, "--json")
    assert (listed.status, '"waiting": 1' in listed.out) == (0, True), listed.err
    list_ = nuanxin.run("payments", "list", *at, "--date", str(TODAY), "--out", str(tmp_path / "pay.csv"))
    assert list_.status == 0 and "7,600.01" in list_.out, list_.err
    paid.write_text("entitlement_id,amount_yuan,paid_on,reference_no\nN4-1,1,2025-06-03,F-1\n", "utf-8")
    refused = nuanxin.run("payments", "record", *at, "--file", str(paid), *by)
    assert (refused.status, refused.out) == (2, "")
    assert "第 2 行" in refused.err and "600.00" in refused.err and "Traceback" not in refused.err
