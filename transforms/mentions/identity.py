"""What each role's own fields tell: name, number and whether to trust it, birth, sex, place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.mentions.kinship import sexes_told
from transforms.mentions.roles import Roles
from transforms.standardise.columns import as_array
from transforms.standardise.identifiers import births, inner_id_no, sexes_inside, valid_18
from transforms.standardise.names import standard_names

_NO_TEXT = pa.scalar(None, pa.string())
_NO_DAY = pa.scalar(None, pa.date32())


@dataclass(frozen=True)
class Names:
    """Names as linkage compares them; `of` is the person named where somebody is only "张三之子", without a `name`."""

    name: pa.Array
    former_name: pa.Array
    pinyin: pa.Array
    of: pa.Array
    sex: pa.Array


def names_of(roles: Roles) -> Names:
    """The names of every role."""
    own, former = (standard_names(roles.table[column]) for column in ("name", "former_name"))
    return Names(own.name, former.name, own.pinyin, own.of, own.sex)


@dataclass(frozen=True)
class Numbers:
    """`id_no` valid and not contradicted, 18 characters; `text` as normalised; `state` as in MENTIONS."""

    id_no: pa.Array
    text: pa.Array
    state: pa.Array


def numbers_of(roles: Roles) -> Numbers:
    """The identity number of every role, and whether the record itself speaks against it."""
    shaped = inner_id_no(roles.table["number"])
    valid = valid_18(shaped)
    text = pc.coalesce(shaped, as_array(roles.table["damaged_number"]))
    is_wrong = _contradicted(roles, valid)
    is_15 = pc.equal(pc.utf8_length(text), 15)
    state = pc.case_when(
        pc.make_struct(text.is_null(), shaped.is_null(), valid.is_null(), pa.array(is_wrong), is_15),
        "missing", "bad_shape", "bad_check", "contradicts", "from_15", "valid",
    )  # fmt: skip
    return Numbers(pc.if_else(pa.array(is_wrong), _NO_TEXT, valid), text, state)


def _contradicted(roles: Roles, valid: pa.Array) -> Any:
    """Valid numbers that cannot be this person's, by the record's own words.

    The birth date or the role's sex speaks against it; or another role of the record has the same number and
    not exactly one of them is free of contradiction. A stated sex alone counts only among such rivals: it is
    mistyped too often.
    """
    table = roles.table
    by_birth = _differs(births(valid), table["birth_stated"])
    by_role = _differs(sexes_inside(valid), table["sex_of_role"])
    by_sex = _differs(sexes_inside(valid), table["sex_stated"])
    shared = _shared(roles.record, valid)
    is_free = ~(by_birth | by_role | by_sex)
    return by_birth | by_role | ((shared >= 0) & ~(is_free & (_count(shared, is_free) == 1)))


def _differs(left: pa.Array, right: pa.ChunkedArray) -> Any:
    return pc.fill_null(pc.not_equal(left, as_array(right)), False).to_numpy(zero_copy_only=False)


def _shared(record: Any, valid: pa.Array) -> Any:
    """The same number ≥ 0 for rows of one record with one identity number; -1 for all that share none."""
    encoded = valid.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    pairs = record * (len(encoded.dictionary) + 1) + codes
    _, group, size = np.unique(pairs, return_inverse=True, return_counts=True)
    return np.where((codes >= 0) & (size[group] > 1), group, -1)


def _count(groups: Any, mask: Any) -> Any:
    """How many rows of the mask each row's group has."""
    counts = np.bincount(groups[mask & (groups >= 0)], minlength=groups.max(initial=-1) + 2)
    return counts[groups]


@dataclass(frozen=True)
class Births:
    """The date and where it comes from; the year also when only that, or an age, is stated."""

    day: pa.Array
    source: pa.Array
    year: pa.Array


def births_of(roles: Roles, id_no: pa.Array) -> Births:
    """Stated birth date, else the one inside a trusted number; without either the stated year, or that of an age."""
    stated = as_array(roles.table["birth_stated"])
    day = pc.coalesce(stated, births(id_no))
    by_age = as_array(pc.subtract(roles.table["age_year"], roles.table["age"]))
    plausible = pc.if_else(pc.and_(pc.greater(by_age, 1880), pc.less(by_age, 2200)), by_age, None)
    year = pc.coalesce(pc.year(day), as_array(roles.table["birth_year"]), plausible.cast(pa.int64()))
    source = pc.case_when(
        pc.make_struct(stated.is_valid(), day.is_valid(), year.is_valid()), "stated", "id_no", "age", "none"
    )
    return Births(day, source, year.cast(pa.int16()))


def sexes_of(roles: Roles, names: Names, id_no: pa.Array) -> pa.Array:
    """Stated, else by the role, by the name ("…之子"), by the word for the relation, by a trusted number."""
    table = roles.table
    return pc.coalesce(
        as_array(table["sex_stated"]),
        as_array(table["sex_of_role"]),
        names.sex,
        sexes_told(table["is_to_relative"]),
        sexes_inside(id_no),
    )
