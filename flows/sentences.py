"""What a fault says to the person who can mend it: what was found, what is valid, whose move it is."""

from typing import Any, Literal

from connectors.base import SourceFault
from connectors.sentences import is_spoken
from connectors.sentences import sentence as source_sentence
from expectations import reason_sentence
from expectations.published import PublishRefused
from flows.errors import StageFailed
from flows.settings import SiteFaults
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.faults import PolicyFaults
from transforms.feeds import load_contract
from warehouse import Fenced, SiteHeld

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
    if isinstance(fault, SiteHeld):
        until = fault.until.isoformat(timespec="minutes")
        return word("fault.held", lang).format(run_id=fault.run_id, owner=fault.owner, until=until)
    if isinstance(fault, Fenced):
        return word("fault.fenced", lang).format(run_id=fault.run_id)
    if isinstance(fault, PublishRefused):
        return word("fault.refused", lang).format(checks="; ".join(fault.sentences(lang)))
    if isinstance(fault, StageFailed):
        return word("fault.stage", lang).format(
            stage=fault.stage, kind=fault.kind, at=" ← ".join(fault.frames[-3:][::-1])
        )
    if isinstance(fault, WrongUse):
        return str(fault)
    return word("fault.unforeseen", lang).format(kind=type(fault).__name__)


def gap_sentences(summary: dict[str, Any], lang: Lang) -> list[str]:
    """One sentence for every feed that was blocked, stale or never came, and for every file left alone."""
    found = []
    for gap in [*summary["gaps"], *summary["waiting"]]:
        title = load_contract(gap["feed"]).title
        name = f"{title.zh} {gap['feed']}" if lang == "zh" else gap["feed"]
        found.append(f"{name} {gap['delivery']}: {_reason(gap, lang)}")
    return found


def _reason(gap: dict[str, Any], lang: Lang) -> str:
    if is_spoken(gap["reason"]):
        return source_sentence(gap["reason"], gap["detail"], lang)
    told = reason_sentence(gap["feed"], gap["reason"], gap["detail"])
    return told.zh if lang == "zh" else told.en
