"""Clustering what a night has touched gives what clustering everybody gives: links, questions, events."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.linkage.drawn import Mention, mention, number
from tests.transforms.linkage.worlds import WIDTH, World, persons, worlds
from transforms.linkage import Resolved
from transforms.linkage.review import Review, in_order


def following(world: World, draw: st.DrawFn) -> World:
    """What one night knows of the world: some mentions, some pairs between them, some of what clerks have said.

    A mention may say something else than in another night, and a pair may weigh something else.
    """
    places = sorted(draw(st.sets(st.sampled_from(range(len(world.mentions))))))
    place_of = {old: new for new, old in enumerate(places)}
    mentions = tuple(_changed(world.mentions[i]) if draw(st.integers(0, 5)) == 0 else world.mentions[i] for i in places)
    pairs = {
        (place_of[a], place_of[b]): (draw(st.sampled_from([told[0], told[0], told[0], 4.0, 30.0])), told[1])
        for (a, b), told in world.pairs.items()
        if {a, b} <= {*places} and draw(st.integers(0, 4))
    }
    decisions = {
        (place_of[a], place_of[b]): same
        for (a, b), same in world.decisions.items()
        if {a, b} <= {*places} and draw(st.booleans())
    }
    return World(mentions, pairs, decisions)


def _changed(mention: Mention) -> Mention:
    # Without number and name the rule no longer joins it to anybody.
    unknown = dict.fromkeys(("name", "id_no", "id_no_text"))
    return {**mention, **unknown, "id_state": "missing", "content_hash": "another"}


@st.composite
def successions(draw: st.DrawFn) -> list[World]:
    """Four nights of one world."""
    world = draw(worlds())
    return [following(world, draw) for _ in range(4)]


def told(world: World) -> tuple[dict[str, Mention], dict[tuple[str, ...], tuple[float, str]]]:
    by_id = {mention["mention_id"]: mention for mention in world.mentions}
    return by_id, {tuple(world.ids(pair)): facts for pair, facts in world.pairs.items()}


def looked_at(before: World, world: World, one_of: Callable[[tuple[str, ...]], str]) -> frozenset[int]:
    """Every mention that is new or changed, and one mention of every pair that came, changed or went between two."""
    (mentions_before, pairs_before), (mentions, pairs) = told(before), told(world)
    ids = {i for i, mention in mentions.items() if mentions_before.get(i) != mention}
    different = {pair for pair in pairs.keys() | pairs_before.keys() if pairs.get(pair) != pairs_before.get(pair)}
    ids |= {one_of(pair) for pair in different if {*pair} <= mentions.keys()}
    return frozenset(place for place, mention in enumerate(world.mentions) if mention["mention_id"] in ids)


def grouped(outcome: Resolved) -> set[frozenset[str]]:
    table = outcome.groups.append_column("mention_id", outcome.links["mention_id"])
    groups = table.group_by("group").aggregate([("mention_id", "list")])
    return {frozenset(ids) for ids in groups["mention_id_list"].to_pylist()}


@given(successions(), st.sampled_from([min, max]))
@settings(max_examples=300, deadline=None)
def test_what_is_not_touched_is_as_if_everybody_had_been_clustered(
    nights: list[World], one_of: Callable[[tuple[str, ...]], str]
) -> None:
    outcome = nights[0].resolved()
    for before, world in pairwise(nights):
        expected = world.resolved(previous=outcome.links)
        outcome = world.resolved_again(outcome, looked_at(before, world, one_of))
        assert outcome.links.equals(expected.links)
        assert outcome.review.equals(expected.review)
        assert outcome.worth.equals(expected.worth)
        assert outcome.events.equals(expected.events)
        assert outcome.groups["is_decided"].equals(expected.groups["is_decided"])
        assert grouped(outcome) == grouped(expected)


@given(worlds())
@settings(max_examples=40, deadline=None)
def test_a_night_on_which_nothing_changed_changes_nothing(world: World) -> None:
    first = world.resolved()
    second = world.resolved_again(first, frozenset())
    assert second.links.equals(first.links)
    assert second.review.equals(first.review)
    assert second.events.num_rows == 0


HIS = {"name": "方子豪", "id_no": number("1999-03-10", 101)}
ENTRY = mention("household_register", "H1", **HIS)
STAYS, MORE = (mention("medical_settlements", key, **HIS) for key in ("S1", "S2"))


def world_of(*mentions: Mention) -> World:
    return World(mentions, {}, {})


def test_who_leaves_a_person_by_another_number_does_not_take_its_id_along() -> None:
    first = world_of(ENTRY, STAYS, MORE).resolved()
    other = mention("medical_settlements", "S2", name="苗红", id_no=number("1950-05-05", 5))
    second = world_of(ENTRY, STAYS, other).resolved_again(first, frozenset([2]))
    person = persons(second)
    assert person[STAYS["mention_id"]] == persons(first)[STAYS["mention_id"]] != person[other["mention_id"]]
    assert second.events["event"].to_pylist() == ["split"]


def test_an_id_that_an_untouched_person_has_is_not_given_again() -> None:
    first = world_of(ENTRY, STAYS, MORE).resolved()
    second = world_of(STAYS, MORE).resolved_again(first, frozenset())
    other = mention("household_register", "H1", name="苗红", id_no=number("1950-05-05", 5))
    last = world_of(other, STAYS, MORE).resolved_again(second, frozenset([0]))
    assert last.links.equals(world_of(other, STAYS, MORE).resolved(previous=second.links).links)
    assert len({*persons(last).values()}) == 2


def test_an_entry_that_leaves_one_person_after_another_gets_an_id_that_nobody_has() -> None:
    known: list[Mention] = []
    outcome: Resolved | None = None
    for serial in range(4):
        told = {"name": "方子豪", "id_no": number("1999-03-10", 101 + 2 * serial)}
        entry = mention("household_register", "H1", **told)
        new = [mention("medical_settlements", f"S{serial}{place}", **told) for place in range(2)]
        known = [entry, *new, *known[1:]]
        world = world_of(*known)
        expected = world.resolved(previous=outcome and outcome.links)
        outcome = world.resolved_again(outcome, frozenset(range(3))) if outcome else expected
        assert outcome.links.equals(expected.links)
        assert len({*persons(outcome).values()}) == serial + 1


def test_who_was_left_out_for_a_slip_of_the_form_is_looked_at_when_the_slip_is_mended() -> None:
    both = [mention("births", "B1", role, **HIS) for role in ("child", "mother")]  # number and name of one, twice
    first = world_of(*both, STAYS).resolved()
    assert len({*persons(first).values()}) == 2
    for stays in both:
        mended = world_of(stays, STAYS)
        after = mended.resolved_again(first, frozenset())
        assert after.links.equals(mended.resolved(previous=first.links).links)
        assert len({*persons(after).values()}) == 1


def test_the_questions_of_tonight_and_of_before_stand_in_one_order() -> None:
    roles = {"births": "child", "only_child_certificates": "child"}
    told = [mention(feed, key, role, name="方子豪") for key in "123" for feed, role in roles.items()]
    weights = (2.0, 4.0, 3.0)
    world = World(tuple(told), {(2 * i, 2 * i + 1): (bits, "0" * WIDTH) for i, bits in enumerate(weights)}, {})
    first = world.resolved()
    assert first.worth["bits"].to_pylist() == [4.0, 3.0, 2.0]
    for touched in range(len(told)):
        after = world.resolved_again(first, frozenset([touched]))
        assert after.review.equals(first.review)
        assert after.worth.equals(first.worth)


@given(
    st.permutations(
        [(0, 9.0, "M1", "C1"), (0, 9.0, "M1", "C2"), (0, 9.0, "M2", "C1"), (0, 4.0, "M1", "C3"), (1, 9.0, "M1", "C4")]
    )
)
def test_questions_are_put_in_order_whatever_order_they_had(rows: list[tuple[int, float, str, str]]) -> None:
    rank, bits, ids, candidates = map(list, zip(*rows, strict=True))
    asked = Review(
        pa.table({"mention_id": ids, "candidate_mention_id": candidates}), pa.table({"rank": rank, "bits": bits})
    )
    found = in_order(asked)
    told = [*found.worth.to_pydict().values(), *found.rows.to_pydict().values()]
    assert [*zip(*told, strict=True)] == sorted(rows, key=lambda row: (row[0], -row[1], *row[2:]))


def test_who_is_not_touched_is_taken_as_it_stands() -> None:
    two = tuple(mention("medical_settlements", f"S{serial}", name="方子豪") for serial in range(2))
    world = World(two, {}, {})
    first = world.resolved()
    place, marks = first.links.column_names.index("match_probability"), pa.array([0.25, 0.5])
    before = replace(first, links=first.links.set_column(place, "match_probability", marks))
    touched = world.mentions.index(min(two, key=lambda row: str(row["mention_id"])))
    after = world.resolved_again(before, frozenset([touched]))
    assert after.links["match_probability"].to_pylist() == [1.0, 0.5]
