"""A small site of two feeds whose agencies deliver rows that are refused, and the command line in it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.settings import load_site
from flows.snapshot import from_json
from flows.wiring import open_lake, open_warehouse
from tests.commands import CommandLine, Said
from tests.site_views import rows
from transforms.feeds import load_contract
from warehouse.reads import latest_snapshot

CANARY = "370303199001011239"  # an identity number of nobody, that must stand nowhere outside of the lake
NAME = "测甲乙丙"
BECAUSE = ("--because", "已与民政局电话核对", "--by", "clerk-7")
CREMATION = {"record_no": "HH1", "name": NAME, "id_no": CANARY, "died_on": "2025-06-01", "cremated_on": "2025-06-02"}
MARRIAGE = {
    "cert_no": "J1", "op_type": "IA", "op_date": "2020-05-20", "name_man": NAME, "name_woman": "测丁",
    "cert_num_man": CANARY, "status": "有效",
}  # fmt: skip
PAGE = """
[site]
name = "测试区"
jurisdiction = "370303"
policies = ["zhangdian-2020-134"]
[feeds.cremations]
connector = "files"
url = "inbox/cremations"
max_age_days = 30
[feeds.marriages]
connector = "files"
url = "inbox/marriages"
mode = "full"
max_age_days = 30
"""


@dataclass(frozen=True)
class RefusingSite:
    """The site's folder; days are days of June 2025."""

    page: Path
    nuanxin: CommandLine

    @classmethod
    def made(cls, folder: Path, nuanxin: CommandLine) -> "RefusingSite":
        for feed in ("cremations", "marriages"):
            (folder / "inbox" / feed).mkdir(parents=True)
        (folder / "site.toml").write_text(PAGE, "utf-8")
        return cls(folder / "site.toml", nuanxin)

    def add(self, toml: str) -> None:
        self.page.write_text(PAGE.replace("[feeds.marriages]", toml + "\n[feeds.marriages]"), "utf-8")

    def deliver(self, feed: str, day: int, *drawn: dict[str, str], mode: str = "delta", **headers: str) -> Path:
        """A csv of these rows; `headers` gives columns another header, "" leaves one out."""
        columns = [column for column in load_contract(feed).columns if headers.get(column.name) != ""]
        first = ",".join(headers.get(column.name, column.header) for column in columns)
        lines = [",".join(row.get(column.name, "") for column in columns) for row in drawn]
        path = self.page.parent / "inbox" / feed / f"{feed}_202506{day:02}_{mode}.csv"
        path.write_text("\n".join([first, *lines, ""]), "utf-8")
        return path

    def night(self, day: int) -> Said:
        said = self.nuanxin.run("nightly", "--site", str(self.page), "--date", f"2025-06-{day:02}", "--lang", "en")
        assert "Traceback" not in said.err
        assert said.status in (0, 3), said.err
        return said

    def quarantine(self, verb: str, *more: str, lang: str = "en") -> Said:
        said = self.nuanxin.run("quarantine", verb, "--site", str(self.page), "--lang", lang, *more)
        assert "Traceback" not in said.err
        assert CANARY not in said.out + said.err
        assert NAME not in said.out + said.err
        return said

    def decide(self, verb: str, day: int, *more: str) -> dict[str, Any]:
        said = self.quarantine(verb, *more, *BECAUSE, "--date", f"2025-06-{day:02}", "--json")
        assert said.status == 0, said.err
        page: dict[str, Any] = json.loads(said.out)
        return page

    def refused(self, verb: str, day: int, *more: str) -> str:
        """What is said of a decision that is not recorded."""
        before = self.ask("select count(*) as n from v_quarantine_decisions")
        said = self.quarantine(verb, *more, *BECAUSE, "--date", f"2025-06-{day:02}")
        assert (said.status, said.out) == (2, ""), said
        assert self.ask("select count(*) as n from v_quarantine_decisions") == before
        return said.err

    def listed(self, *more: str) -> dict[str, Any]:
        page: dict[str, Any] = json.loads(self.quarantine("list", "--json", *more).out)
        return page

    def ids(self, *more: str) -> list[str]:
        return [row["quarantine_id"] for row in self.listed(*more)["rows"]]

    def ask(self, query: str, *values: Any) -> list[dict[str, Any]]:
        return rows(self.page, query, *values)

    def statuses(self) -> list[tuple[int, str, str | None]]:
        """(row number, status, why) of every refused row."""
        found = self.ask("select row_number, status, why from v_quarantine order by delivery, row_number")
        return [(row["row_number"], row["status"], row["why"]) for row in found]

    def loads(self, day: int) -> list[tuple[str, str, int, int, int, int]]:
        """(delivery, status, read, accepted, unchanged, quarantined) of a night, without silent feeds."""
        query = "select * from v_feed_loads where run_id = ? and delivery <> '' order by delivery"
        names = ("delivery", "status", "rows_read", "rows_accepted", "rows_unchanged", "rows_quarantined")
        return [tuple(row[name] for name in names) for row in self.ask(query, f"R202506{day:02}")]  # type: ignore[misc]

    def keys(self, feed: str) -> list[str]:
        """The records of a feed whose persons are known now."""
        found = self.ask("select distinct record_key from v_record_links where feed = ? order by record_key", feed)
        return [row["record_key"] for row in found]

    def active(self, feed: str) -> list[str]:
        """The records of a feed that its agency still has, by the state of the last night."""
        return [key for key, status, _ in self.state(feed) if status == "active"]

    def state(self, feed: str) -> list[tuple[str, str, str]]:
        """(key, status, digest of what was delivered) of every record of a feed, as the last night left it."""
        site = load_site(self.page, {})
        lake, location = open_lake(site), latest_snapshot(open_warehouse(site))
        assert location is not None
        state = lake.read_table(from_json(location, lake.get(location)).paths[f"records/{feed}"])
        return sorted((row["_record_key"], row["_status"], row["_content_hash"]) for row in state.to_pylist())

    def kept_outside_the_lake(self) -> bytes:
        """Everything the site holds, but for what agencies delivered and what is encrypted."""
        folder = self.page.parent
        apart = {folder / "inbox", folder / "lake"}
        return b"".join(
            path.read_bytes() for path in folder.rglob("*") if path.is_file() and not apart & {*path.parents}
        )
