"""A policy file as typed data: one document, its dates, its clauses, and what it leaves open.

The format is documented entry by entry in the models below; policy.py reads a file into them.
"""

import hashlib
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    StrictBool,
    StrictInt,
    Tag,
)

# What the run does with a clause that asks something of families: reaches a verdict; finds who may qualify, and a
# person decides; lists who is owed a service.
Machine = Literal["decide", "prompt", "roster"]
Trigger = Literal["death", "disability", "parent_death", "hospital_year"]
OF_PARENTS = frozenset({"parent_death", "hospital_year"})  # triggers that reach a family through a parent


# Ids go into queries and into addresses: small letters, digits, - and _ only.
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class Entry(BaseModel):
    """Any part of a policy file: nothing in it that the format does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Entry):
    """Something people read, in Chinese and English, in nuanxin's own words."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Document(Entry):
    """The text that the rules are taken from."""

    number: str
    title: str
    issuer: str
    file: str | None = Field(default=None, description="name of the text in a site's folder of documents")
    replaces: Id | None = Field(default=None, description="the policy whose last day is the day before this one begins")


UNDATED = "in_force"  # the open question of a document that bears no date


class InForce(Entry):
    """From when until when; the last day is included. Key `from` in the file.

    A document that bears no date has no `from`: until an officer has answered the question UNDATED and put it there,
    all of its verdicts are unknown.
    """

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the document is in force on that day."""
        return self.from_ is not None and self.from_ <= day <= (self.until or date.max)


class OnExpiry(Entry):
    """What the run says of events after the last day, and of events before it that become known after it."""

    after: Literal["no_policy_in_force"]
    known_later: Literal["transitional"]


class Question(Entry):
    """Something the document leaves open. Until `answer` is given the run decides nothing by it in silence."""

    id: Id
    question: Words
    answer: str | None = None
    asked_on: date
    answered_on: date | None = None


def _whole_numbers(value: Any) -> Any:
    given = value if isinstance(value, list) else [value]
    if not given or any(isinstance(each, bool) or not isinstance(each, int) for each in given):
        raise ValueError("49, [1, 2, 3]")
    return tuple(value) if isinstance(value, list) else value


WholeNumbers = Annotated[int | tuple[int, ...], PlainValidator(_whole_numbers, json_schema_input_type=int | list[int])]


class Parameter(Entry):
    """A number that an officer may set: written in expressions as parameter.<id>."""

    id: Id
    value: WholeNumbers
    unit: Literal["years", "grade", "yuan", "days"]
    source: Words
    question: Id | None = Field(default=None, description="the open question that would settle it")


class Opening(Entry):
    """Where an open question matters: while it has no answer, such cases are unknown, or carry a note."""

    question: Id
    matters: str = Field(description="an expression")
    makes: Literal["unknown", "note"] = "unknown"


class Condition(Entry):
    """An expression over the vocabulary: true, false or unknown of a case (a household and what befell it).

    What no feed shows has `ask` instead: a question to the family or an agency, unknown until somebody has asked.
    """

    id: Id
    says: Words
    when: str | None = None
    ask: Words | None = Field(default=None, description="whom or what to ask; instead of `when`")
    otherwise: Id | None = Field(default=None, description="code of the reason where it is false; its id if not given")
    question: Id | None = Field(default=None, description="the open question to be shown where it is unknown")
    open: tuple[Opening, ...] = ()


def _kind_of_use(entry: Any) -> str:
    return BY_NAME if isinstance(entry, str) else IN_PLACE


BY_NAME, IN_PLACE = "(by name)", "(in place)"  # never keys of a page
ConditionUse = Annotated[Annotated[Id, Tag(BY_NAME)] | Annotated[Condition, Tag(IN_PLACE)], Discriminator(_kind_of_use)]


class Amount(Entry):
    """An amount of a benefit, for so long and for whom. `fen` is null where nobody has said it: then `question` asks.

    Rows of one `when` follow each other without a gap and without an overlap.
    """

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    when: str = Field(default="true", description="an expression: to which cases it applies")
    fen: StrictInt | None = Field(default=None, gt=0)
    source: Words
    question: Id | None = None


class Benefit(Entry):
    """What a household gets: a status, or an amount in fen that is exact or at least that much.

    One-off, or recurring for every month, half-year or year on whose first day the conditions hold.
    """

    id: Id
    title: Words
    kind: Literal["status", "one_off", "recurring"]
    every: Literal["month", "half_year", "year"] | None = Field(default=None, description="of a recurring amount")
    amount_fen: StrictInt | None = Field(default=None, gt=0, description="one amount that never changes")
    amounts: tuple[Amount, ...] = Field(default=(), description="amounts by date and by whom, each with its source")
    is_floor: StrictBool = False
    per: Literal["household", "person", "visit", "case"] = "household"


class Payer(Entry):
    """Who pays how much of every amount, in percent."""

    payer: Id
    title: Words
    percent: StrictInt = Field(gt=0, le=100)


class Figure(Entry):
    """A number that the document states at the place of the clause, in the document's own unit."""

    value: StrictInt
    unit: Literal["yuan", "percent", "grade", "age", "persons", "households", "days", "months", "times"]


Payee = Literal["household", "person", "committee", "insurer", "hospital", "none"]


class Calendar(Entry):
    """When somebody has to act. Contact is the day of the alert plus so many days; paying is another date."""

    contact_within_days: StrictInt | None = Field(default=None, ge=0)
    pay: Literal["yearly_exercise", "monthly", "half_yearly", "none"] = "none"
    note: Words | None = None


class Clause(Entry):
    """One rule: where it stands, what it says in our own words, whom it concerns and what it gives."""

    id: Id
    row: StrictInt = Field(description="row of policies.md that the clause encodes")
    place: str
    gist: Words
    figures: tuple[Figure, ...] = ()
    who: Literal["household_of_only_child", "parent_of_only_child"] = Field(
        description="of whom it is asked: of the household, or of each parent in it"
    )
    triggers: tuple[Trigger, ...] = Field(min_length=1)
    rules_on: Literal["event_date", "as_of"] = Field(description="the date whose law and facts decide")
    grades: tuple[Annotated[StrictInt, Field(ge=1, le=4)], ...] = Field(
        default=(), description="grades at which an assessment is the event; clause.grades in expressions"
    )
    conditions: tuple[ConditionUse, ...] = Field(
        min_length=1,
        description="each written in place, or the id of a definition; that the document is in force on "
        "the ruling date is always a condition",
    )
    benefit: Benefit
    payee: Payee = "household"
    calendar: Calendar = Calendar()
    needs: tuple[str, ...] = Field(default=(), description="feeds without which the clause cannot decide")
    machine: Machine
    alert: StrictBool
    exclusions: tuple[Id, ...] = Field(
        default=(), description="benefits that a household does not get because of the same event where it gets this"
    )
    questions: tuple[Id, ...] = ()


class Record(Entry):
    """What somebody notes when it is done: for each of what, how often, and on which occasions.

    Who is owed it and has no record is a gap in the coverage.
    """

    per: Literal["household", "person", "township", "district"]
    at_least: StrictInt = Field(default=1, ge=1)
    at_most: StrictInt | None = Field(default=None, ge=1)
    every: Literal["year", "month", "occasion", "case", "once"] = "once"
    occasions: tuple[Words, ...] = Field(default=(), description="festivals and the like, each of them is owed")


def _day_of_the_year(by: str) -> str:
    try:
        date.fromisoformat(f"2000-{by}")  # a year with a 29 February
    except ValueError:
        raise ValueError("05-31, 02-29") from None
    return by


class Deadline(Entry):
    """A day by which something has to be done: a day of the year (MM-DD), this year's or the next."""

    id: Id
    gist: Words
    by: Annotated[str, AfterValidator(_day_of_the_year)] = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")
    is_next_year: StrictBool = False


class Duty(Entry):
    """A duty or a figure that no family is judged by: what is recorded, what has a deadline, what is reported."""

    id: Id
    rows: tuple[StrictInt, ...] = Field(min_length=1, description="rows of policies.md that it encodes")
    place: str
    gist: Words
    who: Words = Field(description="whom it concerns")
    figures: tuple[Figure, ...] = ()
    machine: Literal["record", "clock", "report"]
    record: Record | None = None
    clock: tuple[Deadline, ...] = ()
    questions: tuple[Id, ...] = ()


class Policy(Entry):
    """One document as rules."""

    format: Literal[2]
    id: Id
    document: Document
    jurisdiction: str = Field(pattern=r"^\d{6}$")
    in_force: InForce
    on_expiry: OnExpiry
    payers: tuple[Payer, ...] = Field(default=(), description="who pays; together 100 percent")
    parameters: tuple[Parameter, ...] = ()
    definitions: tuple[Condition, ...] = Field(default=(), description="conditions that clauses use by their id")
    clauses: tuple[Clause, ...] = ()
    duties: tuple[Duty, ...] = ()
    open_questions: tuple[Question, ...] = ()

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; KeyError if the policy has none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(f"{self.id} has no clause {clause_id}")

    def conditions(self, clause: Clause) -> tuple[Condition, ...]:
        """The conditions of a clause, those used by name in full; KeyError for a name that is not defined."""
        defined = {condition.id: condition for condition in self.definitions}
        return tuple(defined[use] if isinstance(use, str) else use for use in clause.conditions)

    def constants(self, clause: Clause) -> dict[str, int | tuple[int, ...]]:
        """What expressions of the clause may name besides the vocabulary."""
        return {f"parameter.{each.id}": each.value for each in self.parameters} | {"clause.grades": clause.grades}

    def digest(self) -> str:
        """SHA-256 of the policy as it was read, 16 hex digits: what a receipt names."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:16]

    def is_answered(self, question_id: str) -> bool:
        """Whether an officer has answered it; KeyError as `question`."""
        return self.question(question_id).answer is not None

    def question(self, question_id: str) -> Question:
        """The open question of that id; KeyError if the policy has none."""
        for question in self.open_questions:
            if question.id == question_id:
                return question
        raise KeyError(f"{self.id} has no question {question_id}")
