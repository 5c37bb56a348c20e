"""A month of one district whose agencies deliver through every kind of door, with or without a fault every night.

Births come by a signed interface, the household register by a view, cremations over SFTP, marriages as a full delivery
in an object store each night, death certificates as files with sentinels, everything else as files.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.base import Delivery, FeedSource
from connectors.reading import read_content
from tests.connectors.agencies import Interface
from tests.connectors.remote import SftpServer, Store
from transforms.feeds import load_contract

FIRST = date(2025, 6, 2)
NIGHTS = [FIRST + timedelta(days=number) for number in range(30)]
LAST = NIGHTS[-1] + timedelta(days=1)  # by then everything has arrived
ENCODINGS = {"household_register": "utf-8", "births": "gb18030", "marriages": "gbk", "cremations": "gb18030"}


@dataclass(frozen=True)
class Doors:
    """The servers of the agencies."""

    interface: Interface
    sftp: SftpServer
    store: Store
    register: str  # url of the agency's database


@dataclass
class Month:
    """The deliveries that a simulated district has for each day, and the doors at which they are put."""

    drawn: Path  # the simulated inbox
    site: Path  # site.toml of the site that runs
    doors: Doors
    births: list[dict[str, Any]] = field(default_factory=list)
    marriages: dict[str, list[str]] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)
    renamed: str = "火化编号"  # what the crematory calls its number now

    # -- what an agency does in the evening ---------------------------------------------------------------------

    def deliver(self, day: date, without: tuple[str, ...] = ()) -> None:
        """Every feed of a day, but for some."""
        for folder in sorted(self.drawn.iterdir()):
            if folder.name not in without:
                for path in self.of(folder.name, day):
                    getattr(self, f"put_{folder.name}", self.put_file)(path, day)

    def of(self, feed: str, day: date) -> list[Path]:
        """The simulated deliveries of a feed that bear that date."""
        return [path for path in sorted((self.drawn / feed).glob(f"{feed}_{day:%Y%m%d}*")) if path.suffix != ".ok"]

    def put_file(self, path: Path, _: date) -> None:
        (self.site.parent / "inbox" / path.parent.name).mkdir(parents=True, exist_ok=True)
        (self.site.parent / "inbox" / path.parent.name / path.name).write_bytes(path.read_bytes())

    def put_death_certificates(self, path: Path, day: date) -> None:
        self.put_file(path, day)
        self.vouch(path, _rows(path))

    def vouch(self, path: Path, rows: int) -> None:
        said = {"rows": rows, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        (self.site.parent / "inbox" / path.parent.name / f"{path.name}.ok").write_text(json.dumps(said))

    def put_births(self, path: Path, day: date) -> None:
        self.births += [row | {"updated_at": f"{day} 01:00:00"} for row in _text(path)]
        self.doors.interface.plan(self.births, page=500)

    def put_household_register(self, path: Path, day: date) -> None:
        insert_rows(self.doors.register, "household_register", _text(path), f"{day} 01:00:00")

    def put_cremations(self, path: Path, _: date) -> None:
        content = path.read_bytes().decode("gb18030").replace("火化编号", self.renamed, 1).encode("gb18030")
        folder = self.doors.sftp.root / "inbox" / "cremations"
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_bytes(content)

    def put_marriages(self, path: Path, day: date) -> None:
        """All that exists, each night."""
        self.header, *rows = list(csv.reader(io.StringIO(path.read_text("gbk"), newline="")))
        self.marriages |= {row[0]: row for row in rows if len(row) == len(self.header)}
        self.put_all_marriages(day, list(self.marriages.values()))

    def put_all_marriages(self, day: date, rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([self.header, *rows])
        name = f"marriages/marriages_{day:%Y%m%d}_full.csv"
        self.doors.store.put(name, text.getvalue().encode("gbk"))

    # -- faults: each is committed before a night, and mended on the next day ------------------------------------------

    def a_server_is_down(self, day: date) -> Callable[[], None]:
        self.deliver(day)
        self.doors.sftp.stop()
        return self.doors.sftp.start

    def a_file_is_half(self, day: date) -> Callable[[], None]:
        self.deliver(day)
        paths = self.of("death_certificates", day)
        for path in paths:
            there = self.site.parent / "inbox" / path.parent.name / path.name
            there.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return lambda: [self.put_death_certificates(path, day) for path in paths] and None

    def a_column_is_renamed(self, day: date) -> Callable[[], None]:
        self.renamed = f"火化编号_{day:%d}"
        self.deliver(day)
        return lambda: map_header(self.site, "cremations", "record_no", self.renamed)

    def a_full_delivery_is_empty(self, day: date) -> Callable[[], None]:
        self.deliver(day)
        self.put_all_marriages(day, [])
        return lambda: None  # the next full delivery has everything

    def files_come_twice_and_out_of_order(self, day: date) -> Callable[[], None]:
        self.deliver(day, without=("low_income",))
        for path in self.of("low_income", day - timedelta(days=1)):
            again = self.site.parent / "inbox" / "low_income" / path.name.replace("_delta", "_delta_09")
            again.write_bytes(path.read_bytes())
        late = self.of("low_income", day)
        return lambda: [self.put_file(path, day) for path in late] and None

    def an_interface_talks_nonsense(self, day: date) -> Callable[[], None]:
        self.deliver(day)
        self.doors.interface.plan(self.births, page=500, first=[{"status": 200, "body": "<html>"}] * 50)
        return lambda: self.doors.interface.plan(self.births, page=500)

    def a_view_is_gone(self, day: date) -> Callable[[], None]:
        self.deliver(day)
        rename_view(self.doors.register, "household_register", "household_register_gone")
        return lambda: rename_view(self.doors.register, "household_register_gone", "household_register")


FAULTS: list[Callable[[Month, date], Callable[[], None]]] = [
    Month.a_server_is_down,
    Month.a_file_is_half,
    Month.a_column_is_renamed,
    Month.a_full_delivery_is_empty,
    Month.files_come_twice_and_out_of_order,
    Month.an_interface_talks_nonsense,
    Month.a_view_is_gone,
]
# A half file waits and a late one is not missed before its feed is stale: the night ends as one without a fault.
UNSEEN = {Month.a_file_is_half, Month.files_come_twice_and_out_of_order}


def _text(path: Path) -> list[dict[str, Any]]:
    """The records of a simulated file under nuanxin's own column names, as the agency holds them."""
    feed = path.parent.name
    encoding = ENCODINGS[feed]
    delivery = Delivery("", feed, path.name, FIRST, "delta", 0, "", path.stat().st_size, "", encoding)
    read = read_content(
        path.read_bytes(), delivery, load_contract(feed), FeedSource(feed, "files", "", encoding=encoding)
    )
    return read.table.drop_columns(["_row_number"]).to_pylist()


def _rows(path: Path) -> int:
    return len(list(csv.reader(io.StringIO(path.read_text("gb18030"), newline="")))) - 1


# -- the agency's database, and the site's page -------------------------------------------------------------------


def insert_rows(url: str, feed: str, rows: list[dict[str, Any]], updated_at: str) -> None:
    """Add records to the agency's table, which its view shows; a record that is there is replaced."""
    contract = load_contract(feed)
    held = sa.Table(f"{feed}_held", sa.MetaData(), *(sa.Column(name, sa.Text) for name in contract.column_names),
                    sa.Column("updated_at", sa.Text))  # fmt: skip
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        held.create(connection, checkfirst=True)
        connection.execute(sa.text(f"DROP VIEW IF EXISTS {feed}"))
        connection.execute(sa.text(f"CREATE VIEW {feed} AS SELECT * FROM {feed}_held"))
        for row in rows:
            same = [held.c[part] == row.get(part) for part in contract.key]
            connection.execute(held.delete().where(*same))
            connection.execute(held.insert().values(**row, updated_at=updated_at))
    engine.dispose()


def rename_view(url: str, before: str, after: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP VIEW IF EXISTS {before}"))
        connection.execute(sa.text(f"CREATE VIEW {after} AS SELECT * FROM household_register_held"))
    engine.dispose()


def map_header(site: Path, feed: str, column: str, header: str) -> None:
    """What the data engineer writes the next morning."""
    page = re.sub(rf"\n\[feeds\.{feed}\.columns\]\n.*\n", "\n", site.read_text("utf-8"))
    site.write_text(f'{page.rstrip()}\n\n[feeds.{feed}.columns]\n{column} = "{header}"\n', "utf-8")


def write_site(simulated: Path, folder: Path, doors: Doors) -> Path:
    """The simulated district's page with these doors in the place of five folders."""
    urls = {
        "births": ("http", f'url = "{doors.interface.url}"\nkey_id = "zhangdian-01"\nsecret = "${{BIRTHS_SECRET}}"\n'
                           'allow = ["127.0.0.0/8"]'),
        "household_register": ("database", f'url = "{doors.register}"'),
        "cremations": ("files", f'url = "{doors.sftp.url("inbox/cremations")}"\nencoding = "gb18030"'),
        "marriages": ("files", f'url = "{doors.store.url("agency/marriages")}"\nencoding = "gbk"\nmode = "full"'),
    }  # fmt: skip
    page = simulated.read_text("utf-8")
    parts = re.split(r"\n(?=\[)", page)
    for feed, (connector, lines) in urls.items():
        at = next(number for number, part in enumerate(parts) if part.startswith(f"[feeds.{feed}]"))
        parts[at] = f'[feeds.{feed}]\nconnector = "{connector}"\n{lines}\nmax_age_days = 2\n'
    at = next(number for number, part in enumerate(parts) if part.startswith("[feeds.death_certificates]"))
    parts[at] = parts[at].replace('sentinel = "optional"', 'sentinel = "required"')
    folder.mkdir(parents=True)
    for feed in (each.name for each in (simulated.parent / "inbox").iterdir() if each.is_dir()):
        (folder / "inbox" / feed).mkdir(parents=True)
    (folder / "site.toml").write_text("\n".join(parts), "utf-8")
    return folder / "site.toml"


def nights() -> Iterator[tuple[date, Callable[[Month, date], Callable[[], None]]]]:
    """Every night with its fault; the first is spared: it brings everything."""
    return ((day, FAULTS[number % len(FAULTS)]) for number, day in enumerate(NIGHTS[1:]))
