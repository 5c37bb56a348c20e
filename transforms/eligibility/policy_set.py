"""Documents held against each other: what is wrong with a set of policies though each of them reads well."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import combinations

from transforms.eligibility.amounts import rows_of
from transforms.eligibility.entries import Clause, Policy
from transforms.eligibility.faults import PolicyFault, PolicyFaults
from transforms.eligibility.nodes import Page, read_page
from transforms.eligibility.policy import load_policy


def load_policies(texts: Iterable[tuple[str, str]]) -> tuple[Policy, ...]:
    """The policies of (text, name of the file), in that order; PolicyFaults with all mistakes in and between them."""
    faults: list[PolicyFault] = []
    found: list[tuple[Policy, Page, str]] = []
    for text, source in texts:
        try:
            found.append((load_policy(text, source), read_page(text), source))
        except PolicyFaults as wrong:
            faults += wrong.faults
    faults += set_faults(found)
    if faults:
        raise PolicyFaults(faults)
    return tuple(policy for policy, _, _ in found)


def set_faults(policies: Sequence[tuple[Policy, Page, str]]) -> list[PolicyFault]:
    """Benefits that two clauses say differently, and versions of a document that leave a gap or overlap.

    Each policy comes with the page and the name of its file, which the faults tell with the line.
    """
    return [*_contradictions(policies), *_versions(policies)]


def _contradictions(policies: Sequence[tuple[Policy, Page, str]]) -> list[PolicyFault]:
    found = []
    clauses = [(policy, clause, number, page, source)
               for policy, page, source in policies for number, clause in enumerate(policy.clauses)]  # fmt: skip
    for one, other in combinations(clauses, 2):
        (before, first, at, first_page, first_source), (after, second, number, page, source) = one, other
        if first.benefit.id == second.benefit.id and _meet(before, after) and _given(first) != _given(second):
            place = ("clauses", number, "benefit", "id")
            valid = f"{first_source}:{first_page.line(('clauses', at, 'benefit'))}"
            told = (page.line(place), page.name(place), "contradicts", second.benefit.id, valid)
            found.append(PolicyFault(source, *told))
    return found


def _meet(one: Policy, other: Policy) -> bool:
    """Whether there is a day on which both are in force; a document without a first day may hold on any."""
    return all(
        first.in_force.from_ is None or last.in_force.until is None or first.in_force.from_ <= last.in_force.until
        for first, last in ((one, other), (other, one))
    )


def _given(clause: Clause) -> tuple[object, ...]:
    benefit = clause.benefit
    amounts = [(row.from_, row.until, row.when, row.fen) for row in rows_of(benefit)]
    return (benefit.kind, benefit.every, benefit.per, benefit.is_floor, clause.payee, amounts)


def _versions(policies: Sequence[tuple[Policy, Page, str]]) -> list[PolicyFault]:
    by_id = {policy.id: policy for policy, _, _ in policies}
    found = []
    for policy, page, source in policies:
        name = policy.document.replaces
        if name is None:
            continue
        place = ("document", "replaces")
        if name not in by_id:
            known = ", ".join(sorted(set(by_id) - {policy.id}))
            found.append(PolicyFault(source, page.line(place), page.name(place), "wrong_value", name, known))
            continue
        ends, begins = by_id[name].in_force.until, policy.in_force.from_
        if ends is None or begins != ends + timedelta(days=1):
            place = ("in_force", "from")
            told = (page.line(place), page.name(place), "versions_apart", str(begins or "–"), str(ends or "–"))
            found.append(PolicyFault(source, *told))
    return found
