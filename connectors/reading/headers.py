"""Which column of the contract stands under which header.

A column is looked for under the header that the site maps for it, else under the contract's default header;
where that is absent, nuanxin's own column name is accepted in its place (exports of our own carry it).
Nothing is guessed beyond that. A header row in which nothing is known is never quoted: it may be a person.
"""

from collections import Counter
from dataclasses import dataclass

from connectors.base import DeliveryUnreadable, FeedSource
from transforms.feeds import FeedContract

_AROUND = "\ufeff\u200b\u200c\u200d"  # invisible, and left around headers by spreadsheet exports


@dataclass(frozen=True)
class Claims:
    """`positions`: contract column → position of its header; the rest as in Delivered."""

    positions: dict[str, int]
    missing: tuple[str, ...]
    unknown: tuple[int, ...]  # positions of headers that no column claims
    expected: dict[str, str]


def expected_headers(contract: FeedContract, source: FeedSource) -> dict[str, str]:
    """Contract column → the header that is looked for."""
    return {column.name: source.header_of(column.name, column.header) for column in contract.columns}


def clean_header(header: str) -> str:
    """A header without blanks and invisible characters around it."""
    return header.strip().strip(_AROUND).strip()


def knows_any(headers: tuple[str, ...], contract: FeedContract, source: FeedSource) -> bool:
    """Whether at least one header is one of the feed's."""
    known = {*expected_headers(contract, source).values(), *contract.column_names}
    return any(clean_header(header) in known for header in headers)


def claim_headers(headers: tuple[str, ...], contract: FeedContract, source: FeedSource) -> Claims:
    """Where each column stands. Raises DeliveryUnreadable(`wrong_header`, `duplicate_header`)."""
    if not knows_any(headers, contract, source):
        raise wrong_header(headers, contract, source)
    cleaned = [clean_header(header) for header in headers]
    _refuse_duplicates(cleaned)
    expected = expected_headers(contract, source)
    positions: dict[str, int] = {}
    for column, header in expected.items():
        for candidate in (header, column):
            if candidate in cleaned and cleaned.index(candidate) not in positions.values():
                positions[column] = cleaned.index(candidate)
                break
    missing = tuple(column for column in expected if column not in positions)
    known = {*positions.values(), *(at for at, header in enumerate(cleaned) if header in source.ignored_columns)}
    unknown = tuple(at for at in range(len(cleaned)) if at not in known)
    return Claims(positions, missing, unknown, expected)


def wrong_header(headers: tuple[str, ...], contract: FeedContract, source: FeedSource) -> DeliveryUnreadable:
    """No header is known: what was expected, and only how many were found."""
    expected = expected_headers(contract, source)
    sample = "、".join(expected[column] for column in (contract.required or contract.key)[:4])
    return DeliveryUnreadable("wrong_header", expected_sample=sample, found=len(headers))


def _refuse_duplicates(cleaned: list[str]) -> None:
    twice = [header for header, count in Counter(cleaned).items() if header and count > 1]
    if twice:
        raise DeliveryUnreadable("duplicate_header", header=twice[0], times=cleaned.count(twice[0]))
