"""`nuanxin visits` and `nuanxin payments`: a file is taken whole or not at all, faults are told with their place."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from flows.register_lists import list_visits
from flows.registers import record_payments, record_visits
from flows.status import WrongUse
from tests.flows.ledger import NIGHT, STATES, TODAY, lay_site, publish_ledger
from warehouse import Warehouse
from warehouse.registers import payments_until, visits_until

VISITS = "household_id,person_id,event_type,outcome,visited_on\n"
GOOD_VISIT = "Ha1,Pa1,death,confirmed,2025-06-03\n"
PAYMENTS = "entitlement_id,amount_yuan,paid_on,reference_no\n"
GOOD_PAYMENT = "N2-1,10000.01,2025-06-03,F-7\n"


@pytest.fixture
def site(tmp_path: Path, warehouse_url: str) -> Path:
    publish_ledger(warehouse_url)
    return lay_site(tmp_path / "site", warehouse_url)


def laid(tmp_path: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    (tmp_path / name).write_bytes(text.encode(encoding))
    return tmp_path / name


def visited(warehouse_url: str) -> list[dict[str, object]]:
    opened = Warehouse(warehouse_url)
    rows = visits_until(opened, date.max).to_pylist()
    opened.dispose()
    return rows


def paid(warehouse_url: str) -> list[dict[str, object]]:
    opened = Warehouse(warehouse_url)
    rows = payments_until(opened, date.max).to_pylist()
    opened.dispose()
    return rows


def test_a_visit_is_recorded_with_who_and_when(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    told = record_visits(site, laid(tmp_path, VISITS + GOOD_VISIT), TODAY, " street office ", "en")
    assert told.page == {"rows": 1, "recorded": 1, "known": 0, "confirmed": 1, "refuted": 0, "made": 0}
    (row,) = visited(warehouse_url)
    assert len(str(row.pop("visit_id"))) == 17
    assert row == {
        "household_id": "Ha1", "person_id": "Pa1", "event_type": "death", "outcome": "confirmed",
        "benefit_id": None, "visited_on": TODAY, "recorded_on": TODAY, "recorded_by": "street office",
    }  # fmt: skip


CHINESE = (
    "户号,子女编号,事件,结果,走访日期,备注\r\nHa1,Pa1,死亡,属实,2025年6月3日,已见\r\nHb2,Pb2,残疾,不属实,2025/6/3,\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_chinese_headers_and_words_say_the_same(site: Path, tmp_path: Path, warehouse_url: str, encoding: str) -> None:
    record_visits(site, laid(tmp_path, CHINESE, encoding=encoding), TODAY, "office", "zh")
    told = record_visits(site, laid(tmp_path, VISITS + GOOD_VISIT), TODAY, "office", "zh")
    assert told.page["known"] == 1
    rows = visited(warehouse_url)
    assert [(row["event_type"], row["outcome"], row["visited_on"]) for row in rows] == [
        ("death", "confirmed", TODAY), ("disability", "refuted", TODAY),
    ]  # fmt: skip


def test_a_visit_that_was_made_names_the_benefit(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    """The visit at a festival and the visit that confirms the family, on one day; the same file again adds nothing."""
    roster = "户号,子女编号,事件,福利项目,结果,走访日期\nHa1,Pa1,死亡,festival-visit-list,已走访,2025-06-03\n"
    file = laid(tmp_path, roster + "Ha1,Pa1,死亡,,属实,2025-06-03\n")
    told = record_visits(site, file, TODAY, "office", "zh")
    assert told.page == {"rows": 2, "recorded": 2, "known": 0, "confirmed": 1, "refuted": 0, "made": 1}
    assert record_visits(site, file, TODAY, "office", "zh").page["known"] == 2
    assert record_visits(site, laid(tmp_path, VISITS + GOOD_VISIT), TODAY, "office", "zh").page["known"] == 1
    assert [(row["outcome"], row["benefit_id"]) for row in visited(warehouse_url)] == [
        ("made", "festival-visit-list"), ("confirmed", None),
    ]  # fmt: skip


MADE_FAULTS = [
    ("Ha1,Pa1,death,,made,2025-06-03", "needs the benefit it was made for; valid are: festival-visit-list"),
    ("Ha1,Pa1,death,green-channel,made,2025-06-03", "benefits that are owed with a visit are: festival-visit-list"),
    ("Ha1,Pa1,death,festival-visit-list,confirmed,2025-06-03", "only in a row whose outcome is made"),
]


@pytest.mark.parametrize(("row", "says"), MADE_FAULTS)
def test_a_visit_that_names_no_benefit_or_another_is_refused(
    site: Path, tmp_path: Path, warehouse_url: str, row: str, says: str
) -> None:
    head = "household_id,person_id,event_type,benefit_id,outcome,visited_on\n"
    with pytest.raises(WrongUse) as refused:
        record_visits(site, laid(tmp_path, f"{head}{row}\n"), TODAY, "office", "en")
    assert "row 2 benefit_id" in str(refused.value) and says in str(refused.value)
    assert visited(warehouse_url) == []


def test_a_workbook_does_as_well(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["待遇编号", "金额", "发放日期", "凭证号"])
    book.active.append(["N2-1", 10000.01, date(2025, 6, 3), "F-7"])
    book.active.append(["N3-1R", -3000, date(2025, 6, 3), 20250603])
    book.save(tmp_path / "paid.xlsx")
    told = record_payments(site, tmp_path / "paid.xlsx", TODAY, "finance", "zh")
    assert told.page == {"rows": 2, "recorded": 2, "known": 0, "amount_fen": 700_001}
    assert [(row["amount_fen"], row["reference_no"]) for row in paid(warehouse_url)] == [
        (1_000_001, "F-7"), (-300_000, "20250603"),
    ]  # fmt: skip


def test_the_same_file_twice_adds_nothing_even_after_the_night_that_took_it(
    site: Path, tmp_path: Path, warehouse_url: str
) -> None:
    file = laid(tmp_path, PAYMENTS + GOOD_PAYMENT)
    record_payments(site, file, TODAY, "finance", "en")
    taken = [{"entitlement_id": "N2-1", "household_id": "Hc3", "status": "paid", "amount_fen": 1_000_001}]
    publish_ledger(warehouse_url, date(2025, 6, 4), entitlements=taken)
    told = record_payments(site, file, date(2025, 6, 5), "finance", "en")
    assert (told.page["recorded"], told.page["known"]) == (0, 1)
    assert len(paid(warehouse_url)) == 1


VISIT_FAULTS = [
    ("Hzz9,Pa1,death,confirmed,2025-06-03", "household_id", "no household Hzz9"),
    ("Ha1,Pb2,death,confirmed,2025-06-03", "person_id", "no child Pb2"),
    ("Ha1,Pa1,disability,confirmed,2025-06-03", "event_type", "no case"),
    ("Ha1,Pa1,birth,confirmed,2025-06-03", "event_type", "死亡 (death), 残疾 (disability)"),
    ("Hb2,Pb2,disability,maybe,2025-06-03", "outcome", "属实 (confirmed), 不属实 (refuted)"),
    ("Ha1,Pa1,death,confirmed,2025-06-04", "visited_on", "after --date"),
    ("Ha1,Pa1,death,confirmed,June", "visited_on", "such as 2025-06-02"),
    ("Ha1,Pa1,death,confirmed,", "visited_on", "is empty"),
    ("Ha1,Pa1,death", "", "as many fields"),
]


@pytest.mark.parametrize(("row", "column", "says"), VISIT_FAULTS)
def test_a_fault_of_a_visit_is_told_with_its_place(
    site: Path, tmp_path: Path, warehouse_url: str, row: str, column: str, says: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        record_visits(site, laid(tmp_path, f"{VISITS}{GOOD_VISIT}{row}\n"), TODAY, "office", "en")
    heading, line = str(refused.value).splitlines()
    assert "file.csv" in heading and "faults found: 1" in heading and "nothing was recorded" in heading
    assert f"row 3 {column}".strip() in line and says in line
    assert visited(warehouse_url) == []


PAYMENT_FAULTS = [
    ("N9-1,10.00,2025-06-03,F-8", "entitlement_id", "no entitlement N9-1"),
    ("N1-1,10000.00,2025-06-03,F-8", "entitlement_id", "no visit has confirmed it"),
    ("N5-1,600.00,2025-06-03,F-8", "entitlement_id", "N5-1 is paid"),
    ("N4-1,599.99,2025-06-03,F-8", "amount_yuan", "599.99 yuan received; the entry is 600.00"),
    ("N3-1R,3000,2025-06-03,F-8", "amount_yuan", "the entry is -3,000.00"),
    ("N4-1,600.001,2025-06-03,F-8", "amount_yuan", "two decimals"),
    ("N4-1,600,2025-06-04,F-8", "paid_on", "after --date"),
    ("N4-1,600,2025-06-03,", "reference_no", "is empty"),
    ("N2-1,10000.01,2025-06-03,F-8", "entitlement_id", "stands in row 2 already"),
]


@pytest.mark.parametrize(("row", "column", "says"), PAYMENT_FAULTS)
def test_a_fault_of_a_payment_is_told_with_its_place(
    site: Path, tmp_path: Path, warehouse_url: str, row: str, column: str, says: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        record_payments(site, laid(tmp_path, f"{PAYMENTS}{GOOD_PAYMENT}{row}\n"), TODAY, "finance", "en")
    _, line = str(refused.value).splitlines()
    assert f"row 3 {column}" in line and says in line
    assert paid(warehouse_url) == []


def test_all_faults_are_told_together(site: Path, tmp_path: Path) -> None:
    rows = [row for row, _, _ in VISIT_FAULTS]
    with pytest.raises(WrongUse) as refused:
        record_visits(site, laid(tmp_path, VISITS + "\n".join(rows) + "\n"), TODAY, "office", "en")
    told = str(refused.value).splitlines()
    assert [line.split()[1].rstrip(":") for line in told[1:]] == [str(n) for n in range(2, 2 + len(rows))]


def test_one_row_may_have_several_faults(site: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as refused:
        record_visits(site, laid(tmp_path, VISITS + "Hzz9,Pa1,birth,,June\n"), TODAY, "office", "en")
    told = str(refused.value).splitlines()[1:]
    assert [line.split()[2] for line in told] == ["event_type", "household_id", "outcome", "visited_on"]


def test_an_entry_is_not_paid_twice_under_another_number(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    record_payments(site, laid(tmp_path, PAYMENTS + GOOD_PAYMENT), TODAY, "finance", "en")
    with pytest.raises(WrongUse, match="another payment of N2-1"):
        record_payments(site, laid(tmp_path, PAYMENTS + GOOD_PAYMENT.replace("F-7", "F-8")), TODAY, "finance", "en")
    assert len(paid(warehouse_url)) == 1


def test_the_same_visit_in_two_rows_is_a_fault(site: Path, tmp_path: Path) -> None:
    text = VISITS + GOOD_VISIT + GOOD_VISIT.replace("confirmed", "refuted")
    with pytest.raises(WrongUse, match="the same visit as row 2"):
        record_visits(site, laid(tmp_path, text), TODAY, "office", "en")


def test_a_correction_of_a_visit_is_recorded_after_it(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    for text in (GOOD_VISIT, GOOD_VISIT.replace("confirmed", "refuted")):
        record_visits(site, laid(tmp_path, VISITS + text), TODAY, "office", "en")
    assert [row["outcome"] for row in visited(warehouse_url)] == ["confirmed", "refuted"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_that_may_be_a_person_is_quoted(site: Path, tmp_path: Path, lang: str) -> None:
    name, number = "欧阳某某", "37030319620229001X"
    rows = f"{name},Pa1,{number},{name},{name}\n{number},Pa1,death,{name},2025-06-03\n"
    with pytest.raises(WrongUse) as refused:
        record_visits(site, laid(tmp_path, VISITS + rows), TODAY, "office", lang)
    assert name not in str(refused.value) and number not in str(refused.value)


BAD_FILES = [
    ("file.txt", VISITS.encode(), "neither .csv nor .xlsx"),
    ("file.csv", b"", "empty"),
    ("file.csv", VISITS.encode(), "no rows"),
    ("file.csv", CHINESE.encode("gb18030"), "CSV UTF-8"),
    ("file.csv", b"a,b\n1,2\n", "household_id (户号)"),
    ("file.csv", b"household_id,household_id\n1,2\n", "stands there 2 times"),
    ("file.csv", (VISITS + '"Ha1,Pa1').encode(), "not whole"),
    ("file.xlsx", b"PK\x03\x04 no workbook", "cut or damaged"),
    (
        "file.csv",
        b"household_id,person_id,event_type,outcome\nHa1,Pa1,death,confirmed\n",
        "visited_on (走访日期): the col",
    ),
]


@pytest.mark.parametrize(("name", "content", "says"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_told_and_not_recorded(
    tmp_path: Path, new_database, name: str, content: bytes, says: str
) -> None:
    url = new_database("sqlite", True)
    publish_ledger(url)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongUse, match=r".*") as refused:
        record_visits(lay_site(tmp_path / "site", url), tmp_path / name, TODAY, "office", "en")
    assert says in str(refused.value) and "site.toml" not in str(refused.value)


def test_a_visit_may_correct_a_case_in_any_state(site: Path, tmp_path: Path) -> None:
    told = record_visits(site, laid(tmp_path, VISITS + "Hc3,Pc3,death,refuted,2025-06-03\n"), TODAY, "office", "en")
    assert told.page["refuted"] == 1


def test_nobody_records_nothing(site: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--by"):
        record_visits(site, laid(tmp_path, VISITS + GOOD_VISIT), TODAY, "  ", "en")


# -- who waits for a visit ------------------------------------------------------------------------------------------


def test_the_suspected_wait_by_township(site: Path) -> None:
    told = list_visits(site, None, "en")
    assert told.page["families"] == [
        {"household_id": home, "person_id": child, "event_type": event, "township_code": town, "since_on": NIGHT}
        for home, child, event, town in (
            ("Ha1", "Pa1", "death", "370303001"), ("Hb2", "Pb2", "disability", "370303002"),
        )
    ]  # fmt: skip
    assert "370303002" in told.to_text("zh") and "残疾" in told.to_text("zh")


def test_nobody_is_sent_again_before_the_next_night(site: Path, tmp_path: Path, warehouse_url: str) -> None:
    record_visits(site, laid(tmp_path, VISITS + GOOD_VISIT), TODAY, "office", "en")
    assert [each["household_id"] for each in list_visits(site, None, "en").page["families"]] == ["Hb2"]
    publish_ledger(warehouse_url, date(2025, 6, 4), household_states=STATES[:1])  # weighed, and suspected anew
    assert [each["household_id"] for each in list_visits(site, None, "en").page["families"]] == ["Ha1"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_filled_in_is_a_file_of_visits(site: Path, tmp_path: Path, warehouse_url: str, lang: str) -> None:
    out = tmp_path / "waiting.csv"
    list_visits(site, out, lang)
    first, *rest = out.read_text("utf-8-sig").splitlines()
    more = "结果,走访日期" if lang == "zh" else "outcome,visited_on"
    filled = "\n".join([f"{first},{more}", *(f"{row},属实,2025-06-03" for row in rest), ""])
    assert record_visits(site, laid(tmp_path, filled), TODAY, "office", lang).page["recorded"] == 2
    assert {row["household_id"] for row in visited(warehouse_url)} == {"Ha1", "Hb2"}


def test_before_the_first_night_there_is_no_list(tmp_path: Path, warehouse_url: str) -> None:
    with pytest.raises(WrongUse, match="no published night"):
        list_visits(lay_site(tmp_path / "site", warehouse_url), None, "en")
