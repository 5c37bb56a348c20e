"""Hostile archives and workbooks: refused with their reason before anything is parsed, or ended with their child."""

import io
import os
import stat
import sys
import time
import zipfile
from pathlib import Path

import pytest

from connectors.base import DeliveryUnreadable
from connectors.opening.confined import Limits, opened
from tests.connectors.inbox import gzipped, zipped
from tests.faults.doorway import as_csv, as_xlsx, cells, refusal

_PARTS = as_xlsx(cells())


def _workbook_with(part: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_PARTS)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    return zipped(*{**parts, part: content}.items())


def test_a_workbook_of_hundreds_of_times_its_size_is_refused_before_it_is_parsed() -> None:
    bomb = b"<worksheet><sheetData>" + b"<row/>" * (40 << 20) + b"</sheetData></worksheet>"
    content = _workbook_with("xl/worksheets/sheet1.xml", bomb)
    assert len(content) < 1 << 20 and len(bomb) > 200 * len(content)
    began = time.monotonic()
    reason, detail = refusal(content, "xlsx")
    assert (reason, detail["how"]) == ("too_large", "declared")
    assert time.monotonic() - began < 5


def test_an_archive_that_lies_about_its_size_is_ended_by_its_limits() -> None:
    content = bytearray(zipped(("a.csv", b"\0" * (40 << 20))))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = (1000).to_bytes(4, "little")
    assert refusal(bytes(content), "csv.zip")[0] in ("half_file", "too_large")


def test_a_deep_archive_is_refused_at_its_first_layer() -> None:
    content = as_csv(cells())
    for at in range(20):
        content = zipped((f"{at}.csv.zip", content))
    assert refusal(content, "csv.zip") == ("archive_refused", {"why": "nested"})
    disguised = zipped(("a.csv", zipped(("b.csv", as_csv(cells())))))
    assert refusal(disguised, "csv.zip")[0] == "wrong_format"


@pytest.mark.parametrize("limits", [Limits(60, 64 << 20), Limits(0, 2 << 30)], ids=["memory", "time"])
def test_a_child_that_needs_more_than_its_limits_ends_and_the_night_goes_on(limits: Limits) -> None:
    content = zipped(("a.csv", os.urandom(80 << 20)))
    with pytest.raises(DeliveryUnreadable) as fault:
        opened("zip", content, limits)
    assert (fault.value.reason_code, fault.value.detail["how"]) == ("too_large", "memory")


def test_the_child_sees_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexport -p > {tmp_path}/seen\nexec {sys.executable} "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("NUANXIN_LAKE_KEY", "a secret")
    monkeypatch.setattr(sys, "executable", str(program))
    assert opened("gz", gzipped(b"x")).content == b"x"
    assert "a secret" not in (tmp_path / "seen").read_text()


@pytest.mark.parametrize(
    "declared",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>',
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>',
        b'<?xml version="1.0"?><!-- x --><!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><worksheet/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'.encode("utf-16"),
    ],
    ids=["foreign entity", "entity bomb", "foreign DTD", "in UTF-16"],
)
@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"]
)
def test_a_workbook_that_declares_a_document_type_is_refused(part: str, declared: bytes) -> None:
    assert refusal(_workbook_with(part, declared), "xlsx") == ("archive_refused", {"why": "document_type"})


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "a/../../a.csv", "..\\a.csv", "C:a.csv"])
def test_a_path_out_of_an_archive_is_refused(name: str) -> None:
    assert refusal(zipped((name, as_csv(cells()))), "csv.zip") == ("archive_refused", {"why": "path"})


def test_a_link_in_an_archive_is_refused() -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(zipped((link, b"/etc/passwd")), "csv.zip") == ("archive_refused", {"why": "link"})
