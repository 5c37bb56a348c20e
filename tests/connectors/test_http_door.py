"""An agency's interface: signed requests, pages, patience, and every way in which an answer can be wrong."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.http.address import vet
from connectors.http.signing import canonical, signature
from connectors.sentences import sentence
from tests.commands import ROOT
from tests.connectors.agencies import SECRET, Interface, interface
from tests.connectors.asked import DAY, cremation


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    with interface(tmp_path_factory.mktemp("agency")) as started:
        yield started


@pytest.fixture
def agency(running: Interface) -> Interface:
    running.plan()
    return running


def why(agency: Interface, **settings) -> str:
    told = agency.door(**settings).refusal()
    way = told.detail.get("how")
    assert sentence(told.reason_code, told.detail, "zh") != sentence(told.reason_code, told.detail, "en")
    return f"{told.reason_code}.{way}" if way else told.reason_code


def answers(agency: Interface, *bodies: object) -> None:
    said = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    agency.plan(first=[{"status": 200, "body": body} for body in said])


# -- what comes ------------------------------------------------------------------------------------------------


def test_the_pages_of_an_answer_become_one_delivery(agency: Interface) -> None:
    agency.plan([cremation(n) for n in range(1, 6)], page=2, total=True)
    door = agency.door()
    delivery, waiting = door.pull()
    found = door.read(delivery)
    assert found.table["record_no"].to_pylist() == [f"HH{n:05}" for n in range(1, 6)]
    assert (found.missing_columns, found.unknown_headers, waiting) == ((), (), [])
    assert (delivery.name, delivery.watermark) == ("cremations_20250603_delta.parquet", "2025-06-02T08:00:00")
    assert len(agency.asked) == 3


def test_every_request_is_signed_anew(agency: Interface) -> None:
    agency.plan([cremation(n) for n in range(1, 6)], page=2)
    agency.door().pull()
    nonces = {asked["headers"]["X-Nuanxin-Nonce"] for asked in agency.asked}
    assert len(nonces) == 3
    assert SECRET not in json.dumps(agency.asked)


def test_a_wrong_secret_is_refused_by_the_agency_and_told(agency: Interface) -> None:
    told = agency.door(secret="another").refusal()
    assert (told.reason_code, told.detail["status"]) == ("http_refused", 401)
    assert "another" not in sentence(told.reason_code, told.detail, "en")


def test_a_query_in_the_url_is_kept_and_signed(agency: Interface) -> None:
    agency.plan([cremation(1)])
    assert agency.door(url=f"{agency.url}?district=370303").numbers() == ["HH00001"]
    assert agency.asked[0]["path"].startswith("/nuanxin/cremations?district=370303&limit=5000&until=2025-06-04")


def test_since_is_the_watermark_less_the_overlap(agency: Interface) -> None:
    agency.plan([cremation(1, "2025-05-30 08:00:00"), cremation(2, "2025-06-01 08:00:00"), cremation(3, None)])
    assert agency.door().numbers(watermark="2025-06-02T08:00:00") == ["HH00003", "HH00002"]
    assert "since=2025-05-31T08%3A00%3A00%2B08%3A00" in agency.asked[0]["path"]


def test_a_full_pull_asks_for_everything(agency: Interface) -> None:
    agency.plan([cremation(1, "2030-01-01")])
    door = agency.door(mode="full")
    assert door.numbers(watermark="2025-06-02T08:00:00") == ["HH00001"]
    assert agency.asked[0]["path"].endswith("?limit=5000")


def test_rows_of_later_dates_wait_and_are_told(agency: Interface) -> None:
    agency.plan([cremation(1), cremation(2, "2025-06-04T00:00:00+08:00")])
    door = agency.door()
    delivery, waiting = door.pull()
    assert door.numbers() == ["HH00001"]
    assert [(each.reason_code, each.detail["rows"]) for each in waiting] == [("rows_ahead", 1)]
    assert delivery.watermark == "2025-06-02T08:00:00"


def test_numbers_keep_every_digit(agency: Interface) -> None:
    row = (
        json.dumps(cremation(1))
        .replace('"id_no": null', '"id_no": 370303198001011234')
        .replace('"age": null', '"age": 81.50')
    )
    answers(agency, f'{{"rows": [{row}], "next": null}}')
    found = agency.door().rows()[0]
    assert (found["id_no"], found["age"]) == ("370303198001011234", "81.50")


def test_an_answer_of_nothing_is_a_delivery_of_no_rows(agency: Interface) -> None:
    door = agency.door()
    delivery, _ = door.pull()
    found = door.read(delivery)
    assert (found.rows_read, found.missing_columns, delivery.watermark) == (0, (), None)


def test_the_same_date_again_takes_what_was_landed(agency: Interface) -> None:
    agency.plan([cremation(1)])
    door = agency.door()
    first, _ = door.pull()
    agency.plan([cremation(2)])
    assert door.pull()[0] == first
    assert agency.asked == []
    assert door.numbers(date(2025, 6, 4)) == ["HH00002"]


def test_drift_is_told_with_its_names(agency: Interface) -> None:
    row = cremation(1, died_date="2025-06-01", died_on="gone")
    del row["died_on"]
    agency.plan([row])
    door = agency.door()
    found = door.read(door.pull()[0])
    assert (found.missing_columns, found.unknown_headers) == (("died_on",), ("died_date",))
    mapped = agency.door(columns={"died_on": "died_date"})
    assert mapped.rows()[0]["died_on"] == "2025-06-01"


def test_an_answer_without_updated_at_is_told(agency: Interface) -> None:
    answers(agency, {"rows": [{"record_no": "HH1"}], "next": None})
    assert why(agency) == "updated_at_missing"


# -- patience --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_interface_is_asked_again(agency: Interface, status: int) -> None:
    agency.plan([cremation(1)], first=[{"status": status}])
    assert agency.door().numbers() == ["HH00001"]
    assert len(agency.asked) == 2


def test_retry_after_is_honoured(agency: Interface) -> None:
    agency.plan([cremation(1)], first=[{"status": 429, "headers": {"Retry-After": "3"}}])
    began = datetime.now()
    assert agency.door().numbers() == ["HH00001"]
    assert datetime.now() - began >= timedelta(seconds=3)


def test_retry_after_may_be_a_date(agency: Interface) -> None:
    at = datetime.now(UTC) + timedelta(seconds=4)
    agency.plan([cremation(1)], first=[{"status": 503, "headers": {"Retry-After": f"{at:%a, %d %b %Y %H:%M:%S} GMT"}}])
    assert agency.door().numbers() == ["HH00001"]
    assert datetime.now(UTC) >= at.replace(microsecond=0)


def test_a_wait_that_is_too_long_is_not_waited_for(agency: Interface) -> None:
    agency.plan(first=[{"status": 503, "headers": {"Retry-After": "3600"}}])
    began = datetime.now()
    told = agency.door().refusal()
    assert (told.reason_code, told.detail["seconds"]) == ("http_busy", 3600)
    assert datetime.now() - began < timedelta(seconds=3)


def test_an_interface_that_stays_away_is_told_after_some_attempts(agency: Interface) -> None:
    agency.plan(first=[{"status": 503}] * 9)
    assert why(agency) == "http_away"
    assert len(agency.asked) == 4


def test_an_answer_that_drips_is_given_up(agency: Interface) -> None:
    agency.plan(first=[{"status": 200, "body": " " * 1000, "drip": 0.2}])
    began = datetime.now()
    assert why(agency, time_limit_seconds=2) == "too_slow"
    assert datetime.now() - began < timedelta(seconds=6)


def test_an_answer_that_breaks_off_is_asked_for_again(agency: Interface) -> None:
    cut = {"status": 200, "body": '{"rows": [', "headers": {"Content-Length": "5000", "Connection": "close"}}
    agency.plan([cremation(1)], first=[cut])
    assert agency.door().numbers() == ["HH00001"]
    agency.plan(first=[cut] * 9)
    assert why(agency) == "http_away"


# -- nonsense --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "answer_unusable.not_json"),
        ("<html>", "answer_unusable.not_json"),
        ('{"rows": [], "next": NaN}', "answer_unusable.not_json"),
        ("[" * 100_000, "answer_unusable.not_json"),
        ("[]", "answer_unusable.shape"),
        ('{"rows": {}, "next": null}', "answer_unusable.shape"),
        ('{"rows": ["x"], "next": null}', "answer_unusable.shape"),
        ('{"rows": []}', "answer_unusable.shape"),
        ('{"rows": [], "next": true}', "answer_unusable.shape"),
        ('{"rows": [], "next": null, "rows_total": -1}', "answer_unusable.shape"),
        ('{"rows": [{"name": ["x"]}], "next": null}', "answer_unusable.nested"),
        ('{"rows": [{"name": "a", "name": "b"}], "next": null}', "answer_unusable.twice"),
        ('{"rows": [{"name": "\\ud800", "updated_at": "2025-06-01"}], "next": null}', "answer_unusable.text"),
        ('{"rows": [], "next": null, "rows_total": 3}', "answer_unusable.rows"),
    ],
)
def test_nonsense_is_told_and_nothing_is_landed(agency: Interface, body: str, reason: str) -> None:
    answers(agency, body)
    assert why(agency) == reason


def test_a_cursor_that_comes_back_is_a_loop(agency: Interface) -> None:
    page = {"rows": [cremation(1)], "next": "2"}
    answers(agency, page, page | {"next": "3"}, page | {"next": "2"})
    assert why(agency) == "answer_unusable.loop"


def test_an_answer_that_shrinks_between_its_pages_is_told(agency: Interface) -> None:
    answers(
        agency,
        {"rows": [cremation(1)], "next": "2", "rows_total": 3},
        {"rows": [cremation(2)], "next": None, "rows_total": 2},
    )
    assert why(agency) == "answer_unusable.rows"


def test_a_page_beyond_the_limit_is_given_up(agency: Interface) -> None:
    agency.plan(first=[{"status": 200, "body": " " * (65 << 20)}])
    assert why(agency) == "answer_too_large"


@pytest.mark.parametrize(("status", "reason"), [(403, "http_refused"), (404, "http_status"), (204, "http_status")])
def test_other_answers_are_told(agency: Interface, status: int, reason: str) -> None:
    agency.plan(first=[{"status": status}])
    assert why(agency) == reason
    assert len(agency.asked) == 1


# -- where connections go --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(agency: Interface, status: int) -> None:
    agency.plan([cremation(1)], first=[{"status": status, "headers": {"Location": agency.url}}])
    assert why(agency) == "redirect_refused"
    assert len(agency.asked) == 1


@pytest.mark.parametrize("allow", [("127.0.0.2/32",), ("10.0.0.0/8",), ("::1/128",), ()])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_address_that_is_not_allowed_gets_no_connection(
    agency: Interface, host: str, allow: tuple[str, ...]
) -> None:
    agency.plan([cremation(1)])
    told = agency.door(url=agency.url.replace("127.0.0.1", host), allow=allow).refusal()
    assert told.reason_code == "address_refused"
    assert agency.asked == []


def test_a_name_is_judged_by_its_address_and_kept_for_the_server(agency: Interface) -> None:
    agency.plan([cremation(1)])
    url = agency.url.replace("127.0.0.1", "localhost")
    assert agency.door(url=url, allow=("127.0.0.0/8", "::1/128")).numbers() == ["HH00001"]
    assert agency.asked[0]["headers"]["Host"] == f"localhost:{agency.port}"
    hosts = {each.host for each in vet(url, ("127.0.0.0/8", "::1/128")).urls}
    assert "127.0.0.1" in hosts <= {"127.0.0.1", "::1"}


def test_an_address_of_the_old_kind_in_the_clothes_of_the_new_is_judged_as_it_is(agency: Interface) -> None:
    url = agency.url.replace("127.0.0.1", "[::ffff:127.0.0.1]")
    assert agency.door(url=url, allow=("::/0",)).refusal().reason_code == "address_refused"


def test_another_machine_without_https_is_refused(agency: Interface) -> None:
    assert why(agency, url="http://192.0.2.1/x", allow=("192.0.2.0/24",)) == "https_required"


def test_a_name_that_is_none_is_told(agency: Interface) -> None:
    assert why(agency, url="http://nobody.invalid/x") == "address_unknown"


_WATCHED = """
import json, sys
seen = []
watched = {"socket.connect": 1, "socket.getaddrinfo": 0}
sys.addaudithook(lambda event, given: event in watched and seen.append([event, str(given[watched[event]])]) and None)
from datetime import UTC, date, datetime
from connectors.base import FeedSource
from connectors.doors import open_pull
from connectors.pulling import window
key = {"key_id": "zhangdian-01", "secret": sys.argv[2]}
source = FeedSource("cremations", "http", sys.argv[1], allow=("127.0.0.0/8",), **key)
open_pull(source, lambda: datetime.now(UTC)).pull(window(source, date(2025, 6, 3), None))
print(json.dumps(seen))
"""


def test_a_pull_connects_to_the_interface_and_to_nothing_else(agency: Interface) -> None:
    agency.plan([cremation(n) for n in range(1, 6)], page=2)
    command = [sys.executable, "-c", _WATCHED, agency.url, SECRET]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(said.stdout)
    assert told.count(["socket.connect", f"('127.0.0.1', {agency.port})"]) == 1
    assert {place for event, place in told if event == "socket.connect"} == {f"('127.0.0.1', {agency.port})"}
    assert {place for event, place in told if event == "socket.getaddrinfo"} == {"127.0.0.1"}


def test_a_proxy_of_the_environment_is_passed_by(agency: Interface, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    agency.plan([cremation(1)])
    assert agency.door().numbers() == ["HH00001"]


# -- https -----------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str) -> None:
    """A certificate of our own for one name, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "ca.pem").write_bytes(public)
    (folder / "server.pem").write_bytes(key.private_bytes(*form) + public)


def test_https_goes_to_the_judged_address_under_the_name_of_the_url(tmp_path: Path) -> None:
    certificate(tmp_path, "localhost")
    with interface(tmp_path, "--tls") as agency:
        agency.plan([cremation(1)])
        named, ours = agency.url.replace("127.0.0.1", "localhost"), str(tmp_path / "ca.pem")
        both = ("127.0.0.0/8", "::1/128")
        assert agency.door(url=named, ca_file=ours, allow=both).numbers() == ["HH00001"]
        assert agency.door(url=named, allow=both).refusal().reason_code == "certificate_refused"
        assert agency.door(url=agency.url, ca_file=ours).refusal().reason_code == "certificate_refused"
        assert agency.door(ca_file=str(tmp_path / "none")).refusal().reason_code == "ca_file_unusable"


# -- the worked example ----------------------------------------------------------------------------------------


def test_the_example_that_agencies_are_given_is_true() -> None:
    page = (ROOT / "docs" / "interface.md").read_text("utf-8")
    blocks = re.findall(r"```text\n(.*?)\n```", page, re.DOTALL)
    signed, said = blocks[0], blocks[1]
    secret = re.search(r"secret `([^`]+)`", page)
    assert secret
    lines = signed.split("\n")
    assert signed == canonical(lines[1], lines[2], lines[3], lines[4], lines[5], b"")
    assert said == signature(secret[1], signed)
    assert DAY.isoformat() in signed
