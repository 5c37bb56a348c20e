"""What a feed promises: its columns, key, code lists and owner, and the persons that a record mentions.

The YAML pages beside this module are the only declaration of a column. Reading, expectations, masking, the
data dictionary and the simulator all take it from here.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from transforms.pages import read_page

FEEDS = (
    "household_register",
    "only_child_certificates",
    "births",
    "marriages",
    "adoptions",
    "death_certificates",
    "cremations",
    "disability_certificates",
    "medical_settlements",
    "care_insurance_claims",
    "low_income",
)

ColumnType = Literal[
    "key", "text", "name", "id_no", "date", "datetime", "sex", "division", "code", "integer", "money",
    "phone", "address", "icd10", "disability_no",
]  # fmt: skip
Sensitivity = Literal["open", "personal", "sensitive"]


class _Page(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Page):
    """A name people read, in Chinese and in English."""

    zh: str
    en: str


class Agency(Label):
    """Who delivers a feed, and therefore who can mend it."""

    id: str


class Column(_Page):
    """One column of a feed: nuanxin's name, the agency's default header, how it is read."""

    name: str
    header: str = Field(description="default header in a delivered file; a site may map another")
    type: ColumnType
    required: bool = Field(default=False, description="a row without it cannot be used")
    sensitivity: Sensitivity
    codes: dict[str, str] | None = Field(default=None, description="as delivered → standard code")
    note: str | None = None


class MentionRule(_Page):
    """Which columns of a record describe one of the persons it speaks of.

    `father`, `mother`, `spouse`, `child` and `relative` name other roles of the same record; every other
    value names a column, except `sex`, which is the sex that the role implies.
    """

    role: str
    name: str
    former_name: str | None = None
    id_no: str | None = None
    birth_date: str | None = None
    sex: Literal["1", "2"] | None = None
    sex_column: str | None = None
    address: str | None = None
    phone: str | None = None
    division: str | None = None
    age: str | None = None
    age_on: tuple[str, ...] = ()
    father: str | None = None
    mother: str | None = None
    spouse: str | None = None
    child: str | None = None
    relative: str | None = None
    relative_relation: str | None = Field(default=None, description="column: what the relative is to this person")
    relative_relation_inverse: str | None = Field(
        default=None, description="column: what this person is to the relative"
    )
    household: str | None = None
    relation_to_head: str | None = None


class FeedContract(_Page):
    """One feed as its agency and nuanxin agreed on it."""

    feed: str
    title: Label
    agency: Agency
    key: tuple[str, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    columns: tuple[Column, ...]
    mentions: tuple[MentionRule, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which a row cannot be used."""
        return tuple(column.name for column in self.columns if column.required)

    def column(self, name: str) -> Column:
        """The column of that name; KeyError if the feed has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.feed} has no column {name}")


@cache
def load_contract(feed: str) -> FeedContract:
    """The contract of one of the eleven feeds; KeyError for any other name."""
    if feed not in FEEDS:
        raise KeyError(feed)
    page = files("transforms.feeds").joinpath(f"{feed}.yaml").read_text("utf-8")
    return FeedContract.model_validate(read_page(page))


def load_contracts() -> dict[str, FeedContract]:
    """All eleven contracts, by feed."""
    return {feed: load_contract(feed) for feed in FEEDS}
