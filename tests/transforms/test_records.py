"""The record state: what a delivery changes, whatever the order in which deliveries come."""

from datetime import date, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.drawn import DAY, parsed
from transforms.records import merge_records

LATER = DAY + timedelta(days=1)


def rows(drawing, delivered_on=LATER):
    table = parsed("cremations", "record_no | name | cremated_on\n" + (drawing or "x | x | x"), delivered_on).table
    return table if drawing else table.slice(0, 0)


def merge(current, drawing, *, delivered_on=DAY, full=False, business_date=None, place=0, refused=()):
    return merge_records(
        current,
        rows(drawing),
        full=full,
        delivery_id=f"D{delivered_on:%d}",
        delivered_on=delivered_on,
        business_date=business_date or delivered_on,
        place=place,
        refused_in_full=pa.array(refused, pa.string()),
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


def test_of_two_deliveries_on_one_day_the_higher_place_counts_whenever_it_comes():
    second = merge(None, "H1 | 李四 | 20250601", place=2)
    first = merge(second.state, "H1 | 张三 | 20250601", place=1)
    assert told(first.state) == {"H1": ("李四", "active")}
    again = merge(first.state, "H1 | 王五 | 20250601", place=2)
    assert told(again.state) == {"H1": ("王五", "active")}


def test_a_record_whose_row_was_refused_is_not_gone_from_a_full_delivery():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    second = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER, full=True, refused=["H2"])
    assert told(second.state)["H2"] == ("李四", "active")
    assert second.withdrawn_keys.to_pylist() == []


def test_a_withdrawn_record_is_back_where_a_full_delivery_has_it_in_a_refused_row():
    first = merge(None, "H1 | 张三 | 20250601\nH2 | 李四 | 20250601")
    gone = merge(first.state, "H1 | 张三 | 20250601", delivered_on=LATER, full=True)
    back = merge(gone.state, "H1 | 张三 | 20250601", delivered_on=LATER + timedelta(days=1), full=True, refused=["H2"])
    assert told(back.state)["H2"] == ("李四", "active")
    assert back.changed_keys.to_pylist() == ["H2"]
    assert back.state["_known_on"].to_pylist() == [DAY, LATER + timedelta(days=1)]


def test_a_state_of_before_places_were_kept_goes_on():
    first = merge(None, "H1 | 张三 | 20250601", full=True).state.drop_columns(["_seen_no", "_full_no"])
    second = merge(first, "H2 | 李四 | 20250601", delivered_on=LATER, full=True)
    assert told(second.state) == {"H1": ("张三", "withdrawn"), "H2": ("李四", "active")}


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


# -- deliveries and what people mend in them, in any order, against an oracle that looks at all of them at once ------

KEYS = st.sampled_from(["H1", "H2", "H3"])
MENDED = st.fixed_dictionaries(
    {"rows": st.dictionaries(KEYS, st.sampled_from("甲乙")), "refused": st.dictionaries(KEYS, st.sampled_from("丙丁")),
     "mended": st.sets(KEYS), "full": st.booleans(), "place": st.integers(0, 1)}
)  # fmt: skip


def drawn(names):
    return "\n".join(f"{key} | 张{name} | 20250601" for key, name in names.items())


def events(deliveries):
    """(delivery, None) for its arrival, (delivery, key) for the mending of a row that it refused."""
    for delivery in deliveries:
        yield delivery, None
        yield from ((delivery, key) for key in sorted(delivery["mended"] & set(delivery["refused"])))


def in_some_order(deliveries, random):
    """Any order in which each delivery comes before what is mended in it."""
    shuffled = random.sample(found := list(events(deliveries)), len(found))
    came, waiting = [], []
    for delivery, key in shuffled:
        if key is None:
            came += [(delivery, None), *[each for each in waiting if each[0] is delivery]]
        elif any(each is delivery and at is None for each, at in came):
            came.append((delivery, key))
        else:
            waiting.append((delivery, key))
    return came


def merged(came):
    state, latest = None, None
    for delivery, key in came:
        if key is None and delivery["full"] and (latest is None or delivery["at"] > latest["at"]):
            latest = delivery
        rows_of = delivery["rows"] if key is None else {key: delivery["refused"][key]}
        state = merge(
            state, drawn(rows_of), delivered_on=delivery["at"][0], place=delivery["at"][1],
            full=delivery["full"] and key is None, business_date=date(2025, 7, 1),
            refused=sorted(latest["refused"]) if latest else (),
        ).state  # fmt: skip
    return told(state)


def looked_at_all(deliveries):
    versions = {}
    for delivery in sorted(deliveries, key=lambda each: each["at"]):
        mended = {key: delivery["refused"][key] for key in delivery["mended"] & set(delivery["refused"])}
        for key, name in (delivery["rows"] | mended).items():
            versions[key] = (f"张{name}", delivery["at"])
    latest = max((each for each in deliveries if each["full"]), key=lambda each: each["at"], default=None)
    is_there = {
        key: latest is None or at >= latest["at"] or key in latest["refused"] for key, (_, at) in versions.items()
    }
    return {key: (name, "active" if is_there[key] else "withdrawn") for key, (name, _) in versions.items()}


@settings(max_examples=120, deadline=None)
@given(st.lists(MENDED, min_size=1, max_size=5), st.randoms())
def test_neither_the_order_of_deliveries_nor_of_mendings_changes_the_state(deliveries, random):
    for number, each in enumerate(deliveries):
        each["refused"] = {key: name for key, name in each["refused"].items() if key not in each["rows"]}
        each["at"] = (DAY + timedelta(days=number // 2), 2 * (number % 2) + each["place"])
        each["rows"] = each["rows"] or {"H9": "甲"}  # a state without a row does not keep when it was full
    assert merged(in_some_order(deliveries, random)) == looked_at_all(deliveries)
