"""Every reason code that the connectors can give has its sentence, in both languages."""

import re
from pathlib import Path

import pytest

import connectors
from connectors.sentences import sentence, sentences

ROOM = Path(connectors.__file__).parent
_RAISED = re.compile(r'(?:DeliveryUnreadable|SourceUnavailable|LeftAlone|_waiting|Waiting)\(\s*(?:\w+, )*"(\w+)"')
_HOW = re.compile(r'"(\w+)",\s*(?:how|why)="(\w+)"')
_ROW_FAULTS = ("undecodable", "broken_structure", "digits_lost")


def _sources() -> str:
    pages = [page for page in ROOM.rglob("*.py") if "simulator" not in page.parts]
    return "\n".join(page.read_text("utf-8") for page in pages)


def _codes() -> list[str]:
    raised = set(_RAISED.findall(_sources())) | {
        "name_not_understood",
        "not_a_plain_file",
        "file_too_large",
        *_ROW_FAULTS,
    }
    return sorted(raised)


def test_the_codes_are_found() -> None:
    assert {"folder_missing", "half_file", "sentinel_mismatch", "wrong_header"} <= set(_codes())


@pytest.mark.parametrize("code", _codes())
def test_every_code_has_words_in_both_languages(code: str) -> None:
    ways = [key for key in sentences() if key.split(".")[0] == code]
    assert ways
    assert all(sentences()[key][lang].strip() for key in ways for lang in ("zh", "en"))


@pytest.mark.parametrize("way", sorted({f"{code}.{how}" for code, how in _HOW.findall(_sources())}))
def test_every_way_has_words(way: str) -> None:
    assert way in sentences()


def test_no_words_are_left_over() -> None:
    assert {key.split(".")[0] for key in sentences()} == set(_codes())


def test_a_sentence_carries_what_was_received() -> None:
    detail = {"how": "sentinel_rows", "declared": 9, "found": 7}
    assert sentence("half_file", detail, "zh") == (
        "文件有 7 条记录，而 .ok 声明 9 条；两者应相等。请报送单位核对后重新报送。"
    )
    assert "7 records" in sentence("half_file", detail, "en")


def test_a_hostile_file_name_stays_on_one_line() -> None:
    told = sentence("name_not_understood", {"name": "a\n\x1b[31mb" + "c" * 500, "rule": "r"})
    assert "\n" not in told
    assert "\x1b" not in told
    assert len(told) < 200


def test_an_unknown_code_is_our_own_mistake() -> None:
    with pytest.raises(KeyError):
        sentence("nonsense", {})
