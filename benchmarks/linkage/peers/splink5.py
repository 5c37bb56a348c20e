"""Splink 5 on DuckDB linking records with the register: `default` as its documentation advises, `tuned` as an expert.

python splink5.py --left A --right B --out P [--setting tuned] [--save M.json | --model M.json] [--threads 2]
python splink5.py --left A --right B --truth T --recall     the share of true pairs that the blocking rules find

The same prepared columns for both: a valid ID number, else the number as typed; names in characters and in pinyin.
"""

import argparse
import json
import logging
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.comparison_level_creator import ComparisonLevelCreator

PREPARED = """
    SELECT unique_id, name, name_pinyin, [name_pinyin] AS name_sounds, left(name, 1) AS surname,
           substr(name, 2) AS given_name, sex, birth_date, birth_year, coalesce(id_no, id_no_text) AS id_no,
           address_key, township_code, phone, father_name, father_id_no, mother_name, mother_id_no, spouse_name,
           spouse_id_no
    FROM read_parquet('{path}')
"""
BLOCKING = [
    block_on("id_no"),
    block_on("name_pinyin", "birth_date"),
    block_on("name", "birth_year"),
    CustomRule("l.name = r.name AND l.birth_year = r.birth_year + 1"),  # a year told by an age is often the next
    CustomRule("l.name = r.name AND l.birth_year = r.birth_year - 1"),
    block_on("surname", "birth_date"),
    block_on("given_name", "birth_date"),
    block_on("phone", "sex"),
    block_on("address_key", "sex"),
    block_on("name", "township_code"),
    block_on("name", "spouse_name"),
    block_on("name", "mother_name"),
    block_on("name", "father_name"),
    block_on("mother_id_no", "birth_year"),
    block_on("father_id_no", "birth_year"),
    block_on("spouse_id_no"),
    block_on("substr(id_no, 1, 14)", "sex"),
    block_on("substr(id_no, 9, 9)"),
]
# wrong digits between numbers of one length; DuckDB's Damerau costs 500 times as much
_TYPED = "(CASE WHEN length(id_no_l) = length(id_no_r) THEN hamming(id_no_l, id_no_r) ELSE 18 END)"
CERTAIN = [block_on("id_no", "name"), block_on("name", "birth_date", "sex")]


def default() -> SettingsCreator:
    """Ready-made comparisons of the library for every column."""
    comparisons = [
        cl.NameComparison("name", dmeta_col_name="name_sounds"),
        cl.DateOfBirthComparison("birth_date", input_is_string=False),
        cl.ExactMatch("sex"),
        cl.LevenshteinAtThresholds("id_no", [1]),  # two wrong digits would be everyone born there on that day
        cl.JaroWinklerAtThresholds("address_key", [0.9, 0.7]),
        cl.ExactMatch("township_code").configure(term_frequency_adjustments=True),
        cl.ExactMatch("phone"),
        *(cl.JaroWinklerAtThresholds(f"{kin}_name", [0.8]).configure(term_frequency_adjustments=True)
          for kin in ("father", "mother", "spouse")),
    ]  # fmt: skip
    return _settings(comparisons)


def tuned() -> SettingsCreator:
    """Levels made for the data; kin by name or number in one comparison each, so that little is counted twice."""
    comparisons = [
        cl.CustomComparison(
            output_column_name="name",
            comparison_levels=[
                cll.NullLevel("name"),
                cll.ExactMatchLevel("name", term_frequency_adjustments=True),
                cll.ExactMatchLevel("name_pinyin"),
                cll.CustomLevel("levenshtein(name_pinyin_l, name_pinyin_r) <= 2 AND surname_l = surname_r"),
                cll.ExactMatchLevel("surname"),
                cll.ElseLevel(),
            ],
        ),
        cl.CustomComparison(
            output_column_name="birth_date",
            comparison_levels=[
                cll.NullLevel("birth_date"),
                cll.ExactMatchLevel("birth_date"),
                cll.CustomLevel(
                    "month(birth_date_l) = day(birth_date_r) AND day(birth_date_l) = month(birth_date_r) "
                    "AND birth_year_l = birth_year_r"
                ),
                cll.CustomLevel("abs(birth_date_l - birth_date_r) <= 60"),
                cll.ExactMatchLevel("birth_year"),
                cll.ElseLevel(),
            ],
        ),
        cl.ExactMatch("sex"),
        cl.CustomComparison(
            output_column_name="id_no",
            comparison_levels=[
                cll.NullLevel("id_no"),
                _unique("id_no"),
                cll.CustomLevel(f"{_TYPED} <= 1"),  # two would be everyone born there on that day
                cll.CustomLevel(f"{_TYPED} <= 2 AND birth_date_l IS DISTINCT FROM birth_date_r"),
                cll.ElseLevel(),
            ],
        ),
        cl.JaroWinklerAtThresholds("address_key", [0.9]),
        cl.CustomComparison(
            output_column_name="phone",
            comparison_levels=[cll.NullLevel("phone"), _unique("phone"), cll.ElseLevel()],
        ),
        *(_relative(kin) for kin in ("father", "mother", "spouse")),
    ]
    return _settings(comparisons)


def _unique(column: str) -> ComparisonLevelCreator:
    """The same number: so rare among strangers that no sample has it, and known without one."""
    return cll.ExactMatchLevel(column).configure(u_probability=1e-6, fix_u_probability=True)


def _relative(kin: str) -> cl.CustomComparison:
    return cl.CustomComparison(
        output_column_name=f"{kin}_name",
        comparison_levels=[
            cll.NullLevel(f"{kin}_name"),
            _unique(f"{kin}_id_no"),
            cll.ExactMatchLevel(f"{kin}_name", term_frequency_adjustments=True),
            cll.CustomLevel(f"left({kin}_name_l, 1) = left({kin}_name_r, 1)"),
            cll.ElseLevel(),
        ],
    )


def _settings(comparisons: list) -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=BLOCKING,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def linker_of(given: argparse.Namespace, settings: SettingsCreator | str) -> Linker:
    """A linker on the two prepared tables, records first."""
    connection = duckdb.connect(config={"threads": given.threads})
    api = DuckDBAPI(connection=connection)
    tables = []
    for name, path in (("records", given.left), ("register", given.right)):
        connection.execute(f"CREATE TABLE {name} AS {PREPARED.format(path=path)}")
        tables.append(api.register(name, dataset_display_name=name))
    return Linker(tables, settings, log_level=logging.ERROR)


def train(linker: Linker, setting: str) -> None:
    """The three estimates of the documentation. The tuned one samples as much as is of use and no more."""
    linker.training.estimate_probability_two_random_records_match(CERTAIN, recall=0.85)
    is_tuned = setting == "tuned"
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6 if is_tuned else 1e7, seed=1)
    for rule in (block_on("name", "birth_date"), block_on("id_no")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=is_tuned, max_pairs=5e5 if is_tuned else None
        )


def link(given: argparse.Namespace) -> None:
    """Train or take the saved model, score, write pairs."""
    settings = {"default": default, "tuned": tuned}[given.setting]
    linker = linker_of(given, str(given.model) if given.model else settings())
    if not given.model:
        train(linker, given.setting)
    if given.save:
        linker.misc.save_model_to_json(str(given.save), overwrite=True)
    found = linker.inference.predict(threshold_match_probability=given.least)
    found.as_duckdbpyrelation().query(
        "found",
        f"""COPY (SELECT unique_id_l AS left_id, unique_id_r AS right_id, match_probability FROM found)
            TO '{given.out}' (FORMAT parquet)""",
    )


def recall(given: argparse.Namespace) -> dict[str, float]:
    """Pairs that the blocking rules make, and how many of the true pairs are among them."""
    connection = duckdb.connect()
    for name, path in (("l", given.left), ("r", given.right)):
        connection.execute(f"CREATE TABLE {name} AS {PREPARED.format(path=path)}")
    rules = [rule.get_blocking_rule("duckdb").blocking_rule_sql for rule in BLOCKING]
    pairs = " UNION ".join(f"SELECT l.unique_id AS left_id, r.unique_id AS right_id FROM l, r WHERE {r}" for r in rules)
    connection.execute(f"CREATE TABLE pairs AS {pairs}")
    query = f"""SELECT (SELECT count(*) FROM pairs), count(*), count(pairs.left_id)
                FROM read_parquet('{given.truth}') AS truth LEFT JOIN pairs USING (left_id, right_id)"""
    compared, true, found = connection.execute(query).fetchone()
    return {"pairs_compared": compared, "true_pairs": true, "true_pairs_compared": found}


def main() -> None:
    """Read the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name in ("left", "right", "out", "truth", "model", "save"):
        asked.add_argument(f"--{name}", type=Path)
    asked.add_argument("--setting", choices=["default", "tuned"], default="default")
    asked.add_argument("--threads", type=int, default=2)
    asked.add_argument("--least", type=float, default=0.01)
    asked.add_argument("--recall", action="store_true")
    given = asked.parse_args()
    if given.recall:
        print(json.dumps(recall(given)))
    else:
        link(given)


if __name__ == "__main__":
    main()
