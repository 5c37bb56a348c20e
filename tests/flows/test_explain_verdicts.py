"""Any verdict explains itself: a yes, a no, an unknown; tonight, and as an earlier night knew it."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from flows import wiring
from flows.explaining_receipt import receipt_of
from flows.snapshot import Snapshot, from_json
from tests.commands import CommandLine, Said
from tests.families import aid, death, family, zhangdian
from tests.nights import FIRST, copy_site
from tests.site_views import rows
from transforms.feeds import load_contract
from warehouse import reads
from warehouse.lake import Lake

pytestmark = pytest.mark.xdist_group("nights")
SECOND, THIRD = "2025-06-03", "2025-06-04"
AID, STATUS = "special-aid-bereaved", "special-family-status"


@pytest.fixture(scope="module")
def ask(nuanxin: CommandLine) -> Callable[..., Said]:
    def run(site: Path, *arguments: str) -> Said:
        return nuanxin.run("explain", "--site", str(site), *arguments)

    return run


def verdict(site: Path, where: str) -> dict[str, Any]:
    found = rows(
        site, f"select * from determinations where superseded_on is null and {where} order by determination_id"
    )
    assert found, where
    return found[0]


@pytest.fixture(scope="module")
def waiting_site(simulated: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night without births, under Zhangdian's document and one that bears no date."""
    site = copy_site(simulated, tmp_path_factory.mktemp("waiting"))
    for path in (site.parent / "inbox" / "births").iterdir():
        path.unlink()
    text = site.read_text("utf-8")
    site.write_text(text.replace('["zhangdian-2020-134"]', '["zhangdian-2020-134", "gansu-measures"]'), "utf-8")
    assert nuanxin.run("nightly", "--site", str(site), "--date", f"{FIRST}").status == 3
    return site


@pytest.fixture(scope="module")
def third_night(first_night: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same district two nights later: a bereaved family has another child, the first night is swept away."""
    site = copy_site(first_night, tmp_path_factory.mktemp("third"))
    inbox = site.parent / "inbox" / "births"
    for path in inbox.glob("*20250603*"):
        path.unlink()
    (inbox / "births_20250603_delta.csv").write_bytes(birth_of(site, bereaved(site)["child_true_id"]))
    for day in (SECOND, THIRD):
        assert nuanxin.run("nightly", "--site", str(site), "--date", day).status == 0
    return site


def bereaved(site: Path) -> dict[str, Any]:
    """A couple to whom the truth owes the aid of a loss."""
    owed = pq.read_table(site.parent / "truth" / "alerts.parquet").to_pylist()
    couples = (each for each in owed if each["benefit_id"] == AID and each["claimant"] == "couple")
    return min(couples, key=lambda each: each["child_true_id"])


def birth_of(site: Path, child: str) -> bytes:
    """A delivery with the birth of another child to the parents of this one, after its death."""
    persons = pq.read_table(site.parent / "truth" / "persons.parquet").to_pylist()
    by_id = {person["true_person_id"]: person for person in persons}
    father, mother = (by_id[by_id[child][f"{parent}_true_id"]] for parent in ("father", "mother"))
    told = {
        "birth_certificate_no": "Q3799999999", "child_name": "测试新生", "child_sex": "女", "birth_date": f"{FIRST}",
        "birth_order": "2", "mother_name": mother["name"], "mother_id_no": mother["id_no"],
        "father_name": father["name"], "father_id_no": father["id_no"], "issued_on": f"{FIRST}", "status": "有效",
    }  # fmt: skip
    columns = load_contract("births").columns
    lines = (",".join(names) for names in ([c.header for c in columns], [told.get(c.name, "") for c in columns]))
    return "\n".join([*lines, ""]).encode("gb18030")


# -- a yes, a no, an unknown ------------------------------------------------------------------------------------------


def test_a_yes_tells_amount_payment_dates_and_receipt(first_night: Path, ask: Callable[..., Said]) -> None:
    row = verdict(first_night, "verdict = 'yes' and benefit_id = 'special-aid-bereaved'")
    said = ask(first_night, row["determination_id"])
    assert said.status == 0, said.err
    place = ("三（二）", "张卫字〔2020〕134号", "整户", row["trigger_on"])
    money = ("10,000 元（不分日期，来源：本条）", "付给：家庭", "谁出钱：")
    receipt = ("与现在的 policies/zhangdian-2020-134/policy.yaml 相同", "与留存的条件和事实相符")
    assert [told for told in (*place, *money, *receipt) if told not in said.out] == []
    assert "怎样才能判明" not in said.out


def test_a_later_birth_is_a_no_that_shows_the_birth(third_night: Path, ask: Callable[..., Said]) -> None:
    (row,) = later_birth(third_night)
    said = ask(third_night, row["determination_id"], "--lang", "en")
    changes = said.out.split("What decided, and what would change it")[1]
    assert "Health commission" in changes and "Medical certificates of birth" in changes
    assert f"Appeal: to the policy officer, with the number {row['determination_id']}." in changes
    assert f"{FIRST} birth" in changes.split("── Facts")[1].split("──")[1], "the later birth is among the facts"
    assert "births_20250603_delta.csv" in changes.split("── Sources")[1], "and its delivered row among the sources"
    assert "Amount and payment" not in said.out


def later_birth(site: Path) -> list[dict[str, Any]]:
    """The status that ended with the birth of another child."""
    return rows(site, "select * from determinations where superseded_on is null and benefit_id = ?"
                " and reason_code = 'other_child' and known_on = ?", STATUS, SECOND)  # fmt: skip


def test_an_unknown_by_coverage_names_the_agency(waiting_site: Path, ask: Callable[..., Said]) -> None:
    row = verdict(waiting_site, "reason_code = 'coverage_births' and benefit_id = 'special-aid-bereaved'")
    chinese, english = (ask(waiting_site, row["determination_id"], "--lang", lang).out for lang in ("zh", "en"))
    assert "卫生健康委补交或修好出生数据" in chinese.split("怎样才能判明")[1]
    assert "births feed, delivered or mended by Health commission" in english.split("What would settle it")[1]


def test_an_unknown_that_asks_names_the_question(waiting_site: Path, ask: Callable[..., Said]) -> None:
    row = verdict(waiting_site, "reason_code = 'document_undated'")
    said = ask(waiting_site, row["determination_id"])
    assert "政策干部查明文件从哪天起施行" in said.out.split("怎样才能判明")[1]
    page = json.loads(ask(waiting_site, row["determination_id"], "--json").out)
    assert page["moves"][0]["question_id"] == "in_force"


def test_programs_get_the_same_in_both_languages(waiting_site: Path, ask: Callable[..., Said]) -> None:
    row = verdict(waiting_site, "verdict = 'unknown'")
    page = json.loads(ask(waiting_site, row["determination_id"], "--json").out)
    unknown = [each["condition_id"] for each in json.loads(row["conditions"]) if each["outcome"] == "unknown"]
    assert [move["condition_id"] for move in page["moves"]] == unknown
    assert all(move["zh"] and move["en"] for move in page["moves"])
    assert page["receipt"]["is_policy_unchanged"] is True
    assert page["receipt"]["are_facts_intact"] is True
    assert page["cannot_be_shown"] == []
    assert set(page["terms"]) == set(page["explanation"]) == {"zh", "en"}


# -- of a household ---------------------------------------------------------------------------------------------------


def test_a_household_is_a_line_for_each_verdict(first_night: Path, ask: Callable[..., Said]) -> None:
    row = verdict(first_night, "verdict = 'yes' and benefit_id = 'special-aid-bereaved'")
    of_it = rows(first_night, "select determination_id from determinations where household_id = ?", row["household_id"])
    said = ask(first_night, "--household", row["household_id"])
    lines = [line for line in said.out.splitlines() if re.match(r"  V[0-9a-f]{16}  ", line)]
    assert sorted(line.split()[0] for line in lines) == sorted(each["determination_id"] for each in of_it)
    assert len(lines) > 1 and "凭据" not in said.out


def test_a_benefit_narrows_it_to_one_in_full(first_night: Path, ask: Callable[..., Said]) -> None:
    row = verdict(first_night, "verdict = 'yes' and benefit_id = 'special-aid-bereaved'")
    arguments = ("--household", row["household_id"], "--benefit", "special-aid-bereaved")
    assert f"判定 {row['determination_id']}" in (said := ask(first_night, *arguments)).out, said.err
    page = json.loads(ask(first_night, *arguments, "--json").out)
    assert [each["determination"]["determination_id"] for each in page["explained"]] == [row["determination_id"]]
    by_clause = ask(first_night, "--household", row["household_id"], "--clause", row["clause_id"])
    assert by_clause.out == said.out


# -- what is asked wrongly --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("arguments", "valid"),
    [
        ((), ("A-…", "V…", "--household")),
        (("nonsense",), ("nonsense", "A-20250602-5KAF9J", "V069eb257a0d876d3")),
        (("V123",), ("V123", "V069eb257a0d876d3")),
        (("V0000000000000000",), ("V0000000000000000", "v_determinations", f"{FIRST}")),
        (("A-20250602-NOBODY",), ("A-20250602-NOBODY", "v_alerts")),
        (("--household", "Smith"), ("Smith", "H795bb1e252f58367")),
        (("--household", "H0000000000000000"), ("H0000000000000000", "v_households")),
        (("--benefit", "x"), ("--household",)),
        (("A-20250602-NOBODY", "--latest"), ("--latest", "--household")),
        (("--latest", "--as-of", "2025-06-01"), ("2025-06-01", "--as-of")),
    ],
)
def test_a_wrong_number_is_a_sentence_that_says_what_is_valid(
    arguments: tuple[str, ...], valid: tuple[str, ...], lang: str, first_night: Path, ask: Callable[..., Said]
) -> None:
    said = ask(first_night, *arguments, "--lang", lang)
    assert (said.status, said.out) == (2, "")
    assert all(part in said.err for part in valid), said.err
    assert "Traceback" not in said.err


def test_a_benefit_that_the_household_has_no_verdict_on(first_night: Path, ask: Callable[..., Said]) -> None:
    row = verdict(first_night, "benefit_id = 'special-aid-bereaved'")
    said = ask(first_night, "--household", row["household_id"], "--benefit", "free-parks")
    assert said.status == 2
    assert "free-parks" in said.err and "special-aid-bereaved" in said.err


# -- as an earlier night knew it --------------------------------------------------------------------------------------


def test_an_earlier_night_says_what_is_gone_and_shows_the_rest(
    third_night: Path, first_night: Path, ask: Callable[..., Said]
) -> None:
    row = verdict(first_night, "verdict = 'yes' and benefit_id = 'special-aid-bereaved'")
    tonight, then = (
        ask(third_night, row["determination_id"], *more, "--json") for more in ((), ("--as-of", f"{FIRST}"))
    )
    now, before = json.loads(tonight.out), json.loads(then.out)
    assert (now["night"], before["night"]) == (THIRD, f"{FIRST}")
    assert now["cannot_be_shown"] == []
    assert {"what": "persons", "feed": ""} in before["cannot_be_shown"]
    assert (before["evidence"], bool(now["evidence"])) == ([], True)
    assert before["sources"] == now["sources"] != []
    assert before["receipt"]["are_facts_intact"] in (True, None)
    said = ask(third_night, row["determination_id"], "--as-of", f"{FIRST}")
    assert "已不能显示" in said.out and "那一夜的工作表已清除" in said.out


def test_a_verdict_that_changed_is_told_as_each_night_knew_it(third_night: Path, ask: Callable[..., Said]) -> None:
    number = later_birth(third_night)[0]["determination_id"]
    then, now = (json.loads(ask(third_night, number, *more, "--json").out)["determination"]
                 for more in (("--as-of", f"{FIRST}"), ()))  # fmt: skip
    assert (then["verdict"], then["known_on"], then["superseded_on"]) == ("yes", f"{FIRST}", SECOND)
    assert (now["verdict"], now["known_on"], now["superseded_on"]) == ("no", SECOND, None)


def test_a_verdict_of_another_time_says_when_it_held(
    third_night: Path, own_copy: Callable[[Path], Path], ask: Callable[..., Said]
) -> None:
    site, number = own_copy(third_night), verdict(third_night, "verdict = 'yes'")["determination_id"]
    with sqlite3.connect(site.parent / "warehouse.db") as warehouse:
        warehouse.execute("update determinations set known_on = ? where determination_id = ?", (SECOND, number))
    said = ask(site, number, "--as-of", f"{FIRST}", "--lang", "en")
    assert (said.status, said.out) == (2, "")
    assert f"{SECOND} – now" in said.err and "--as-of" in said.err


@pytest.fixture
def without(third_night: Path, own_copy: Callable[[Path], Path]) -> Iterator[Callable[..., Path]]:
    """A copy of the site whose lake has lost some of what the last night left."""

    def lose(*names: str) -> Path:
        path = own_copy(third_night)
        lake, snapshot = last_state(path)
        for name in names:
            lake.remove(snapshot.paths.get(name, name))
        return path

    yield lose


def last_state(path: Path) -> tuple[Lake, Snapshot]:
    site = wiring.load_site(path)
    lake, warehouse = wiring.open_lake(site), wiring.open_warehouse(site)
    location = reads.latest_snapshot(warehouse) or ""
    warehouse.dispose()
    return lake, from_json(location, lake.get(location))


def test_without_the_record_state_the_row_is_found_in_the_landed_bytes(
    third_night: Path, without: Callable[..., Path], ask: Callable[..., Said]
) -> None:
    row = verdict(third_night, "verdict = 'yes' and trigger_feed = 'disability_certificates'")
    site = without("records/disability_certificates")
    found, wanted = (json.loads(ask(each, row["determination_id"], "--json").out) for each in (site, third_night))
    assert found["sources"] == wanted["sources"]
    assert found["cannot_be_shown"] == []


def test_without_the_landed_bytes_it_says_so(
    third_night: Path, without: Callable[..., Path], ask: Callable[..., Said]
) -> None:
    row = verdict(third_night, "verdict = 'yes' and trigger_feed = 'disability_certificates'")
    said = ask(without("landing/disability_certificates"), row["determination_id"])
    assert said.status == 0, said.err
    assert "残疾人证的原始行：留存的文件已不在" in said.out.split("已不能显示")[1]
    assert "凭据" in said.out


# -- the receipt ------------------------------------------------------------------------------------------------------


def test_a_receipt_is_held_against_the_policy_of_tonight() -> None:
    policy, row = zhangdian(), aid(family(death_certificates=[death(FIRST)]))
    changed = policy.model_copy(update={"jurisdiction": "370302"})
    told = [receipt_of(row, each)["is_policy_unchanged"] for each in (policy, changed, None)]
    assert told == [True, False, False]
    assert receipt_of(row, changed)["policy_hash_now"] == changed.digest() != row["policy_hash"]


def test_a_receipt_notices_facts_that_were_edited() -> None:
    row = aid(family(death_certificates=[death(FIRST)]))
    edited = row | {"conditions": row["conditions"].replace('"alive":2', '"alive":1')}
    assert [receipt_of(each, zhangdian())["are_facts_intact"] for each in (row, edited)] == [True, False]


def test_a_version_that_keeps_no_receipt_says_so() -> None:
    row = aid(family(death_certificates=[death(FIRST)]))
    bare = {name: value for name, value in row.items() if name not in ("policy_hash", "facts_hash", "engine")}
    found = receipt_of(bare, zhangdian())
    assert [found[name] for name in ("is_policy_unchanged", "are_facts_intact", "is_engine_same")] == [None] * 3


# -- whose names nobody sees ------------------------------------------------------------------------------------------


def test_no_name_and_no_identity_number_of_anybody(first_night: Path, ask: Callable[..., Said]) -> None:
    persons = pq.read_table(first_night.parent / "truth" / "persons.parquet").to_pylist()
    names = {person["name"] for person in persons if person["name"]}
    numbers = {person["id_no"] for person in persons if person["id_no"]}
    assert len(names) > 500 and len(numbers) > 500
    chosen = rows(first_night, "select min(determination_id) as v from determinations group by verdict")
    for number in [each["v"] for each in chosen]:
        for more in (("--lang", "zh"), ("--lang", "en"), ("--json",)):
            said = ask(first_night, number, *more)
            assert said.status == 0, said.err
            assert [name for name in names if name in said.out] == []
            assert [each for each in numbers if each in said.out] == []
    revealed = ask(first_night, chosen[0]["v"], "--reveal")
    assert [name for name in names if name in revealed.out], "and --reveal shows them"


def test_help_teaches_by_examples(nuanxin: CommandLine) -> None:
    said = nuanxin.run("explain", "--help")
    assert all(
        part in said.out for part in ("A-20250602-5KAF9J", "V069eb257a0d876d3", "--household", "--as-of", "v_alerts")
    )
