"""site.toml: what it says, and every mistake in it at once, with its line."""

import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.thresholds import OF_A_FEED, thresholds_with
from flows.settings import Channel, Site, SiteFaults, load_site, parse_site
from flows.toml_lines import key_lines
from transforms.coverage import Declared

HERE = Path("/site/site.toml")
SITE = '[site]\nname = "某区"\njurisdiction = "370303"\npolicies = ["p-1"]\n'
BIRTHS = '[feeds.births]\nconnector = "files"\nurl = "inbox/births"\n'


def site_of(text: str, **environment: str) -> Site:
    return parse_site(text.encode(), HERE, environment)


def faults_of(text: str, **environment: str) -> list[tuple[int, str, str]]:
    """Line, place and reason of every mistake."""
    with pytest.raises(SiteFaults) as told:
        site_of(text, **environment)
    return [(fault.line, fault.where, fault.reason_code) for fault in told.value.faults]


def sentence_of(text: str, lang: str = "en", **environment: str) -> str:
    with pytest.raises(SiteFaults) as told:
        site_of(text, **environment)
    return told.value.sentence(lang)  # type: ignore[arg-type]


# -- what it says ------------------------------------------------------------------------------------------------


def test_a_small_site_has_the_contracts_defaults() -> None:
    site = site_of(SITE + BIRTHS)
    births = site.feeds["births"]
    assert (site.name, site.jurisdiction, site.policies) == ("某区", "370303", ("p-1",))
    assert (site.alerts_since, site.channels, site.path) == (None, (), HERE)
    assert site.warehouse_url == "sqlite:////site/warehouse.db"
    assert (births.encoding, births.mode, births.sentinel) == ("utf-8", "delta", "optional")
    assert (births.max_age_days, births.columns) == (2, {})


def test_every_setting_of_the_contract_is_understood() -> None:
    text = SITE + 'alerts_since = "2024-01-01"\n[warehouse]\nurl = "postgresql+psycopg://h/db"\n' + BIRTHS
    text += 'encoding = "gb18030"\nmode = "full"\nsentinel = "required"\nmax_age_days = 40\n'
    text += '[feeds.births.columns]\nbirth_date = "出生年月日"\n'
    text += '[notify]\nchannels = ["json://a", {url = "json://b", townships = ["370303001"]}]\n'
    site = site_of(text)
    births = site.feeds["births"]
    assert site.alerts_since == date(2024, 1, 1)
    assert site.warehouse_url == "postgresql+psycopg://h/db"
    assert (births.encoding, births.mode, births.sentinel, births.max_age_days) == ("gb18030", "full", "required", 40)
    assert births.columns == {"birth_date": "出生年月日"}
    assert site.channels == (Channel("json://a"), Channel("json://b", ("370303001",)))


def test_a_toml_date_is_a_date() -> None:
    assert site_of(SITE + "alerts_since = 2024-01-01\n" + BIRTHS).alerts_since == date(2024, 1, 1)


@pytest.mark.parametrize(
    ("connector", "url", "absolute"),
    [
        ("files", "inbox/births", "/site/inbox/births"),
        ("files", "/data/births", "/data/births"),
        ("files", "sftp://host/births", "sftp://host/births"),
        ("files", "file:///data/births", "file:///data/births"),
        ("database", "sqlite:///a.db", "sqlite:////site/a.db"),
        ("database", "sqlite+pysqlite:///a/b.db", "sqlite+pysqlite:////site/a/b.db"),
        ("database", "sqlite:////data/a.db", "sqlite:////data/a.db"),
        ("database", "sqlite:///:memory:", "sqlite:///:memory:"),
        ("database", "mysql+pymysql://h/db", "mysql+pymysql://h/db"),
    ],
)
def test_a_path_is_relative_to_site_toml_and_a_url_stays(connector: str, url: str, absolute: str) -> None:
    text = SITE + f'[feeds.births]\nconnector = "{connector}"\nurl = "{url}"\n'
    assert site_of(text).feeds["births"].url == absolute


HTTP = (
    '[feeds.births]\nconnector = "http"\nurl = "https://agency/births"\n'
    'key_id = "a-1"\nsecret = "${S}"\nallow = ["10.1.0.0/16", "10.2.3.4"]\n'
)


def test_an_interface_is_read_with_its_secret_and_its_networks() -> None:
    source = site_of(SITE + HTTP + 'ca_file = "keys/ca.pem"\n', S="geheim").feeds["births"]
    assert (source.key_id, source.secret, source.allow) == ("a-1", "geheim", ("10.1.0.0/16", "10.2.3.4"))
    assert (source.ca_file, source.overlap_hours, source.time_limit_seconds) == ("/site/keys/ca.pem", 48, 900)
    assert "geheim" not in repr(source)


def test_an_interface_of_this_machine_needs_no_https() -> None:
    text = SITE + HTTP.replace("https://agency/", "http://127.0.0.1:8000/")
    assert site_of(text, S="x").feeds["births"].url == "http://127.0.0.1:8000/births"


def test_a_view_is_read_under_our_own_names_or_mapped_ones() -> None:
    view = '[feeds.births]\nconnector = "database"\nurl = "sqlite:///a.db"\nview = "s.v"\noverlap_hours = 0\n'
    source = site_of(SITE + view + 'columns = {updated_at = "gxsj", status = "出生证编号"}\n').feeds["births"]
    assert (source.view, source.overlap_hours, source.columns["updated_at"]) == ("s.v", 0, "gxsj")
    assert source.header_of("hospital", "接生机构") == "hospital"
    assert faults_of(SITE + view + 'columns = {status = "hospital"}\n') == [
        (10, "feeds.births.columns.status", "header_taken")
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HTTP.replace('key_id = "a-1"\n', ""), (5, "feeds.births.key_id", "missing")),
        (HTTP.replace('secret = "${S}"\n', ""), (5, "feeds.births.secret", "missing")),
        (HTTP.replace('"${S}"', '"geheim"'), (9, "feeds.births.secret", "wrong_value")),
        (HTTP.replace("${S}", "${T}"), (9, "feeds.births.secret", "secret_missing")),
        (HTTP.replace('10.2.3.4', '10.2.3.4/8'), (10, "feeds.births.allow", "wrong_value")),
        (HTTP.replace("https", "http"), (7, "feeds.births.url", "wrong_value")),
        (HTTP + 'view = "v"\n', (11, "feeds.births.view", "unknown_key")),
        (HTTP + "overlap_hours = -1\n", (11, "feeds.births.overlap_hours", "wrong_value")),
        (BIRTHS + 'secret = "${S}"\n', (8, "feeds.births.secret", "unknown_key")),
    ],
)  # fmt: skip
def test_mistakes_about_doors_are_told_with_their_lines(text: str, fault: tuple[int, str, str]) -> None:
    with pytest.raises(SiteFaults) as told:
        site_of(SITE + text, S="x")
    assert [(each.line, each.where, each.reason_code) for each in told.value.faults] == [fault]
    assert "geheim" not in told.value.sentence("en") + told.value.sentence("zh")


def test_a_site_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE + BIRTHS, "utf-8")
    assert load_site(tmp_path / "site.toml", {}).feeds["births"].url == f"{tmp_path.resolve()}/inbox/births"


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_page_written_on_windows_is_read(prefix: bytes, end: str) -> None:
    content = prefix + (SITE + BIRTHS).replace("\n", end).encode()
    assert parse_site(content, HERE, {}).name == "某区"


# -- secrets -----------------------------------------------------------------------------------------------------

WITH_SECRET = SITE + BIRTHS + '[warehouse]\nurl = "postgresql+psycopg://u:${PW}@h/db"\n'


def test_a_secret_comes_from_the_environment() -> None:
    assert site_of(WITH_SECRET, PW="s3cret").warehouse_url == "postgresql+psycopg://u:s3cret@h/db"


def test_a_secret_comes_from_the_file_that_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    assert site_of(WITH_SECRET, PW_FILE=str(tmp_path / "pw")).warehouse_url.count("u:s3cret@") == 1


def test_a_missing_secret_is_a_mistake_and_names_the_variable() -> None:
    assert faults_of(WITH_SECRET) == [(9, "warehouse.url", "secret_missing")]
    assert "set PW / PW_FILE" in sentence_of(WITH_SECRET)


def test_a_secret_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    assert faults_of(WITH_SECRET, PW_FILE=str(tmp_path / "nowhere")) == [(9, "warehouse.url", "secret_file")]


def test_a_secret_is_in_no_sentence_and_no_repr() -> None:
    wrong = SITE.replace("370303", "1") + '[warehouse]\nurl = "postgresql:/u:${PW}@h"\n' + BIRTHS
    wrong += '[notify]\nchannels = ["wecombot:/t0ken"]\n'
    assert "s3cret" not in sentence_of(wrong, PW="s3cret")
    assert "t0ken" not in sentence_of(wrong, PW="s3cret")
    assert "s3cret" not in repr(site_of(WITH_SECRET, PW="s3cret"))


# -- mistakes ----------------------------------------------------------------------------------------------------

FIVE_MISTAKES = """[site]
name = "某区"
jurisdiction = "37030"
policies = ["p-1"]
alerts_since = "2024-02-30"
[feeds.births]
conector = "files"
url = "inbox/births"
encoding = "gbk2312"
[feeds.births.columns]
birthdate = "出生日期"
"""


def test_five_mistakes_are_told_at_once_with_their_lines() -> None:
    assert faults_of(FIVE_MISTAKES) == [
        (3, "site.jurisdiction", "wrong_value"),
        (5, "site.alerts_since", "wrong_value"),
        (7, "feeds.births.conector", "unknown_key"),
        (9, "feeds.births.encoding", "wrong_value"),
        (11, "feeds.births.columns.birthdate", "unknown_key"),
    ]


def test_a_mistake_says_what_was_found_what_is_valid_and_what_was_meant() -> None:
    told = sentence_of(FIVE_MISTAKES).splitlines()
    assert told[0] == "/site/site.toml has 5 mistakes; mend it and run again:"
    assert told[1] == ('  line 3 site.jurisdiction: found "37030"; valid is: six digits of GB/T 2260, such as "370303"')
    assert told[3].endswith("Did you mean connector?")
    assert told[5].endswith("Did you mean birth_date?")


def test_the_same_in_chinese() -> None:
    told = sentence_of(FIVE_MISTAKES, "zh").splitlines()
    assert told[0] == "/site/site.toml 有 5 处需要改正，改正后再运行："
    assert told[1] == '  第 3 行 site.jurisdiction: 收到 "37030"；应为：GB/T 2260 六位行政区划代码，如 "370303"'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BIRTHS, (1, "site", "missing")),
        (SITE, (1, "feeds", "missing")),
        (SITE + "[feeds]\n", (5, "feeds", "nothing_named")),
        (SITE + "feeds = 3\n", (5, "site.feeds", "unknown_key")),
        (SITE + BIRTHS + "[extra]\n", (8, "extra", "unknown_key")),
        (SITE.replace("name =", "nam ="), (2, "site.nam", "unknown_key")),
        (SITE.replace('"某区"', '" "') + BIRTHS, (2, "site.name", "wrong_value")),
        (SITE.replace('"370303"', "370303") + BIRTHS, (3, "site.jurisdiction", "wrong_value")),
        (SITE.replace('["p-1"]', '"p-1"') + BIRTHS, (4, "site.policies", "wrong_value")),
        (SITE.replace('"p-1"', '"../p"') + BIRTHS, (4, "site.policies", "wrong_value")),
        (SITE + BIRTHS + "[feeds.birth]\n", (8, "feeds.birth", "unknown_key")),
        (SITE + BIRTHS.replace('"files"', '"ftp"'), (6, "feeds.births.connector", "wrong_value")),
        (SITE + BIRTHS.replace('"inbox/births"', '""'), (7, "feeds.births.url", "wrong_value")),
        (SITE + BIRTHS.replace('url = "inbox/births"\n', ""), (5, "feeds.births.url", "missing")),
        (SITE + BIRTHS.replace("files", "database"), (7, "feeds.births.url", "wrong_value")),
        (SITE + BIRTHS.replace("files", "http"), (7, "feeds.births.url", "wrong_value")),
        (SITE + BIRTHS + 'mode = "Delta"\n', (8, "feeds.births.mode", "wrong_value")),
        (SITE + BIRTHS + 'sentinel = true\n', (8, "feeds.births.sentinel", "wrong_value")),
        (SITE + BIRTHS + "max_age_days = -1\n", (8, "feeds.births.max_age_days", "wrong_value")),
        (SITE + BIRTHS + "max_age_days = true\n", (8, "feeds.births.max_age_days", "wrong_value")),
        (SITE + BIRTHS + 'encoding = "base64"\n', (8, "feeds.births.encoding", "wrong_value")),
        (SITE + BIRTHS + 'encoding = ""\n', (8, "feeds.births.encoding", "wrong_value")),
        (SITE + BIRTHS + "columns = 1\n", (8, "feeds.births.columns", "wrong_value")),
        (SITE + BIRTHS + 'columns = {mother = "m"}\n', (8, "feeds.births.columns.mother", "unknown_key")),
        (SITE + BIRTHS + 'columns.status = "母亲姓名"\n', (8, "feeds.births.columns.status", "header_taken")),
        (SITE + BIRTHS + "[notify]\nchannels = 1\n", (9, "notify.channels", "wrong_value")),
        (SITE + BIRTHS + '[notify]\nchannels = ["x"]\n', (9, "notify.channels", "wrong_value")),
        (SITE + BIRTHS + '[[notify.channels]]\ntownships = []\n', (8, "notify.channels[0].url", "missing")),
        (SITE + BIRTHS + '[warehouse]\nurl = "warehouse.db"\n', (9, "warehouse.url", "wrong_value")),
        (SITE + "alerts_since = 2024-01-01T00:00:00\n" + BIRTHS, (5, "site.alerts_since", "wrong_value")),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(text: str, fault: tuple[int, str, str]) -> None:
    assert fault in faults_of(text)


def test_a_mistyped_name_is_one_mistake_and_not_also_a_missing_one() -> None:
    assert faults_of(SITE.replace("policies", "policys") + BIRTHS) == [(4, "site.policys", "unknown_key")]


def test_the_mistakes_inside_a_mistyped_feed_are_told_too() -> None:
    text = SITE + '[feeds.birth]\nconnector = "ftp"\nurl = "a"\n'
    assert faults_of(text) == [
        (5, "feeds.birth", "unknown_key"),
        (6, "feeds.birth.connector", "wrong_value"),
    ]


def test_a_page_that_is_no_toml_is_told_with_its_line() -> None:
    assert faults_of(SITE + "[feeds.births\n") == [(5, "", "not_toml")]
    assert faults_of(SITE + 'a = "open') == [(5, "", "not_toml")]
    assert faults_of(SITE + BIRTHS + BIRTHS) == [(8, "", "not_toml")]


def test_a_page_in_another_encoding_is_told_with_its_line() -> None:
    with pytest.raises(SiteFaults) as told:
        parse_site(SITE.encode("gbk"), HERE, {})
    assert [(fault.line, fault.reason_code) for fault in told.value.faults] == [(2, "not_utf8")]


def test_the_mistakes_survive_a_pickle() -> None:
    """Prefect hands exceptions from one worker to another that way."""
    with pytest.raises(SiteFaults) as told:
        site_of(FIVE_MISTAKES)
    assert pickle.loads(pickle.dumps(told.value)).faults == told.value.faults


def test_lines_inside_long_strings_are_no_keys() -> None:
    text = 'a = """\n[b]\nc = 1\n"""\n[d]\n"e f" . g = 1\n[[h]]\nx = 1\n[[h]]\nx = 2\n'
    assert key_lines(text) == {
        ("a",): 1,
        ("d",): 5,
        ("d", "e f", "g"): 6,
        ("h", 0): 7,
        ("h", 0, "x"): 8,
        ("h", 1): 9,
        ("h", 1, "x"): 10,
    }


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_page_breaks_the_reader(text: str) -> None:
    with pytest.raises(SiteFaults):
        site_of(text)


# -- what a site says of a feed besides where it comes from ------------------------------------------------------

COVERS = '[feeds.births.coverage]\nplaces = ["370303", "37030400"]\nfrom = "2003-01-01"\nuntil = 2025-12-31\n'


def test_what_an_agency_declares_and_a_feeds_own_bounds_are_understood() -> None:
    bounds = "[feeds.births.bounds]\nfull_keeps_share = 0.9\nlate_days = 60\n"
    births = site_of(SITE + BIRTHS + COVERS.replace("37030400", "370304001") + bounds).feeds["births"]
    assert births.covers == Declared(("370303", "370304001"), date(2003, 1, 1), date(2025, 12, 31))
    assert births.bounds == {"full_keeps_share": 0.9, "late_days": 60}
    plain = site_of(SITE + BIRTHS).feeds["births"]
    assert (plain.covers, plain.bounds) == (None, {})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (COVERS, (9, "feeds.births.coverage.places", "wrong_value")),
        (COVERS.replace("places", "place"), (9, "feeds.births.coverage.place", "unknown_key")),
        (COVERS.replace("2003-01-01", "2003"), (10, "feeds.births.coverage.from", "wrong_value")),
        (COVERS.replace("2003", "2026"), (11, "feeds.births.coverage.until", "ends_before_start")),
        ("[feeds.births.coverage]\n", (8, "feeds.births.coverage", "covers_nothing")),
        ('[feeds.household_register]\nconnector = "files"\nurl = "a"\n[feeds.household_register.coverage]\n'
         'from = "2003-01-01"\n', (12, "feeds.household_register.coverage.from", "no_dates")),
        ("[feeds.births.bounds]\nfull_keeps_share = 90\n", (9, "feeds.births.bounds.full_keeps_share", "wrong_value")),
        ("[feeds.births.bounds]\nkeeps_share = 0.9\n", (9, "feeds.births.bounds.keeps_share", "unknown_key")),
        ("[feeds.births.bounds]\nlate_days = 1.5\n", (9, "feeds.births.bounds.late_days", "wrong_value")),
        ("[feeds.births.bounds]\njump_factor = 0\n", (9, "feeds.births.bounds.jump_factor", "wrong_value")),
        ("[feeds.births.bounds]\nblock_on_missing_optional_column = 1\n",
         (9, "feeds.births.bounds.block_on_missing_optional_column", "wrong_value")),
        ("[feeds.births.bounds]\nfund_tolerance_fen = 1\n",
         (9, "feeds.births.bounds.fund_tolerance_fen", "unknown_key")),
    ],
)  # fmt: skip
def test_a_mistake_in_them_is_told_with_its_line(text: str, fault: tuple[int, str, str]) -> None:
    assert fault in faults_of(SITE + BIRTHS + text)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "截止日期 2025-12-31 早于开始日期 2026-01-01"),
        ("en", "ends on 2025-12-31, before it begins on 2026-01-01"),
    ],
)
def test_a_declaration_that_ends_before_it_begins_is_told_in_words(lang: str, said: str) -> None:
    text = SITE + BIRTHS + COVERS.replace("2003", "2026").replace("37030400", "3703")
    assert said in sentence_of(text, lang)


@given(st.sampled_from(OF_A_FEED), st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=True)))
def test_a_bound_that_is_understood_is_one_that_a_night_can_use(name: str, value: float) -> None:
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    try:
        bounds = site_of(SITE + BIRTHS + f"[feeds.births.bounds]\n{name} = {shown}\n").feeds["births"].bounds
    except SiteFaults:
        return
    assert getattr(thresholds_with(bounds), name) == value
