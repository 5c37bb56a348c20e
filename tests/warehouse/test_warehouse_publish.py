"""A night becomes visible at once or not at all, and tells case workers what they may know."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import inspect, text
from warehouse_nights import FIRST, NOW, SECOND, alerts, open_night, persons, publish_night, table

from warehouse import NightOutOfOrder, NightRefused, TablesUnfit, Warehouse, open_run, publish
from warehouse.reads import current, latest_snapshot
from warehouse.views import VIEW_NAMES

REPOSITORY = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from datetime import date
from sqlalchemy import event
from warehouse import Warehouse, publish
from warehouse_nights import NOW, alerts, open_night, persons

warehouse = Warehouse(sys.argv[1])
run = open_night(warehouse, date(2026, 3, 2))
written = []
event.listen(warehouse.engine, "after_cursor_execute", lambda *said: written.append(said[2]))

@event.listens_for(warehouse.engine, "commit")
def killed(_connection):
    if any(each.startswith("INSERT INTO alerts") for each in written):
        os.kill(os.getpid(), signal.SIGKILL)

publish(warehouse, run, {"persons": persons(P1=date(2026, 2, 27), P2=None), "alerts": alerts({"alert_id": "A1"})},
        snapshot="nights/killed", now=NOW)
"""


def _rows(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _published(warehouse: Warehouse) -> dict[str, list[tuple[object, ...]]]:
    return {
        view: sorted(map(repr, _rows(warehouse, f"SELECT * FROM {view}"))) for view in VIEW_NAMES if view != "v_runs"
    }


def _staged(warehouse: Warehouse) -> list[str]:
    if warehouse.is_sqlite:
        return [path.name for path in warehouse.path.parent.glob("*.staging-*")]
    return [name for name in inspect(warehouse.engine).get_table_names() if name.startswith("staging_")]


def test_a_night_killed_before_its_commit_is_not_visible_and_can_be_run_again(warehouse_url: str) -> None:
    warehouse = Warehouse(warehouse_url)
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    before = _published(warehouse)
    paths = os.pathsep.join([str(REPOSITORY), str(Path(__file__).parent)])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, warehouse_url],
        check=False,
        env={**os.environ, "PYTHONPATH": paths},
        timeout=60,
    )
    assert killed.returncode == -9
    assert _published(warehouse) == before
    run = open_night(warehouse, SECOND, owner_is_gone=lambda _: True)
    publish(warehouse, run, {"persons": persons(P1=date(2026, 2, 27), P2=None)}, snapshot="s", now=NOW)
    assert current(warehouse, "persons").num_rows == 2
    assert _staged(warehouse) == []
    warehouse.dispose()


def test_what_a_killed_run_left_staged_is_cleared_by_the_next(warehouse: Warehouse) -> None:
    if warehouse.is_sqlite:
        warehouse.path.with_name(f"{warehouse.path.name}.staging-0").write_bytes(b"left")
    else:
        with warehouse.writing() as connection:
            connection.execute(text("CREATE UNLOGGED TABLE staging_0_persons (person_id text)"))
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    assert _staged(warehouse) == []


def test_a_night_that_breaks_halfway_leaves_nothing(warehouse: Warehouse) -> None:
    twice = table("feed_loads", {"feed": "births"}, {"feed": "births"})
    with pytest.raises(NightRefused):
        publish_night(warehouse, FIRST, persons=persons(P1=None), feed_loads=twice)
    assert (current(warehouse, "persons").num_rows, _staged(warehouse)) == (0, [])


def test_a_refused_night_does_not_quote_its_rows(warehouse: Warehouse) -> None:
    twice = table("feed_loads", {"delivery": "canary"}, {"delivery": "canary"})
    with pytest.raises(NightRefused) as refusal:
        publish_night(warehouse, FIRST, feed_loads=twice)
    assert "canary" not in str(refusal.value) + repr(refusal.value.__cause__)
    assert "feed_loads" in str(refusal.value)


def test_a_night_is_not_published_before_one_that_is(warehouse: Warehouse) -> None:
    publish_night(warehouse, SECOND)
    with pytest.raises(NightOutOfOrder):
        publish_night(warehouse, FIRST)


def test_the_snapshot_of_the_newest_night_is_found(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST)
    publish_night(warehouse, SECOND)
    found = (latest_snapshot(warehouse), latest_snapshot(warehouse, until=FIRST))
    assert found == (f"nights/{SECOND}", f"nights/{FIRST}")


def test_there_is_no_snapshot_before_the_first_night(warehouse: Warehouse) -> None:
    assert latest_snapshot(warehouse) is None


def test_a_run_is_shown_with_its_status_and_end(warehouse: Warehouse) -> None:
    run = open_run(warehouse, FIRST, now=NOW, lease_seconds=60, owner="here:1")
    publish(warehouse, run, {}, snapshot="s", now=NOW, status="done_with_gaps")
    rows = _rows(warehouse, "SELECT run_id, status, finished_at FROM v_runs")
    finished: object = "2026-03-01T18:00:00.000000+00:00" if warehouse.is_sqlite else NOW
    assert rows == [("R20260301", "done_with_gaps", finished)]


# -- what does not fit -------------------------------------------------------------------------------------


def test_every_fault_of_every_table_is_told_together(warehouse: Warehouse) -> None:
    nobody = persons(P1=None).set_column(0, "person_id", pa.array([None], pa.string()))
    twins = table("households", {"household_id": "H1"}, {"household_id": "H1"})
    foreign = table("links", {}).append_column("name", pa.array(["canary"]))
    short = table("review", {}).drop_columns(["role"])
    worded = table("quality", {}).drop_columns(
        ["rows_read"] if "rows_read" in table("quality", {}).column_names else []
    )
    wrong = worded.set_column(worded.column_names.index("rows_checked"), "rows_checked", pa.array(["canary"]))
    tables = {"persons": nobody, "households": twins, "links": foreign, "review": short, "quality": wrong}
    with pytest.raises(TablesUnfit) as refusal:
        publish_night(warehouse, FIRST, **tables)
    assert refusal.value.faults == [
        "persons.person_id: required, and empty in 1 rows",
        "households: 1 rows repeat the household_id of another row",
        "links: the warehouse has no column name; add it to warehouse/tables.py",
        "review: role is required and not there",
        "quality.rows_checked: string received, int64 is valid",
    ]


def test_a_table_nobody_keeps_is_named(warehouse: Warehouse) -> None:
    with pytest.raises(KeyError, match="mentions"):
        publish_night(warehouse, FIRST, mentions=pa.table({"a": [1]}))


def test_hostile_text_is_only_text(warehouse: Warehouse) -> None:
    hostile = "'; DROP TABLE persons; --<script>=cmd()\n𠮷·"
    publish_night(warehouse, FIRST, quarantine=table("quarantine", {"_record_key": hostile}))
    assert _rows(warehouse, "SELECT record_key FROM v_quarantine") == [(hostile,)]


def test_the_text_of_a_refused_row_is_not_kept(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, quarantine=table("quarantine", {"delivered_json": "canary"}))
    assert "canary" not in repr(_rows(warehouse, "SELECT * FROM quarantine"))


# -- the outbox --------------------------------------------------------------------------------------------


def _told(warehouse: Warehouse) -> list[object]:
    return [row[0] for row in _rows(warehouse, "SELECT alert_id FROM outbox ORDER BY alert_id")]


def test_a_new_alert_is_put_into_the_outbox(warehouse: Warehouse) -> None:
    row = {"alert_id": "A1", "township_code": "370303001"}
    assert publish_night(warehouse, FIRST, alerts=alerts(row)).told == 1
    due: object = "2026-04-01" if warehouse.is_sqlite else date(2026, 4, 1)
    asked = "SELECT alert_id, alert_kind, township_code, due_on, status, attempts FROM outbox"
    assert _rows(warehouse, asked) == [("A1", "new", "370303001", due, "waiting", 0)]


def test_the_outbox_does_not_say_who_or_why(warehouse: Warehouse) -> None:
    columns = {column["name"] for column in inspect(warehouse.engine).get_columns("outbox")}
    silent = {"household_id", "person_id", "policy_id", "benefit_id", "trigger_event_type", "trigger_record_key"}
    assert columns & silent == set()


def test_an_alert_is_told_once(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1"}))
    published = publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A1", "amount_fen": 7}))
    assert (published.told, _told(warehouse)) == (0, ["A1"])


def test_an_alert_that_waits_for_a_clerk_is_not_told(warehouse: Warehouse) -> None:
    assert publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1", "needs_review": True})).told == 0


def test_it_is_told_once_the_clerk_has_decided(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1", "needs_review": True}))
    publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A1", "needs_review": False}))
    assert _told(warehouse) == ["A1"]


def test_an_amended_alert_is_told_and_the_superseded_one_not_again(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1"}))
    amended = {"alert_id": "A2", "alert_kind": "amended", "supersedes_alert_id": "A1"}
    published = publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A1", "status": "superseded"}, amended))
    assert (published.told, _told(warehouse)) == (1, ["A1", "A2"])


@pytest.mark.parametrize(("was_told", "told"), [(True, 1), (False, 0)])
def test_a_withdrawal_is_told_to_those_who_were_told(warehouse: Warehouse, was_told: bool, told: int) -> None:
    raised = {"alert_id": "A1", "household_id": "H1", "benefit_id": "B1", "needs_review": not was_told}
    publish_night(warehouse, FIRST, alerts=alerts(raised))
    withdrawal = {**raised, "alert_id": "A2", "alert_kind": "withdrawn", "status": "withdrawn", "needs_review": False}
    published = publish_night(warehouse, SECOND, alerts=alerts({**raised, "status": "withdrawn"}, withdrawal))
    assert published.told == told
