"""The record state: what a delivery changes, whatever the order in which deliveries come."""

from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.drawn import DAY, parsed
from transforms.records import merge_records

LATER = DAY + timedelta(days=1)


def rows(drawing, delivered_on=LATER):
    return parsed("cremations", "record_no | name | cremated_on\n" + drawing, delivered_on).table


def merge(current, drawing, *, delivered_on=DAY, full=False, business_date=None):
    return merge_records(
        current,
        rows(drawing),
        full=full,
        delivery_id=f"D{delivered_on:%d}",
        delivered_on=delivered_on,
        business_date=business_date or delivered_on,
    )


def told(state):
    """record key → (name, status)."""
    return {row["_record_key"]: (row["name"], row["_status"]) for row in state.to_pylist()}


def test_a_first_delivery_is_taken_whole():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    assert told(first.state) == {"H1": ("张三", "active"), "H2": ("李四", "active")}
    assert (first.rows_accepted, first.rows_unchanged) == (2, 0)
    assert first.changed_keys.to_pylist() == ["H1", "H2"]


def test_the_same_content_again_keeps_its_old_row():
    first = merge(None, "H1 | 张三 | 20250601")
    again = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER)
    assert (again.rows_accepted, again.rows_unchanged) == (0, 1)
    assert again.state["_delivered_on"].to_pylist() == [DAY]
    assert again.changed_keys.to_pylist() == []


def test_a_new_version_replaces_the_old_and_keeps_when_the_record_was_first_known():
    first = merge(None, "H1 | 张三 | 20250601")
    second = merge(first.state, "H1 | 张三丰 | 20250601", delivered_on=LATER)
    row = second.state.to_pylist()[0]
    assert (row["name"], row["_delivery_id"], row["_delivered_on"]) == ("张三丰", "D03", LATER)
    assert (row["_first_known_on"], row["_known_on"]) == (DAY, LATER)
    assert second.changed_keys.to_pylist() == ["H1"]


def test_an_older_delivery_that_arrives_late_does_not_overwrite():
    first = merge(None, "H1 | 张三丰 | 20250601", delivered_on=LATER)
    late = merge(first.state, "H1 | 张三 | 20250601", delivered_on=DAY, business_date=LATER)
    assert told(late.state) == {"H1": ("张三丰", "active")}
    assert (late.rows_accepted, late.rows_unchanged) == (0, 1)


def test_a_version_confirmed_since_is_newer_than_a_delivery_in_between():
    first = merge(None, "H1 | 张三 | 20250601")
    confirmed = merge(first.state, "H1 | 张三 | 20250601", delivered_on=DAY + timedelta(days=2))
    between = merge(confirmed.state, "H1 | 李四 | 20250601", delivered_on=LATER)
    assert told(between.state) == {"H1": ("张三", "active")}


def test_one_record_twice_in_a_delivery_counts_once():
    first = merge(None, "H1 | 张三 | 20250601\nH1 | 张三 | 20250601")
    assert (first.rows_accepted, first.rows_unchanged) == (1, 1)
    assert first.state["_row_number"].to_pylist() == [2]


def test_what_a_full_delivery_lacks_is_withdrawn():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    second = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER, full=True)
    assert told(second.state) == {"H1": ("张三", "active"), "H2": ("李四", "withdrawn")}
    assert second.withdrawn_keys.to_pylist() == ["H2"]


def test_a_withdrawal_is_known_since_its_night():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    second = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER, full=True)
    assert second.state["_known_on"].to_pylist() == [DAY, LATER]
    assert second.state["_first_known_on"].to_pylist() == [DAY, DAY]


def test_a_delta_withdraws_nothing():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    second = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER)
    assert second.withdrawn_keys.to_pylist() == []
    assert told(second.state)["H2"] == ("李四", "active")


def test_a_withdrawn_record_that_is_delivered_again_is_active_again():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    gone = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER, full=True)
    back = merge(gone.state, "H2 | 李四 | 20250601", delivered_on=LATER + timedelta(days=1))
    assert told(back.state)["H2"] == ("李四", "active")
    assert back.changed_keys.to_pylist() == ["H2"]
    assert back.rows_accepted == 1


def test_a_record_known_only_from_before_a_full_delivery_without_it_is_withdrawn():
    full = merge(None, "H1 | 张三 | 20250601", delivered_on=LATER, full=True)
    late = merge(full.state, "H2 | 李四 | 20250601", delivered_on=DAY, business_date=LATER)
    assert told(late.state)["H2"] == ("李四", "withdrawn")


def test_of_two_deliveries_on_one_day_the_later_arrival_counts():
    first = merge(None, "H1 | 张三 | 20250601")
    second = merge(first.state, "H1 | 李四 | 20250601")
    assert told(second.state) == {"H1": ("李四", "active")}


def test_a_column_that_the_contract_has_gained_is_null_in_older_rows():
    first = merge(None, "H1 | 张三 | 20250601").state.drop_columns(["age"])
    second = merge(first, "H2 | 李四 | 20250601", delivered_on=LATER)
    assert second.state["age"].to_pylist() == [None, None]


def test_an_empty_delivery_changes_nothing():
    first = merge(None, "H1 | 张三 | 20250601")
    empty = merge_records(
        first.state, rows("H1 | 张三 | 20250601").slice(0, 0), full=False, delivery_id="D9",
        delivered_on=LATER, business_date=LATER,
    )  # fmt: skip
    assert empty.state.equals(first.state)


CONTENTS = st.dictionaries(st.sampled_from(["H1", "H2", "H3", "H4"]), st.sampled_from("甲乙"), min_size=1)
DELIVERIES = st.lists(st.tuples(CONTENTS, st.booleans()), min_size=1, max_size=5).map(
    lambda deliveries: [(DAY + timedelta(days=place), *each) for place, each in enumerate(deliveries)]
)


def applied(deliveries):
    state = None
    for delivered_on, contents, full in deliveries:
        drawing = "\n".join(f"{key} | 张{name} | 20250601" for key, name in contents.items())
        state = merge(state, drawing, delivered_on=delivered_on, full=full, business_date=date(2025, 7, 1)).state
    return state


@settings(max_examples=40, deadline=None)
@given(DELIVERIES, st.randoms())
def test_the_order_in_which_deliveries_come_does_not_change_the_state(deliveries, random):
    shuffled = random.sample(deliveries, len(deliveries))
    assert told(applied(shuffled)) == told(applied(deliveries))


@settings(max_examples=40, deadline=None)
@given(DELIVERIES, CONTENTS, st.booleans(), st.integers(0, 9))
def test_a_delivery_twice_changes_nothing_the_second_time(deliveries, contents, full, day):
    drawing = "\n".join(f"{key} | 张{name} | 20250601" for key, name in contents.items())
    delivered_on = DAY + timedelta(days=day)
    once = merge(applied(deliveries), drawing, delivered_on=delivered_on, full=full)
    twice = merge(once.state, drawing, delivered_on=delivered_on, full=full)
    assert twice.state.equals(once.state)
    assert (twice.rows_accepted, twice.rows_unchanged) == (0, len(contents))
    assert len(twice.changed_keys) == len(twice.withdrawn_keys) == 0


@settings(max_examples=40, deadline=None)
@given(DELIVERIES, st.lists(st.tuples(st.sampled_from(["H1", "H2", "H9"]), st.sampled_from("甲乙")), min_size=1))
def test_every_row_is_accepted_or_unchanged(deliveries, lines):
    drawing = "\n".join(f"{key} | 张{name} | 20250601" for key, name in lines)
    result = merge(applied(deliveries), drawing, delivered_on=DAY + timedelta(days=2))
    assert result.rows_accepted + result.rows_unchanged == len(lines)
    assert pa.compute.count_distinct(result.state["_record_key"]).as_py() == len(result.state)
