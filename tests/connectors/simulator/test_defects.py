"""Every defect that the district promises stands somewhere in its deliveries, at about its rate."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from connectors.simulator import default_rates
from connectors.simulator.cells import PLACEHOLDERS
from connectors.simulator.words import words
from tests.connectors.simulator.district import Site
from tests.connectors.simulator.test_identifiers import is_valid

Found = Callable[[Site], bool]
EIGHTEEN = re.compile(r"\d{17}[\dX]")


def plain(number: str) -> str:
    return unicodedata.normalize("NFKC", number).upper()


def certified(site: Site, role: str, column: str) -> Iterator[tuple[str, str, str]]:
    """Cell, true name and true number of a role of the only-child certificates."""
    for cell, person in site.told("only_child_certificates", "certificate_no", role, column):
        yield cell, person["name"], person["id_no"]


def death_numbers(site: Site) -> list[tuple[str, str]]:
    found = []
    for record in site.records("death_certificates"):
        key = f"{record['certificate_no']}|{record['version']}"
        person = site.who[("death_certificates", key, "subject")]
        found.append((record["id_no"], site.people[person]["id_no"]))
    return found


def substituted(table: str) -> Found:
    """Whether some father's name differs from the true one by a partner of that table."""

    def found(site: Site) -> bool:
        tokens, partners = words().tokens, getattr(words(), table)
        pairs = {(tokens[i], tokens[p]) for i, p in enumerate(partners) if p >= 0}
        for cell, true, _ in certified(site, "father", "father_name"):
            changed = [(a, b) for a, b in zip(true, cell, strict=False) if a != b]
            if len(cell) == len(true) and len(changed) == 1 and changed[0] in pairs:
                return True
        return False

    return found


def cell_in(feed: str, column: str, test: Callable[[str], bool]) -> Found:
    return lambda site: any(test(record[column]) for record in site.records(feed))


def wrong_number(site: Site) -> bool:
    return any(EIGHTEEN.fullmatch(plain(told)) and not is_valid(plain(told)) for told, _ in death_numbers(site))


def others_number(site: Site) -> bool:
    known = set(site.persons["id_no"])
    return any(plain(told) in known and plain(told) != true for told, true in death_numbers(site))


def parents_number(site: Site) -> bool:
    known = {site.people[person]["id_no"] for (_, _, role), person in site.who.items() if role == "mother"}
    return any(plain(told) in known for told, _, _ in certified(site, "child", "child_id_no"))


def swapped_days(site: Site) -> bool:
    for cell, person in site.told("only_child_certificates", "certificate_no", "mother", "mother_birth_date"):
        born = person["birth_date"]
        if born.day <= 12 and born.day != born.month and cell == f"{born.year}-{born.day:02}-{born.month:02}":
            return True
    return False


def lunar_days(site: Site) -> bool:
    """A date some weeks before the true one is what a lunar date looks like."""
    for cell, person in site.told("only_child_certificates", "certificate_no", "mother", "mother_birth_date"):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
            told, born = date.fromisoformat(cell), person["birth_date"]
            if 18 <= (born - told).days <= 52 and (told.month, told.day) != (born.day, born.month):
                return True
    return False


def statuses(site: Site) -> set[str]:
    return {record["status"] for record in site.records("death_certificates")}


def duplicated_row(site: Site) -> bool:
    rows = [tuple(record.values()) for record in site.records("household_register", only="full")]
    return len(rows) > len(set(rows))


def two_certificates_of_one_death(site: Site) -> bool:
    numbers: dict[str, set[str]] = {}
    for (feed, key, role), person in site.who.items():
        if feed == "death_certificates" and role == "subject":
            numbers.setdefault(person, set()).add(key.split("|")[0])
    return any(len(found) > 1 for found in numbers.values())


def late_report(site: Site) -> bool:
    return any(days_to_report(record) > 10 for record in site.records("death_certificates"))


def days_to_report(record: dict[str, str]) -> int:
    """0 where the row does not say when the person died."""
    if not re.match(r"(19|20)\d\d-", record["died_at"]):
        return 0
    died, reported = (date.fromisoformat(record[name][:10]) for name in ("died_at", "reported_at"))
    return (reported - died).days


def missing_report(site: Site) -> bool:
    """Cremated, and no hospital says so."""
    told, burnt = (
        {person for (feed, _, role), person in site.who.items() if (feed, role) == (wanted, "subject")}
        for wanted in ("death_certificates", "cremations")
    )
    recent = site.persons["died_on"].dropna().map(lambda died: died.year >= 2015)
    return bool(burnt & set(recent[recent].index) - told)


def swapped_twins(site: Site) -> bool:
    register = ((key, person) for (feed, key, _), person in site.who.items() if feed == "household_register")
    return any(key.split("|")[1] != site.people[person]["id_no"] for key, person in register)


def namesakes_of_one_day(site: Site) -> bool:
    return bool(site.persons.duplicated(["name", "birth_date", "sex"]).any())


DEFECTS: dict[str, Found] = {
    "missing number": cell_in("death_certificates", "id_no", lambda c: c == ""),
    "number with a wrong character": wrong_number,
    "number of 15 digits": cell_in("only_child_certificates", "father_id_no", lambda c: len(c) == 15 and c.isdigit()),
    "another person's number": others_number,
    "a parent's number in the child's field": parents_number,
    "small x": cell_in("household_register", "id_no", lambda c: c.endswith("x")),
    "full-width X": cell_in("household_register", "id_no", lambda c: c.endswith("Ｘ")),
    "homophone": substituted("homophone"),
    "similar shape": substituted("similar"),
    "traditional character": substituted("traditional"),
    "rare character": cell_in("household_register", "name", lambda c: any(r in c for r in "𠮷𬎆㛃")),
    "space in a name": cell_in("only_child_certificates", "father_name", lambda c: " " in c),
    "character of no width": cell_in("only_child_certificates", "father_name", lambda c: "\u200b" in c),
    "swapped day and month": swapped_days,
    "lunar date": lunar_days,
    "old division code": cell_in("only_child_certificates", "mother_hukou_code", lambda c: c == "371202"),
    "new division code": cell_in("only_child_certificates", "mother_hukou_code", lambda c: c == "370116"),
    "row twice in a delivery": duplicated_row,
    "two certificates of one death": two_certificates_of_one_death,
    "late report": late_report,
    "missing report": missing_report,
    "twins' numbers exchanged": swapped_twins,
    "namesakes of one day": namesakes_of_one_day,
    "infant without a name": cell_in("death_certificates", "name", lambda c: c == "无" or c.endswith(("之子", "之女"))),
    "newborn under the mother's number": cell_in(
        "medical_settlements", "psn_name", lambda c: c[-2:] in ("之子", "之女")
    ),
    "void": lambda site: "作废" in statuses(site),
    "correction": lambda site: "更正" in statuses(site),
    "reissue": lambda site: "补发" in statuses(site),
    "reinstated": lambda site: "恢复" in statuses(site),
    "reissued birth certificate": cell_in("births", "status", lambda c: c == "换发"),
    "reissued marriage certificate": cell_in("marriages", "op_type", lambda c: c == "ICA"),
    "revoked marriage": cell_in("marriages", "status", lambda c: c == "撤销"),
    "dissolved adoption": cell_in("adoptions", "status", lambda c: c == "解除"),
    "reissued disability certificate": cell_in("disability_certificates", "cert_no", lambda c: c.endswith("B1")),
    "parent's hukou elsewhere": cell_in("only_child_certificates", "father_hukou_code", lambda c: len(c) == 6),
    "one parent blank": cell_in("only_child_certificates", "father_name", lambda c: c == ""),
    "hukou cancelled by a move": cell_in("household_register", "cancel_reason", lambda c: c == "迁出"),
    "required field unreadable": cell_in("household_register", "birth_date", lambda c: c == "9999-99-99"),
    "refund": cell_in("medical_settlements", "medfee_sumamt", lambda c: c.startswith("-")),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_defect_occurs(town: Site, defect: str) -> None:
    assert DEFECTS[defect](town)


@pytest.mark.parametrize("dot", ["·", "•", "・", "．", "."])
def test_every_middle_dot_occurs(town: Site, dot: str) -> None:
    assert any(dot in record["name"] for record in town.records("household_register"))


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_every_placeholder_occurs(town: Site, placeholder: str) -> None:
    cells = (
        {record["mother_id_no"] for record in town.records("births")}
        | {record["cert_num_man"] for record in town.records("marriages")}
        | {told for told, _ in death_numbers(town)}
    )

    assert placeholder in cells


DATES = (r"\d{4}-\d\d-\d\d", r"\d{8}", r"\d{4}/\d+/\d+", r"\d{4}\.\d\d\.\d\d", r"\d{4}年\d+月\d+日", r"\d{4,5}",
         r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")  # fmt: skip


@pytest.mark.parametrize("spelling", DATES)
def test_every_spelling_of_a_date_occurs(town: Site, spelling: str) -> None:
    assert any(re.fullmatch(spelling, record["issued_on"]) for record in town.records("births"))


@pytest.mark.parametrize("defect", ["id_missing", "id_wrong"])
def test_death_certificates_have_defects_at_the_declared_rate(town: Site, defect: str) -> None:
    numbers = [(plain(told), true) for told, true in death_numbers(town)]
    known = set(town.persons["id_no"])
    seen = {
        "id_missing": [told in ("", *PLACEHOLDERS) for told, _ in numbers],
        "id_wrong": [bool(EIGHTEEN.fullmatch(told)) and told != true and told not in known for told, true in numbers],
    }[defect]
    expected = default_rates()[f"defects.death_certificates.{defect}"]

    assert expected * 0.6 < sum(seen) / len(seen) < expected * 1.5


def test_a_quarter_of_old_certificates_lack_the_childs_number(town: Site) -> None:
    old = [r["child_id_no"] for r in town.records("only_child_certificates") if r["certificate_no"][7:11] < "1999"]

    assert 0.2 < sum(cell in ("", *PLACEHOLDERS) for cell in old) / len(old) < 0.3


def test_gbk_writes_a_usual_character_for_one_it_lacks(town: Site) -> None:
    cells = [record["name_man"] + record["name_woman"] for record in town.records("marriages")]

    assert not any(rare in cell for cell in cells for rare in "𠮷𬎆㛃")
