"""What is put before a clerk, and in which order."""

import pyarrow as pa

from tests.transforms.linkage.drawn import NIGHT, Mention, mention, number, table
from transforms.linkage import default_model, resolve
from transforms.schemas import PAIRS

MODEL = default_model()
DOUBTFUL = MODEL.thresholds.link_bits - 10


def certificate(key: str, role: str = "child") -> Mention:
    return mention("only_child_certificates", key, role, name="方子豪")


def death(key: str) -> Mention:
    return mention("death_certificates", key, name="方子豪")


def birth(key: str) -> Mention:
    return mention("births", key, "mother", name="苗红")


def questions(
    *doubts: tuple[Mention, Mention, float],
    decisions: list[tuple[Mention, Mention, str]] | None = None,
    joined: list[tuple[Mention, Mention]] | None = None,
) -> list[tuple[str, str]]:
    """The review list of pairs with these weights, as record keys: the mention's, the candidate's."""
    sure = [(a, b, 60.0) for a, b in joined or []]
    rows = {row["mention_id"]: row for a, b, _ in (*doubts, *sure) for row in (a, b)}
    pairs = [
        {"mention_a": min(a["mention_id"], b["mention_id"]), "mention_b": max(a["mention_id"], b["mention_id"]),
         "match_weight": weight, "levels": "0" * len(MODEL.comparisons), "decided_by": "model"}
        for a, b, weight in (*doubts, *sure)
    ]  # fmt: skip
    said = [
        {"mention_a": a["mention_id"], "mention_b": b["mention_id"], "decision": word} for a, b, word in decisions or []
    ]
    outcome = resolve(table(*rows.values()), pa.Table.from_pylist(pairs, PAIRS), None, MODEL, known_on=NIGHT,
                      decisions=pa.Table.from_pylist(said) if said else None)  # fmt: skip
    return [(row["record_key"], rows[row["candidate_mention_id"]]["record_key"]) for row in outcome.review.to_pylist()]


def test_a_certified_child_that_may_have_died_comes_before_a_family_that_may_have_grown() -> None:
    grown = (birth("B1"), certificate("C1", "mother"), DOUBTFUL + 5)
    orphaned = (death("D2"), certificate("C2", "father"), DOUBTFUL + 6)
    bereaved = (death("D1"), certificate("C3"), DOUBTFUL)
    elsewhere = (death("D4"), mention("household_register", "H4", name="方子豪"), DOUBTFUL + 7)
    wanted = [("D1", "C3"), ("B1", "C1"), ("D2", "C2"), ("D4", "H4")]
    assert questions(elsewhere, orphaned, grown, bereaved) == wanted


def test_among_equals_the_likelier_comes_first_and_then_the_mention_id() -> None:
    deaths = sorted((death(f"D{n}") for n in range(3)), key=lambda row: row["mention_id"])
    doubts = [(dead, certificate(f"C{n}"), DOUBTFUL) for n, dead in enumerate(deaths)]
    likelier = (death("D9"), certificate("C9"), DOUBTFUL + 1)
    asked = questions(*doubts[::-1], likelier)
    assert asked == [("D9", "C9"), *((dead["record_key"], f"C{n}") for n, dead in enumerate(deaths))]


def test_of_many_candidates_the_three_best_are_proposed() -> None:
    dead = death("D1")
    doubts = [(dead, certificate(f"C{n}"), DOUBTFUL - n) for n in range(5)]
    assert questions(*doubts) == [("D1", "C0"), ("D1", "C1"), ("D1", "C2")]


def test_a_candidate_far_behind_the_best_is_not_proposed() -> None:
    dead = death("D1")
    assert questions((dead, certificate("C1"), DOUBTFUL), (dead, certificate("C2"), DOUBTFUL - 13)) == [("D1", "C1")]


def test_what_a_clerk_called_different_does_not_come_back_by_another_mention_of_the_two() -> None:
    dead, ashes = death("D1"), mention("cremations", "F1", name="方子豪")
    child = certificate("C1")
    doubts = [(dead, child, DOUBTFUL), (ashes, child, DOUBTFUL)]
    together = [(dead, ashes)]
    assert sorted(questions(*doubts, joined=together)) == [("D1", "C1"), ("F1", "C1")]
    assert questions(*doubts, joined=together, decisions=[(dead, child, "different")]) == []


def test_what_a_clerk_called_the_same_is_no_question_any_more() -> None:
    dead, child, twin = death("D1"), certificate("C1"), mention("household_register", "H1", name="方子豪",
                                                               id_no=number("1999-03-10", 101))  # fmt: skip
    doubts = [(dead, child, DOUBTFUL)]
    assert questions(*doubts, decisions=[(dead, child, "same")]) == []
    assert questions(*doubts, (dead, twin, DOUBTFUL), decisions=[(dead, twin, "different")]) == [("D1", "C1")]


def test_two_persons_of_the_register_are_no_question() -> None:
    dead = mention("death_certificates", "D1", name="方子豪", id_no=number("1999-03-10", 101))
    one = mention("household_register", "H1", name="方子豪", id_no=number("1999-03-10", 101))
    other = mention("household_register", "H2", name="方子杰", id_no=number("1999-03-10", 103))
    assert questions((dead, other, DOUBTFUL), joined=[(dead, one)]) == []
