"""What the deliveries show, with true identities: the only thing on which the truth about alerts rests."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, Array
from connectors.simulator.deliveries import Schedule
from connectors.simulator.records import Records

CHILD_RELATIONS = frozenset({*range(20, 28), 29, *range(30, 38), 39})  # 28 and 38 are sons- and daughters-in-law


class Row(NamedTuple):
    """A delivered row: the night it came, its key, and what it says."""

    night: int
    key: str
    says: Any


@dataclass(frozen=True)
class Shown:
    """Delivered, usable rows of the families in question, by the person (or certificate) they are looked up by."""

    certificates: dict[int, list[Row]]
    death_certificates: dict[int, list[Row]]
    cremations: dict[int, list[Row]]
    register: dict[int, list[Row]]  # by person
    household: dict[int, list[Row]]  # by household
    births: dict[int, list[Row]]  # by either parent
    adopters: dict[int, list[Row]]
    adoptees: dict[int, list[Row]]
    couples: dict[int, list[Row]]  # marriages, by the man
    disabilities: dict[int, list[Row]]
    last_stays: dict[int, list[Row]]  # settlements that say died


def shown(books: dict[str, Records], plans: dict[str, Schedule], families: pd.DataFrame) -> Shown:
    """All that is shown of the families (columns father, mother, child; -1 is nobody)."""
    tables = {feed: _table(books[feed], plans[feed]) for feed in books}
    circle = _circle(tables, families)
    deaths, register = tables["death_certificates"], tables["household_register"]
    houses = register.loc[register["person"].isin(circle), "house"].unique()
    stays = tables["medical_settlements"]
    return Shown(
        certificates=_by(tables["only_child_certificates"], "certificate", families["certificate"]),
        death_certificates=_by(deaths, "person", circle),
        cremations=_by(tables["cremations"], "person", circle),
        register=_by(register, "person", circle),
        household=_by(register, "house", houses),
        births=_merged(_by(tables["births"], "father", circle), _by(tables["births"], "mother", circle)),
        adopters=_merged(_by(tables["adoptions"], "man", circle), _by(tables["adoptions"], "woman", circle)),
        adoptees=_by(tables["adoptions"], "child", circle),
        couples=_by(tables["marriages"], "man", circle),
        disabilities=_by(tables["disability_certificates"], "person", circle),
        last_stays=_by(stays[stays["is_death"]], "person", circle),
    )


def _table(records: Records, plan: Schedule) -> pd.DataFrame:
    """Facts of the delivered usable rows, oldest first, with night and key."""
    rows = np.flatnonzero((plan.night < NEVER) & records.usable)
    rows = rows[np.lexsort((rows, records.known[rows], plan.night[rows]))]
    keys = records.key.take(rows).to_pylist()
    return records.facts.iloc[rows].assign(night=plan.night[rows], key=keys).reset_index(drop=True)


def _circle(tables: dict[str, pd.DataFrame], families: pd.DataFrame) -> Array:
    """Children of losses, their parents, and whoever may be another child of these."""
    core = np.unique(families[["father", "mother", "child"]].to_numpy())
    core = core[core >= 0]
    births, adoptions, register = tables["births"], tables["adoptions"], tables["household_register"]
    siblings = births.loc[births["father"].isin(core) | births["mother"].isin(core), "child"]
    adopted = adoptions.loc[adoptions["man"].isin(core) | adoptions["woman"].isin(core), "child"]
    houses = register.loc[register["person"].isin(core), "house"]
    near = register.loc[register["house"].isin(houses), "person"]
    return np.unique(np.concatenate([core, siblings, adopted, near]))


def _by(table: pd.DataFrame, column: str, wanted: Any) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    chosen = table[table[column].isin(wanted)]
    lookup = zip(chosen[column].tolist(), chosen["night"].tolist(), chosen["key"].tolist(), strict=True)
    for (value, night, key), says in zip(lookup, chosen.itertuples(index=False), strict=True):
        found[value].append(Row(night, key, says))
    return found


def _merged(left: dict[int, list[Row]], right: dict[int, list[Row]]) -> dict[int, list[Row]]:
    return {person: [*left.get(person, []), *right.get(person, [])] for person in {*left, *right}}


def latest(rows: list[Row] | None, night: int) -> list[Row]:
    """Of each key the version that holds on a night."""
    return list({row.key: row for row in rows or () if row.night <= night}.values())
