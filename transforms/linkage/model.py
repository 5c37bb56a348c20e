"""The model of who is who: what is compared, how much each agreement says, and where the decisions fall.

A model is a YAML page, read into the types below. A pair of mentions belongs to one of several classes: `match`
(the same person) or one of the alternatives: a `stranger`, or a relative of some kind. Each comparison gives one
level, and the page states how probable that level is in every class. The weight of a level is
log2(P(level | match) / P(level | stranger)), in bits. Relatives live at one address, have the same parents and
often half a name in common; their classes keep such pairs from passing for one person.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from transforms.linkage.expressions import EXPRESSIONS, columns_of, is_expression
from transforms.linkage.recipes import completed, kinds
from transforms.pages import read_page

MATCH = "match"
STRANGER = "stranger"
MISSING = "-"
LEVEL_CODES = "0123456789abcdefghijklmnopqrstuvwxyz"
# What each kind of comparison can find, from the best to the worst.
LEVELS: dict[str, tuple[str, ...]] = {kind: tuple(page["levels"]) for kind, page in kinds().items()}

Kind = Literal["name", "date", "year", "id_no", "sex", "address", "exact", "relative", "child", "named_relative",
               "text", "amount"]  # fmt: skip
Probabilities = dict[str, float]  # class → P(level | class)


class ModelFaults(ValueError):
    """The page is not a model; `faults` lists everything that is wrong with it."""

    def __init__(self, source: str, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(f"{source}: " + "; ".join(faults))


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

    @model_validator(mode="after")
    def _readable(self) -> "Rule":
        unread = [text for text in self.expressions if not is_expression(text)]
        if unread:
            raise ValueError(f"blocking rule {self.name}: cannot be read: {unread}; valid are {EXPRESSIONS}")
        if self.with_ is not None and len(self.with_) != len(self.agree):
            raise ValueError(f"blocking rule {self.name}: `agree` and `with` must have the same number of expressions")
        return self

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
    comparisons: tuple[Comparison, ...]
    blocking: Blocking
    provenance: dict[str, str | int | float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "LinkageModel":
        faults = [*_class_faults(self), *_level_faults(self), *_given_faults(self), *_probability_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

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


def _class_faults(model: LinkageModel) -> list[str]:
    faults = [f"classes lacks `{need}`" for need in (MATCH, STRANGER) if need not in model.classes]
    wanted = set(model.classes) - {STRANGER}
    if set(model.expected) != wanted:
        faults.append(f"expected must name {sorted(wanted)}, got {sorted(model.expected)}")
    names = {comparison.name for comparison in model.comparisons}
    for of, comparisons in model.assumed.items():
        if of not in model.classes or of in (MATCH, STRANGER) or not set(comparisons) <= names:
            faults.append(f"assumed.{of}: a class beside match and stranger, and comparisons of the model, are needed")
    return faults


def _level_faults(model: LinkageModel) -> list[str]:
    faults = []
    for comparison in model.comparisons:
        if comparison.level_names != LEVELS[comparison.kind]:
            faults.append(f"{comparison.name}: levels of a {comparison.kind} are {list(LEVELS[comparison.kind])}")
        most = kinds()[comparison.kind]["columns"]
        if len(comparison.columns) != most or not comparison.columns[0]:
            faults.append(f"{comparison.name}: a {comparison.kind} reads 1 to {most} columns")
    return faults


def _given_faults(model: LinkageModel) -> list[str]:
    names = [comparison.name for comparison in model.comparisons]
    faults = []
    for place, comparison in enumerate(model.comparisons):
        if comparison.given is None:
            continue
        on = comparison.given.comparison
        if on not in names[:place]:
            faults.append(f"{comparison.name}: `given` must name an earlier comparison, got {on}")
            continue
        covered = {level for group in comparison.given.groups.values() for level in group}
        needed = {*model.comparison(on).levels, MISSING}
        if covered != needed:
            faults.append(
                f"{comparison.name}: the groups of `given` must cover {sorted(needed)}, got {sorted(covered)}"
            )
    return faults


def _probability_faults(model: LinkageModel) -> list[str]:
    faults = []
    for comparison in model.comparisons:
        groups: list[str | None] = [None] if comparison.given is None else list(comparison.given.groups)
        for name, level in comparison.levels.items():
            tables = [level.p] if comparison.given is None else [(level.by or {}).get(str(group)) for group in groups]
            for table in tables:
                if table is None or set(table) != set(model.classes):
                    faults.append(
                        f"{comparison.name}.{name}: a probability for each of {list(model.classes)} is needed"
                    )
                elif not all(0.0 < p <= 1.0 for p in table.values()):
                    faults.append(f"{comparison.name}.{name}: a probability must be above 0 and at most 1")
    return faults


def load_model(source: str | Path) -> LinkageModel:
    """The model of a YAML page, given as a path or as its text. What the page leaves out is as in kinds.yaml.

    ModelFaults tells everything wrong with it.
    """
    text, name = (source.read_text("utf-8"), source.name) if isinstance(source, Path) else (source, "model")
    try:
        page = read_page(text)
        if not isinstance(page, dict):
            raise ModelFaults(name, ["a model is a mapping: version, title, comparisons, blocking …"])
        return LinkageModel.model_validate(completed(page))
    except yaml.YAMLError as fault:
        raise ModelFaults(name, [str(fault)]) from fault
    except ValidationError as fault:
        raise ModelFaults(name, [_sentence(error) for error in fault.errors()]) from fault


def _sentence(error: object) -> str:
    parts = dict(error) if isinstance(error, dict) else {}
    place = ".".join(str(part) for part in parts.get("loc", ()))
    return f"{place}: {parts.get('msg', '')}" if place else str(parts.get("msg", ""))


def dump_model(model: LinkageModel) -> str:
    """The model as a YAML page that load_model reads back unchanged."""
    plain = model.model_dump(mode="json", exclude_none=True, exclude_defaults=True, by_alias=True)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


@cache
def default_model() -> LinkageModel:
    """The shipped model of persons in a district's administrative records."""
    return load_model(files("transforms.linkage.models").joinpath("persons.yaml").read_text("utf-8"))
