"""Who is whose father, mother, spouse and child: row positions, from the roles of one record."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.mentions.kinship import CHILD, FATHER, MOTHER, SPOUSE, relations_told
from transforms.mentions.roles import NOWHERE, Roles

Positions = dict[str, Any]  # relation → position of that person, row by row; NOWHERE without one


def relations_of(roles: Roles, sex: pa.Array) -> Positions:
    """Positions of father, mother, spouse and child, and of a relative whose relation is not told.

    A relation told from the one side is read from the other: whose father the kin is, is the kin's child.
    """
    at = {name: positions.copy() for name, positions in roles.at.items()}
    relative = at["relative"]
    he_is = _plain(relations_told(roles.table["relative_is"]))
    i_am = _plain(relations_told(roles.table["is_to_relative"]))
    sex_of_relative = _look_up(_plain(sex), relative)
    is_parent = (i_am == FATHER) | (i_am == MOTHER)
    told = {
        "father": (he_is == FATHER) | ((i_am == CHILD) & (sex_of_relative == "1")),
        "mother": (he_is == MOTHER) | ((i_am == CHILD) & (sex_of_relative == "2")),
        "spouse": (he_is == SPOUSE) | (i_am == SPOUSE),
        "child": (he_is == CHILD) | is_parent,
    }
    for relation, holds in told.items():
        at[relation] = np.where(holds, relative, at[relation])
    is_told = np.logical_or.reduce(list(told.values()))
    at["relative"] = np.where(is_told, NOWHERE, relative)
    return at


def sexes_by_spouse(roles: Roles, at: Positions, sex: pa.Array) -> pa.Array:
    """The sex, where it is not known otherwise, as the opposite of the spouse's."""
    of_spouse = told_of(sex, at["spouse"])
    opposite = pc.if_else(pc.equal(of_spouse, "1"), "2", "1")
    return pc.coalesce(sex, opposite)


def told_of(values: pa.Array, positions: Any) -> pa.Array:
    """The values of the persons at those positions; null for NOWHERE."""
    return values.take(pa.array(positions, mask=positions == NOWHERE))


def _plain(texts: pa.Array) -> Any:
    return texts.to_numpy(zero_copy_only=False)


def _look_up(values: Any, positions: Any) -> Any:
    if not len(values):
        return values
    return np.where(positions == NOWHERE, None, values[positions])
