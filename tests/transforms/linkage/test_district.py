"""A whole invented district: how much is found, and that nothing false is linked."""

from collections import Counter
from typing import Any

import pytest

from tests.transforms.linkage.district import District, district
from tests.transforms.linkage.drawn import NIGHT
from transforms.linkage import Resolved, default_model, freeze_frequencies, link, resolve
from transforms.linkage.model import ModelCalibration


@pytest.fixture(scope="module")
def made() -> District:
    return district(400, seed=11)


@pytest.fixture(scope="module")
def outcome(made: District) -> Resolved:
    frequencies, model = freeze_frequencies(made.mentions), default_model()
    pairs = link(made.mentions, made.mentions["mention_id"].combine_chunks(), None, model, frequencies)
    return resolve(made.mentions, pairs, None, model, known_on=NIGHT)


def links(outcome: Resolved) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = outcome.links.to_pylist()
    return rows


def test_a_calibration_changes_no_decision(made: District, outcome: Resolved) -> None:
    frequencies, shipped = freeze_frequencies(made.mentions), default_model()
    other = shipped.model_copy(update={"calibration": ModelCalibration(slope=0.4, shift=-2.0)})
    everybody = made.mentions["mention_id"].combine_chunks()
    before, pairs = (link(made.mentions, everybody, None, model, frequencies) for model in (shipped, other))
    told = 0.4 * pairs["match_weight"].to_numpy() - 2.0
    assert pairs["match_probability"].to_numpy() == pytest.approx(1 / (1 + 2.0**-told))
    again = resolve(made.mentions, pairs, None, other, known_on=NIGHT)
    tables = [(before, pairs), (outcome.links, again.links), (outcome.review, again.review)]
    for one, changed in tables:
        assert one.drop_columns("match_probability").equals(changed.drop_columns("match_probability"))
        assert not one["match_probability"].equals(changed["match_probability"])


def test_no_two_persons_are_taken_for_one(made: District, outcome: Resolved) -> None:
    true = {(row["person_id"], made.truth[row["mention_id"]]) for row in links(outcome)}
    assert max(Counter(person for person, _ in true).values()) == 1


def test_nearly_every_person_is_found_whole(made: District, outcome: Resolved) -> None:
    told = [row for row in links(outcome) if row["role"] != "kin"]
    persons = Counter(made.truth[row["mention_id"]] for row in told)
    pieces = {(row["person_id"], made.truth[row["mention_id"]]) for row in told}
    assert len(pieces) / len(persons) < 1.03


def test_every_dead_child_is_linked_or_proposed(made: District, outcome: Resolved) -> None:
    certified = {made.truth[row["mention_id"]]: row["person_id"] for row in links(outcome)
                 if (row["feed"], row["role"]) == ("only_child_certificates", "child")}  # fmt: skip
    proposed = {(row["mention_id"], row["candidate_person_id"]) for row in outcome.review.to_pylist()}
    dead = [row for row in links(outcome) if row["feed"] == "death_certificates" and row["role"] == "subject"]
    due = [
        (row, certified[made.truth[row["mention_id"]]]) for row in dead if made.truth[row["mention_id"]] in certified
    ]
    linked = [row["person_id"] == person for row, person in due]
    lost = [row for row, person in due if row["person_id"] != person and (row["mention_id"], person) not in proposed]
    assert sum(linked) / len(linked) >= 0.95
    assert lost == []


def test_the_review_list_stays_workable(made: District, outcome: Resolved) -> None:
    assert outcome.review.num_rows < made.mentions.num_rows / 100
