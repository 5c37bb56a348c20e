"""How much a benefit is, on what day and for whom; and what an officer may have got wrong about it."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby, pairwise

from transforms.eligibility.entries import Amount, Benefit, Clause, Policy
from transforms.eligibility.expressions import Constant, ExpressionFault, Word, compile_condition
from transforms.eligibility.vocabulary import words_of
from transforms.pages import Place

Told = tuple[Place, tuple[str, object, str]]  # where; the kind of fault, what was found, what is valid

_DAY = timedelta(days=1)
_OWN = {"zh": "本条", "en": "this clause"}  # how a source names the clause itself, where it does not name its place
_NUMERAL = r"[\d一二三四五六七八九十百]"


def rows_of(benefit: Benefit) -> tuple[Amount, ...]:
    """The amounts of a benefit as rows: one that never changes is a row without dates."""
    if benefit.amount_fen is None:
        return benefit.amounts
    return (Amount.model_validate({"fen": benefit.amount_fen, "source": _OWN}),)


def rows_on(benefit: Benefit, day: date) -> tuple[Amount, ...]:
    """Those of `rows_of` whose dates hold on a day; which of them applies to a case, its `when` says."""
    return tuple(row for row in rows_of(benefit) if (row.from_ or date.min) <= day <= (row.until or date.max))


def amount_sql(clause: Clause, policy: Policy) -> tuple[str, str]:
    """SQL over the evidence: the amount in fen on the ruling date, and the question that asks for one that is not said.

    Both null for a benefit that is a status alone.
    """
    words, constants = words_of(clause, policy), policy.constants(clause)
    fen, asked = [], []
    for row in rows_of(clause.benefit):
        applies = f"WHEN {_within(row)} AND {compile_condition(row.when, words, constants).outcome} THEN"
        fen.append(f"{applies} {'NULL' if row.fen is None else row.fen}")
        asked.append(f"{applies} {_text(row.question)}")
    if not fen:
        return "CAST(NULL AS BIGINT)", "CAST(NULL AS VARCHAR)"
    unsure = "'amount_unsure'"  # no row applies for certain: which one is not known of this case
    return f"CAST(CASE {' '.join(fen)} END AS BIGINT)", f"CASE {' '.join(asked)} ELSE {unsure} END"


def _within(row: Amount) -> str:
    first, last = row.from_ or date.min, row.until or date.max
    return f"coalesce(ruling_on, known_on) BETWEEN DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"


def _text(value: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if value is None else f"'{value}'"


# -- mistakes -------------------------------------------------------------------------------------------------------


def amount_faults(policy: Policy) -> Iterator[Told]:
    """Amounts of the clause that it does not state, that do not fit its kind of benefit, gaps and overlaps of dates."""
    for number, clause in enumerate(policy.clauses):
        for place, told in _benefit_faults(clause, policy):
            yield ("clauses", number, *place), told


def _benefit_faults(clause: Clause, policy: Policy) -> Iterator[Told]:
    benefit, here = clause.benefit, ("benefit",)
    if benefit.amount_fen is not None:
        yield from _unstated((*here, "amount_fen"), benefit.amount_fen, clause)
    if benefit.amount_fen is not None and benefit.amounts:
        yield (*here, "amounts"), ("unknown_entry", "amounts", "amount_fen")
    if (benefit.kind == "recurring") != (benefit.every is not None):
        yield (*here, "every"), ("missing" if benefit.every is None else "unknown_entry", "every", "every")
    if benefit.per == "person" and clause.who != "parent_of_only_child":
        yield ("who",), ("wrong_value", clause.who, "parent_of_only_child")
    known = {each.benefit.id for each in policy.clauses}
    for at, excluded in enumerate(clause.exclusions):
        if excluded not in known - {benefit.id}:
            yield ("exclusions", at), ("unknown_benefit", excluded, ", ".join(sorted(known - {benefit.id})))
    yield from _row_faults(clause, policy)


def _unstated(place: Place, fen: int, clause: Clause) -> Iterator[Told]:
    figures = [figure.value for figure in clause.figures if figure.unit == "yuan"]
    if fen / 100 not in figures:
        yield place, ("figure_not_stated", f"{fen} fen", ", ".join(f"{figure} yuan" for figure in figures))


def _is_own(row: Amount, clause: Clause) -> bool:
    """Whether a row's source is the clause: it names its place or a part of it. 二（一）10 is no part of 二（一）1."""
    place = r"\s*".join(re.escape(letter) for letter in "".join(_plain(clause.place).split()))
    own = "|".join([rf"(?<!{_NUMERAL}){place}(?!(?<={_NUMERAL}){_NUMERAL})", *_OWN.values()])
    return any(re.search(own, _plain(text)) for text in (row.source.zh, row.source.en))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _row_faults(clause: Clause, policy: Policy) -> Iterator[Told]:
    words, constants = words_of(clause, policy), policy.constants(clause)
    rows = list(enumerate(clause.benefit.amounts))
    for at, row in rows:
        place = ("benefit", "amounts", at)
        yield from expression_fault((*place, "when"), row.when, words, constants)
        if row.fen is None and row.question is None:
            yield (*place, "fen"), ("missing", "", "fen / question")
        if row.fen is not None and _is_own(row, clause):
            yield from _unstated((*place, "fen"), row.fen, clause)
        if row.from_ and row.until and row.until < row.from_:
            yield (*place, "until"), ("dates_crossed", row.until, row.from_.isoformat())
    for _, same in groupby(sorted(rows, key=_by_case), key=lambda each: each[1].when):
        yield from _order_faults(list(same), policy)


def _by_case(numbered: tuple[int, Amount]) -> tuple[str, date]:
    _, row = numbered
    return row.when, row.from_ or date.min


def _order_faults(rows: list[tuple[int, Amount]], policy: Policy) -> Iterator[Told]:
    """Gaps and overlaps between the rows of one kind of case, and before and after them while the document holds."""
    in_force = policy.in_force
    (at, first), (_, last) = rows[0], rows[-1]
    if first.from_ and in_force.from_ and first.from_ > in_force.from_:
        yield ("benefit", "amounts", at, "from"), ("dates_gap", first.from_, in_force.from_.isoformat())
    for (_, before), (at, after) in pairwise(rows):
        if before.until is None or after.from_ is None or after.from_ <= before.until:
            yield ("benefit", "amounts", at, "from"), ("dates_overlap", after.from_, str(before.until))
        elif after.from_ > before.until + _DAY:
            yield ("benefit", "amounts", at, "from"), ("dates_gap", after.from_, (before.until + _DAY).isoformat())
    if last.until and (in_force.until is None or last.until < in_force.until):
        yield ("benefit", "amounts", rows[-1][0], "until"), ("dates_gap", last.until, str(in_force.until or "–"))


def expression_fault(
    place: Place, text: str, words: Mapping[str, Word], constants: Mapping[str, Constant]
) -> Iterator[Told]:
    """What is wrong with an expression, with its place."""
    try:
        compile_condition(text, words, constants)
    except ExpressionFault as fault:
        yield place, (f"expression_{fault.kind}", fault.found, fault.valid)
