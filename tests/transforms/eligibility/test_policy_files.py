import json
from datetime import date

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.families import POLICIES, ZHANGDIAN, zhangdian
from transforms.eligibility.faults import PolicyFaults
from transforms.eligibility.policy import load_policy, policy_schema

TEXT = (ZHANGDIAN / "policy.yaml").read_text("utf-8")


def faults(text):
    with pytest.raises(PolicyFaults) as caught:
        load_policy(text, "policy.yaml")
    return caught.value.faults


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def changed(old, new):
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_the_document_is_in_force_up_to_its_last_day():
    assert zhangdian().in_force.from_ == date(2021, 1, 8)
    assert zhangdian().in_force.until == date(2026, 1, 7)


def test_amounts_are_in_fen_and_never_mixed_up():
    benefits = {c.benefit.id: (c.benefit, c.alert) for c in zhangdian().clauses}
    amounts = {name: (each.amount_fen, alert, each.per) for name, (each, alert) in benefits.items() if each.amount_fen}
    assert amounts == {
        "special-aid-bereaved": (1_000_000, True, "household"),
        "special-aid-disabled": (300_000, True, "household"),
        "festival-visit-list": (30_000, False, "visit"),
        "double-ninth-visit": (30_000, False, "household"),
        "illness-cost-aid": (300_000, False, "person"),
        "fertility-treatment-aid": (300_000, False, "household"),
        "assisted-birth-aid": (1_000_000, False, "household"),
        "check-up-50-to-64": (30_000, False, "person"),
        "welfare-insurance-bereaved": (30_000, False, "person"),
        "welfare-insurance-disabled": (30_000, False, "person"),
        "care-home-subsidy": (20_000, False, "person"),
        "home-help-service": (20_000, False, "person"),
        "funeral-work-subsidy": (60_000, False, "case"),
    }


def test_the_national_assistance_has_an_amount_a_person_and_month_for_every_day_in_force():
    (clause,) = [each for each in zhangdian().clauses if each.id == "special-assistance-national"]
    on_the_last_days = {
        (row.when, day): row.fen
        for row in clause.benefit.amounts if row.from_
        for day in (date(2022, 6, 30), date(2026, 1, 7)) if row.from_ <= day <= (row.until or date.max)
    }  # fmt: skip
    assert (clause.benefit.every, clause.benefit.per, clause.payee) == ("month", "person", "person")
    assert list(on_the_last_days.values()) == [45_000, 59_000, 35_000, 46_000]


@pytest.mark.parametrize(
    ("policy", "owed"),
    [
        ("gansu-measures", {
            "gansu-aid-after-a-death": (400_000, True, "household", None),
            "gansu-aid-two-daughters": (200_000, True, "household", None),
            "gansu-further-aid-two-daughters": (100_000, True, "household", None),
            "gansu-aid-one-parent-died": (200_000, True, "household", None),
            "gansu-aid-both-parents-died": (200_000, True, "household", "year"),
            "gansu-aid-disability-or-disease": (100_000, True, "household", None),
        }),
        ("xuchang-warm-heart", {
            "xuchang-special-assistance": (68_000, False, "person", "month"),
            "xuchang-comfort-money": (7_000, False, "person", "month"),
        }),
    ],
)  # fmt: skip
def test_floors_and_amounts_by_person_are_kept_apart(policy, owed):
    read = load_policy((POLICIES / policy / "policy.yaml").read_text("utf-8"), policy)
    given = [clause.benefit for clause in read.clauses]
    assert {b.id: (b.amount_fen, b.is_floor, b.per, b.every) for b in given if b.amount_fen is not None} == owed


def test_grade_three_and_above_means_one_two_three():
    grades = {clause.grades for clause in zhangdian().clauses if "disability" in clause.triggers}
    assert grades == {(1, 2, 3)}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("    row: 5\n", "    row: five\n", "wrong_value"),
        ("    row: 5\n", "", "missing"),
        ("    payee: household\n", "    payeee: household\n", "unknown_entry"),
        ("      - child_died\n", "      - child_dead\n", "unknown_condition"),
        ("    value: 49\n", "    value: forty-nine\n", "wrong_value"),
        ("    unit: years\n", "    years: 49\n", "unknown_entry"),
        ("    grades: [1, 2, 3]\n", "    grades: [1, 2, 5]\n", "wrong_value"),
        ("when: event.stands\n", "when: event.stand\n", "expression_unknown_word"),
        ("when: event.stands\n", "when: event.stands &&\n", "expression_not_readable"),
        ("when: event.stands\n", "when: event.on\n", "expression_no_condition"),
        ('kind == "death"\n    otherwise: not', "kind == 1\n    otherwise: not", "expression_types_differ"),
        ("age_on(event.asked_on) >= ", "years_on(event.asked_on) >= ", "expression_unknown_function"),
        ("age_on(event.asked_on) >= ", "age_on() >= ", "expression_arguments"),
        ("when: coverage.births\n", "when: coverage.birth\n", "expression_unknown_word"),
        ("matters: event.asked_on != event.on,", "matters: event.asked_on,", "expression_no_condition"),
        ("- id: child_living\n", "- id: child_died\n", "twice"),
        ("until: 2026-01-07", "until: 2016-01-07", "dates_crossed"),
        ("until: 2026-01-07", "until: 2026-13-07", "wrong_value"),
        ("amount_fen: 1_000_000", "amount_fen: 1_000_00", "figure_not_stated"),
        ("amount_fen: 1_000_000", "amount_fen: 10000.5", "wrong_value"),
        ("      - parent_alive\n", "      - parent_alive: {\n", "not_yaml"),
        ("    alert: true\n", "    alert: true\n    alert: true\n", "twice"),
        ("    question: child_bearing_age\n", "    question: bearing_age\n", "unknown_question"),
        ("{question: assessed_again, matters", "{question: assessed_twice, matters", "unknown_question"),
        ("  - id: gateway\n", "  - id: Gate'way\n", "wrong_value"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_its_kind(old, new, code):
    assert code in [fault.code for fault in faults(changed(old, new))]


def test_a_mistake_is_told_with_its_line_what_was_found_and_what_is_valid():
    text = changed("      - child_died\n", "      - child_dead\n")
    (fault,) = faults(text)
    assert fault.line == line_of(text, "- child_dead")
    assert fault.sentence().startswith(f"policy.yaml:{fault.line}: ")
    assert "child_dead" in fault.sentence("en")
    assert "child_died" in fault.sentence("en")


@pytest.mark.parametrize(
    ("source", "is_told"),
    [
        ("{zh: 三 一是，610 元, en: as stated}", True),
        ("{zh: 文件三一是 2019 年, en: as stated}", True),
        ("{zh: 本条, en: this clause}", True),
        ("{zh: 见文件, en: this clause}", True),
        ("{zh: 十三 一是, en: another part}", False),
        ("{zh: 国家特别扶助标准表，2019 年, en: the national table}", False),
    ],
)
def test_a_row_whose_source_is_the_clause_has_one_of_its_figures(source, is_told):
    text = (POLICIES / "liaoning-2020-44" / "policy.yaml").read_text("utf-8")
    row = 'fen: 61_000, source: {zh: 三 一是，610 元, en: "三 一是, 610 yuan"}'
    assert text.count(row) == 1
    wrong = text.replace(row, f"fen: 16_000, source: {source}")
    if not is_told:
        assert load_policy(wrong, "policy.yaml")
        return
    (fault,) = faults(wrong)
    assert (fault.code, fault.found, fault.valid) == ("figure_not_stated", "16000 fen", "610 yuan, 480 yuan")
    assert (fault.line, fault.place.endswith(".fen")) == (line_of(wrong, "fen: 16_000"), True)


def test_a_part_of_a_document_whose_number_goes_on_is_another_part():
    text = (POLICIES / "huai-district-2016" / "policy.yaml").read_text("utf-8")
    row = 'fen: 80_000, source: {zh: 二（一）2，2015 年 800 元, en: "二（一）2, 800 yuan in 2015"}'
    other = text.replace(row, "fen: 90_000, source: {zh: 二（一）21, en: another part}")
    assert other != text
    assert load_policy(other, "policy.yaml")
    assert [each.code for each in faults(other.replace("二（一）21,", "二(一)2 2015 年,"))] == ["figure_not_stated"]


def test_all_mistakes_are_told_together_in_the_order_of_lines():
    text = (
        TEXT.replace("- child_died\n", "- child_dead\n")
        .replace("    value: 49\n", "    value: 49.5\n", 1)
        .replace("until: 2026", "until: 2016")
    )
    found = faults(text)
    assert [fault.code for fault in found] == ["wrong_value"]  # types first: contradictions are read off sound entries
    found = faults(text.replace("value: 49.5", "value: 49"))
    assert [fault.code for fault in found] == ["dates_crossed", "unknown_condition"]
    assert [fault.line for fault in found] == sorted(fault.line for fault in found)


def test_an_empty_file_is_a_fault_and_no_crash():
    assert {fault.code for fault in faults("")} == {"missing"}


def test_yaml_tags_are_never_loaded():
    assert [fault.code for fault in faults("!!python/object/apply:os.getcwd []")] == ["not_yaml"]


@pytest.mark.parametrize("folder", sorted(path for path in POLICIES.iterdir() if path.is_dir()), ids=lambda p: p.name)
def test_every_policy_folder_has_rules_situations_and_its_open_questions(folder):
    policy = load_policy((folder / "policy.yaml").read_text("utf-8"), folder.name)
    readme = (folder / "README.md").read_text("utf-8")
    assert policy.id == folder.name
    assert [question.id for question in policy.open_questions if question.id not in readme] == []


def test_the_schema_beside_the_policies_is_that_of_the_code():
    assert (POLICIES / "policy.schema.json").read_text("utf-8") == policy_schema()  # nuanxin policies schema


@pytest.mark.parametrize("page", sorted(POLICIES.glob("*/policy.yaml")), ids=lambda page: page.parent.name)
def test_an_editor_finds_every_policy_file_sound(page):
    text = page.read_text("utf-8")
    told = json.loads(json.dumps(yaml.safe_load(text), default=str))  # dates as they are written
    assert text.startswith("# yaml-language-server: $schema=../policy.schema.json\n")
    assert list(Draft202012Validator(json.loads(policy_schema())).iter_errors(told)) == []


def test_an_editor_sees_a_mistake():
    told = json.loads(json.dumps(yaml.safe_load(changed("    row: 5\n", "    row: five\n")), default=str))
    assert len(list(Draft202012Validator(json.loads(policy_schema())).iter_errors(told))) == 1
