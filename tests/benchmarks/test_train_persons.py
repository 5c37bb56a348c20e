"""What the benchmark of the model of persons counts."""

from itertools import combinations

import numpy as np
import pytest

from benchmarks.train_persons import LAST, Known, judged, only_calibrated
from tests.transforms.linkage.district import district
from transforms.linkage import default_model, freeze_frequencies, link, resolve

MODEL = default_model()
MADE = district(40, seed=6)
IDS = MADE.mentions["mention_id"].to_pylist()
KNOWN = Known(MADE.mentions, np.unique([MADE.truth[each] for each in IDS], return_inverse=True)[1].astype(np.int64))


@pytest.fixture(scope="module")
def counts() -> dict[str, float]:
    return judged(KNOWN, MODEL)


def test_joined_and_missed_are_those_of_every_two_mentions() -> None:
    other = KNOWN.person // 2 * 2 + (np.arange(len(IDS)) % 7 == 0)  # by this truth, some are missed and some are false
    counts = judged(Known(MADE.mentions, other), MODEL)
    frequencies = freeze_frequencies(MADE.mentions)
    pairs = link(MADE.mentions, MADE.mentions["mention_id"].combine_chunks(), None, MODEL, frequencies)
    links = resolve(MADE.mentions, pairs, None, MODEL, known_on=LAST).links
    person = dict(zip(links["mention_id"].to_pylist(), links["person_id"].to_pylist(), strict=True))
    true = dict(zip(IDS, other.tolist(), strict=True))
    told = [(person[a] == person[b], true[a] == true[b]) for a, b in combinations(IDS, 2)]
    assert counts["joined"] == sum(together for together, _ in told) > 500
    assert counts["false_joined"] == sum(together and not same for together, same in told) > 0
    assert counts["missed"] == sum(same and not together for together, same in told) > 0


def test_links_are_the_pairs_at_or_above_the_models_threshold(counts: dict[str, float]) -> None:
    everything = judged(KNOWN, MODEL.model_copy(update={"thresholds": MODEL.thresholds.model_copy(
        update={"link_bits": MODEL.thresholds.review_bits})}))  # fmt: skip
    assert everything["links"] == everything["pairs"] == counts["pairs"] > counts["links"]
    assert everything["missed_links"] == 0
    assert everything["false_links"] > counts["false_links"] == 0
    assert counts["links"] + counts["missed_links"] == everything["links"] - everything["false_links"]
    assert 0 <= counts["false_expected"] < everything["false_expected"] < everything["links"]


def test_the_next_model_is_the_shipped_one_but_for_its_name_and_calibration() -> None:
    made = only_calibrated(KNOWN, MODEL, "persons-9", "a small district").model
    own = {"version", "calibration", "provenance"}
    assert made.model_dump(exclude=own) == MODEL.model_dump(exclude=own)
    assert made.version == "persons-9"
    assert made.provenance["calibrated_on"] == f"a small district; all else is that of {MODEL.version}"
