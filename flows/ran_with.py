"""What a night worked with, kept beside its state: policies, engines and how the site read its feeds.

A pack that is made later tells these as they were, not as they are by then. No address and no secret of the site.
"""

from typing import Any

from flows.night import ENGINE, Done, Night
from transforms.eligibility import verdicts
from transforms.eligibility.entries import Policy
from transforms.feeds import load_contract
from transforms.linkage import default_model

RanWith = dict[str, Any]


def ran_with(night: Night, stages: tuple[Done, ...]) -> RanWith:
    """As JSON can hold it. `stages` are those of the night, in their order."""
    _, taken, mentioned, linked, *_ = stages
    return {
        "site": night.site.name,
        "jurisdiction": night.site.jurisdiction,
        "alerts_since": night.alerts_since.isoformat(),
        "engines": {"night": ENGINE, "verdicts": verdicts.ENGINE, "linkage": default_model().version},
        "policies": [_policy(each) for each in night.policies],
        "feeds": {feed: _feed(night, feed) for feed in night.site.feeds},
        "rows": {
            "records": {
                name.removeprefix("records/"): night.read(path, ["_status"]).num_rows
                for name, path in taken.paths.items()
                if name.startswith("records/")
            },
            "mentions": mentioned.facts["mentions"],
            "pairs": linked.facts["pairs"],
        },
    }


def _feed(night: Night, feed: str) -> RanWith:
    source = night.site.feeds[feed]
    named = source.connector == "files"  # a view or an answer has the columns under their own names
    headers = {each.name: source.columns.get(each.name, each.header if named else each.name)
               for each in load_contract(feed).columns}  # fmt: skip
    told = {name: getattr(source, name) for name in ("connector", "encoding", "mode", "sentinel", "max_age_days")}
    return told | {"headers": headers}


def _policy(policy: Policy) -> RanWith:
    dates = policy.in_force
    return {
        "policy_id": policy.id,
        "policy_hash": policy.digest(),
        "document": {"number": policy.document.number, "title": policy.document.title},
        "from": dates.from_ and dates.from_.isoformat(),
        "until": dates.until and dates.until.isoformat(),
        "clauses": {each.id: {"place": each.place, **each.gist.model_dump()} for each in policy.clauses},
        "benefits": {each.benefit.id: each.benefit.title.model_dump() for each in policy.clauses},
        "payers": {each.payer: each.title.model_dump() for each in policy.payers},
    }
