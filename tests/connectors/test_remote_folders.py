"""Folders on an SFTP server and in an object store: the rules for files hold, and a server that is away is told."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors import folders
from connectors.base import Arrival, FeedSource, LeftAlone, SourceUnavailable
from connectors.doors import open_connector
from connectors.landing import land
from connectors.remote_folders import fault_of, with_absolute_paths
from connectors.sentences import sentence
from tests.connectors.inbox import Shelf
from tests.connectors.remote import PASSWORD, PASSWORD_IN_URL, SftpServer, Store, free_port, sftp_server, store

DAY = "cremations_20250603"
LATER = date(2030, 1, 1)


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture(scope="module")
def s3() -> Iterator[Store]:
    with store() as server:
        yield server


@pytest.fixture
def inbox(sftp: SftpServer, request: pytest.FixtureRequest) -> Path:
    """A folder of this test alone on the server."""
    folder = sftp.root / f"t{abs(hash(request.node.name))}"
    folder.mkdir()
    return folder


def door(url: str, **settings: Any) -> Any:
    return open_connector(FeedSource(feed="cremations", connector="files", url=url, **settings))


def told(url: str) -> SourceUnavailable:
    with pytest.raises(SourceUnavailable) as fault:
        door(url).arrivals(LATER)
    said = "".join(sentence(fault.value.reason_code, fault.value.detail, lang) for lang in ("zh", "en"))
    assert PASSWORD not in said and PASSWORD_IN_URL not in said and "key" not in str(fault.value.detail.get("server"))
    return fault.value


def sealed(content: bytes) -> str:
    return json.dumps({"rows": 1, "sha256": hashlib.sha256(content).hexdigest()})


def test_files_of_an_sftp_server_follow_the_rules_of_files(sftp: SftpServer, inbox: Path) -> None:
    (inbox / f"{DAY}.csv").write_bytes(b"a")
    (inbox / "cremations_20250602.csv").write_bytes(b"b")
    (inbox / "cremations_20250602.csv.ok").write_text(sealed(b"b"))
    (inbox / f"{DAY}_02.csv.part").write_bytes(b"c")
    (inbox / f".{DAY}.csv").write_bytes(b"c")
    (inbox / f"{DAY}_03.csv").symlink_to("/etc/hostname")
    (inbox / f"{DAY}_04.csv").mkdir()
    (inbox / "news.txt").write_bytes(b"d")
    connector = door(sftp.url(inbox.name))
    arrivals, waiting = connector.arrivals(LATER)
    assert [each.name for each in arrivals] == ["cremations_20250602.csv", f"{DAY}.csv"]
    assert [each.declared_rows for each in arrivals] == [1, None]
    assert sorted(each.reason_code for each in waiting) == ["name_not_understood", "not_a_plain_file"]
    assert [connector.fetch(each) for each in arrivals] == [b"b", b"a"]


def test_objects_follow_the_rules_of_files(s3: Store) -> None:
    s3.put(f"rules/{DAY}.csv", b"a")
    s3.put("rules/cremations_20250602.csv.gz", b"b")
    s3.put(f"rules/deeper/{DAY}_02.csv", b"c")
    s3.put("rules/news.txt", b"d")
    connector = door(s3.url("agency/rules"))
    arrivals, waiting = connector.arrivals(LATER)
    assert [each.name for each in arrivals] == ["cremations_20250602.csv.gz", f"{DAY}.csv"]
    assert [each.reason_code for each in waiting] == ["name_not_understood"]
    assert [connector.fetch(each) for each in arrivals] == [b"b", b"a"]


def test_a_key_file_logs_in(sftp: SftpServer, inbox: Path) -> None:
    (inbox / f"{DAY}.csv").write_bytes(b"a")
    arrivals, _ = door(sftp.url(inbox.name, secret="", key=str(sftp.key))).arrivals(LATER)
    assert len(arrivals) == 1


def test_nothing_in_a_folder_far_away_is_changed(sftp: SftpServer, inbox: Path) -> None:
    (inbox / f"{DAY}.csv").write_bytes(b"a")
    before = {path.name: path.stat().st_mtime_ns for path in inbox.parent.rglob("*")}
    connector = door(sftp.url(inbox.name))
    for arrival in connector.arrivals(LATER)[0]:
        connector.fetch(arrival)
    assert {path.name: path.stat().st_mtime_ns for path in inbox.parent.rglob("*")} == before


def test_a_file_that_grows_between_two_looks_is_left_alone(sftp: SftpServer, inbox: Path) -> None:
    path = inbox / f"{DAY}.csv"
    path.write_bytes(b"a")
    is_done = threading.Event()
    writer = threading.Thread(target=_grow, args=(path, is_done))
    writer.start()
    arrivals, waiting = door(sftp.url(inbox.name)).arrivals(LATER)
    is_done.set()
    writer.join()
    assert (arrivals, [each.reason_code for each in waiting]) == ([], ["still_growing"])
    assert len(door(sftp.url(inbox.name)).arrivals(LATER)[0]) == 1


def _grow(path: Path, is_done: threading.Event) -> None:
    while not is_done.wait(0.05):
        with path.open("ab") as page:
            page.write(b"b" * 100)


@pytest.mark.parametrize("with_sentinel", [False, True])
def test_a_file_that_changes_before_it_is_read_is_left_alone(
    sftp: SftpServer, inbox: Path, with_sentinel: bool
) -> None:
    path = inbox / f"{DAY}.csv"
    path.write_bytes(b"a")
    if with_sentinel:
        (inbox / f"{path.name}.ok").write_text(sealed(b"a"))
    connector = door(sftp.url(inbox.name))
    (arrival,), _ = connector.arrivals(LATER)
    path.write_bytes(b"ab")
    with pytest.raises(LeftAlone) as fault:
        connector.fetch(arrival)
    assert fault.value.reason_code == ("sentinel_mismatch" if with_sentinel else "still_growing")


def test_an_unknown_host_key_is_refused(sftp: SftpServer, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    other.write_text(f"[127.0.0.1]:{sftp.port} {(sftp.key.parent / 'other_key.pub').read_text()}")
    for known_hosts in (other, tmp_path / "nowhere"):
        fault = told(sftp.url(known_hosts=str(known_hosts)))
        assert (fault.reason_code, fault.detail["how"]) == ("folder_server", "host_key")


def test_a_refused_login_is_told(sftp: SftpServer) -> None:
    assert told(sftp.url(secret=":wrong")).detail["how"] == "login"
    assert told(sftp.url(secret="", key=str(sftp.key.parent / "other_key"))).detail["how"] == "login"
    assert told(sftp.url(secret="", key=str(sftp.key.parent / "nowhere"))).detail["how"] == "key_file"
    assert told(sftp.url(secret="", key=str(sftp.known_hosts))).detail["how"] == "key_file"


def test_a_missing_folder_far_away_is_told(sftp: SftpServer, s3: Store) -> None:
    assert told(sftp.url("nowhere")).reason_code == "folder_missing"
    assert told(s3.url("nowhere/inbox")).reason_code == "folder_missing"


def test_a_server_that_is_down_is_told_in_time(sftp: SftpServer) -> None:
    began = time.monotonic()
    for url in (
        f"sftp://a:{PASSWORD_IN_URL}@127.0.0.1:{free_port()}/inbox?known_hosts={sftp.known_hosts}",
        f"s3://a:{PASSWORD_IN_URL}@agency/inbox?endpoint=http://127.0.0.1:{free_port()}",
    ):
        fault = told(url)
        assert (fault.reason_code, fault.detail["how"]) == ("folder_server", "away")
    assert time.monotonic() - began < 30


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_SECONDS", 0.3)
    with sftp_server(tmp_path, delay=30) as server:
        assert told(server.url()).detail["how"] == "slow"


def test_a_store_that_does_not_know_the_keys_is_told() -> None:
    with store(open_questions=3) as server:
        assert told(server.url()).detail["how"] == "login"


def test_a_server_that_went_away_and_came_back_is_asked_again(tmp_path: Path) -> None:
    with sftp_server(tmp_path) as server:
        (server.root / "inbox" / f"{DAY}.csv").write_bytes(b"a")
        connector = door(server.url())
        (arrival,), _ = connector.arrivals(LATER)
        server.restart()
        assert connector.fetch(arrival) == b"a"


def test_a_file_far_away_that_was_landed_is_not_fetched_again(sftp: SftpServer, inbox: Path) -> None:
    path, shelf = inbox / f"{DAY}.csv", Shelf()
    path.write_bytes(b"a")
    first = _landed(sftp.url(inbox.name), shelf)
    counted = _Counting(door(sftp.url(inbox.name)))
    (arrival,), _ = counted.arrivals(LATER)
    assert (land(counted, arrival, shelf, encoding="utf-8"), counted.fetched) == (first, 0)
    path.write_bytes(b"corrected")
    assert _landed(sftp.url(inbox.name), shelf).delivery_id != first.delivery_id


class _Counting:
    """A door that counts what is carried through it."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.fetched = inner, 0
        self.arrivals = inner.arrivals

    def fetch(self, arrival: Arrival) -> bytes:
        self.fetched += 1
        return bytes(self._inner.fetch(arrival))


def _landed(url: str, shelf: Shelf) -> Any:
    connector = door(url)
    (arrival,), _ = connector.arrivals(LATER)
    return land(connector, arrival, shelf, encoding="utf-8")


@pytest.mark.parametrize("kind", ["memory", "http", "https", "ftp", "github", "data", "simplecache", "zip"])
def test_other_file_systems_are_no_doors(kind: str) -> None:
    with pytest.raises(SourceUnavailable) as fault:
        door(f"{kind}://agency/inbox")
    assert fault.value.reason_code == "door_not_built"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("sftp://a@h/p", None),
        ("sftp://a:b%2Fc@h:22/p?key=k&known_hosts=x", None),
        ("sftp://h/p", None),
        ("sftp://a:b/c@h/p", "url"),
        ("sftp://a@h/p?hosts=x", "option"),
        ("s3://b/p", None),
        ("s3://a:b@b/p?endpoint=https://h:9000&region=x", None),
        ("s3://b/p?endpoint=http://h", "endpoint"),
        ("s3://b/p?endpoint=http://127.0.0.1:9000", None),
        ("s3://b/p?endpoint=http://127.0.0.1.evil.example", "endpoint"),
        ("s3://", "url"),
    ],
)
def test_what_a_url_may_be(url: str, fault: str | None) -> None:
    assert fault_of(url) == fault


def test_the_files_that_a_url_names_are_relative_to_the_site() -> None:
    url = with_absolute_paths("sftp://a:b%2F@h/p?key=keys/id&known_hosts=/etc/hosts", Path("/site"))
    assert url == "sftp://a:b%2F@h/p?key=/site/keys/id&known_hosts=/etc/hosts"
