"""What is true in the invented district: the tables that the agencies' records are later drawn from."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from zlib import crc32

import numpy as np
import pandas as pd

from connectors.simulator.days import NEVER, Array, day, number

POLICY_FROM: Final = day(2021, 1, 8)
POLICY_UNTIL: Final = day(2026, 1, 7)  # the last day it is in force


@dataclass(frozen=True)
class Nights:
    """First and last night, and the day from which events are alerted rather than listed as backlog."""

    first: int
    last: int
    alerts_since: int

    @classmethod
    def between(cls, first: date, last: date) -> "Nights":
        """Alerts begin on 1 January of the year before the first night."""
        return cls(number(first), number(last), day(first.year - 1))


@dataclass(frozen=True)
class World:
    """The truth, one frame each; persons, unions and certificates are named by their position."""

    people: pd.DataFrame
    unions: pd.DataFrame
    certificates: pd.DataFrame  # union, father, mother, child, issued_on, voided_on, known_on
    adoptions: pd.DataFrame  # man, woman, child, registered_on, dissolved_on, renames
    deaths: pd.DataFrame  # person, died_on, story
    disabilities: pd.DataFrame  # person, category, grade, assessed_on, status, ended_on
    losses: pd.DataFrame  # story, certificate, union, child, event_on

    def with_(self, **frames: Any) -> "World":
        """The same world with some tables replaced."""
        return replace(self, **frames)


def stream(seed: int, purpose: str) -> np.random.Generator:
    """A generator of its own for each purpose, so that a change in one place leaves the others alone."""
    return np.random.default_rng([seed, crc32(purpose.encode())])


def adoption_rows(
    man: Array, woman: Array, child: Array, registered_on: Array, dissolved_on: Any = NEVER
) -> pd.DataFrame:
    """Rows of `adoptions`."""
    return pd.DataFrame(
        {
            "man": man,
            "woman": woman,
            "child": child,
            "registered_on": registered_on.astype(np.int64),
            "dissolved_on": np.broadcast_to(dissolved_on, len(man)).astype(np.int64),
        }
    )


def disability_rows(person: Array, grade: Array | int, assessed_on: Array, status: str = "有效") -> pd.DataFrame:
    """Rows of `disabilities`; the category follows from the person's position."""
    return pd.DataFrame(
        {
            "person": person,
            "category": 1 + (person * 7 + 3) % 7,
            "grade": np.broadcast_to(grade, len(person)).astype(np.int64),
            "assessed_on": assessed_on.astype(np.int64),
            "status": np.full(len(person), status, dtype=object),
        }
    )


def death_rows(person: Array, died_on: Array, story: str = "") -> pd.DataFrame:
    """Rows of `deaths`; `story` says how the reports of it went, where that is out of the ordinary."""
    return pd.DataFrame(
        {"person": person, "died_on": died_on.astype(np.int64), "story": np.full(len(person), story, dtype=object)}
    )


def joined(*frames: pd.DataFrame) -> pd.DataFrame:
    """Frames of the same columns under one another."""
    return pd.concat([frame for frame in frames if len(frame)] or list(frames[:1]), ignore_index=True)
