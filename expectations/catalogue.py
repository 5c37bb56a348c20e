"""Every check there is, and the page that lists them.

python -m expectations.catalogue > docs/quality-checks.md
"""

import sys

from expectations.between import QUESTIONS, between_checks
from expectations.between.questions import COMMISSION
from expectations.checks import Check, declared_checks
from expectations.published import AUDITS
from expectations.sentences import agency, audit_sentence, sentence
from expectations.thresholds import Thresholds, default_thresholds
from transforms.feeds import FeedContract, load_contracts
from transforms.feeds.contract import Label

HEAD = """# The checks

Written by `python -m expectations.catalogue` from the contracts and rules; a test compares. A check has an id, the
dimension that it measures, what it does, an owner who can mend what it finds, and a sentence for that owner.

| severity | does |
|---|---|
| `delivery` | blocks the delivery: nothing of it is taken, nobody is withdrawn |
| `row` | refuses the row: it waits in quarantine |
| `field` | sets the field aside: the row goes on |
| `warning` | is told, and stops nothing |

What a delivery or a night showed stands in `v_quality`. A check that could not run has no row there:
`nuanxin checks --site site.toml` lists it as *not run* with its reason, and lists the
records behind a check between feeds under opaque references.
"""
BETWEEN_HEAD = """## Between feeds 各部门之间

Over all that is known on a night, after persons are identified. `needs`: without these feeds it does not run.

| check | needs | dimension | owner | patience | sentence |
|---|---|---|---|---|---|"""
AUDIT_HEAD = """## Before a night is published 发布以前

Promises on the night's result; one that does not hold keeps the whole night back.
Owner of all: the operator of nuanxin.

| check | dimension | severity | sentence (n rows) |
|---|---|---|---|"""
BOUNDS_HEAD = """## Bounds 界限

From `expectations/thresholds.yaml`. A site sets its own for a feed:
`[feeds.births.bounds]` with, for example, `full_keeps_share = 0.9`.

| bound | shipped | means |
|---|---|---|"""


def checks_of(contract: FeedContract) -> list[Check]:
    """Every check that stands under a feed: on its deliveries, and between it and others."""
    return declared_checks(contract) + between_checks(contract.feed, contract.agency.id)


def catalogue() -> str:
    """The page of all checks, as Markdown."""
    feeds = [_feed(contract) for contract in load_contracts().values()]
    return "\n".join([HEAD, *feeds, _between(), "", _audits(), "", _bounds(default_thresholds()), ""])


def _feed(contract: FeedContract) -> str:
    title, owner = contract.title, contract.agency
    head = [
        f"## `{contract.feed}` {title.zh}",
        "",
        f"{title.en}. Owner: {owner.zh} ({owner.en}).",
        "",
        "| check | dimension | severity | sentence |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *(_line(check) for check in declared_checks(contract)), ""])


def _line(check: Check) -> str:
    return _cells(f"`{check.check_id}`", check.dimension, check.severity, _said(sentence(check)))


def _between() -> str:
    lines = []
    for question in QUESTIONS:
        check = question.check(owner_of(question.feed))
        needs = ", ".join(f"`{feed}`" for feed in question.needs)
        bounds = ", ".join(f"`{name}`" for name in question.bounds)
        owner = agency(check.agency)
        told = (f"{owner.zh} ({owner.en})", bounds, _said(sentence(check)))
        lines.append(_cells(f"`{check.check_id}`", needs, check.dimension, *told))
    return "\n".join([BETWEEN_HEAD, *lines])


def owner_of(feed: str) -> str:
    """The id of the agency that owns a feed; of a register, the commission's."""
    contracts = load_contracts()
    return contracts[feed].agency.id if feed in contracts else COMMISSION


def _audits() -> str:
    lines = []
    for audit in AUDITS:
        said = Label(zh=audit_sentence(audit.check_id, 0, "zh"), en=audit_sentence(audit.check_id, 0, "en"))
        lines.append(_cells(f"`{audit.check_id}`", audit.dimension, "delivery", _said(said).replace("0", "n")))
    return "\n".join([AUDIT_HEAD, *lines])


def _bounds(limits: Thresholds) -> str:
    fields = type(limits).model_fields.items()
    lines = [_cells(f"`{name}`", f"{getattr(limits, name)}", each.description or "") for name, each in fields]
    return "\n".join([BOUNDS_HEAD, *lines])


def _said(label: Label) -> str:
    return f"{label.zh} {label.en}"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(catalogue())
