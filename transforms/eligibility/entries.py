"""A policy file as typed data: one document, its dates, its clauses, and what it leaves open.

The format is documented entry by entry in the models below; policy.py reads a file into them.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

Machine = Literal["decide", "prompt", "roster", "record", "clock", "report"]


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


class InForce(Entry):
    """From when until when; the last day is included. Key `from` in the file."""

    from_: date = Field(alias="from")
    until: date | None = None


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


class ConditionUse(Entry):
    """A condition of the vocabulary with its parameters."""

    id: Id
    parameters: dict[str, Any] = Field(default_factory=dict)
    question: Id | None = Field(default=None, description="the open question that this condition depends on")

    @model_validator(mode="before")
    @classmethod
    def _from_entry(cls, entry: Any) -> Any:
        """A bare id, or an id with its parameters beside it."""
        if isinstance(entry, str):
            return {"id": entry}
        if isinstance(entry, dict) and "parameters" not in entry:
            named = {key: entry[key] for key in ("id", "question") if key in entry}
            return {**named, "parameters": {key: entry[key] for key in entry if key not in named}}
        return entry


class Benefit(Entry):
    """What a household gets: a status, or an amount in fen that is exact or at least that much."""

    id: Id
    title: Words
    kind: Literal["status", "one_off"]
    amount_fen: StrictInt | None = Field(default=None, gt=0)
    is_floor: StrictBool = False
    per: Literal["household", "person", "visit", "case", "month"] = "household"


class Figure(Entry):
    """A number that the document states at the place of the clause, in the document's own unit."""

    value: StrictInt
    unit: Literal["yuan", "grade", "age", "persons", "days"]


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
    who: Literal["household_of_only_child"]
    triggers: tuple[Literal["death", "disability"], ...] = Field(min_length=1)
    rules_on: Literal["event_date", "as_of"] = Field(description="the date whose law and facts decide")
    conditions: tuple[ConditionUse, ...] = Field(min_length=1)
    benefit: Benefit
    payee: Literal["household", "none"] = "household"
    calendar: Calendar = Calendar()
    needs: tuple[str, ...] = Field(default=(), description="feeds without which the clause cannot decide")
    machine: Machine
    alert: StrictBool
    exclusions: tuple[str, ...] = Field(default=(), description="benefits that a household cannot have beside this")
    questions: tuple[str, ...] = ()


class Policy(Entry):
    """One document as rules."""

    format: Literal[1]
    id: Id
    document: Document
    jurisdiction: str = Field(pattern=r"^\d{6}$")
    in_force: InForce
    on_expiry: OnExpiry
    clauses: tuple[Clause, ...] = Field(min_length=1)
    open_questions: tuple[Question, ...] = ()

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id; KeyError if the policy has none."""
        for clause in self.clauses:
            if clause.id == clause_id:
                return clause
        raise KeyError(f"{self.id} has no clause {clause_id}")

    def question(self, question_id: str) -> Question:
        """The open question of that id; KeyError if the policy has none."""
        for question in self.open_questions:
            if question.id == question_id:
                return question
        raise KeyError(f"{self.id} has no question {question_id}")
