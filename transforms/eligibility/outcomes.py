"""Each distinct condition and each distinct amount of the law, worked out once for all cases of which it is asked.

Clauses share most of what they ask: a document's dates, the visit, the hukou, the certificate. So conditions are
numbered over all policies and worked out side by side, a few to a query, into rows of (case, condition); a table says
which clause asks which of them. What a night costs before it looks at a case grows with the distinct conditions, not
with the clauses.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeVar

import pyarrow as pa

from transforms.eligibility.amounts import amount_sql
from transforms.eligibility.cases import ways_of
from transforms.eligibility.conditions import asked_by
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.receipt import piece_of

_AT_ONCE: Final = 12  # expressions to a query: DuckDB plans many small ones faster than a few large ones
Way = tuple[str, str, bool]  # as cases.ways_of gives them
Key = TypeVar("Key", bound=Hashable)

_NUMBER = pa.int32()
_CLAUSES = pa.schema(
    [
        ("clause_no", _NUMBER),
        ("amount_no", _NUMBER),
        ("policy_id", pa.string()),
        ("clause_id", pa.string()),
        ("benefit_id", pa.string()),
        ("machine", pa.string()),
        ("is_alerting", pa.bool_()),
        ("exclusions", pa.list_(pa.string())),
        ("policy_hash", pa.string()),
    ]
)
_WAYS = pa.schema(
    [("clause_no", _NUMBER), ("event_type", pa.string()), ("rules_on", pa.string()), ("is_of_parent", pa.bool_())]
)
_ASKED = pa.schema([("clause_no", _NUMBER), ("position", _NUMBER), ("condition_no", _NUMBER)])
_CONDITIONS = pa.schema([("condition_no", _NUMBER), ("condition_id", pa.string()), ("question", pa.string())])


@dataclass(frozen=True)
class Law:
    """What the clauses of some policies ask: tables, and queries over the table `evidence` (evidence.py).

    `tables`: clauses (one row a clause), ways (because of which events and of whom a clause is asked), asked (its
    conditions in their order), conditions (their ids and questions). `steps`: outcomes (case_id, condition_no, outcome,
    facts) and amounts (case_id, amount_no, benefit_fen, amount_question), with rows for the cases of which a clause
    asks them.
    """

    tables: Mapping[str, pa.Table]
    steps: Mapping[str, Sequence[str]]


def law_of(policies: Sequence[Policy]) -> Law:
    """The law of some policies that have a clause."""
    clauses = [(clause, policy) for policy in policies for clause in policy.clauses]
    followed = {policy.document.replaces for policy in policies}
    pieces = [
        [piece_of(each) for each in asked_by(clause, policy, is_followed=policy.id in followed)]
        for clause, policy in clauses
    ]
    sums = [amount_sql(*each) for each in clauses]
    conditions = _numbered(piece for own in pieces for piece in own)
    amounts = _numbered(sums)
    ways = [ways_of(clause) for clause, _ in clauses]
    return Law(
        {
            "clauses": _table(_CLAUSES, (_clause(no, amounts[sums[no]], *each) for no, each in enumerate(clauses))),
            "ways": _table(_WAYS, ((no, *way) for no, own in enumerate(ways) for way in own)),
            "asked": _table(
                _ASKED, ((no, at, conditions[piece]) for no, own in enumerate(pieces) for at, piece in enumerate(own))
            ),
            "conditions": _table(
                _CONDITIONS, ((no, piece.condition_id, piece.question) for piece, no in conditions.items())
            ),
        },
        {
            "outcomes": _queries(
                ("condition_no", "outcome", "facts"),
                {no: (piece.outcome, piece.facts) for piece, no in conditions.items()},
                _ways_by(
                    (conditions[piece], own) for own, of_clause in zip(ways, pieces, strict=True) for piece in of_clause
                ),
            ),
            "amounts": _queries(
                ("amount_no", "benefit_fen", "amount_question"),
                {no: each for each, no in amounts.items()},
                _ways_by((amounts[each], own) for own, each in zip(ways, sums, strict=True)),
            ),
        },
    )


def _numbered(keys: Iterable[Key]) -> dict[Key, int]:
    return {key: number for number, key in enumerate(dict.fromkeys(keys))}


def _ways_by(asked: Iterable[tuple[int, list[Way]]]) -> dict[int, frozenset[Way]]:
    """The ways of all clauses that ask a number."""
    found: defaultdict[int, set[Way]] = defaultdict(set)
    for number, ways in asked:
        found[number].update(ways)
    return {number: frozenset(ways) for number, ways in found.items()}


def _clause(number: int, amount: int, clause: Clause, policy: Policy) -> tuple[object, ...]:
    named = (policy.id, clause.id, clause.benefit.id, clause.machine)
    return number, amount, *named, clause.alert, list(clause.exclusions), policy.digest()


def _table(shape: pa.Schema, rows: Iterable[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(shape.names, row, strict=True)) for row in rows], shape)


def _queries(
    names: tuple[str, str, str], said: Mapping[int, tuple[str, str]], ways: Mapping[int, frozenset[Way]]
) -> list[str]:
    """One query for every few numbers that are asked in the same ways; `names` are those of its columns."""
    in_order = sorted(said, key=lambda number: (sorted(ways[number]), number))
    same = (list(group) for _, group in groupby(in_order, key=lambda number: ways[number]))
    return [_query(names, {no: said[no] for no in few}, ways[few[0]]) for group in same for few in _few(group)]


def _few(numbers: list[int]) -> Iterator[list[int]]:
    return (numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE))


def _query(names: tuple[str, str, str], said: Mapping[int, tuple[str, str]], ways: frozenset[Way]) -> str:
    columns = (map(str, said), *zip(*said.values(), strict=True))
    listed = ", ".join(f"unnest([{', '.join(each)}]) AS {name}" for name, each in zip(names, columns, strict=True))
    of_these = ", ".join(f"('{event}', '{rules_on}', {of_parent})" for event, rules_on, of_parent in sorted(ways))
    return f"SELECT case_id, {listed} FROM evidence WHERE (event_type, rules_on, is_of_parent) IN ({of_these})"  # noqa: S608  # checked policy entries only
