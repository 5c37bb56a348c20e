"""The model of who is who: what is compared, how much each agreement says, and where the decisions fall.

A model is a YAML page, read into the types below. A pair of mentions belongs to one of several classes: `match`
(the same person) or one of the alternatives: a `stranger`, or a relative of some kind. Each comparison gives one
level, and the page states how probable that level is in every class. The weight of a level is
log2(P(level | match) / P(level | stranger)), in bits. Relatives live at one address, have the same parents and
often half a name in common; their classes keep such pairs from passing for one person.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from transforms.linkage.expressions import EXPRESSIONS, columns_of, is_expression
from transforms.linkage.model_faults import ModelFault, ModelFaults, fault_at, fault_of_yaml, faults_of_types, shown
from transforms.linkage.recipes import completed, kinds
from transforms.pages import Place, read_page

MATCH = "match"
STRANGER = "stranger"
MISSING = "-"
MOST_SLOPE, MOST_SHIFT = 100.0, 1000.0  # of a calibration; the shift in bits
LEVEL_CODES = "0123456789abcdefghijklmnopqrstuvwxyz"
# What each kind of comparison can find, from the best to the worst.
LEVELS: dict[str, tuple[str, ...]] = {kind: tuple(page["levels"]) for kind, page in kinds().items()}

Kind = Literal["name", "date", "year", "id_no", "sex", "address", "exact", "relative", "child", "named_relative",
               "text", "amount"]  # fmt: skip
Probabilities = dict[str, float]  # class → P(level | class)
T = TypeVar("T")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Part):
    """One outcome of a comparison.

    `p` is used where the comparison stands alone. Where it is `given` another comparison, `by` states the
    probabilities for every group of that comparison's outcome.
    """

    zh: str
    en: str
    by_frequency: bool = Field(
        default=False,
        description="P(level | stranger) is the frequency of the value that agrees: rare values weigh more",
    )
    p: Probabilities | None = None
    by: dict[str, Probabilities] | None = None

    def probability(self, group: str | None, of: str) -> float:
        """P(level | class `of`, and `group` of the conditioning comparison if there is one)."""
        table = self.p if group is None else (self.by or {})[group]
        return (table or {})[of]


class Given(_Part):
    """The outcome of another comparison on which this one depends (a number contains the date of birth)."""

    comparison: str
    groups: dict[str, tuple[str, ...]] = Field(description="group → levels of that comparison; `-` is missing")


class Comparison(_Part):
    """One field, or one relation, of two mentions held against each other.

    `kind` chooses the function (transforms/linkage/comparisons.py); `columns` are the columns it reads, in
    the order the kind expects; `levels`, from the best to the worst, must be those of the kind. A pair that
    lacks the values on either side has no level and no weight.
    """

    name: str
    zh: str
    en: str
    kind: Kind
    columns: tuple[str, ...]
    given: Given | None = None
    levels: dict[str, Level]

    @property
    def level_names(self) -> tuple[str, ...]:
        """The levels in the order of their codes."""
        return tuple(self.levels)


class Rule(_Part):
    """Which mentions are held against each other at all: those that agree on every expression of `agree`.

    An expression is a column, its first n characters `left(column, n)`, those from the n-th on `from(column, n)`,
    the first column that has a value `coalesce(a, b)`, or a value only if it is rare `rare(column)`; they nest.
    Where `with` is given, `agree` of one mention must agree with `with` of the other (a stated relative with a
    father). A pair that several rules make is compared once.
    """

    name: str
    agree: tuple[str, ...] = Field(min_length=1)
    with_: tuple[str, ...] | None = Field(default=None, alias="with")
    lacking: str | None = Field(default=None, description="only mentions without this column look for a partner")

    @property
    def is_even(self) -> bool:
        """Whether both sides of a pair are looked at alike."""
        return self.with_ is None and self.lacking is None

    @property
    def expressions(self) -> tuple[str, ...]:
        """Everything that the rule looks at."""
        return (*self.agree, *(self.with_ or ()), *([self.lacking] if self.lacking else []))

    @property
    def columns(self) -> set[str]:
        """The columns that the rule reads."""
        return {name for text in self.expressions for name in columns_of(text)}


class Blocking(_Part):
    """The rules that make pairs, and the size at which a block is refused."""

    rules: tuple[Rule, ...]
    max_block: int = Field(default=400, description="a key that more mentions share makes no pairs")
    rare: int = Field(default=40, description="a name of which no more mentions are expected is a rare name")
    max_pairs: int = Field(default=60_000_000, description="more candidate pairs than this are refused")


class Thresholds(_Part):
    """Where decisions fall, in bits of posterior odds (log2 of p / (1 − p))."""

    link_bits: float = Field(description="at or above: linked without a person looking")
    review_bits: float = Field(description="at or above: a clerk looks; below: different persons")
    margin_bits: float = Field(description="a link must beat any contradicting candidate by this much")
    alone_bits: float = Field(
        description="at or above, though below link_bits: still linked where a registered person is the only candidate"
    )
    alone_margin_bits: float = Field(description="how far every other candidate must then stay behind")
    false_link_bound: float = Field(
        ge=0, description="share of automatic links that may be false: training sets link_bits from it; 0: leaves them"
    )


class ModelCalibration(_Part):
    """How the weights' probabilities came true where the truth was known: 1 / (1 + 2^-(slope · bits + shift)).

    The weights themselves, and all that is decided by them, stay as they are. A slope below 1 says that the weights
    are too sure of themselves.
    """

    slope: float = Field(description="above 0, at most 100; 1 leaves the bits as they are")
    shift: float = Field(description="bits, between -1000 and 1000; 0 leaves them as they are")
    pairs: int = Field(default=0, ge=0, description="how many pairs of known truth it was fitted to")
    described: str = Field(default="", description="in words, which pairs they were")


class LinkageModel(_Part):
    """Everything that a linkage run depends on besides its mentions. See the module's page."""

    version: str
    title: str
    classes: tuple[str, ...]
    expected: dict[str, float] = Field(
        description="how many other mentions a mention has in each class but stranger, on average"
    )
    assumed: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="classes that training leaves alone → the comparisons they stand for; in every other comparison "
        "such a class is like a stranger (a namesake born on the same day)",
    )
    thresholds: Thresholds
    calibration: ModelCalibration | None = Field(
        default=None, description="how the probabilities are told; left out: the bits are taken at their word"
    )
    comparisons: tuple[Comparison, ...]
    blocking: Blocking
    provenance: dict[str, str | int | float] = Field(default_factory=dict)

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Every class but match."""
        return tuple(name for name in self.classes if name != MATCH)

    def comparison(self, name: str) -> Comparison:
        """The comparison of that name; KeyError if there is none."""
        return {comparison.name: comparison for comparison in self.comparisons}[name]

    def position(self, name: str) -> int:
        """Where the comparison's letter stands in a pattern."""
        return [comparison.name for comparison in self.comparisons].index(name)


def load_model(source: str | Path) -> LinkageModel:
    """The model of a YAML page, given as a path or as its text. What the page leaves out is as in kinds.yaml.

    ModelFaults tells everything wrong with it; OSError and UnicodeDecodeError are those of a path.
    """
    text, name = (source.read_text("utf-8"), source.name) if isinstance(source, Path) else (source, "model")
    try:
        page = read_page(text)
    except yaml.YAMLError as fault:
        raise ModelFaults(name, [fault_of_yaml(fault, text)]) from None
    # Nothing is quoted of a file that is something else altogether: it may hold persons.
    if not isinstance(page, dict) or not LinkageModel.model_fields.keys() & page.keys():
        raise ModelFaults(name, [ModelFault("not_a_model", valid=tuple(LinkageModel.model_fields))])
    page = completed(page)
    contradictions = list(_contradictions(page))
    try:
        model = LinkageModel.model_validate(page)
    except ValidationError as fault:
        raise ModelFaults(name, [*faults_of_types(fault, LinkageModel), *contradictions]) from None
    if contradictions:
        raise ModelFaults(name, contradictions)
    return model


def dump_model(model: LinkageModel) -> str:
    """The model as a YAML page that load_model reads back unchanged."""
    plain = model.model_dump(mode="json", exclude_none=True, exclude_defaults=True, by_alias=True)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


@cache
def default_model() -> LinkageModel:
    """The shipped model of persons in a district's administrative records."""
    return load_model(files("transforms.linkage.models").joinpath("persons.yaml").read_text("utf-8"))


# -- what shows only when entries are held against each other -----------------------------------------------------


def _contradictions(page: dict[str, Any]) -> Iterator[ModelFault]:
    """Of the parts that are sound by themselves; the others are None here, and pydantic tells what is wrong there."""
    classes = _sound(tuple[str, ...], page["classes"])
    comparisons = [_sound(Comparison, each) for each in _entries(page["comparisons"])]
    if classes is not None:
        yield from _class_faults(classes, page)
    for number, comparison in enumerate(comparisons):
        if comparison is not None:
            place = ("comparisons", number)
            yield from _own_faults(comparison, place)
            yield from _given_faults(comparison, place, comparisons[:number])
            yield from _probability_faults(comparison, place, classes)
    yield from _calibration_faults(page.get("calibration"))
    blocking = page.get("blocking")
    for number, raw in enumerate(_entries(blocking.get("rules") if isinstance(blocking, dict) else None)):
        rule = _sound(Rule, raw)
        if rule is not None:
            yield from _rule_faults(rule, ("blocking", "rules", number))


def _sound(kind: type[T], found: object) -> T | None:
    try:
        return TypeAdapter(kind).validate_python(found)
    except ValidationError:
        return None


def _entries(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _class_faults(classes: tuple[str, ...], page: dict[str, Any]) -> Iterator[ModelFault]:
    if not {MATCH, STRANGER} <= set(classes):
        yield fault_at(("classes",), "no_class", ", ".join(classes), (MATCH, STRANGER))
    wanted = [of for of in classes if of != STRANGER]
    expected = _sound(dict[str, float], page["expected"])
    if expected is not None and set(expected) != set(wanted):
        yield fault_at(("expected",), "names", ", ".join(expected), wanted)
    others = [of for of in wanted if of != MATCH]
    entries = [each for each in _entries(page["comparisons"]) if isinstance(each, dict)]
    names = [each["name"] for each in entries if isinstance(each.get("name"), str)]
    for of, stood_for in (_sound(dict[str, tuple[str, ...]], page["assumed"]) or {}).items():
        if of not in others:
            yield fault_at(("assumed",), "not_listed", shown(of), others)
        for number, name in enumerate(stood_for):
            if name not in names:
                yield fault_at(("assumed", of, number), "not_listed", shown(name), names)


def _own_faults(comparison: Comparison, place: Place) -> Iterator[ModelFault]:
    levels, most = LEVELS[comparison.kind], kinds()[comparison.kind]["columns"]
    if comparison.level_names != levels:
        yield fault_at((*place, "levels"), "levels", ", ".join(comparison.level_names), levels)
    if len(comparison.columns) != most or not comparison.columns[0]:
        named = [column for column in comparison.columns if column]
        yield fault_at((*place, "columns"), "columns", ", ".join(named), ["1" if most == 1 else f"1–{most}"])


def _given_faults(comparison: Comparison, place: Place, earlier: list[Comparison | None]) -> Iterator[ModelFault]:
    if comparison.given is None:
        return
    known = {each.name: each for each in earlier if each}
    on, groups = comparison.given.comparison, comparison.given.groups
    if on not in known:
        if None not in earlier:
            yield fault_at((*place, "given", "comparison"), "not_earlier", shown(on), known)
        return
    covered = {level: None for group in groups.values() for level in group}
    needed = (*LEVELS[known[on].kind], MISSING)
    if set(covered) != set(needed):
        yield fault_at((*place, "given", "groups"), "groups", ", ".join(covered), needed)


def _probability_faults(comparison: Comparison, place: Place, classes: tuple[str, ...] | None) -> Iterator[ModelFault]:
    for name, level in comparison.levels.items():
        at = (*place, "levels", name)
        if comparison.given is None:
            tables = {(*at, "p"): level.p}
        else:
            tables = {(*at, "by", group): (level.by or {}).get(group) for group in comparison.given.groups}
        for where, table in tables.items():
            if classes is not None and set(table or {}) != set(classes):
                yield fault_at(where, "names", ", ".join(table or {}), classes)
            for of, p in (table or {}).items():
                if not 0.0 < p <= 1.0:
                    yield fault_at((*where, of), "out_of_range", shown(p), ["> 0, ≤ 1"])


def _calibration_faults(found: object) -> Iterator[ModelFault]:
    calibration = _sound(ModelCalibration, found)
    if calibration is None:
        return
    if not 0.0 < calibration.slope <= MOST_SLOPE:  # not a number is none of these either
        yield fault_at(("calibration", "slope"), "out_of_range", shown(calibration.slope), [f"> 0, ≤ {MOST_SLOPE:g}"])
    if not -MOST_SHIFT <= calibration.shift <= MOST_SHIFT:
        valid = [f"≥ {-MOST_SHIFT:g}, ≤ {MOST_SHIFT:g}"]
        yield fault_at(("calibration", "shift"), "out_of_range", shown(calibration.shift), valid)


def _rule_faults(rule: Rule, place: Place) -> Iterator[ModelFault]:
    stated = {"agree": rule.agree, "with": rule.with_ or ()}
    texts = {(*place, key, number): text for key, found in stated.items() for number, text in enumerate(found)}
    if rule.lacking:
        texts[*place, "lacking"] = rule.lacking
    for where, text in texts.items():
        if not is_expression(text):
            yield fault_at(where, "expression", shown(text), [EXPRESSIONS])
    if rule.with_ is not None and len(rule.with_) != len(rule.agree):
        yield fault_at((*place, "with"), "with_length", str(len(rule.with_)), [str(len(rule.agree))])
