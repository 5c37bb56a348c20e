"""A model that `nuanxin link` cannot use: what is told of it, in both languages."""

import re
from typing import get_args

import pytest

from flows.words import word
from tests.flows.desk import MODEL, ROW, Desk, refused
from transforms.linkage import ModelFault
from transforms.linkage.model_faults import FaultKind

pytestmark = pytest.mark.xdist_group("nights")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("{name: phone, kind: exact}", "{name: mobile, kind: exact}", ("--left lacks", "--right lacks", "mobile")),
        ("agree: [phone]", "agree: [fax]", ("fax", "neither table")),
        ("kind: exact", "kind: exact, levels: {equal: {zh: 同, en: same, p: {match: 0.9, stranger: 0.1}}}",
         ("comparisons[3].levels", "equal", "same, different")),
        ("agree: [phone]", "agree: ['middle(phone, 2)']", ("middle(phone, 2)", "left(column, n)")),
        ("agree: [phone]", "agree: [rare(phone)]", ("rare(phone)", "name")),
        ("name: phone, kind", "name: decision, columns: [phone], kind", ("decision", "rename")),
        ("name: phone, kind", "name: born, columns: [phone], kind", ("born", "rename")),
        ("comparisons:", "comparisons: 7\nothers:", ("comparisons is 7", "a list")),
        ("blocking: {", "blocking: {max_pairs: many, ", ("blocking.max_pairs", '"many"', "whole number")),
        ("comparisons:", "comparisons: [", ("model.yaml", "line 3, column 1")),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be(desk: Desk, before: str, after: str, words: tuple[str, ...]) -> None:
    assert before in MODEL
    refused(desk.lay([ROW], [ROW], MODEL.replace(before, after)).link(), *words)


def test_a_model_without_rules_or_comparisons(desk: Desk) -> None:
    refused(
        desk.lay([ROW], [ROW], "{comparisons: [], blocking: {rules: []}}").link(), "`comparisons`", "blocking.rules"
    )


def test_a_model_that_is_no_mapping(desk: Desk) -> None:
    refused(desk.lay([ROW], [ROW], "just words").link(), "mapping")


BROKEN = """
titel: two lists
classes: [match]
comparisons:
- {name: name, kind: texts}
- {name: born, kind: date, columns: [born, died]}
blocking: {max_pairs: many, rules: [{name: name, agree: ['middle(name, 2)']}]}
"""


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("en", (
            "there is no key titel; the keys there are: version, title,",
            "classes are match; among them must be: match, stranger.",
            'comparisons[1].kind is "texts"; valid are: name, date,',
            "comparisons[2].columns are born, died;",
            'blocking.max_pairs is "many"; valid is a whole number.',
            'blocking.rules[1].agree[1] is "middle(name, 2)", which cannot be read; valid are: column, left(column, n)',
        )),
        ("zh", (
            "没有名为 titel 的键；该处可用的键：version, title,",
            "classes 收到 match；其中必须有：match, stranger。",
            "comparisons[1].kind 收到 \"texts\"；可用的有：name, date,",
            "comparisons[2].columns 收到 born, died；",
            "blocking.max_pairs 收到 \"many\"；应为整数。",
            "blocking.rules[1].agree[1] 收到 \"middle(name, 2)\"，无法理解；可用的写法：column, left(column, n)",
        )),
    ],
)  # fmt: skip
def test_all_faults_of_a_model_are_told_at_once_in_the_language_asked_for(
    desk: Desk, lang: str, sentences: tuple[str, ...]
) -> None:
    said = desk.lay([ROW], [ROW], BROKEN).link(lang=lang)
    refused(said, *sentences)
    told = said.err.splitlines()
    assert len(told) == len(sentences)
    assert all(line.startswith("--model model.yaml") for line in told)


def test_a_page_that_is_no_yaml_is_told_with_line_and_column(desk: Desk) -> None:
    desk.lay([ROW], [ROW], MODEL.replace("kind: date", "kind: date: x"))
    refused(desk.link(), "--model model.yaml is no valid YAML at line 4, column 26")
    refused(desk.link(lang="zh"), "--model model.yaml 第 4 行第 26 列不是合法的 YAML")


@pytest.mark.parametrize("rows", ["id,name\n1,Ivy Oakwood\n", "[{name: Ivy Oakwood}]", "{Ivy Oakwood: 1986-02-28}"])
def test_nothing_is_quoted_of_a_table_given_as_the_model(desk: Desk, rows: str) -> None:
    for lang in ("en", "zh"):
        said = desk.lay([ROW], [ROW], rows).link(lang=lang)
        refused(said, "--model model.yaml", "comparisons, blocking")
        assert "Ivy" not in said.err


@pytest.mark.parametrize("kind", get_args(FaultKind))
def test_every_kind_of_fault_has_its_words_in_both_languages(kind: FaultKind) -> None:
    facts = ModelFault(kind, "here", "this", ("that",), 1, 2).facts
    told = {lang: word(f"link.fault.model.{kind}", lang) for lang in ("zh", "en")}
    for sentence in told.values():
        assert sentence.format(model="model.yaml", **facts).startswith("--model model.yaml")
    # What a parser says of YAML is English, and stays out of a Chinese sentence.
    spoken = {lang: set(re.findall(r"{(\w+)}", sentence)) for lang, sentence in told.items()}
    assert spoken["zh"] == spoken["en"] - ({"received"} if kind == "not_yaml" else set())
    assert re.search(r"[\u4e00-\u9fff]", told["zh"]) and not re.search(r"[\u4e00-\u9fff]", told["en"])
