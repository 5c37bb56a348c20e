"""Identity is a function of the set of mentions, not of the order or the nights in which they come."""

import random

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.linkage.district import District, district
from tests.transforms.linkage.drawn import NIGHT
from transforms.linkage import Resolved, default_model, freeze_frequencies, link, pair, resolve, resolve_again

DISTRICT: District = district(30, seed=8)
FREQUENCIES = freeze_frequencies(DISTRICT.mentions)
MODEL = default_model()


def partition(outcome: Resolved) -> set[frozenset[str]]:
    persons: dict[str, set[str]] = {}
    for row in outcome.links.to_pylist():
        persons.setdefault(row["person_id"], set()).add(row["mention_id"])
    return {frozenset(members) for members in persons.values()}


def at_once() -> tuple[pa.Table, Resolved]:
    everybody = DISTRICT.mentions
    pairs = link(everybody, everybody["mention_id"].combine_chunks(), None, MODEL, FREQUENCIES)
    return pairs, resolve(everybody, pairs, None, MODEL, known_on=NIGHT)


AT_ONCE = at_once()


def nights(orders: random.Random, count: int) -> list[pa.Table]:
    """The mentions in random order, cut into that many nights."""
    rows = list(range(DISTRICT.mentions.num_rows))
    orders.shuffle(rows)
    cuts = sorted(orders.sample(range(1, len(rows)), count - 1))
    return [DISTRICT.mentions.take(rows[i:j]) for i, j in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


@given(st.randoms(use_true_random=False), st.integers(1, 4))
@settings(max_examples=6, deadline=None)
def test_any_batching_gives_the_same_pairs_and_persons(orders: random.Random, count: int) -> None:
    current, pairs, links = DISTRICT.mentions.slice(0, 0), None, None
    for batch in nights(orders, count):
        current = pa.concat_tables([current, batch])
        pairs = link(current, batch["mention_id"].combine_chunks(), pairs, MODEL, FREQUENCIES)
        outcome = resolve(current, pairs, links, MODEL, known_on=NIGHT)
        links = outcome.links
    assert pairs is not None
    assert pairs.equals(AT_ONCE[0])
    assert partition(outcome) == partition(AT_ONCE[1])


def published(outcome: Resolved) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Links and review, every person by the first of its mentions: ids follow the order in which somebody was met."""
    first: dict[str, str] = {}
    for row in outcome.links.to_pylist():
        first.setdefault(row["person_id"], row["mention_id"])
    links = [{**row, "person_id": first[row["person_id"]]} for row in outcome.links.to_pylist()]
    asked = [{**row, "pair_id": None, "candidate_person_id": first[row["candidate_person_id"]]}
             for row in outcome.review.to_pylist()]  # fmt: skip
    return links, asked


@given(st.randoms(use_true_random=False), st.integers(2, 12))
@settings(max_examples=10, deadline=None)
def test_nights_that_cluster_what_they_touch_publish_what_one_full_night_does(
    orders: random.Random, count: int
) -> None:
    first, *later = nights(orders, count)
    paired = pair(first, first["mention_id"].combine_chunks(), None, MODEL, FREQUENCIES)
    outcome, current = resolve(first, paired.pairs, None, MODEL, known_on=NIGHT), first
    for batch in later:
        current = pa.concat_tables([current, batch])
        paired = pair(current, batch["mention_id"].combine_chunks(), paired.pairs, MODEL, FREQUENCIES)
        expected = resolve(current, paired.pairs, outcome.links, MODEL, known_on=NIGHT)
        outcome = resolve_again(current, paired.pairs, paired.again, outcome, MODEL, known_on=NIGHT)
        assert outcome.links.equals(expected.links)
        assert outcome.review.equals(expected.review)
        assert outcome.events.equals(expected.events)
    assert published(outcome) == published(AT_ONCE[1])


@given(st.randoms(use_true_random=False))
@settings(max_examples=4, deadline=None)
def test_a_mention_that_changed_and_changed_back_leaves_no_trace(orders: random.Random) -> None:
    victim = orders.choice(DISTRICT.mentions["mention_id"].to_pylist())
    is_victim = pc.equal(DISTRICT.mentions["mention_id"], victim)
    without = DISTRICT.mentions.filter(pc.invert(is_victim))
    blank = DISTRICT.mentions.filter(is_victim)
    blank = blank.set_column(blank.column_names.index("name"), "name", pa.array(["无关"], pa.string()))
    changed = pa.array([victim])
    spoilt = link(pa.concat_tables([without, blank]), changed, AT_ONCE[0], MODEL, FREQUENCIES)
    gone = link(without, pa.array([], pa.string()), spoilt, MODEL, FREQUENCIES)
    assert link(DISTRICT.mentions, changed, gone, MODEL, FREQUENCIES).equals(AT_ONCE[0])


@given(st.permutations(range(8)))
@settings(max_examples=8, deadline=None)
def test_the_order_of_mentions_and_pairs_does_not_matter(order: list[int]) -> None:
    pairs, expected = AT_ONCE
    blocks = [DISTRICT.mentions.take(list(range(part, DISTRICT.mentions.num_rows, 8))) for part in order]
    shuffled = pairs.take(sorted(range(pairs.num_rows), key=lambda row: (order[row % 8], row)))
    outcome = resolve(pa.concat_tables(blocks), shuffled, None, MODEL, known_on=NIGHT)
    assert outcome.links.sort_by("mention_id").equals(expected.links.sort_by("mention_id"))
    assert outcome.review.equals(expected.review)
