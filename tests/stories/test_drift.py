"""A column changes, a file shrinks, another encoding: the feed is blocked with what to do, and goes on from there."""

from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.flows.refusing_site import CREMATION, MARRIAGE, RefusingSite

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture
def site(tmp_path: Path, nuanxin: CommandLine) -> RefusingSite:
    return RefusingSite.made(tmp_path, nuanxin)


def test_a_renamed_column_goes_on_from_the_bytes_that_are_kept(site: RefusingSite) -> None:
    site.deliver("marriages", 2, MARRIAGE, mode="full")
    path = site.deliver("cremations", 2, CREMATION, cremated_on="火化时间")
    said = site.night(2)
    lines = '[feeds.cremations.columns]\n    cremated_on = "火化时间"'
    assert said.status == 3
    assert lines in said.err and "火化日期" in said.err and "Civil affairs" in said.err
    assert site.keys("marriages") == ["J1"]
    (blocked,) = site.listed()["blocked"]
    assert (blocked["delivery"], blocked["agency"], blocked["reason_code"]) == (
        path.name,
        "civil_affairs",
        "missing_column",
    )
    assert blocked["site_toml"] == ["[feeds.cremations.columns]", 'cremated_on = "火化时间"']
    shown = site.quarantine("list", lang="zh").out
    assert blocked["delivery_id"] in shown and "民政局" in shown and 'cremated_on = "火化时间"' in shown

    path.unlink()
    site.night(3)
    assert site.loads(3) == []
    site.add("\n".join(blocked["site_toml"]))
    site.night(4)
    assert site.loads(4) == [(path.name, "loaded", 1, 1, 0, 0)]
    assert site.keys("cremations") == ["HH1"]
    assert site.listed()["blocked"] == []
    site.night(5)
    assert site.loads(5) == []


def test_a_column_that_nobody_agreed_on_is_left_aside(site: RefusingSite) -> None:
    path = site.deliver("cremations", 2, CREMATION)
    text = path.read_text("utf-8").splitlines()
    path.write_text(f"{text[0]},备注\n{text[1]},无\n", "utf-8")
    site.night(2)
    (blocked,) = site.listed()["blocked"]
    assert blocked["site_toml"] == ["[feeds.cremations]", 'ignored_columns = ["备注"]']
    site.add('ignored_columns = ["备注"]')
    site.night(3)
    assert site.keys("cremations") == ["HH1"]


def test_another_encoding_is_read_once_the_site_says_so(site: RefusingSite) -> None:
    path = site.deliver("cremations", 2, CREMATION)
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    site.night(2)
    (blocked,) = site.listed()["blocked"]
    assert blocked["site_toml"] == ["[feeds.cremations]", 'encoding = "gb18030"']
    path.unlink()
    site.add('encoding = "gb18030"')
    site.night(3)
    assert site.keys("cremations") == ["HH1"]


def test_a_person_accepts_a_full_delivery_that_has_shrunk(site: RefusingSite) -> None:
    many = [MARRIAGE | {"cert_no": f"J{n}"} for n in range(20)]
    site.deliver("marriages", 2, *many, mode="full")
    site.night(2)
    site.deliver("marriages", 3, *many[:2], mode="full")
    site.night(3)
    assert len(site.active("marriages")) == 20
    (blocked,) = site.listed()["blocked"]
    wanted = blocked["delivery_id"]
    assert "2" in site.refused("replay", 3, wanted)
    assert "volume_shrunken" in site.refused("replay", 3, wanted, "--accept", "half_file")
    assert "Dnone" in site.refused("replay", 3, "Dnone")
    site.decide("replay", 3, wanted, "--accept", "volume_shrunken")
    site.night(4)
    assert site.loads(4) == [("marriages_20250603_full.csv", "loaded", 2, 0, 2, 0)]
    assert site.active("marriages") == ["J0", "J1"]
    site.night(5)
    assert site.loads(5) == []


def test_a_dismissed_delivery_is_not_tried_again(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION, cremated_on="火化时间")
    site.night(2)
    (blocked,) = site.listed()["blocked"]
    site.decide("dismiss", 2, blocked["delivery_id"])
    assert site.listed()["blocked"] == []
    assert [each["delivery"] for each in site.listed("--status", "dismissed")["blocked"]] == [blocked["delivery"]]
    site.add("\n".join(blocked["site_toml"]))
    site.night(3)
    assert site.loads(3) == []
    site.decide("reopen", 3, blocked["delivery_id"])
    site.night(4)
    assert site.keys("cremations") == ["HH1"]


def test_a_file_of_that_name_with_other_bytes_takes_the_place_of_the_blocked_one(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"died_on": "2025-05-01"}, cremated_on="火化时间")
    site.night(2)
    site.deliver("cremations", 2, CREMATION)
    site.add('[feeds.cremations.columns]\ncremated_on = "火化时间"')
    site.night(3)
    site.add("")
    site.night(4)
    assert [load for day in (3, 4) for load in site.loads(day) if load[1] == "loaded"] == [
        ("cremations_20250602_delta.csv", "loaded", 1, 1, 0, 0)
    ]
    died = site.ask("select occurred_on from v_life_events where record_key = 'HH1' and event_type = 'death'")
    assert died == [{"occurred_on": "2025-06-01"}]
