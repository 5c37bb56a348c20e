"""What a fault says to the person who can mend it: what was found, what is valid, whose move it is."""

from collections.abc import Callable
from typing import Any, Literal

from connectors.base import SourceFault
from connectors.sentences import is_spoken
from connectors.sentences import sentence as source_sentence
from expectations import reason_sentence
from expectations.published import PublishRefused
from flows.drift import site_lines
from flows.errors import StageFailed
from flows.settings import SiteFaults
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.faults import PolicyFaults
from transforms.feeds import load_contract
from warehouse import Fenced, SiteHeld, WarehouseUnavailable, WarehouseUrlUnusable
from warehouse.lake import LakeKeyMissing, LakeKeyUnreadable, LakeKeyWrong, LakeTampered
from warehouse.signing import SigningKeyUnreadable

Lang = Literal["zh", "en"]


def sentence(fault: BaseException, lang: Lang) -> str:
    """A fault in words, without a value of any record and without a traceback."""
    if isinstance(fault, SiteFaults):
        return fault.sentence(lang)
    if isinstance(fault, PolicyFaults):
        return "\n".join(each.sentence(lang) for each in fault.faults)
    if isinstance(fault, SourceFault):
        return source_sentence(fault.reason_code, fault.detail, lang)
    return _ours(fault, lang)


def _ours(fault: BaseException, lang: Lang) -> str:
    if isinstance(fault, WrongUse):
        return str(fault)
    key, filled = next(
        ((key, fill(fault, lang)) for kind, key, fill in _OURS if isinstance(fault, kind)),
        ("fault.unforeseen", {"kind": type(fault).__name__}),
    )
    return word(key, lang).format(**filled)


def _nothing(_fault: Any, _lang: Lang) -> dict[str, str]:
    return {}


_OURS: tuple[tuple[type[BaseException], str, Callable[[Any, Lang], dict[str, str]]], ...] = (
    (
        SiteHeld,
        "fault.held",
        lambda fault, _: {
            "run_id": fault.run_id,
            "owner": fault.owner,
            "until": fault.until.isoformat(timespec="minutes"),
        },
    ),
    (Fenced, "fault.fenced", lambda fault, _: {"run_id": fault.run_id}),
    (PublishRefused, "fault.refused", lambda fault, lang: {"checks": "; ".join(fault.sentences(lang))}),
    (
        StageFailed,
        "fault.stage",
        lambda fault, _: {"stage": fault.stage, "kind": fault.kind, "at": " ← ".join(fault.frames[-3:][::-1])},
    ),
    (WarehouseUnavailable, "fault.warehouse_away", _nothing),
    (WarehouseUrlUnusable, "fault.warehouse_url", _nothing),
    (LakeKeyMissing, "fault.lake_key_missing", _nothing),
    (LakeKeyWrong, "fault.lake_key_wrong", lambda fault, _: {"received": fault.received, "wanted": fault.wanted}),
    (LakeKeyUnreadable, "fault.lake_key_unreadable", _nothing),
    (SigningKeyUnreadable, "fault.signing_key_unreadable", _nothing),
    (LakeTampered, "fault.lake_tampered", lambda fault, _: {"path": fault.path}),
)


def gap_sentences(summary: dict[str, Any], lang: Lang) -> list[str]:
    """What is told of every feed that was blocked, stale or never came, and of every file left alone.

    One sentence each; below it the lines for site.toml, where they would help.
    """
    found = []
    for gap in [*summary["gaps"], *summary["waiting"]]:
        title = load_contract(gap["feed"]).title
        name = f"{title.zh} {gap['feed']}" if lang == "zh" else gap["feed"]
        told = f"{name} {gap['delivery']}: {spoken_reason(gap['feed'], gap['reason'], gap['detail'], lang)}"
        lines = site_lines(gap["feed"], gap["reason"], gap["detail"])
        more = [word("quarantine.site_toml", lang), *(f"    {line}" for line in lines)] if lines else []
        found.append("\n".join([told, *more]))
    return found


def spoken_reason(feed: str, reason_code: str, detail: dict[str, Any], lang: Lang) -> str:
    """Why a delivery was not taken or is left alone, with whose move it is."""
    if is_spoken(reason_code):
        return source_sentence(reason_code, detail, lang)
    told = reason_sentence(feed, reason_code, detail)
    return told.zh if lang == "zh" else told.en
