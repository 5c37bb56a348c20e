"""`nuanxin quarantine map`: one word of a vocabulary that an agency writes in another way, put right until revoked."""

import re
from pathlib import Path
from typing import Any

from flows.commands import Told
from flows.decided import map_target
from flows.quarantine_decide import Said, record
from flows.quarantine_desk import Choice, Desk, at_desk, check_choice, check_words
from flows.words import word
from transforms.feeds import Column, load_contract
from transforms.standardise.feed import reader_of
from warehouse.decisions import decisions_on

VOCABULARIES = ("code", "sex", "division")
_LIKE_AN_ID_NO = re.compile(r"[0-9Xx]{13,}")


def map_value(site: Path, feed: str, column: str, pair: tuple[str, str | None], said: Said, lang: str) -> Told:
    """Read one word as another in every open row that it had refused and in deliveries to come.

    pair: the word as delivered and the word that is meant; without the second the map is revoked. WrongUse for a
    column of persons or without a vocabulary, a word that is valid as it is, one that is meant and is not valid.
    """
    check_words(said.because, said.by, lang)
    check_choice(Choice(feed=feed), lang)
    from_value, to_value = pair[0].strip(), pair[1].strip() if pair[1] is not None else None
    with at_desk(site, lang) as desk:
        own = _vocabulary(desk, feed, column)
        _see_words(desk, own, from_value, to_value, said)
        target = map_target(feed, column, from_value)
        known = decisions_on(desk.warehouse, [target]).to_pylist()
        _see_change(desk, known[-1] if known else None, to_value)
        decision: dict[str, Any] = {
            "target": target,
            "sequence_no": len(known) + 1,
            "verb": "revoke" if to_value is None else "map",
            "feed": feed,
            "column_names": column,
            "from_value": from_value,
            "to_value": to_value,
            "because": said.because.strip(),
            "recorded_on": said.day,
            "recorded_by": said.by.strip(),
        }
        return record(desk, [decision], decision["verb"])


def _vocabulary(desk: Desk, feed: str, column: str) -> Column:
    contract = load_contract(feed)
    valid = [each for each in contract.columns if each.type in VOCABULARIES and each.sensitivity == "open"]
    own = next((each for each in valid if each.name == column), None)
    if own is None:
        desk.refuse("no_vocabulary", column=column, feed=feed, known=", ".join(each.name for each in valid) or "–")
        raise AssertionError
    return own


def _see_words(desk: Desk, column: Column, from_value: str, to_value: str | None, said: Said) -> None:
    def is_valid(text: str) -> bool:
        return bool(reader_of(column, said.day)([text]).reasons.null_count == 1)

    if not from_value or len(from_value) > 40 or _LIKE_AN_ID_NO.search(from_value):
        desk.refuse("no_word", column=column.name)
    if to_value is not None and is_valid(from_value):
        desk.refuse("valid_already", column=column.name)
    if to_value is not None and (not to_value or not is_valid(to_value)):
        desk.refuse("not_valid", column=column.name, known="、".join(column.codes or {}) or column.type)


def _see_change(desk: Desk, last: dict[str, Any] | None, to_value: str | None) -> None:
    is_in_force = last is not None and last["verb"] == "map"
    if last is not None and is_in_force and to_value is not None:
        verb = word("quarantine.verb.map", desk.lang)
        desk.refuse("decided", id=last["target"], by=last["recorded_by"], on=last["recorded_on"], verb=verb)
    if not is_in_force and to_value is None:
        desk.refuse("no_map")
