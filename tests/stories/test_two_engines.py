"""The same nights on SQLite and on PostgreSQL publish the same."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.commands import CommandLine
from tests.flows.packs import content, make
from tests.site_views import OF_THE_CLOCK, VIEWS, published

pytestmark = pytest.mark.xdist_group("nights")


def on_postgresql(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every published view of a PostgreSQL warehouse, in the words of SQLite."""
    found = {}
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for view in VIEWS:
            cursor = connection.execute(sql.SQL("select * from {}").format(sql.Identifier(view)))
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, map(plain, row), strict=True)) for row in cursor]
            kept = [tuple(value for name, value in row.items() if name not in OF_THE_CLOCK) for row in rows]
            found[view] = sorted(kept, key=repr)
    return found


def plain(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def test_both_engines_publish_the_same(
    simulated: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path], new_database: Callable[[str, bool], str]
) -> None:
    site = own_copy(simulated)
    url = new_database("postgresql", False)
    dates = ("--from", "2025-06-02", "--to", "2025-06-04")
    assert nuanxin.run("backfill", "--site", str(site), *dates).status == 0
    assert make(nuanxin, site, site.parent / "pack", "2025-06-04").status == 0
    page = site.read_text("utf-8")
    other = site.with_name("postgresql.toml")
    other.write_text(re.sub(r'^url = "sqlite:.*"$', f'url = "{url}"', page, count=1, flags=re.M), "utf-8")
    for folder in ("lake", "keys"):  # a site of its own
        (site.parent / folder).rename(site.parent / f"{folder}-of-sqlite")
    said = nuanxin.run("backfill", "--site", str(other), *dates)
    assert said.status == 0, said.err
    assert on_postgresql(url) == published(site)
    assert make(nuanxin, other, site.parent / "pack-of-postgresql", "2025-06-04").status == 0
    one, two = (content(site.parent / name) for name in ("pack", "pack-of-postgresql"))
    assert [one[name] for name in ("reconciliation.csv", "checks.csv")] == [
        two[name] for name in ("reconciliation.csv", "checks.csv")
    ]
    assert json.loads(one["night.json"])["counts"] == json.loads(two["night.json"])["counts"]
    assert len(one["receipts.csv"].splitlines()) == len(two["receipts.csv"].splitlines())
