"""Mentions, pairs and decisions as rows and integers: what clustering, identity and review all work on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.blocking import REGISTER, record_names, same_identity
from transforms.linkage.codes import Codes, Flags, equal, shared_codes
from transforms.linkage.model import LEVEL_CODES, MISSING, LinkageModel

Rows = npt.NDArray[np.int64]

DEATHS = ("death_certificates", "cremations")
BYSTANDERS = ("kin", "handler", "guardian")
RELATIVES_NUMBERS = ("father_id_no", "mother_id_no", "spouse_id_no", "child_id_no")
READ = ("mention_id", "feed", "record_key", "role", "name", "id_no", "sex", "birth_source", *RELATIVES_NUMBERS)


@dataclass(frozen=True)
class Evidence:
    """Per mention (row, in the order of mention_id): what may or must not be joined with it.

    `exact`: equal where number and name make one person by rule. `record`: the record it stands in. `number`:
    its identity number where that can be trusted, -1 otherwise; two persons never share a cluster.
    """

    mentions: pa.Table
    exact: Rows
    record: Codes
    kind: Codes  # feed and role
    number: Codes
    father: Codes  # the parents' numbers, -1 where none is stated
    mother: Codes
    in_register: Flags
    is_dead: Flags  # the subject of a record of a death
    is_bystander: Flags  # kin, handler or guardian: known by little more than a name


@dataclass(frozen=True)
class Edges:
    """Pairs of mention rows, best first; equal weights in the order of their mention ids."""

    a: Rows
    b: Rows
    weight: npt.NDArray[np.float64]
    by_rule: Flags  # a rule of identity joins them, not the model
    like_name: Flags  # the names are the same or nearly so
    no_name: Flags  # a name is missing


def gather(mentions: pa.Table) -> Evidence:
    """The mentions in order, and their constraints."""
    ordered = mentions.select(READ).sort_by("mention_id").combine_chunks()
    (records,) = shared_codes([record_names(ordered)])[1]
    in_register = _flags(pc.equal(ordered["feed"], REGISTER))
    _, (father, mother) = shared_codes([ordered["father_id_no"], ordered["mother_id_no"]])
    is_subject = pc.equal(ordered["role"], "subject")
    return Evidence(
        mentions=ordered,
        exact=_exact(ordered, records),
        record=records,
        kind=shared_codes([pc.binary_join_element_wise(ordered["feed"], ordered["role"], "|")])[1][0],
        number=_trusted_numbers(ordered, in_register),
        father=father,
        mother=mother,
        in_register=in_register,
        is_dead=_flags(pc.and_(is_subject, pc.is_in(ordered["feed"], pa.array(DEATHS)))),
        is_bystander=_flags(pc.is_in(ordered["role"], pa.array(BYSTANDERS))),
    )


def _flags(values: pa.Array | pa.ChunkedArray) -> Flags:
    flags: Flags = np.asarray(pc.fill_null(values, False)).astype(bool)
    return flags


def _exact(mentions: pa.Table, records: Codes) -> Rows:
    # Number and name twice in one record is a slip of the form, not one person in two roles.
    same = same_identity(mentions)
    alone = -1 - np.arange(len(same), dtype=np.int64)
    order = np.lexsort((np.arange(len(same)), records, same))
    twice = np.zeros(len(same), bool)
    twice[order[1:]] = (same[order[1:]] == same[order[:-1]]) & (records[order[1:]] == records[order[:-1]])
    _, codes = np.unique(np.where((same < 0) | twice, alone, same), return_inverse=True)
    exact: Rows = codes.astype(np.int64)
    return exact


def _trusted_numbers(mentions: pa.Table, in_register: Flags) -> Codes:
    # A number counts against another only where the record's own date of birth confirms it, or the register states it.
    _, (numbers, *relatives) = shared_codes([mentions[name] for name in ("id_no", *RELATIVES_NUMBERS)])
    borrowed = np.any([equal(numbers, relative) for relative in relatives], axis=0)
    confirmed = _flags(pc.equal(mentions["birth_source"], "stated"))
    trusted: Codes = np.where((confirmed | in_register) & ~borrowed, numbers, -1).astype(np.int32)
    return trusted


def edges_of(evidence: Evidence, pairs: pa.Table, model: LinkageModel) -> Edges:
    """The pairs between mentions that exist, as rows, best first."""
    known = evidence.mentions["mention_id"].combine_chunks()
    a, b = (rows_of(pairs[side], known) for side in ("mention_a", "mention_b"))
    weight = pairs["match_weight"].to_numpy()
    by_rule = _flags(pc.equal(pairs["decided_by"], "rule"))
    here = np.flatnonzero((a >= 0) & (b >= 0))
    order = here[np.lexsort((b[here], a[here], -weight[here]))]
    return Edges(
        a[order],
        b[order],
        weight[order],
        by_rule[order],
        *(_names(pairs["levels"], model, which)[order] for which in ("like", "none")),
    )


def _names(patterns: pa.ChunkedArray, model: LinkageModel, which: str) -> Flags:
    found = np.zeros(len(patterns), bool)
    for place, comparison in enumerate(model.comparisons):
        if comparison.kind == "name":
            near = list(LEVEL_CODES[: comparison.level_names.index("one_character") + 1])
            wanted = pa.array(near if which == "like" else [MISSING])
            found |= _flags(pc.is_in(pc.utf8_slice_codeunits(patterns, place, place + 1), wanted))
    return found


def rows_of(mention_ids: pa.Array | pa.ChunkedArray, known: pa.Array) -> Rows:
    """The row of each mention id among the known ones; -1 where there is none."""
    rows: Rows = np.asarray(pc.fill_null(pc.index_in(mention_ids, known), -1)).astype(np.int64)
    return rows


def decided_rows(evidence: Evidence, decisions: pa.Table | None, decision: str) -> list[tuple[int, int]]:
    """The clerks' pairs of that decision (`same` or `different`) whose mentions still exist, in a fixed order."""
    if decisions is None or not decisions.num_rows:
        return []
    chosen = decisions.filter(pc.equal(decisions["decision"], decision))
    known = evidence.mentions["mention_id"].combine_chunks()
    a, b = (rows_of(chosen[side], known) for side in ("mention_a", "mention_b"))
    here = (a >= 0) & (b >= 0)
    return sorted(zip(np.minimum(a, b)[here].tolist(), np.maximum(a, b)[here].tolist(), strict=True))
