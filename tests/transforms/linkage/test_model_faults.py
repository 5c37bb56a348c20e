"""Every fault of a model's page as data: its kind, its place, what stands there and what may stand there."""

import pickle
from typing import Annotated, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError

from transforms.linkage import ModelFault, ModelFaults, load_model
from transforms.linkage.expressions import EXPRESSIONS
from transforms.linkage.model_faults import FaultKind, faults_of_types
from transforms.linkage.recipes import THRESHOLDS, kinds

COMPARISONS = "comparisons: [{name: a, kind: exact}]"
BLOCKING = "blocking: {rules: [{name: all, agree: [a]}]}"
LEVELS = "different: {zh: 异, en: other, p: {match: 0.1, stranger: 0.9}}"
KEYS = ("version", "title", "classes", "expected", "assumed", "thresholds", "calibration", "comparisons", "blocking",
        "provenance")  # fmt: skip
SLOPES, SHIFTS = ("> 0, ≤ 100",), ("≥ -1000, ≤ 1000",)
OF_A_COMPARISON = ("name", "zh", "en", "kind", "columns", "given", "levels")
OF_A_DATE = tuple(kinds()["date"]["levels"])


def with_more(more: str) -> str:
    return f"{COMPARISONS}\n{BLOCKING}\n{more}"


def with_rule(rule: str) -> str:
    return f"{COMPARISONS}\nblocking: {{rules: [{{name: r, {rule}}}]}}"


def with_same(same: str, more: str = "", classes: str = "[match, stranger]") -> str:
    level = f"{{zh: 同, en: same, {same}}}"
    return (f"classes: {classes}\ncomparisons: [{{name: d, kind: date}}, "
            f"{{name: a, kind: exact, {more} levels: {{same: {level}, {LEVELS}}}}}]\n{BLOCKING}")  # fmt: skip


def faults_of(page: str) -> tuple[ModelFault, ...]:
    with pytest.raises(ModelFaults) as raised:
        load_model(page)
    return raised.value.faults


FAULTS = [
    # -- no YAML, or another page
    ("version: [unclosed", ModelFault("not_yaml", received="did not find expected ',' or ']'", line=2, column=1)),
    ("a: 1\nb: *c", ModelFault("not_yaml", received="found undefined alias", line=2, column=4)),
    (with_more("title: 2025-02-30"), ModelFault("not_yaml", received="no valid timestamp", line=3, column=8)),
    ("题: 1\n题: \x07", ModelFault("not_yaml", received="control characters are not allowed", line=2, column=4)),
    ("", ModelFault("not_a_model", valid=KEYS)),
    ("just words", ModelFault("not_a_model", valid=KEYS)),
    ("[version, title]", ModelFault("not_a_model", valid=KEYS)),
    ("{persons: [], rows: 3}", ModelFault("not_a_model", valid=KEYS)),
    # -- keys
    (COMPARISONS, ModelFault("missing", "blocking", valid=KEYS)),
    (f"comparisons: [{{kind: exact}}]\n{BLOCKING}",
     ModelFault("missing", "comparisons[1].name", valid=OF_A_COMPARISON)),
    (with_rule("agree: [a], wiht: [b]"),
     ModelFault("unknown_key", "blocking.rules[1].wiht", valid=("name", "agree", "with", "lacking"))),
    (with_same("p: {match: 0.9, stranger: 0.1}, q: 3"),
     ModelFault("unknown_key", "comparisons[2].levels.same.q", valid=("zh", "en", "by_frequency", "p", "by"))),
    (with_more("thresholds: {links: 3}"), ModelFault("unknown_key", "thresholds.links", valid=tuple(THRESHOLDS))),
    (with_more("7: 3"), ModelFault("unknown_key", "7", valid=KEYS)),
    (with_more(f"{'x' * 50}: 3"), ModelFault("unknown_key", f"{'x' * 40}…", valid=KEYS)),
    (with_more("expected: {yes: 1.0}"), ModelFault("key_not_text", "expected", "true")),
    # -- types and ranges
    (with_more("version: 1.0"), ModelFault("not_text", "version", "1.0")),
    (with_more("title: 2025-06-02"), ModelFault("not_text", "title", "2025-06-02")),
    (with_more("title:"), ModelFault("not_text", "title", "null")),
    (f"{COMPARISONS}\nblocking: {{max_block: 1.5, rules: []}}", ModelFault("not_whole", "blocking.max_block", "1.5")),
    (f"{COMPARISONS}\nblocking: {{max_block: many, rules: []}}",
     ModelFault("not_whole", "blocking.max_block", '"many"')),
    (f"{COMPARISONS}\nblocking: {{max_block: .inf, rules: []}}", ModelFault("not_whole", "blocking.max_block", "inf")),
    (f"{COMPARISONS}\nblocking: {{max_block: [], rules: []}}", ModelFault("not_whole", "blocking.max_block", "[]")),
    (with_more("thresholds: {link_bits: high}"), ModelFault("not_number", "thresholds.link_bits", '"high"')),
    (with_more("thresholds: {link_bits: [7]}"), ModelFault("not_number", "thresholds.link_bits", "[…]")),
    (with_same("by_frequency: often, p: {match: 0.9, stranger: 0.1}"),
     ModelFault("not_bool", "comparisons[2].levels.same.by_frequency", '"often"')),
    (with_rule("agree: a"), ModelFault("not_list", "blocking.rules[1].agree", '"a"')),
    (f"{COMPARISONS}\nblocking: [x]", ModelFault("not_mapping", "blocking", "[…]")),
    (with_more("expected: 3"), ModelFault("not_mapping", "expected", "3")),
    (with_more("provenance: {how: {by: hand}}"), ModelFault("not_simple", "provenance.how", "{…}")),
    (f"comparisons: [{{name: a, kind: names}}]\n{BLOCKING}",
     ModelFault("not_listed", "comparisons[1].kind", '"names"', tuple(kinds()))),
    (with_more("thresholds: {false_link_bound: -1}"),
     ModelFault("out_of_range", "thresholds.false_link_bound", "-1", ("≥ 0",))),
    (with_rule("agree: []"), ModelFault("empty", "blocking.rules[1].agree", "[]")),
    (with_rule("agree: [3]"), ModelFault("not_text", "blocking.rules[1].agree[1]", "3")),
    # -- calibration
    (with_more("calibration: {slope: 0, shift: 1}"), ModelFault("out_of_range", "calibration.slope", "0.0", SLOPES)),
    (with_more("calibration: {slope: -.5, shift: 1}"), ModelFault("out_of_range", "calibration.slope", "-0.5", SLOPES)),
    (with_more("calibration: {slope: .nan, shift: 1}"), ModelFault("out_of_range", "calibration.slope", "nan", SLOPES)),
    (with_more("calibration: {slope: .inf, shift: 1}"), ModelFault("out_of_range", "calibration.slope", "inf", SLOPES)),
    (with_more("calibration: {slope: 1, shift: .nan}"), ModelFault("out_of_range", "calibration.shift", "nan", SHIFTS)),
    (with_more("calibration: {slope: 1, shift: -.inf}"),
     ModelFault("out_of_range", "calibration.shift", "-inf", SHIFTS)),
    (with_more("calibration: {slope: 1, shift: 0, pairs: -1}"),
     ModelFault("out_of_range", "calibration.pairs", "-1", ("≥ 0",))),
    (with_more("calibration: {slope: 1}"),
     ModelFault("missing", "calibration.shift", valid=("slope", "shift", "pairs", "described"))),
    (with_more("calibration: {slope: steep, shift: 0}"), ModelFault("not_number", "calibration.slope", '"steep"')),
    # -- classes
    (with_more("classes: [match]"), ModelFault("no_class", "classes", "match", ("match", "stranger"))),
    (with_more("expected: {spouse: 1.0}"), ModelFault("names", "expected", "match, spouse", ("match",))),
    (with_more("assumed: {uncle: [a]}"), ModelFault("not_listed", "assumed", '"uncle"')),
    (with_more("classes: [match, stranger, sibling]\nassumed: {sibling: [a, b]}"),
     ModelFault("not_listed", "assumed.sibling[2]", '"b"', ("a",))),
    # -- comparisons
    (f"comparisons: [{{name: d, kind: exact, levels: {{{LEVELS}}}}}]\n{BLOCKING}",
     ModelFault("levels", "comparisons[1].levels", "different", ("same", "different"))),
    (f"comparisons: [{{name: d, kind: id_no, columns: [a, b, c]}}]\n{BLOCKING}",
     ModelFault("columns", "comparisons[1].columns", "a, b, c", ("1–2",))),
    (f"comparisons: [{{name: d, kind: exact, columns: []}}]\n{BLOCKING}",
     ModelFault("columns", "comparisons[1].columns", "", ("1",))),
    (with_same("p: {match: 0.9}"),
     ModelFault("names", "comparisons[2].levels.same.p", "match", ("match", "stranger"))),
    (with_same("by: {}"), ModelFault("names", "comparisons[2].levels.same.p", "", ("match", "stranger"))),
    (with_same("p: {match: 0, stranger: 0.1}"),
     ModelFault("out_of_range", "comparisons[2].levels.same.p.match", "0.0", ("> 0, ≤ 1",))),
    (with_same("p: {match: .nan, stranger: 0.1}"),
     ModelFault("out_of_range", "comparisons[2].levels.same.p.match", "nan", ("> 0, ≤ 1",))),
    # -- rules
    (with_rule("agree: ['middle(a, 2)']"),
     ModelFault("expression", "blocking.rules[1].agree[1]", '"middle(a, 2)"', (EXPRESSIONS,))),
    (with_rule("agree: [a], with: ['b)']"),
     ModelFault("expression", "blocking.rules[1].with[1]", '"b)"', (EXPRESSIONS,))),
    (with_rule("agree: [a], lacking: '('"),
     ModelFault("expression", "blocking.rules[1].lacking", '"("', (EXPRESSIONS,))),
    (with_rule("agree: [a, b], with: [c]"), ModelFault("with_length", "blocking.rules[1].with", "1", ("2",))),
]  # fmt: skip
BY = "by: {any: {match: 0.9, stranger: 0.1}}"
GIVEN = [
    (with_same(BY, "given: {comparison: e, groups: {any: [same]}},"),
     ModelFault("not_earlier", "comparisons[2].given.comparison", '"e"', ("d",))),
    (with_same(BY, "given: {comparison: d, groups: {any: [same]}},"),
     ModelFault("groups", "comparisons[2].given.groups", "same", (*OF_A_DATE, "-"))),
    (with_same("by: {}", "given: {comparison: d, groups: {any: [same]}},"),
     ModelFault("names", "comparisons[2].levels.same.by.any", "", ("match", "stranger"))),
]  # fmt: skip


@pytest.mark.parametrize(("page", "fault"), FAULTS)
def test_a_fault_tells_place_what_was_received_and_what_is_valid(page: str, fault: ModelFault) -> None:
    assert faults_of(page) == (fault,)


@pytest.mark.parametrize(("page", "fault"), GIVEN)
def test_a_condition_is_held_against_the_comparisons_before_it(page: str, fault: ModelFault) -> None:
    assert fault in faults_of(page)


def test_every_kind_was_seen() -> None:
    seen = {fault.kind for _, fault in (*FAULTS, *GIVEN)}
    assert set(get_args(FaultKind)) - seen == {"not_valid"}  # what pydantic may say one day


def test_what_nobody_foresaw_still_has_its_place() -> None:
    class Shape(BaseModel):
        codes: list[Annotated[str, Field(pattern="x+")]]

    with pytest.raises(ValidationError) as raised:
        Shape.model_validate({"codes": ["x", "y"]})
    assert list(faults_of_types(raised.value, Shape)) == [ModelFault("not_valid", "codes[2]", '"y"')]


def test_faults_of_types_and_contradictions_are_told_together() -> None:
    told = faults_of(f"""
classes: [match, sibling]
assumed: {{sibling: [b, z]}}
comparisons:
- {{name: a, kind: exactly}}
- {{name: b, kind: exact, columns: [b, c]}}
- {{name: c, kind: exact, levels: {{same: {{zh: 3, en: same, p: {{}}}}, {LEVELS}}}}}
blocking: {{max_block: many, rules: [{{name: r, agree: [')']}}, {{name: s, agree: []}}]}}
""")
    assert {(fault.place, fault.kind) for fault in told} == {
        ("classes", "no_class"),
        ("assumed.sibling[2]", "not_listed"),
        ("comparisons[1].kind", "not_listed"),
        ("comparisons[2].columns", "columns"),
        ("comparisons[3].levels.same.zh", "not_text"),
        ("blocking.max_block", "not_whole"),
        ("blocking.rules[1].agree[1]", "expression"),
        ("blocking.rules[2].agree", "empty"),
    }


def test_a_fault_in_a_comparison_is_not_told_again_of_those_that_depend_on_it() -> None:
    dates = "{name: d, kind: date, columns: d}"
    assert [fault.place for fault in faults_of(f"comparisons: [{dates}, {{name: n, kind: id_no}}]\n{BLOCKING}")] == [
        "comparisons[1].columns"
    ]


def test_a_name_that_is_none_is_not_offered() -> None:
    classes = "classes: [match, stranger, sibling]\nassumed: {sibling: [z]}"
    told = faults_of(f"{classes}\ncomparisons: [{{name: [a], kind: exact}}, {{name: b, kind: exact}}]\n{BLOCKING}")
    assert told == (
        ModelFault("not_text", "comparisons[1].name", "[…]"),
        ModelFault("not_listed", "assumed.sibling[1]", '"z"', ("b",)),
    )


def test_a_long_value_is_cut_and_a_list_is_not_quoted() -> None:
    told = faults_of(with_more(f"version: [Ivy Oakwood]\nthresholds: {{link_bits: {'high ' * 20}}}"))
    assert [fault.received for fault in told] == ["[…]", '"' + ("high " * 8) + '…"']


def test_faults_survive_the_way_between_processes() -> None:
    with pytest.raises(ModelFaults) as raised:
        load_model("just words")
    again = pickle.loads(pickle.dumps(raised.value))
    assert (again.source, again.faults, str(again)) == ("model", raised.value.faults, str(raised.value))
