"""Person ids over the nights."""

from tests.transforms.linkage.drawn import mention, number, person_of, resolved

HIS = {"name": "方子豪", "birth_date": "1999-03-10", "sex": "1"}
NUMBER = number("1999-03-10", 101)
BRIDGE = {"father_name": "方国强", "father_id_no": number("1970-01-01", 1)}


def register() -> dict[str, object]:
    return mention("household_register", "H1", id_no=NUMBER, **HIS)


def births(**told: object) -> dict[str, object]:
    return mention("births", "B1", "child", **{**HIS, **BRIDGE, **told})


def test_a_person_keeps_the_id_when_an_earlier_feed_mentions_it_later() -> None:
    late, early = mention("medical_settlements", "S1", id_no=NUMBER, **HIS), register()
    first = resolved(late)
    second = resolved(late, early, previous=first.links)
    assert person_of(second, early) == person_of(first, late)
    assert second.events.num_rows == 0


def test_a_merge_is_an_event_and_the_larger_persons_id_stays() -> None:
    stay = [mention("medical_settlements", f"S{n}", id_no=NUMBER, **HIS) for n in range(2)]
    alone = births(birth_date="1999-03-10", name=None, sex=None)
    first = resolved(*stay, alone)
    now_named = births()
    second = resolved(*stay, register(), now_named, previous=first.links)
    assert person_of(second, now_named) == person_of(first, stay[0])
    assert second.events.select(["event", "person_id", "into_person_id"]).to_pylist() == [
        {"event": "merge", "person_id": person_of(first, alone), "into_person_id": person_of(first, stay[0])}
    ]


def test_a_split_is_an_event_and_the_larger_part_keeps_the_id() -> None:
    stay = [register(), mention("medical_settlements", "S1", id_no=NUMBER, **HIS)]
    leaves = mention("low_income", "L1", id_no=NUMBER, name="方子豪")
    first = resolved(*stay, leaves)
    gone = mention("low_income", "L1", id_no=number("1950-05-05", 5), name="苗红")
    second = resolved(*stay, gone, previous=first.links)
    assert person_of(second, stay[0]) == person_of(first, stay[0])
    assert second.events.select(["event", "person_id", "into_person_id"]).to_pylist() == [
        {"event": "split", "person_id": person_of(first, stay[0]), "into_person_id": person_of(second, gone)}
    ]


def test_the_same_mentions_always_get_the_same_ids() -> None:
    assert resolved(register(), births()).links.equals(resolved(births(), register()).links)


def test_an_id_in_use_is_not_given_twice() -> None:
    anchor, other = register(), mention("medical_settlements", "S1", id_no=NUMBER, **HIS)
    more = [mention("medical_settlements", f"S{n}", id_no=NUMBER, **HIS) for n in (2, 3)]
    first = resolved(anchor, other, *more)
    moved = mention("household_register", "H1", id_no=number("1950-05-05", 5), name="苗红", birth_date="1950-05-05")
    second = resolved(moved, other, *more, previous=first.links)
    assert person_of(second, other) == person_of(first, anchor)
    assert person_of(second, moved) != person_of(second, other)


def test_a_person_that_comes_back_after_a_night_has_the_id_it_had() -> None:
    one, other = register(), mention("medical_settlements", "S1", name="苗红", id_no=number("1950-05-05", 5))
    first = resolved(one, other)
    gone = resolved(other, previous=first.links)
    back = resolved(one, other, previous=gone.links)
    assert back.links.equals(first.links)
    assert (gone.events.num_rows, back.events.num_rows) == (0, 0)


def test_of_a_person_in_two_halves_the_lower_id_goes_to_the_first() -> None:
    halves = [mention("medical_settlements", f"S{n}", id_no=NUMBER, **HIS) for n in range(2)]
    first = resolved(*halves)
    apart = [mention("medical_settlements", f"S{n}", id_no=number("1950-05-05", 5 + n), name="苗红") for n in range(2)]
    second = resolved(*apart, previous=first.links)
    stays, leaves = sorted(apart, key=lambda row: str(row["mention_id"]))
    assert person_of(second, stays) == person_of(first, halves[0])
    assert second.events["into_person_id"].to_pylist() == [person_of(second, leaves)]


def test_a_new_id_comes_from_the_first_mention_by_feed_then_key() -> None:
    entry = mention("household_register", "Z1", id_no=NUMBER, **HIS)
    later = [mention("medical_settlements", key, id_no=NUMBER, **HIS) for key in ("A1", "A2")]
    assert person_of(resolved(*later, entry), entry) == person_of(resolved(entry), entry)
    assert person_of(resolved(*later[::-1]), later[1]) == person_of(resolved(later[0]), later[0])
