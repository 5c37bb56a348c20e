"""A verdict in words: what `nuanxin explain` prints."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flows.explaining_page import Explained, Source
from flows.explaining_pairs import pair_lines
from flows.explaining_receipt import Receipt
from flows.words import word
from transforms.eligibility.entries import Policy
from transforms.eligibility.explain import explain_determination, load_words, yuan
from transforms.eligibility.settling import moves, still_unknown
from transforms.eligibility.terms import Terms
from transforms.feeds import load_contract
from transforms.feeds.masking import mask_key


def table_lines(rows: list[dict[str, Any]], policies: dict[str, Policy], night: date, lang: str) -> Iterator[str]:
    """The verdicts of a household, a line each, and how to see one in full."""
    told = {"household_id": rows[0]["household_id"], "count": len(rows), "night": night}
    yield f"── {word('explain.household', lang).format(**told)} ──"
    for row in rows:
        yield f"  {row['determination_id']}  {_verdict(row, lang)}  {_brief(row, policies, lang)}"
    yield "  " + word("explain.one_of_them", lang).format(determination_id=rows[0]["determination_id"])


def _brief(row: dict[str, Any], policies: dict[str, Policy], lang: str) -> str:
    policy = policies.get(row["policy_id"])
    titles = {each.id: getattr(each.benefit.title, lang) for each in policy.clauses} if policy else {}
    reason = load_words()["reasons"].get(row["reason_code"], {}).get(lang, row["reason_code"])
    amount = "" if row["amount_fen"] is None else f"  {_yuan(row['amount_fen'], lang)}"
    event = f"{word('event.' + row['trigger_event_type'], lang)} {row['trigger_on'] or '–'}"
    title = titles.get(row["clause_id"], row["benefit_id"])
    return f"{title}（{row['benefit_id']}）  {event}  {reason}{amount}" if lang == "zh" else (
        f"{title} ({row['benefit_id']})  {event}  {reason}{amount}")  # fmt: skip


def lines_of(one: Explained, policies: dict[str, Policy], lang: str, reveal: bool) -> Iterator[str]:
    """One verdict in full, and before it the alert that raised the question."""
    yield from _head(one, lang)
    row, policy, terms = one.determination, one.policy, one.terms(policies, lang)
    yield _heading("explain.verdict", lang)
    if row and policy and terms:
        yield from explain_determination(row, policy, lang).lines()
        yield from _clause_lines(one, terms, lang)
        yield from _moves(row, policy, lang)
        yield from _money(terms, lang)
    elif row:
        yield f"  {_verdict(row, lang)}  {row['policy_id']} / {row['clause_id']}: {row['reason_code']}"
    if row:
        yield from _dates(one, row, lang)
    yield _heading("explain.facts", lang)
    yield from (f"  {_event_line(event, one, lang, reveal)}" for event in one.events)
    if one.evidence:
        yield _heading("explain.persons", lang)
        for pair in one.evidence:
            yield from pair_lines(pair, lang, reveal)
    yield _heading("explain.sources", lang)
    for source in one.sources:
        yield from _source_lines(source, lang)
    if one.receipt:
        yield from _receipt_lines(one.receipt, lang)
    if one.gone:
        yield _heading("explain.gone", lang)
        yield from (f"  {_gone(name, feed, one, lang)}" for name, feed in one.gone)


def feed_title(feed: str, lang: str) -> str:
    """The feed's name for people."""
    title = load_contract(feed).title
    return title.zh if lang == "zh" else title.en


def _heading(name: str, lang: str) -> str:
    return f"\n── {word(name, lang)} ──"


def _verdict(row: dict[str, Any], lang: str) -> str:
    return word(f"explain.said.{row['verdict']}", lang)


def _yuan(fen: int, lang: str) -> str:
    return str(load_words()["terms"]["yuan"][lang].format(yuan=yuan(fen)))


def _head(one: Explained, lang: str) -> Iterator[str]:
    if one.alert:
        kind = word(f"alert.{one.alert['alert_kind']}", lang)
        certain = word("alert.review" if one.alert["needs_review"] else "alert.certain", lang)
        yield f"── {word('explain.alert', lang)} {one.alert['alert_id']} ── {kind} · {certain}"
        amount = f"{(one.alert['amount_fen'] or 0) / 100:,.2f}"
        yield "  " + word("explain.owed", lang).format(**one.alert | {"amount": amount})
    if one.determination:
        row = one.determination
        yield f"── {word('explain.determination', lang)} {row['determination_id']} ── {_verdict(row, lang)}"
        yield "  " + word("explain.of", lang).format(**row | {"night": one.night})


def _clause_lines(one: Explained, terms: Terms, lang: str) -> Iterator[str]:
    told = [
        ("explain.document", terms.document),
        ("explain.figures", _listed(terms.figures, lang)),
        ("explain.asked", terms.asked),
        ("explain.keeps_away", _listed(terms.keeps_away, lang)),
        ("explain.kept_away_by", _listed(one.kept_away_by, lang)),
    ]
    yield from _told(told, lang)


def _moves(row: dict[str, Any], policy: Policy, lang: str) -> Iterator[str]:
    """What would settle an unknown or change a no; of a yes what still waits."""
    ways = moves(row, policy, lang)
    if ways:
        yield _heading(
            {"no": "explain.changes", "unknown": "explain.settles"}.get(row["verdict"], "explain.waits"), lang
        )
    for way in ways:
        yield f"  {way.title}{'：' if lang == 'zh' else ': '}{way.sentence}"
    if row["verdict"] == "no":
        changes = load_words()["changes"]
        if titles := still_unknown(row, policy, lang):
            yield "  " + changes["still"][lang].format(titles=_listed(titles, lang))
        yield "  " + changes["appeal"][lang].format(determination_id=row["determination_id"])


def _money(terms: Terms, lang: str) -> Iterator[str]:
    if not terms.amount_rows:
        return
    yield _heading("explain.money", lang)
    shares = [f"{share.title} {share.percent}% {_yuan(share.fen, lang)}" for share in terms.shares]
    rows = [("explain.amount", row) for row in terms.amount_rows]
    yield from _told([*rows, ("explain.payee", terms.payee), ("explain.payers", _listed(shares, lang))], lang)


def _dates(one: Explained, row: dict[str, Any], lang: str) -> Iterator[str]:
    yield _heading("explain.dates", lang)
    event = f"{row['trigger_on'] or '–'} {word('event.' + row['trigger_event_type'], lang)}"
    told = [
        ("explain.event_on", event),
        ("explain.ruling_on", one.ruling_on),
        ("explain.event_known_on", row["trigger_known_on"]),
        ("explain.known_on", row["known_on"]),
        ("explain.superseded_on", row["superseded_on"]),
    ]
    yield from _told(told, lang)


def _event_line(event: dict[str, Any], one: Explained, lang: str, reveal: bool) -> str:
    role = one.parents.get(event["person_id"], "other_child")
    whose = "" if event["person_id"] == one.child else f" · {word('role.' + role, lang)} {event['person_id']}"
    told = {
        "what": word(f"event.{event['event_type']}", lang),
        "status": word(f"event.{event['status']}", lang),
        "feed": feed_title(event["feed"], lang),
        "record_key": event["record_key"] if reveal else mask_key(event["record_key"]),
    }
    return word("explain.event", lang).format(**event | told) + whose


def _source_lines(source: Source, lang: str) -> Iterator[str]:
    row = source.row
    title = feed_title(source.feed, lang)
    intact = word("explain.intact" if row.bytes_intact else "explain.broken", lang)
    yield f"  {title}: {row.delivery}  " + word("explain.row", lang).format(n=row.row_number, day=row.delivered_on)
    yield f"    SHA-256 {row.sha256}  {intact}"
    yield "    " + "  ".join(f"{header}={value}" for header, value in source.shown.items())


def _receipt_lines(receipt: Receipt, lang: str) -> Iterator[str]:
    yield _heading("explain.receipt", lang)
    for name, is_same in (
        ("policy", receipt["is_policy_unchanged"]),
        ("facts", receipt["are_facts_intact"]),
        ("engine", receipt["is_engine_same"]),
    ):
        state = {None: "none", True: "same", False: "other"}[is_same]
        if name == "policy" and is_same is False and receipt["policy_hash_now"] is None:
            state = "away"
        yield "  " + word(f"explain.receipt.{name}.{state}", lang).format(**receipt)


def _gone(name: str, feed: str, one: Explained, lang: str) -> str:
    told = (one.determination or one.alert or {}) | {"night": one.night, "feed": feed_title(feed, lang) if feed else ""}
    return word(name, lang).format(**told)


def _told(pairs: Iterable[tuple[str, Any]], lang: str) -> Iterator[str]:
    """A line for each that has something to say."""
    colon = "：" if lang == "zh" else ": "
    return (f"  {word(name, lang)}{colon}{value}" for name, value in pairs if value)


def _listed(names: Iterable[str], lang: str) -> str:
    return ("；" if lang == "zh" else "; ").join(names)
