"""The auditor's pack of a real night: what is in it, what is never in it, and that it stays what it was."""

import csv
import io
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows import wiring
from flows.snapshot import from_json
from tests.commands import CommandLine
from tests.flows.packs import DAY, content, make
from tests.nights import copy_site
from tests.site_views import rows
from tests.transforms.lineage.specification import conforms
from transforms.feeds import FEEDS, load_contract
from transforms.feeds.masking import mask_key
from warehouse.reads import latest_snapshot

pytestmark = pytest.mark.xdist_group("nights")
LATER = "2025-06-04"


@pytest.fixture(scope="module")
def three_nights(first_night: Path, nuanxin: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site two nights later; the pack of its first night, made on that night, lies beside it."""
    site = copy_site(first_night, tmp_path_factory.mktemp("three"))
    said = make(nuanxin, site, site.parent.parent / "then")
    assert said.status == 0, said.err
    night = nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-03", "--to", LATER)
    assert night.status == 0, night.err
    return site


@pytest.fixture(scope="module")
def pack(three_nights: Path) -> dict[str, bytes]:
    """The files of the first night's pack."""
    return content(three_nights.parent.parent / "then")


@pytest.fixture(scope="module")
def later(three_nights: Path, nuanxin: CommandLine) -> dict[str, bytes]:
    """The files of the third night's pack."""
    out = three_nights.parent.parent / "later"
    assert make(nuanxin, three_nights, out, LATER).status == 0
    return content(out)


def table(pack: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pack[name].decode("utf-8-sig"))))


def test_an_older_night_told_later_is_told_the_same(
    three_nights: Path, pack: dict[str, bytes], nuanxin: CommandLine, tmp_path: Path
) -> None:
    said = make(nuanxin, three_nights, tmp_path / "now", DAY, "--lang", "zh")
    assert said.status == 0, said.err
    assert content(tmp_path / "now") == pack


def test_the_later_night_is_another_one(pack: dict[str, bytes], later: dict[str, bytes]) -> None:
    counts = [json.loads(each["night.json"])["reconciliation"]["all"]["deliveries"] for each in (pack, later)]
    assert counts[0] < counts[1]
    assert len(table(pack, "reconciliation.csv")) == counts[0]


def test_every_delivery_of_the_warehouse_is_reconciled(three_nights: Path, later: dict[str, bytes]) -> None:
    told = {(row["feed"], row["delivery"]): row for row in table(later, "reconciliation.csv")}
    loads = rows(three_nights, "select * from v_feed_loads where delivery <> '' and run_id <= 'R20250604'")
    assert len(told) == len(loads) > 20
    for load in loads:
        row = told[load["feed"], load["delivery"]]
        assert row["adds_up"] == "true" and int(row["rows_read"]) == load["rows_read"]


def test_every_verdict_that_holds_has_its_receipt(three_nights: Path, later: dict[str, bytes]) -> None:
    told = {row["determination_id"]: row for row in table(later, "receipts.csv")}
    held = rows(three_nights, "select * from v_determinations where superseded_on is null")
    assert len(told) == len(held) > 0
    for row in held:
        receipt = told[row["determination_id"]]
        assert [receipt[name] for name in ("verdict", "policy_hash", "facts_hash", "engine")] == [
            row[name] for name in ("verdict", "policy_hash", "facts_hash", "engine")
        ]


def test_the_counts_of_the_page_are_those_of_the_views(three_nights: Path, later: dict[str, bytes]) -> None:
    counts = json.loads(later["night.json"])["counts"]

    def total(name: str) -> int:
        return sum(row["count"] for row in counts[name])

    for name, view in {"links": "v_record_links", "review": "v_review_pairs", "life_events": "v_life_events",
                       "households": "v_households", "alerts": "v_alerts", "persons": "v_persons"}.items():  # fmt: skip
        assert total(name) == rows(three_nights, f"select count(*) as n from {view}")[0]["n"], name
    money = rows(three_nights, "select sum(amount_fen) as fen from v_entitlements")[0]["fen"]
    assert sum(row["amount_fen"] for row in counts["entitlements"]) == money > 0
    assert sum(row["amount_fen"] for row in counts["shares"]) == money


def test_the_policies_and_engines_are_those_of_the_night(three_nights: Path, pack: dict[str, bytes]) -> None:
    told = json.loads(pack["night.json"])["ran_with"]
    hashes = rows(three_nights, "select distinct policy_hash from v_determinations")
    assert [{"policy_hash": each["policy_hash"]} for each in told["policies"]] == hashes
    assert set(told["engines"]) == {"night", "verdicts", "linkage"} and set(told["feeds"]) == set(FEEDS)
    assert sorted(name for name in pack if name.startswith("contracts/")) == sorted(
        f"contracts/{feed}.odcs.yaml" for feed in FEEDS
    )


def test_the_lineage_is_as_the_specification_says(pack: dict[str, bytes]) -> None:
    events = [json.loads(line) for line in pack["lineage/events.jsonl"].decode().splitlines()]
    for event in events:
        conforms(event)
    assert sum(event["job"]["name"].startswith("take/") for event in events) == 2 * len(FEEDS)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "rect", "circle", "polyline", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("line", "rect", "circle", "polyline", "path"):
            assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("name", "words", "other"),
    [("index.html", ("行数对账", "逐批相符"), "index.en.html"), ("index.en.html", ("Reconciliation",), "index.html")],
)
def test_the_page_is_whole_and_asks_nothing_of_the_network(
    pack: dict[str, bytes], name: str, words: tuple[str, ...], other: str
) -> None:
    text = pack[name].decode()
    page = _Page(text)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form"}
    for _, attributes in page.tags:
        assert not {each for each in attributes if each.startswith("on") or each in ("src", "style")}
        assert str(attributes.get("href", "#")).startswith("#") or attributes["href"] == other
    assert "url(" not in text and "@import" not in text and "http:" not in text and "https:" not in text
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {str(a["href"])[1:] for _, a in page.tags if str(a.get("href", "")).startswith("#")} <= ids
    assert all(word in text for word in words)


def test_no_person_of_the_site_is_in_any_file(
    three_nights: Path, pack: dict[str, bytes], later: dict[str, bytes]
) -> None:
    canaries = personal_values(three_nights)
    assert sum(len(each) == 18 for each in canaries) > 1_000 and len(canaries) > 4_000
    for name, text in {**{f"later/{n}": c for n, c in later.items()}, **pack}.items():
        told = text.decode("utf-8", "ignore")
        words = set(re.findall(r"\w+", told))
        assert not words & canaries, name
        assert not [each for each in canaries if len(each) >= 15 and each in told], name
    keys = {key for key in record_keys(three_nights) if mask_key(key) != key}
    assert keys and not [key for key in keys if any(key.encode() in text for text in pack.values())]


def personal_values(site: Path) -> set[str]:
    """Every name, number, telephone and address that the agencies delivered; two characters may stand in any text."""
    found = set()
    for feed, state in record_states(site).items():
        for column in load_contract(feed).columns:
            if column.type in ("name", "id_no", "phone", "address", "disability_no") and column.sensitivity != "open":
                found |= {str(each) for each in state[column.name].unique().to_pylist() if each}
    return {each for each in found if len(each) >= 3}


def record_keys(site: Path) -> set[str]:
    return {key for state in record_states(site).values() for key in state["_record_key"].to_pylist()}


def record_states(site: Path) -> dict:  # type: ignore[type-arg]
    opened = wiring.load_site(site)
    lake, warehouse = wiring.open_lake(opened), wiring.open_warehouse(opened)
    location = latest_snapshot(warehouse)
    warehouse.dispose()
    paths = from_json(location, lake.get(location)).paths
    return {name.removeprefix("records/"): lake.read_table(path) for name, path in paths.items()
            if name.startswith("records/")}  # fmt: skip


def test_no_cell_of_a_table_runs_in_a_spreadsheet(pack: dict[str, bytes]) -> None:
    for name in ("reconciliation.csv", "checks.csv", "receipts.csv"):
        assert not re.findall(r'(?m)(?:^|,)"?[=+@\t]', pack[name].decode("utf-8-sig")), name


def test_a_night_that_was_not_published_is_a_sentence(three_nights: Path, nuanxin: CommandLine, tmp_path: Path) -> None:
    said = make(nuanxin, three_nights, tmp_path / "out", "2025-06-09")
    assert said.status == 2 and "2025-06-09 has not been published" in said.err and LATER in said.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_pack_is_left_alone(three_nights: Path, nuanxin: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    said = make(nuanxin, three_nights, tmp_path / "mine")
    assert said.status == 2 and "is no pack" in said.err
    assert content(tmp_path / "mine") == {"notes.txt": b"mine"}


def test_a_pack_is_replaced_by_a_pack_unless_it_holds_something_else(
    three_nights: Path, later: dict[str, bytes], pack: dict[str, bytes], nuanxin: CommandLine, tmp_path: Path
) -> None:
    assert make(nuanxin, three_nights, tmp_path / "out", LATER).status == 0
    (tmp_path / "out" / "notes.txt").write_text("an auditor's own")
    said = make(nuanxin, three_nights, tmp_path / "out")
    assert said.status == 2 and "notes.txt" in said.err and len(content(tmp_path / "out")) == len(later) + 1
    (tmp_path / "out" / "notes.txt").unlink()
    assert make(nuanxin, three_nights, tmp_path / "out").status == 0
    assert content(tmp_path / "out") == pack != later
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_the_public_key_is_shown_to_be_given_by_another_way(
    three_nights: Path, pack: dict[str, bytes], nuanxin: CommandLine
) -> None:
    said = nuanxin.run("report", "--site", str(three_nights), "--show-key", "--json")
    page = json.loads(said.out)
    assert page["public_key"].encode() == pack["public-key.pem"]
    assert page["fingerprint"] in pack["index.html"].decode()
    key = three_nights.parent / "keys" / "pack.key"
    assert oct(key.stat().st_mode)[-3:] == "600" and key.read_text().strip().encode() not in b"".join(pack.values())


@pytest.mark.parametrize("arguments", [("--date", DAY), ("--verify", ".", "--date", DAY), ()])
def test_what_does_not_go_together_is_a_sentence(nuanxin: CommandLine, arguments: tuple[str, ...]) -> None:
    said = nuanxin.run("report", *arguments, "--lang", "en")
    assert said.status == 2 and "three ways" in said.err


def test_a_night_of_an_earlier_program_is_told_without_what_it_did_not_keep(
    three_nights: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    site = own_copy(three_nights)
    opened = wiring.load_site(site)
    lake = wiring.open_lake(opened)
    for location in lake.list("snapshots"):
        page = json.loads(lake.get(location))
        lake.put(location, json.dumps({name: page[name] for name in page if name != "ran_with"}).encode())
    assert make(nuanxin, site, tmp_path / "out").status == 0
    text = (tmp_path / "out" / "index.en.html").read_text("utf-8")
    assert (
        "An earlier program ran it" in text
        and "engines" not in json.loads(content(tmp_path / "out")["night.json"])["ran_with"]
    )
