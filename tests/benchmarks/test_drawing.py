"""The drawn tables: repeatable, standardised, a register without doubles, and strangers who resemble those in it."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.linkage.drawing import NOISES, draw, drawn, noise_rates
from benchmarks.linkage.population import LAST
from benchmarks.linkage.standardised import RECORD_RULES, SCHEMA, standardised

PERSONS, RECORDS = 3000, 1200


@pytest.fixture(scope="module")
def normal():
    return draw(7, "normal", PERSONS, RECORDS)


@pytest.fixture(scope="module")
def hard():
    return draw(7, "hard", PERSONS, RECORDS)


def joined(tables):
    """Each record beside its person of the register."""
    register, records, truth = (table.to_pandas() for table in tables)
    both = truth.merge(records, left_on="left_id", right_on="unique_id")
    return both.merge(register, left_on="right_id", right_on="unique_id", suffixes=("", "_register"))


def agreement(tables, column):
    """Share of true pairs, filled on both sides, that agree."""
    both = joined(tables)
    filled = both[column].notna() & both[f"{column}_register"].notna()
    return (both[column] == both[f"{column}_register"])[filled].mean()


def test_the_same_seed_draws_the_same_tables(normal):
    assert all(one.equals(other) for one, other in zip(normal, draw(7, "normal", PERSONS, RECORDS), strict=True))


def test_another_seed_draws_others(normal):
    assert not draw(8, "normal", PERSONS, RECORDS)[0].equals(normal[0])


def test_both_tables_have_the_columns_of_mentions(normal):
    register, records, _ = normal
    assert register.schema == SCHEMA and records.schema == SCHEMA
    assert (len(register), len(records)) == (PERSONS, RECORDS)


def test_nobody_stands_twice_in_the_register(normal):
    register = normal[0]
    for column in ("unique_id", "id_no"):
        assert pc.count_distinct(register[column], mode="only_valid").as_py() == PERSONS


def test_a_tenth_of_the_records_is_of_persons_who_are_not_there(normal):
    _, records, truth = normal
    assert len(truth) == RECORDS * 0.9
    assert pc.all(pc.is_in(truth["left_id"], records["unique_id"])).as_py()


def test_the_truth_names_one_person_a_record_and_some_persons_have_several(normal):
    truth = normal[2]
    assert pc.count_distinct(truth["left_id"]).as_py() == len(truth)
    assert pc.count_distinct(truth["right_id"]).as_py() < len(truth)


def test_strangers_live_where_their_relatives_in_the_register_do(normal):
    register, records, truth = normal
    strangers = records.filter(pc.invert(pc.is_in(records["unique_id"], truth["left_id"])))
    shared = pc.is_in(strangers["address_key"].drop_null(), register["address_key"].drop_null())
    assert pc.sum(shared).as_py() > 5
    numbers = pc.is_in(strangers["id_no"].drop_null(), register["id_no"].drop_null())
    assert pc.mean(numbers).as_py() < 0.1


def test_numbers_do_not_tell_the_row_of_a_person(normal):
    assert normal[0]["unique_id"].to_pylist() != sorted(normal[0]["unique_id"].to_pylist())
    assert normal[2]["left_id"].to_pylist() != sorted(normal[2]["left_id"].to_pylist())


@pytest.mark.parametrize("column", ["name", "birth_date", "address_key", "id_no_text"])
def test_normal_records_agree_mostly_hard_ones_less(normal, hard, column):
    assert 0.3 < agreement(hard, column) < agreement(normal, column) < 1


@pytest.mark.parametrize("column", ["id_no", "birth_date", "phone", "spouse_name"])
def test_hard_records_have_more_holes(normal, hard, column):
    assert hard[1][column].null_count > normal[1][column].null_count


def test_a_fifteen_digit_number_is_renewed_and_kept_as_typed(hard):
    records = hard[1].to_pandas()
    old = records[records.id_no_text.str.len() == 15]
    assert len(old) and (old.id_no.dropna().str.len() == 18).all()


def test_a_number_that_contradicts_the_stated_birth_is_kept_only_as_text():
    texts = {
        "unique_id": "A1", "name": "张伟", "former_name": None, "sex": "男", "birth_date": "1970-03-05",
        "id_no": "370303196805041237", "address": None, "division": None, "phone": None, "age": None, "seen_on": None,
        **{f"{kin}_{what}": None for kin in ("father", "mother", "spouse") for what in ("name", "id_no")},
    }  # fmt: skip
    row = standardised({name: pa.array([text], pa.string()) for name, text in texts.items()}, RECORD_RULES, LAST)
    assert row["id_no"].to_pylist() == [None]
    assert row["id_no_text"].to_pylist() == ["370303196805041237"]


def test_tables_are_drawn_once_and_then_kept(tmp_path):
    first = drawn(3, "holdout", persons=500, records=100, folder=tmp_path / "drawn")
    stamp = first.register.stat().st_mtime_ns
    again = drawn(3, "holdout", persons=500, records=100, folder=tmp_path / "drawn")
    assert again.register.stat().st_mtime_ns == stamp


def test_an_unknown_noise_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="'loud'; there are normal, hard, holdout"):
        drawn(1, "loud")


def test_every_setting_has_the_same_rates():
    names = [sorted(noise_rates().group(noise)) for noise in NOISES]
    assert names[0] == names[1] == names[2]
