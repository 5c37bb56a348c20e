"""Four nights, three of which cluster only what they touch, leave what one clustering of everybody gives.

What another program has left is not built upon: the night after it clusters everybody.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from flows.settings import load_site
from flows.snapshot import from_json
from flows.wiring import open_lake, open_warehouse
from tests.commands import CommandLine
from transforms.linkage import default_model, resolve
from warehouse.lake import Lake
from warehouse.reads import latest_snapshot

pytestmark = pytest.mark.xdist_group("nights")


FAR = 1_000_000  # no night has as many groups
NAMES = ("mentions", "pairs", "links", "review", "groups", "worth")


def kept(page: Path) -> tuple[Lake, dict[str, str]]:
    """The lake, and where in it the tables are that the next night would start from."""
    site = load_site(page, {})
    lake, location = open_lake(site), latest_snapshot(open_warehouse(site))
    assert location is not None
    return lake, from_json(location, lake.get(location)).paths


def left_by_the_last_night(page: Path) -> dict[str, pa.Table]:
    lake, paths = kept(page)
    return {name: lake.read_table(paths[name]) for name in NAMES}


def renumbered(page: Path, made_by: bytes | None = None) -> None:
    """Every group of the last night gets a number that no night would give it."""
    lake, paths = kept(page)
    groups = lake.read_table(paths["groups"])
    moved = groups.set_column(0, "group", pc.add(groups["group"], pa.scalar(FAR, pa.int32())))
    told = {b"made_by": made_by} if made_by else groups.schema.metadata
    lake.write_table(paths["groups"], moved.replace_schema_metadata(told))


def keeps_numbers(page: Path) -> bool:
    """Whether the last night left the groups that it did not touch alone."""
    return bool(pc.max(left_by_the_last_night(page)["groups"]["group"]).as_py() >= FAR)


def test_nights_that_cluster_what_they_touch_leave_what_clustering_everybody_does(
    simulated: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(simulated)
    said = nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-02", "--to", "2025-06-05")
    assert said.status == 0, said.err
    left = left_by_the_last_night(site)
    again = resolve(left["mentions"], left["pairs"], left["links"], default_model(), known_on=date(2025, 6, 5))
    assert again.events.num_rows == 0
    for name in ("links", "review", "worth"):
        assert getattr(again, name).equals(left[name]), name


def test_how_many_mentions_found_another_of_their_person_is_told(
    simulated: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(simulated)
    said = nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-02", "--to", "2025-06-02", "--json")
    told = json.loads(said.out)
    mentions = Counter(left_by_the_last_night(site)["links"]["person_id"].to_pylist())
    assert told["linked"] == sum(count for count in mentions.values() if count > 1)
    assert 0 < told["linked"] < told["mentions"]


def test_after_another_program_or_model_everybody_is_clustered(
    simulated: Path, nuanxin: CommandLine, own_copy: Callable[[Path], Path]
) -> None:
    site = own_copy(simulated)
    assert nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-02", "--to", "2025-06-02").status == 0
    renumbered(site)
    assert nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-03", "--to", "2025-06-03").status == 0
    assert keeps_numbers(site)
    renumbered(site, made_by=b"another")
    assert nuanxin.run("backfill", "--site", str(site), "--from", "2025-06-04", "--to", "2025-06-04").status == 0
    assert not keeps_numbers(site)
