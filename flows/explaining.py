"""`nuanxin explain`: a verdict walked backwards, from the clause to the delivered row and its file.

The order is the night's, read from its end: alert, clause and verdict, what would settle or change it, facts, who is
who and why, delivery, and the receipt. Names and numbers are masked unless somebody asks to see them.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows import wiring
from flows.commands import Told
from flows.explaining_asked import Asked, Found, check_asked, find
from flows.explaining_lines import lines_of, table_lines
from flows.explaining_page import Explained, Source, brief, page_of
from flows.explaining_pairs import Pair, explained_pairs, pairs_svg
from flows.explaining_receipt import receipt_of
from flows.known import Known, open_known
from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.entries import Policy
from transforms.eligibility.facts import concerned
from transforms.eligibility.settling import FOUND_IN
from transforms.eligibility.terms import kept_away_by
from transforms.eligibility.verdicts import determine
from transforms.feeds import load_contract
from transforms.feeds.contract import Column
from transforms.feeds.masking import mask, mask_key

CERTIFICATES = "only_child_certificates"


def explain(path: Path, asked: Asked, *, reveal: bool, lang: str, svg: Path | None = None) -> Told:
    """Explain the verdicts that are asked for, and draw the pairs of a single one into the file `svg` if one is named.

    WrongUse when nothing of that number was known, no night has been published yet, or the file cannot be written.
    """
    check_asked(asked, lang)
    if svg and (reason := write_fault(svg, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--svg", path=svg, reason=reason))
    site = wiring.load_site(path)
    warehouse = wiring.open_warehouse(site)
    try:
        known = open_known(site, warehouse, asked.as_of, lang)
        found = find(known, asked, lang)
        policies = _policies(known, found.determinations)
        explained = _explained(known, found, policies, reveal)
        if svg:
            _draw(explained, svg, lang, reveal)
        return Told(_page(known, found, explained, asked, reveal), _texts(known, found, explained, policies, reveal))
    finally:
        warehouse.dispose()


def _draw(explained: list[Explained], svg: Path, lang: str, reveal: bool) -> None:
    if len(explained) != 1 or not explained[0].evidence:
        raise WrongUse(word("explain.no_pairs", lang))
    with staged([svg], lang) as parts:
        parts[svg].write_text(pairs_svg(explained[0].evidence, lang=lang, reveal=reveal), "utf-8")


def _policies(known: Known, determinations: Iterable[dict[str, Any]]) -> dict[str, Policy]:
    """The site's documents of tonight by id, and those that verdicts speak of and the site no longer lists."""
    found = {policy.id: policy for policy in wiring.policies_of(known.site)}
    others = dict.fromkeys(row["policy_id"] for row in determinations if row["policy_id"] not in found)
    return found | {name: policy for name in others if (policy := wiring.policy_named(name))}


# -- gathering ----------------------------------------------------------------------------------------------------


def _explained(known: Known, found: Found, policies: dict[str, Policy], reveal: bool) -> list[Explained]:
    if found.alert and not found.determinations:  # withdrawn: its verdict holds no longer
        return [_one(known, found.alert, None, policies, reveal)]
    rows = found.determinations if found.in_full else []
    return [_one(known, found.alert or row, row, policies, reveal) for row in rows]


def _one(
    known: Known, about: dict[str, Any], row: dict[str, Any] | None, policies: dict[str, Policy], reveal: bool
) -> Explained:
    """Everything that a verdict rests on. `about` is the alert or the verdict, whose trigger is followed."""
    told = row and _in_full(known, row)
    parents, certificate = _family(known, about["household_id"])
    whose = _befallen(known, row or {}, about["person_id"], parents)
    trigger = (about["trigger_feed"], about["trigger_record_key"])
    others = _others(told)
    events = known.rows("life_events", "person_id", sorted({about["person_id"], whose, *others}))
    records = dict.fromkeys(each for each in (trigger, certificate, *_records_of(known, others)) if each)
    sources = {record: _source(known, record, reveal) for record in records}
    policy = policies.get(about["policy_id"])
    has_clause = policy is not None and about["clause_id"] in [clause.id for clause in policy.clauses]
    receipt = receipt_of(row, policy) if row else None
    gone = [("explain.gone.persons", "")] if certificate and not known.tells_persons() else []
    gone += [("explain.gone.row", feed) for (feed, _), source in sources.items() if source is None]
    gone += [("explain.gone.clause", "")] if not has_clause else []
    gone += (
        [("explain.gone.receipt", "")] if receipt and None in (receipt["policy_hash"], receipt["facts_hash"]) else []
    )
    return Explained(
        alert=about if "alert_id" in about else None,
        determination=told,
        policy=policy if has_clause else None,
        night=known.night,
        parents=parents,
        child=about["person_id"],
        events=events,
        evidence=_evidence(known, trigger, certificate, whose, parents),
        sources=[source for source in sources.values() if source],
        kept_away_by=_kept_away(known, row, policies) if row and row["reason_code"] == "excluded" else [],
        receipt=receipt,
        gone=gone,
    )


def _in_full(known: Known, row: dict[str, Any]) -> dict[str, Any]:
    """A no or an unknown with all its conditions: only what decided is kept, the facts of the night tell the others."""
    facts = known.law_facts()
    if row["verdict"] == "yes" or facts is None:
        return row
    children = pa.table({"child": pa.array([row["person_id"]], pa.string())})
    law = list(wiring.policies_of(known.site))
    judged = determine(law, concerned(facts, children), as_of=known.night, alerts_since=known.night, in_full=True)
    again = {each["determination_id"]: each for each in judged.to_pylist()}.get(row["determination_id"])
    is_same = again is not None and (again["verdict"], again["reason_code"]) == (row["verdict"], row["reason_code"])
    return row | {"conditions": again["conditions"]} if again and is_same else row


def _family(known: Known, household_id: str) -> tuple[dict[str, str], tuple[str, str] | None]:
    """The parents' roles by their ids, and the household's certificate as (feed, record key)."""
    homes = known.rows("households", "household_id", [household_id])
    if not homes:
        return {}, None
    roles = (("father", homes[0]["father_person_id"]), ("mother", homes[0]["mother_person_id"]))
    number = homes[0]["only_child_certificate_no"]
    return {person: role for role, person in roles if person}, (CERTIFICATES, number) if number else None


def _others(row: dict[str, Any] | None) -> dict[str, str]:
    """The other children that a condition of the verdict rests on, and the feed that tells of each."""
    parts = json.loads(row["conditions"]) if row else []
    found = [part.get("facts", {}) for part in parts if part["outcome"] != "true"]
    return {each["other_child_id"]: FOUND_IN.get(each.get("by", ""), "") for each in found if "other_child_id" in each}


def _records_of(known: Known, others: dict[str, str]) -> list[tuple[str, str]]:
    """The records of those children, in the feed that tells of each."""
    links = known.rows("links", "person_id", sorted(others))
    own = [link for link in links if link["role"] in ("child", "adoptee", "subject")]
    return [(link["feed"], link["record_key"]) for link in own if link["feed"] == others[link["person_id"]]]


def _befallen(known: Known, row: dict[str, Any], child: str, parents: dict[str, str]) -> str:
    """Whom the event befell: a parent, else the child of the verdict."""
    events = known.rows("life_events", "event_id", [row["trigger_event_id"]]) if row.get("trigger_event_id") else []
    found = next((event["person_id"] for event in events), child)
    return found if found in parents else child


def _evidence(
    known: Known, trigger: tuple[str, str], certificate: tuple[str, str] | None, whose: str, parents: dict[str, str]
) -> list[Pair]:
    if certificate is None or not known.tells_persons():
        return []
    return explained_pairs(known.state, trigger, certificate, whose, parents.get(whose, "child"))


def _kept_away(known: Known, row: dict[str, Any], policies: dict[str, Policy]) -> list[str]:
    others = known.determinations("household_id", [row["household_id"]])
    return [other["determination_id"] for other in kept_away_by(row, others, policies.values())]


def _source(known: Known, key: tuple[str, str], reveal: bool) -> Source | None:
    feed, record_key = key
    row = known.row(feed, record_key)
    if row is None:
        return None
    told = [(column, row.values.get(column.name)) for column in load_contract(feed).columns]
    shown = {column.header: value if reveal else _masked(column, value) for column, value in told if value}
    return Source(feed, row, shown)


def _masked(column: Column, value: str) -> str | None:
    """A key is open, and may yet be somebody's identity number."""
    return mask_key(value) if column.type == "key" else mask(column, value)


# -- telling ------------------------------------------------------------------------------------------------------


def _texts(
    known: Known, found: Found, explained: list[Explained], policies: dict[str, Policy], reveal: bool
) -> dict[str, str]:
    texts = {}
    for lang in ("zh", "en"):
        lines = list(table_lines(found.determinations, policies, known.night, lang)) if _has_table(found) else []
        for one in explained:
            lines += [*([""] if lines else []), *lines_of(one, policies, lang, reveal)]
        texts[lang] = "\n".join(lines)
    return texts


def _has_table(found: Found) -> bool:
    return len(found.determinations) > 1 or not found.in_full


def _page(known: Known, found: Found, explained: list[Explained], asked: Asked, reveal: bool) -> dict[str, Any]:
    """For programs: one verdict as it is; of a household the list, and those that are told in full."""
    if not asked.household:
        return page_of(explained[0], reveal)
    return {
        "household_id": asked.household,
        "night": known.night,
        "verdicts": [brief(row) for row in found.determinations],
        "explained": [page_of(one, reveal) for one in explained],
    }
