"""What is gathered of one verdict, and the same for programs: opaque ids, codes, sentences in both languages."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from flows.evidence import Row
from flows.explaining_pairs import Pair, pair_page
from flows.explaining_receipt import Receipt
from flows.known import without_numbers
from transforms.eligibility.entries import Policy
from transforms.eligibility.explain import explain_determination
from transforms.eligibility.settling import moves, still_unknown
from transforms.eligibility.terms import Terms, terms_of

_BRIEF = (
    "determination_id", "policy_id", "clause_id", "benefit_id", "verdict", "reason_code", "needs_review",
    "trigger_event_type", "trigger_on", "amount_fen", "known_on", "superseded_on",
)  # fmt: skip
LANGS = ("zh", "en")


@dataclass(frozen=True)
class Source:
    """A delivered row, and its values by header as they may be shown."""

    feed: str
    row: Row
    shown: dict[str, str | None]


@dataclass(frozen=True)
class Explained:
    """A verdict and all that it rests on. What could not be gathered any more stands in `gone`."""

    alert: dict[str, Any] | None
    determination: dict[str, Any] | None  # None: the verdict of a withdrawn alert holds no longer
    policy: Policy | None  # None: no file has the clause any more
    night: date  # by which the verdict is told
    child: str  # the person_id of whom it was judged
    parents: dict[str, str]  # father | mother by person_id
    events: list[dict[str, Any]]
    evidence: list[Pair]
    sources: list[Source]
    kept_away_by: list[str]  # determination_ids
    receipt: Receipt | None
    gone: list[tuple[str, str]]  # name of the sentence, feed

    @property
    def ruling_on(self) -> date | None:
        """The date whose law decides: of the event, or the night."""
        if self.policy is None or self.determination is None:
            return None
        by_event = self.policy.clause(self.determination["clause_id"]).rules_on == "event_date"
        ruling_on: date | None = self.determination["trigger_on"] if by_event else self.night
        return ruling_on

    def terms(self, policies: dict[str, Policy], lang: str) -> Terms | None:
        """What its clause gives; None where there is no clause or no verdict."""
        if self.policy is None or self.determination is None:
            return None
        day = self.ruling_on or self.determination["trigger_known_on"]
        others = policies.values()
        return terms_of(self.determination, self.policy, others, ruling_on=day, parents=self.parents, lang=lang)


def brief(row: dict[str, Any]) -> dict[str, Any]:
    """A verdict in one line."""
    return {name: row.get(name) for name in _BRIEF}


def page_of(one: Explained, reveal: bool) -> dict[str, Any]:
    """One verdict for programs. Record keys are masked as in the text."""
    return {
        "alert": without_numbers(one.alert, reveal) if one.alert else None,
        "determination": without_numbers(one.determination, reveal) if one.determination else None,
        "night": one.night,
        "ruling_on": one.ruling_on,
        **_in_words(one),
        "kept_away_by": one.kept_away_by,
        "events": [without_numbers(event, reveal) for event in one.events],
        "evidence": [pair_page(pair) for pair in one.evidence],
        "sources": [
            {name: value for name, value in asdict(source.row).items() if name != "values"}
            | {"feed": source.feed, "values": source.shown}
            for source in one.sources
        ],
        "receipt": one.receipt,
        "cannot_be_shown": [{"what": name.rpartition(".")[2], "feed": feed} for name, feed in one.gone],
    }


def _in_words(one: Explained) -> dict[str, Any]:
    """The clause, its conditions and the moves, each in both languages; empty where no file has the clause any more."""
    row, policy = one.determination, one.policy
    if row is None or policy is None:
        return {"explanation": None, "moves": [], "still_unknown": [], "terms": None}
    told = {lang: explain_determination(row, policy, lang) for lang in LANGS}
    ways = [moves(row, policy, lang) for lang in LANGS]
    return {
        "explanation": {lang: asdict(each) for lang, each in told.items()},
        "moves": [
            {name: getattr(zh, name) for name in ("condition_id", "reason_code", "question_id", "agencies")}
            | {"zh": zh.sentence, "en": en.sentence}
            for zh, en in zip(*ways, strict=True)
        ],
        "still_unknown": [dict(zip(LANGS, both, strict=True)) for both in zip(
            *(still_unknown(row, policy, lang) for lang in LANGS), strict=True)],
        "terms": {lang: asdict(found) for lang in LANGS if (found := one.terms({policy.id: policy}, lang))},
    }  # fmt: skip
