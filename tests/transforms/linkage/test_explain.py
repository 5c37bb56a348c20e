"""Why a pair belongs together, in bits."""

import pytest

from tests.transforms.linkage.district import district
from tests.transforms.linkage.drawn import NIGHT, Mention, crowd, mention, number, table
from transforms.linkage import (
    PairExplanation,
    default_model,
    explain_pair,
    freeze_frequencies,
    link,
    render_waterfall,
    resolve,
    tie_of,
)
from transforms.linkage.explain import steps

MODEL = default_model()
FREQUENCIES = freeze_frequencies(table(*crowd(500)))
HIS = number("1999-03-10", 101)


def pair() -> tuple[Mention, Mention]:
    told = {"name": "方子豪", "birth_date": "1999-03-10", "sex": "1"}
    left = mention(
        "death_certificates", "D1", id_no_text=HIS[:17] + "0", phone="16351090188", address_key="柳泉路92-3-701", **told
    )
    right = mention("household_register", "H1", id_no=HIS, address_key="柳泉路92-3-701", division_code="370303", **told)
    return left, right


def explained() -> PairExplanation:
    return explain_pair(*pair(), MODEL, FREQUENCIES)


def test_the_parts_add_up_to_the_total() -> None:
    found = explained()
    parts = (
        found.prior_bits + sum(part.weight_bits for part in found.comparisons) + found.relatives_bits + found.rule_bits
    )
    assert parts == pytest.approx(found.total_bits)
    assert found.probability == pytest.approx(1 / (1 + 2**-found.total_bits))


def test_the_total_is_the_weight_that_linkage_gave_the_pair() -> None:
    made = district(20, seed=4).mentions
    frequencies = freeze_frequencies(made)
    rows = {row["mention_id"]: row for row in made.to_pylist()}
    for scored in link(made, made["mention_id"].combine_chunks(), None, MODEL, frequencies).to_pylist()[:40]:
        found = explain_pair(rows[scored["mention_a"]], rows[scored["mention_b"]], MODEL, frequencies)
        assert found.total_bits == pytest.approx(scored["match_weight"])


def test_a_missing_value_has_no_weight() -> None:
    father = next(part for part in explained().comparisons if part.name == "father")
    assert (father.level, father.weight_bits) == ("-", 0.0)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_is_recognised_in_a_masked_waterfall(lang: str) -> None:
    text = render_waterfall(explained(), lang, reveal=False)
    left, right = pair()
    assert not [
        value for value in (left["name"], right["id_no"], left["phone"], "柳泉路", "1999-03-10") if value in text
    ]
    assert "方**" in text
    assert "3703************" in text


def test_a_revealed_waterfall_shows_the_values() -> None:
    assert "方子豪 ↔ 方子豪" in render_waterfall(explained(), "zh", reveal=True)


def test_a_waterfall_speaks_the_language_that_was_asked_for() -> None:
    assert "出生日期  相同" in render_waterfall(explained(), "zh", reveal=False)
    assert "date of birth  the same" in render_waterfall(explained(), "en", reveal=False)


def test_every_comparison_has_its_line_and_the_last_is_the_sum() -> None:
    told = render_waterfall(explained(), "en", reveal=False)
    lines = told.splitlines()
    assert all(comparison.en in told for comparison in MODEL.comparisons), "compared, or named as not compared"
    assert f"{explained().total_bits:+.1f} bits" in lines[-1]


def test_net_weights_add_up_without_a_share_for_relatives() -> None:
    found = explained()
    prior = found.total_bits - found.rule_bits - sum(part.net_bits for part in found.comparisons)
    # Relatives and namesakes are rare among all pairs, so that the prior against everybody is nearly the plain one.
    assert prior == pytest.approx(found.prior_bits, abs=0.1)


def test_the_same_father_says_less_once_two_may_be_brothers() -> None:
    left, right = pair()
    his = {"father_name": "方建国", "mother_name": "王秀兰", "birth_date": None, "id_no": None, "id_no_text": None}
    found = explain_pair({**left, **his}, {**right, **his}, MODEL, FREQUENCIES)
    father = next(part for part in found.comparisons if part.name == "father")
    assert father.net_bits < father.weight_bits - 1


def test_the_steps_lead_from_the_prior_to_the_total() -> None:
    found = explained()
    told = steps(found)
    assert [step.cause for step in told[:2]] == ["prior", "comparison"]
    assert told[-1].after == pytest.approx(found.total_bits) == pytest.approx(sum(step.bits for step in told))


def test_rows_of_another_schema_than_mentions_are_explained() -> None:
    phone = MODEL.comparison("phone").model_copy(update={"name": "card", "columns": ("card_no",)})
    model = MODEL.model_copy(update={"comparisons": (*MODEL.comparisons, phone)})
    one = explain_pair({"card_no": "C-1"}, {"card_no": "C-1", "name": "方子豪"}, model, FREQUENCIES)
    none = explain_pair({"card_no": "C-1"}, {}, model, FREQUENCIES)
    assert (one.comparisons[-1].level, none.comparisons[-1].level) == ("same", "-")
    assert "C-1" not in render_waterfall(one)


def test_what_holds_a_mention_is_its_best_pair_or_the_same_number_and_name() -> None:
    left, right = pair()
    again = mention("medical_settlements", "S1", id_no=HIS, name="方子豪", birth_date="1999-03-10", sex="1")
    everybody = table(left, right, again)
    pairs = link(everybody, everybody["mention_id"].combine_chunks(), None, MODEL, FREQUENCIES)
    links = resolve(everybody, pairs, None, MODEL, known_on=NIGHT).links
    assert tie_of(left["mention_id"], everybody, links, pairs) in {right["mention_id"], again["mention_id"]}
    assert tie_of(again["mention_id"], everybody, links, pairs) in {left["mention_id"], right["mention_id"]}
