"""A view in an agency's database: what is asked, what comes, and that nothing else can happen."""

import decimal
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from connectors.base import DeliveryUnreadable, FeedSource
from connectors.database.query import Seen, rows_of
from connectors.database.sessions import open_engine
from connectors.pulling import Window
from connectors.sentences import sentence
from tests.connectors.asked import COLUMNS, DAY, FEED, Asked, broken_line, change, cremation, make_view
from tests.nights import free_port

NIGHT_BEFORE = "2025-06-02T08:00:00"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, new_database: Callable[[str, bool], str]) -> str:
    made = new_database(request.param, False)
    if request.param == "sqlite":
        sa.create_engine(made).connect().close()
    return made


@pytest.fixture
def moment(url: str) -> sa.types.TypeEngine:
    """The type in which each database keeps a moment."""
    return sa.Text() if url.startswith("sqlite") else sa.DateTime()


def asked(url: str, **settings) -> Asked:
    return Asked(FeedSource(FEED, "database", url, **settings))


# -- what comes -------------------------------------------------------------------------------------------------


def test_a_pull_is_the_views_rows_under_our_own_names(url: str) -> None:
    make_view(url, [cremation(1, id_no="370303198001011234"), cremation(2)])
    door = asked(url)
    delivery, waiting = door.pull()
    found = door.read(delivery)
    assert (delivery.name, delivery.delivered_on, delivery.mode) == ("cremations_20250603_delta.parquet", DAY, "delta")
    assert (found.missing_columns, found.unknown_headers, waiting) == ((), (), [])
    assert found.table["id_no"].to_pylist() == ["370303198001011234", None]
    assert delivery.watermark == NIGHT_BEFORE


def test_values_of_every_type_keep_every_digit(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("postgresql", False)
    shanghai = timezone(timedelta(hours=8))
    values = {
        "id_no": 370303198001011234,
        "age": decimal.Decimal("81"),
        "died_on": datetime(2025, 6, 1, 23, 30, tzinfo=shanghai),
        "cremated_on": date(2025, 6, 2),
        "sex": True,
        "handler_phone": 3.70303e17,
    }
    kinds = {"id_no": sa.BigInteger(), "age": sa.Numeric(18, 0), "died_on": sa.DateTime(timezone=True),
             "cremated_on": sa.Date(), "sex": sa.Boolean(), "handler_phone": sa.Double(),
             "updated_at": sa.DateTime(timezone=True)}  # fmt: skip
    at = datetime(2025, 6, 3, 7, 59, 59, tzinfo=shanghai)
    make_view(url, [cremation(1) | values | {"updated_at": at}], columns=kinds)
    door = asked(url)
    row = door.rows()[0]
    assert [row[name] for name in values] == [
        "370303198001011234", "81", "2025-06-01 23:30:00", "2025-06-02", "1", "3.70303e+17",
    ]  # fmt: skip
    assert door.pull()[0].watermark == "2025-06-03T07:59:59"


def test_values_of_a_database_without_types_keep_every_digit(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("sqlite", False)
    kinds = {"id_no": sa.types.NullType(), "age": sa.types.NullType(), "handler_phone": sa.types.NullType()}
    numbers = "370303198001011234 AS id_no, 81 AS age, 1.5 AS handler_phone"
    others = [f"'x{name}' AS {name}" for name in COLUMNS if name not in kinds]
    columns = ", ".join([*kinds, *others, "'2025-06-02' AS updated_at"])
    change(url, f"CREATE TABLE cremations AS SELECT {columns} FROM (SELECT {numbers})")
    row = asked(url).rows()[0]
    assert [row[name] for name in kinds] == ["370303198001011234", "81", "1.5"]


def test_a_key_that_was_kept_as_a_rounded_number_is_a_row_fault(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("postgresql", False)
    make_view(url, [cremation(1, record_no=3.70303e17)], columns={"record_no": sa.Double()})
    door = asked(url)
    assert door.read(door.pull()[0]).faults["reason_code"].to_pylist() == ["digits_lost"]


def test_rare_characters_come_through(url: str) -> None:
    make_view(url, [cremation(1, name="𬎆㛃·𠮷", address='一"二\n三,四')])
    row = asked(url).rows()[0]
    assert (row["name"], row["address"]) == ("𬎆㛃·𠮷", '一"二\n三,四')


def test_of_a_keys_rows_the_latest_change_comes_last(url: str) -> None:
    rows = [cremation(1, "2025-06-02 09:00:00", name="新"), cremation(1, "2025-06-02 08:00:00", name="旧")]
    make_view(url, rows)
    assert [row["name"] for row in asked(url).rows()] == ["旧", "新"]


def test_a_view_of_another_name_and_columns_of_other_names(url: str) -> None:
    make_view(url, [], name="v_hh", columns={"swrq": sa.Text(), "gxsj": sa.Text()})
    kept = ", ".join(each for each in COLUMNS if each != "died_on")
    change(
        url,
        "DROP VIEW v_hh",
        f"CREATE VIEW v_hh AS SELECT {kept}, swrq, gxsj FROM v_hh_held",
        "INSERT INTO v_hh_held (record_no, swrq, gxsj) VALUES ('HH1', '2025-06-01', '2025-06-02 08:00:00')",
    )
    door = asked(url, view="v_hh", columns={"died_on": "swrq", "updated_at": "gxsj"})
    delivery, _ = door.pull()
    found = door.read(delivery)
    assert (found.missing_columns, found.unknown_headers) == ((), ())
    assert found.table["died_on"].to_pylist() == ["2025-06-01"]
    assert delivery.watermark == NIGHT_BEFORE


# -- which rows are asked for ---------------------------------------------------------------------------------------


def typed(kind: sa.types.TypeEngine, text: str) -> str | datetime:
    return text if isinstance(kind, sa.Text) else datetime.fromisoformat(text)


def test_only_what_changed_since_the_watermark_less_the_overlap(url: str, moment: sa.types.TypeEngine) -> None:
    hours = ["2025-05-20 01:00:00", "2025-06-01 08:00:00", "2025-06-02 08:00:00", "2025-06-03 01:00:00"]
    make_view(url, [cremation(n, typed(moment, at)) for n, at in enumerate(hours, 1)], columns={"updated_at": moment})
    assert asked(url).numbers() == ["HH00001", "HH00002", "HH00003", "HH00004"]
    assert asked(url).numbers(watermark=NIGHT_BEFORE) == ["HH00002", "HH00003", "HH00004"]
    narrow = asked(url, overlap_hours=0).numbers(watermark="2025-06-03T01:00:00")
    assert narrow[-1] == "HH00004"
    assert "HH00001" not in narrow


def test_rows_of_later_dates_wait_and_are_told(url: str, moment: sa.types.TypeEngine) -> None:
    rows = [cremation(1, typed(moment, "2025-06-03 23:59:59")), cremation(2, typed(moment, "2025-06-04 00:00:00"))]
    make_view(url, rows, columns={"updated_at": moment})
    door = asked(url)
    delivery, waiting = door.pull()
    assert door.numbers() == ["HH00001"]
    assert delivery.watermark == "2025-06-03T23:59:59", "a clock that runs ahead does not carry the watermark away"
    assert [(each.reason_code, each.detail["rows"]) for each in waiting] == [("rows_ahead", 1)]
    assert door.numbers(date(2025, 6, 4)) == ["HH00001", "HH00002"]


def test_rows_without_a_time_come_every_night(url: str) -> None:
    make_view(url, [cremation(1, None), cremation(2, ""), cremation(3, "0"), cremation(4, "2025-01-01")])
    assert sorted(asked(url).numbers(watermark=NIGHT_BEFORE)) == ["HH00001", "HH00002", "HH00003"]


@pytest.mark.parametrize("at", ["20250602080000", "2025/06/02 08:00", "2025-06-02T00:00:00Z", "2025-06-02 08:00:00.75"])
def test_a_time_may_be_text_of_several_shapes(new_database: Callable[[str, bool], str], at: str) -> None:
    url = new_database("sqlite", False)
    make_view(url, [cremation(1, at)])
    delivery, _ = asked(url).pull()
    assert delivery.watermark == NIGHT_BEFORE
    assert asked(url, overlap_hours=0).numbers(watermark=NIGHT_BEFORE) == ["HH00001"]


def test_a_full_pull_takes_everything_and_needs_no_updated_at(url: str) -> None:
    make_view(url, [])
    change(
        url,
        "DROP VIEW cremations",
        f"CREATE VIEW cremations AS SELECT {', '.join(COLUMNS)} FROM cremations_held",
        "INSERT INTO cremations_held (record_no) VALUES ('HH1')",
    )
    door = asked(url, mode="full")
    delivery, _ = door.pull(watermark=NIGHT_BEFORE)
    assert delivery.name == "cremations_20250603_full.parquet"
    assert door.numbers() == ["HH1"]
    assert asked(url).refusal().reason_code == "updated_at_missing"


def test_a_pull_of_nothing_is_a_delivery_of_no_rows(url: str) -> None:
    make_view(url, [cremation(1, "2025-01-01 00:00:00")])
    door = asked(url)
    delivery, _ = door.pull(watermark=NIGHT_BEFORE)
    found = door.read(delivery)
    assert (found.rows_read, found.missing_columns, delivery.watermark) == (0, (), None)


def test_the_same_date_again_takes_what_was_landed(url: str) -> None:
    make_view(url, [cremation(1)])
    door = asked(url)
    first, _ = door.pull()
    change(url, "DELETE FROM cremations_held", "DROP VIEW cremations")
    assert door.pull() == (first, [])


def test_the_same_rows_on_another_date_are_the_same_content(url: str) -> None:
    make_view(url, [cremation(1), cremation(2)])
    door = asked(url)
    first, second = door.pull()[0], door.pull(date(2025, 6, 4))[0]
    assert first.delivery_id == second.delivery_id
    assert (second.name, second.delivered_on) == ("cremations_20250604_delta.parquet", date(2025, 6, 4))


# -- drift -------------------------------------------------------------------------------------------------------------


def test_a_renamed_column_is_told_with_both_names_and_never_read(url: str) -> None:
    make_view(url, [])
    change(
        url,
        "DROP VIEW cremations",
        f"CREATE VIEW cremations AS SELECT {', '.join(COLUMNS)}, updated_at FROM cremations_held".replace(
            "died_on", "died_on AS died_on_date"
        ),
        "INSERT INTO cremations_held (record_no, died_on, updated_at) VALUES ('HH1', '2025-06-01', '2025-06-02')",
    )
    door = asked(url)
    delivery, _ = door.pull()
    found = door.read(delivery)
    assert (found.missing_columns, found.unknown_headers) == (("died_on",), ("died_on_date",))
    assert found.expected_headers["died_on"] == "died_on"
    assert b"2025-06-01" not in door.shelf.get(delivery.landed_path)
    mended = asked(url, columns={"died_on": "died_on_date"})
    assert mended.rows()[0]["died_on"] == "2025-06-01"


def test_columns_beyond_the_contract_never_leave_the_database(url: str) -> None:
    make_view(url, [cremation(1, religion="秘密的内容")], columns={"religion": sa.Text()})
    door = asked(url)
    delivery, _ = door.pull()
    assert door.read(delivery).unknown_headers == ("religion",)
    assert "秘密的内容".encode() not in door.shelf.get(delivery.landed_path)


def test_a_column_of_bytes_blocks_the_delivery(url: str) -> None:
    make_view(url, [cremation(1, name=b"\x00\x01")], columns={"name": sa.LargeBinary()})
    door = asked(url)
    with pytest.raises(DeliveryUnreadable) as told:
        door.read(door.pull()[0])
    assert (told.value.reason_code, told.value.detail) == ("column_not_text", {"header": "name"})


# -- what cannot be asked ------------------------------------------------------------------------------------------


def test_a_missing_view_is_told(url: str) -> None:
    assert (asked(url).refusal().reason_code, asked(url).refusal().detail) == ("view_missing", {"view": FEED})


def test_a_moment_that_is_a_number_is_told(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("postgresql", False)
    make_view(url, [], columns={"updated_at": sa.Integer()})
    assert asked(url).refusal().reason_code == "updated_at_type"


def test_a_missing_file_is_told_and_not_made(tmp_path) -> None:
    assert asked(f"sqlite:///{tmp_path}/none.db").refusal().reason_code == "database_missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "package"),
    [("mysql+pymysql://h/d", "PyMySQL"), ("dm+dmPython://h:5236", "dmPython + dmSQLAlchemy"), ("nobody://h", "nobody")],
)
def test_a_missing_driver_says_what_to_install(url: str, package: str) -> None:
    told = asked(url).refusal()
    assert told.reason_code == "driver_missing"
    assert package in sentence(told.reason_code, told.detail, "en")


def test_a_url_that_is_none_is_told() -> None:
    assert asked("nonsense").refusal().reason_code == "database_url_unusable"


def test_a_wrong_password_is_told_without_it(postgres_cluster) -> None:
    url = postgres_cluster.url("postgres").replace(postgres_cluster.password, "geheim-geheim")
    told = asked(url).refusal()
    assert told.reason_code == "database_refused"
    said = sentence(told.reason_code, told.detail, "en") + repr(told) + str(told.detail)
    assert "geheim" not in said
    assert f"127.0.0.1:{postgres_cluster.port}" in said


def test_no_right_to_read_is_told(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("postgresql", False)
    make_view(url, [cremation(1)])
    change(url, "DROP ROLE IF EXISTS reads_nothing", "CREATE ROLE reads_nothing LOGIN PASSWORD 'p'")
    other = sa.make_url(url).set(username="reads_nothing", password="p")
    told = asked(other.render_as_string(hide_password=False)).refusal()
    assert told.reason_code == "view_forbidden"


def test_a_server_that_is_down_is_told_after_some_attempts() -> None:
    url = f"postgresql+psycopg://a:b@127.0.0.1:{free_port()}/d"
    assert asked(url).refusal().reason_code == "database_away"


@pytest.fixture
def many(new_database: Callable[[str, bool], str]) -> str:
    """A view of 60,000 rows on PostgreSQL: some megabytes on the wire."""
    url = new_database("postgresql", False)
    make_view(url, [cremation(1)])
    others = ", ".join(f"'长长的文字' AS {name}" for name in COLUMNS if name != "record_no")
    drawn = f"SELECT n::text AS record_no, {others}, '2025-06-02'::text AS updated_at FROM generate_series(1, 60000) n"
    change(url, f"CREATE OR REPLACE VIEW cremations AS SELECT {', '.join(COLUMNS)}, updated_at FROM ({drawn}) x")
    return url


def test_a_line_that_breaks_is_tried_again(many: str) -> None:
    with broken_line(many, after_bytes=1_000_000, times=1) as (url, breaks):
        assert len(asked(url).rows()) == 60_000
        assert breaks == [1]


def test_a_line_that_always_breaks_lands_nothing(many: str) -> None:
    with broken_line(many, after_bytes=1_000_000, times=99) as (url, breaks):
        assert asked(url).refusal().reason_code == "database_away"
        assert sum(breaks) > 1


def test_a_view_that_fails_in_the_middle_lands_nothing(many: str) -> None:
    body = "SELECT CASE WHEN record_no = '59000' THEN (1 / 0)::text ELSE record_no END AS record_no"
    names = [*(name for name in COLUMNS if name != "record_no"), "updated_at"]
    change(many, f"CREATE VIEW v_late AS {body}, {', '.join(names)} FROM cremations")
    assert asked(many, view="v_late").refusal().reason_code == "view_fails"


def test_a_view_that_takes_too_long_is_given_up(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("postgresql", False)
    make_view(url, [cremation(1)])
    slow = ", ".join(f"h.{name}" for name in (*COLUMNS, "updated_at"))
    change(url, f"CREATE OR REPLACE VIEW cremations AS SELECT {slow} FROM cremations_held h, pg_sleep(20)")
    began = datetime.now()
    assert asked(url, time_limit_seconds=1).refusal().reason_code == "too_slow"
    assert datetime.now() - began < timedelta(seconds=10)


def test_a_file_that_takes_too_long_is_given_up(new_database: Callable[[str, bool], str]) -> None:
    url = new_database("sqlite", False)
    make_view(url, [cremation(n) for n in range(2000)])
    cross = "cremations_held a, cremations_held b, cremations_held c"
    change(
        url,
        "DROP VIEW cremations",
        f"CREATE VIEW cremations AS SELECT a.* FROM {cross} WHERE a.name || b.name || c.name = 'x'",
    )
    assert asked(url, time_limit_seconds=1).refusal().reason_code == "too_slow"


# -- only to read -----------------------------------------------------------------------------------------------------


def test_the_session_cannot_write(url: str) -> None:
    make_view(url, [cremation(1)])
    engine = open_engine(url, 5)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(sa.text("DELETE FROM cremations_held"))
    engine.dispose()


def test_a_function_in_a_view_cannot_write(new_database: Callable[[str, bool], str]) -> None:
    """The rows come over a second session of PostgreSQL: it is held to reading as well."""
    url = new_database("postgresql", False)
    make_view(url, [cremation(1)])
    names = ", ".join([*(name for name in COLUMNS if name != "name"), "updated_at"])
    change(
        url,
        "CREATE TABLE marks (n int)",
        "CREATE FUNCTION mark() RETURNS text LANGUAGE sql AS 'INSERT INTO marks VALUES (1); SELECT ''x''::text'",
        "DROP VIEW cremations",
        f"CREATE VIEW cremations AS SELECT {names}, mark() AS name FROM cremations_held",
    )
    assert asked(url).refusal().reason_code == "view_fails"
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM marks")) == 0
    engine.dispose()


def test_mysql_is_asked_in_its_own_words() -> None:
    held = sa.table(FEED, sa.column("record_no"), sa.column("updated_at"))
    seen = Seen(held, {"updated_at": sa.DateTime()}, ("record_no",), (), (), "updated_at", "mysql")
    asked_for = rows_of(seen, Window(datetime(2025, 6, 1), datetime(2025, 6, 4)))
    said = str(asked_for.compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True}))
    assert "cremations.updated_at >= '2025-06-01 00:00:00'" in said
    assert "cremations.updated_at < '2025-06-04 00:00:00'" in said


def test_what_lies_beside_a_pull_names_no_person_and_no_secret(url: str) -> None:
    make_view(url, [cremation(1)])
    door = asked(url)
    door.pull()
    beside = [json.loads(content) for path, content in door.shelf.kept.items() if path.endswith(".json")]
    assert len(beside) == 2
    assert "测试1" not in str(beside)
    assert url.partition("@")[0] not in str(beside)
    assert replace(door.source, url="x://account:secret@h/d").place == "x://h/d"
