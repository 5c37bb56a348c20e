"""The last parts of the pack's page: where each column comes from, which files there are, and how to verify them."""

from collections.abc import Sequence

from expectations.report.cells import Section, code, table
from expectations.report.night import AuditedNight
from expectations.report.summary import FeedNight
from expectations.report.words import Words
from transforms.feeds import FEEDS, load_contract
from transforms.lineage import feed_graph, night_graph

FILES = (
    "index.html", "index.en.html", "night.json", "reconciliation.csv", "checks.csv", "receipts.csv",
    "lineage/events.jsonl", "lineage/night.zh.svg", "lineage/night.en.svg", "contracts/*.odcs.yaml", "public-key.pem",
    "SHA256SUMS", "SHA256SUMS.sig",
)  # fmt: skip


def lineage_section(night: AuditedNight, feeds: Sequence[FeedNight], words: Words) -> Section:
    """The drawn graph of the night, and of each feed that it had its columns."""
    drawn = night_graph(feed_states(feeds), night.rows, words.lang, words["pack.lineage.label"])
    label = words["pack.columns.label"]
    details = [
        (words.of(contract.title),
         feed_graph(contract.feed, night.headers.get(contract.feed, {}), words.lang, label))
        for contract in (load_contract(feed) for feed, _, _ in feed_states(feeds))
    ]  # fmt: skip
    return Section("lineage", words["pack.lineage"], words["pack.lineage.note"], drawing=drawn, details=tuple(details))


def feed_states(feeds: Sequence[FeedNight]) -> list[tuple[str, str, int]]:
    """What the graph of the night says of each feed: its name, how it stands, the rows it brought."""
    told = [(feed.contract.feed, feed.status, feed.counts["rows_read"]) for feed in feeds]
    return sorted(told, key=lambda each: FEEDS.index(each[0]))


def files_section(night: AuditedNight, words: Words) -> Section:
    """Every file of the pack, and the two ways to verify it."""
    there = [name for name in FILES if night.headers or not name.startswith("contracts/")]
    rows = [(code(name), words[f"pack.file.{name}"]) for name in there]
    note = words.say("pack.verify.note", fingerprint=night.fingerprint)
    commands = (
        "nuanxin report --verify . --key public-key-of-the-site.pem",
        "sha256sum --check --strict SHA256SUMS",
        "openssl pkeyutl -verify -pubin -inkey public-key-of-the-site.pem -rawin -in SHA256SUMS"
        " -sigfile SHA256SUMS.sig",
    )
    heads = words.heads("pack.file", "pack.holds")
    return Section("files", words["pack.files"], note, tables=(table(heads, rows),), commands=commands)
