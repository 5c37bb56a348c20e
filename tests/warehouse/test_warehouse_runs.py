"""One run writes at a time, and one that lost the site writes no more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from warehouse_nights import FIRST, NOW, SECOND, open_night, persons, publish_night

from warehouse import (
    Fenced,
    Run,
    SiteHeld,
    Warehouse,
    WarehouseUnavailable,
    WarehouseUrlUnusable,
    close_run,
    commit_stage,
    find_stage,
    forget_stages,
    is_unavailable,
    latest_published,
    publish,
    renew,
)
from warehouse.reads import current

LATER = NOW + timedelta(seconds=61)


def _status(warehouse: Warehouse, run_id: str) -> tuple[object, ...]:
    with warehouse.reading() as connection:
        asked = text("SELECT status, reason_code, attempts FROM runs WHERE run_id = :run_id")
        return tuple(connection.execute(asked, {"run_id": run_id}).one())


def test_a_run_is_named_after_its_business_date(warehouse: Warehouse) -> None:
    assert open_night(warehouse, FIRST).run_id == "R20260301"


def test_a_second_run_is_told_who_holds_the_site(warehouse: Warehouse) -> None:
    open_night(warehouse, FIRST)
    with pytest.raises(SiteHeld) as refusal:
        open_night(warehouse, SECOND)
    assert (refusal.value.run_id, refusal.value.until) == ("R20260301", NOW + timedelta(seconds=60))


def test_of_runs_that_open_at_once_one_gets_the_site(warehouse: Warehouse) -> None:
    def attempt(number: int) -> Run | None:
        try:
            return open_night(warehouse, FIRST, owner=f"here:{number}")
        except SiteHeld:
            return None

    with ThreadPoolExecutor(6) as pool:
        assert sum(run is not None for run in pool.map(attempt, range(6))) == 1


def test_a_lease_that_ran_out_is_taken_over(warehouse: Warehouse) -> None:
    first = open_night(warehouse, FIRST)
    second = open_night(warehouse, FIRST, now=LATER)
    assert (second.token, second.attempts) == (first.token + 1, 2)


def test_a_renewed_lease_is_not_taken_over(warehouse: Warehouse) -> None:
    renew(warehouse, open_night(warehouse, FIRST), now=NOW + timedelta(seconds=30))
    with pytest.raises(SiteHeld):
        open_night(warehouse, FIRST, now=LATER)


def test_a_run_whose_owner_is_gone_is_taken_over_at_once(warehouse: Warehouse) -> None:
    open_night(warehouse, FIRST, owner="here:1")
    assert open_night(warehouse, FIRST, owner_is_gone=lambda owner: owner == "here:1").attempts == 2


def test_a_run_whose_owner_lives_is_not_taken_over(warehouse: Warehouse) -> None:
    open_night(warehouse, FIRST, owner="here:1")
    with pytest.raises(SiteHeld):
        open_night(warehouse, FIRST, owner_is_gone=lambda owner: owner != "here:1")


@pytest.mark.parametrize("write", ["commit_stage", "publish", "renew", "forget_stages"])
def test_a_run_that_was_taken_over_cannot_write(warehouse: Warehouse, write: str) -> None:
    old = open_night(warehouse, FIRST)
    open_night(warehouse, FIRST, now=LATER)
    writes = {
        "commit_stage": lambda: commit_stage(warehouse, old, "link", "f1", "nights/a", {}),
        "publish": lambda: publish(warehouse, old, {"persons": persons(P1=None)}, snapshot="s", now=LATER),
        "renew": lambda: renew(warehouse, old, now=LATER),
        "forget_stages": lambda: forget_stages(warehouse, old, before=SECOND),
    }
    with pytest.raises(Fenced):
        writes[write]()
    assert current(warehouse, "persons").num_rows == 0


def test_a_run_that_was_taken_over_and_ended_cannot_write_either(warehouse: Warehouse) -> None:
    old = open_night(warehouse, FIRST)
    close_run(warehouse, open_night(warehouse, FIRST, now=LATER), now=LATER)
    with pytest.raises(Fenced):
        publish(warehouse, old, {}, snapshot="s", now=LATER)


def test_closing_a_run_that_was_taken_over_leaves_the_new_one_alone(warehouse: Warehouse) -> None:
    old = open_night(warehouse, FIRST)
    new = open_night(warehouse, FIRST, now=LATER)
    close_run(warehouse, old, now=LATER, reason_code="late")
    assert renew(warehouse, new, now=LATER)


def test_a_failed_run_gives_the_site_back_and_says_why(warehouse: Warehouse) -> None:
    run = open_night(warehouse, FIRST)
    close_run(warehouse, run, now=NOW, reason_code="link")
    assert _status(warehouse, run.run_id) == ("failed", "link", 1)
    assert open_night(warehouse, FIRST).attempts == 2


def test_a_published_night_gives_the_site_back(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST)
    assert open_night(warehouse, SECOND).already_done is False


def test_closing_a_published_run_leaves_it_done(warehouse: Warehouse) -> None:
    run = open_night(warehouse, FIRST)
    publish(warehouse, run, {}, snapshot="s", now=NOW, status="done_with_gaps")
    close_run(warehouse, run, now=NOW, reason_code="report")
    assert _status(warehouse, run.run_id) == ("done_with_gaps", None, 1)


def test_renewing_a_published_run_says_that_it_has_ended(warehouse: Warehouse) -> None:
    run = open_night(warehouse, FIRST)
    publish(warehouse, run, {}, snapshot="s", now=NOW)
    assert renew(warehouse, run, now=NOW) is False


def test_a_published_date_is_already_done(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST)
    again = open_night(warehouse, FIRST)
    assert (again.already_done, again.status) == (True, "done")


def test_a_published_date_is_told_even_while_another_run_holds_the_site(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST)
    open_night(warehouse, SECOND)
    assert open_night(warehouse, FIRST).already_done


def test_the_latest_published_date_passes_over_failed_nights(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST)
    close_run(warehouse, open_night(warehouse, SECOND), now=NOW)
    assert latest_published(warehouse) == FIRST


def test_nothing_is_published_at_first(warehouse: Warehouse) -> None:
    assert latest_published(warehouse) is None


def test_a_stage_is_found_by_date_stage_and_fingerprint(warehouse: Warehouse) -> None:
    run = open_night(warehouse, FIRST)
    commit_stage(warehouse, run, "link", "f1", "nights/20260301/link", {"行": 3})
    found = find_stage(warehouse, FIRST, "link", "f1")
    assert found is not None
    assert (found.location, found.facts) == ("nights/20260301/link", {"行": 3})


@pytest.mark.parametrize(
    "other",
    [(SECOND, "link", "f1"), (FIRST, "check", "f1"), (FIRST, "link", "f2")],
    ids=["date", "stage", "inputs"],
)
def test_a_stage_of_another_key_is_not_found(warehouse: Warehouse, other: tuple[object, str, str]) -> None:
    commit_stage(warehouse, open_night(warehouse, FIRST), "link", "f1", "a", {})
    assert find_stage(warehouse, *other) is None  # type: ignore[arg-type]


def test_a_stage_committed_again_keeps_the_newer_place(warehouse: Warehouse) -> None:
    run = open_night(warehouse, FIRST)
    for location in ("a", "b"):
        commit_stage(warehouse, run, "link", "f1", location, {})
    found = find_stage(warehouse, FIRST, "link", "f1")
    assert found is not None and found.location == "b"


def test_the_stages_of_a_killed_attempt_are_found_by_the_next(warehouse: Warehouse) -> None:
    commit_stage(warehouse, open_night(warehouse, FIRST), "link", "f1", "a", {})
    open_night(warehouse, FIRST, now=LATER)
    assert find_stage(warehouse, FIRST, "link", "f1") is not None


def test_old_stages_are_forgotten_and_their_places_told(warehouse: Warehouse) -> None:
    commit_stage(warehouse, open_night(warehouse, FIRST), "link", "f1", "nights/a", {})
    run = open_night(warehouse, SECOND, now=LATER)
    commit_stage(warehouse, run, "link", "f2", "nights/b", {})
    assert forget_stages(warehouse, run, before=SECOND) == ["nights/a"]
    assert find_stage(warehouse, FIRST, "link", "f1") is None
    assert find_stage(warehouse, SECOND, "link", "f2") is not None


def test_a_moment_without_a_time_zone_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(Exception, match="time zone"):
        open_night(warehouse, FIRST, now=datetime(2026, 3, 1, 18, 0))


@pytest.mark.parametrize("url", ["sqlite://", "mysql://u:geheim@h/d", "not a url", "postgresql://u:geheim@h/d"])
def test_an_unusable_url_is_refused_without_being_quoted(url: str) -> None:
    with pytest.raises(WarehouseUrlUnusable) as refusal:
        Warehouse(url)
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(
    "url", ["sqlite:////no/such/folder/w.db", "postgresql+psycopg://u:geheim@127.0.0.1:9/d?connect_timeout=2"]
)
def test_a_warehouse_that_is_away_is_unavailable(url: str) -> None:
    opened = Warehouse(url)
    with pytest.raises(WarehouseUnavailable) as refusal:
        latest_published(opened)
    assert is_unavailable(refusal.value)
    assert "geheim" not in str(refusal.value)
