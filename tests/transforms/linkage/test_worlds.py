"""What holds of persons whatever the weights, the clerks and the order."""

from itertools import combinations
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.linkage.drawn import table
from tests.transforms.linkage.worlds import MODEL, World, partition, persons, worlds
from transforms.linkage.clerks import Clerks
from transforms.linkage.clustering import bands_of, cluster
from transforms.linkage.evidence import edges_of, gather
from transforms.linkage.regions import join_carefully


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_a_person_has_one_trusted_number_one_row_of_the_register_and_one_role_a_record(world: World) -> None:
    by_id = {row["mention_id"]: row for row in world.mentions}
    for person in ([by_id[i] for i in ids] for ids in partition(world.resolved(decisions={}))):
        trusted = {m["id_no"] for m in person if m["birth_source"] == "stated"} - {None}
        entries = {m["id_no_text"] for m in person if m["feed"] == "household_register"}
        records = [(m["feed"], m["record_key"]) for m in person]
        assert (len(trusted) <= 1, len(entries) <= 1, len(records) - len({*records})) == (True, True, 0)


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_no_order_of_mentions_pairs_or_decisions_matters(world: World, orders: Random) -> None:
    order = [*range(len(world.mentions))]
    orders.shuffle(order)
    assert world.resolved(order=order).links.equals(world.resolved().links)
    assert world.resolved(order=order).review.equals(world.resolved().review)


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_a_clerks_different_always_holds(world: World) -> None:
    person = persons(world.resolved())
    for pair, same in world.decisions.items():
        a, b = world.ids(pair)
        assert same or person[a] != person[b]


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_a_clerks_same_holds_unless_another_clerk_has_parted_the_chain(world: World) -> None:
    person = persons(world.resolved())
    for chain in chains(world):
        parted = any({*pair} <= chain for pair, same in world.decisions.items() if not same)
        assert parted or len({person[world.mentions[i]["mention_id"]] for i in chain}) == 1


def chains(world: World) -> list[set[int]]:
    """Mentions that clerks' `same` ties together."""
    found = [{i} for i in range(len(world.mentions))]
    for pair in (pair for pair, same in world.decisions.items() if same):
        touched = [chain for chain in found if chain & {*pair}]
        found = [chain for chain in found if chain not in touched] + [set().union(*touched)]
    return found


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_what_a_clerk_has_called_different_is_not_asked_again(world: World) -> None:
    outcome = world.resolved()
    person = persons(outcome)
    asked = {(person[row["mention_id"]], row["candidate_person_id"]) for row in outcome.review.to_pylist()}
    for pair in (pair for pair, same in world.decisions.items() if not same):
        one, other = (person[mention_id] for mention_id in world.ids(pair))
        assert not asked & {(one, other), (other, one)}


@given(worlds(), st.data())
@settings(max_examples=80, deadline=None)
def test_a_person_keeps_its_id_or_an_event_tells_where_it_went(world: World, data: st.DataObject) -> None:
    some = st.frozensets(st.sampled_from(range(len(world.mentions))), min_size=1)
    first, known = world.resolved(known=data.draw(some)), data.draw(some)
    second = world.resolved(known=known, previous=first.links)
    before, after = persons(first), persons(second)
    assert partition(second) == partition(world.resolved(known=known))
    told = {(e["person_id"], e["into_person_id"]) for e in second.events.to_pylist()}
    assert {(before[m], after[m]) for m in before.keys() & after.keys() if before[m] != after[m]} == told
    stayed = {frozenset(person & after.keys()): before[min(person)] for person in partition(first)}
    for person in partition(second):
        if (old := frozenset(person & before.keys())) in stayed and old:
            assert after[min(person)] == stayed[old]


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_settling_the_plain_cases_at_once_is_joining_every_one_with_care(world: World) -> None:
    evidence = gather(table(*world.mentions))
    edges = edges_of(evidence, world.pairs_table(), MODEL)
    nobody, bands = Clerks([], []), bands_of(evidence, edges, MODEL.thresholds)
    everybody = np.arange(len(world.mentions))
    roots = join_carefully(evidence, edges, bands, nobody, MODEL.thresholds, everybody)
    label = cluster(evidence, edges, MODEL.thresholds, nobody).label
    assert all((roots[i] == roots[j]) == (label[i] == label[j]) for i, j in combinations(everybody, 2))
