"""What stands behind a column: read off contracts and queries, and never a table or column that is not there."""

import pytest

from transforms import schemas
from transforms.feeds import FEEDS, load_contract
from transforms.lineage.columns import Kind, Source, life_event_columns, mention_columns, told_by
from transforms.lineage.queries import Behind, columns_behind
from transforms.lineage.stages import columns_of, load_stages, of_feeds, titles
from transforms.sql import feed_shape
from warehouse.views import VIEW_NAMES, view_columns

TABLES = {"t": ("a", "b", "c", "d"), "u": ("x",)}


def behind(values: str, deciding: str = "") -> Behind:
    return Behind(frozenset(values), frozenset(deciding))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a, b + c AS s FROM t", {"a": behind("a"), "s": behind("bc")}),
        ("SELECT CASE WHEN a = 1 THEN b ELSE 'n' END AS x FROM t", {"x": behind("b", "a")}),
        ("SELECT a FROM t WHERE c = 1 AND d > 2", {"a": behind("a", "cd")}),
        ("SELECT 'k' AS k FROM t", {"k": behind("")}),
        ("SELECT a AS n FROM t UNION ALL SELECT x FROM u", {"n": behind("ax")}),
        ("SELECT s FROM (SELECT *, a || b AS s FROM t)", {"s": behind("ab")}),
        ("SELECT n = 1 AS first FROM (SELECT *, row_number() OVER (PARTITION BY a ORDER BY b) AS n FROM t)",
         {"first": behind("", "ab")}),
        ("SELECT a, who FROM t, (VALUES ('m'), ('w')) AS parties(who)", {"a": behind("a"), "who": behind("")}),
    ],
)  # fmt: skip
def test_columns_behind_a_query(sql: str, expected: dict[str, Behind]) -> None:
    assert columns_behind(sql, TABLES) == expected


@pytest.mark.parametrize("sql", ["SELECT nobody FROM t", "SELECT a FROM nowhere"])
def test_what_is_not_there_is_no_guess(sql: str) -> None:
    with pytest.raises(KeyError):
        columns_behind(sql, TABLES)


def test_what_cannot_be_read_says_so() -> None:
    with pytest.raises(ValueError, match="syntax"):
        columns_behind("SELEC a FROM t", TABLES)


def test_a_death_is_dated_by_three_agencies() -> None:
    dated = [each for each in life_event_columns()["occurred_on"] if each.kind is Kind.made]
    assert Source("records/death_certificates", "died_at", Kind.made) in dated
    assert Source("records/cremations", "died_on", Kind.made) in dated
    assert Source("records/household_register", "cancelled_on", Kind.made) in dated


def test_a_mother_is_known_by_her_number_and_told_of_beside_her_child() -> None:
    columns = mention_columns()
    number = Source("records/births", "mother_id_no", Kind.made)
    assert number in columns["id_no"] and number in columns["mother_id_no"]
    assert number not in columns["father_id_no"]


@pytest.mark.parametrize("feed", FEEDS)
def test_who_is_told_of_by_which_column(feed: str) -> None:
    contract = load_contract(feed)
    told = told_by(feed)
    assert {role for role, _, _ in told} == {rule.role for rule in contract.mentions}
    assert {column for _, _, column in told} <= set(contract.column_names)


def shown(table: str) -> set[str]:
    """The columns that a table of stages.yaml really has."""
    if table in VIEW_NAMES:
        return set(view_columns(table)) | {"detail"}
    if table.startswith("records/"):
        return set(feed_shape(table.removeprefix("records/")).names)
    return set({"mentions": schemas.MENTIONS, "pairs": schemas.PAIRS}[table].names)


def test_every_source_and_every_column_is_there() -> None:
    for stage in load_stages():
        for table in of_feeds(stage.writes):
            columns = columns_of(table)
            assert set(columns) <= shown(table), table
            for source in {source for sources in columns.values() for source in sources}:
                if not source.table.startswith("delivery/"):
                    assert source.column in shown(source.table), source


def test_every_table_of_the_graph_is_published_or_kept_in_the_lake() -> None:
    named = set(titles("tables"))
    assert {name for name in named if name.startswith("v_")} <= set(VIEW_NAMES)
    read = {name for stage in load_stages() for name in (*stage.reads, *stage.writes)}
    assert read == named
