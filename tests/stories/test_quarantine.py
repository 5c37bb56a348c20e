"""What is refused is worked on until nothing is: corrected, released, mapped, set aside, brought again."""

from pathlib import Path

import pytest

from tests.commands import CommandLine
from tests.flows.refusing_site import BECAUSE, CANARY, CREMATION, MARRIAGE, NAME, RefusingSite

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture
def site(tmp_path: Path, nuanxin: CommandLine) -> RefusingSite:
    return RefusingSite.made(tmp_path, nuanxin)


def test_a_corrected_row_is_taken_by_the_next_night_under_its_own_date(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION, CREMATION | {"record_no": "HH2", "cremated_on": "2025-13-40"})
    site.night(2)
    assert site.keys("cremations") == ["HH1"]
    (row,) = site.listed()["rows"]
    assert (row["row_number"], row["reason_code"], row["column_name"]) == (3, "required_unreadable", "cremated_on")
    site.decide("fix", 2, row["quarantine_id"], "--set", "cremated_on=2025-06-01")
    site.night(3)
    assert site.keys("cremations") == ["HH1", "HH2"]
    assert site.statuses() == [(3, "released", "fixed")]
    assert site.loads(3) == [("cremations_20250602_delta.csv (replay)", "loaded", 1, 1, 0, 0)]
    site.night(3)
    site.night(4)
    assert site.loads(4) == []
    history = site.ask("select status, known_on, superseded_on from v_quarantine_states")
    assert history == [{"status": "released", "known_on": "2025-06-03", "superseded_on": None}]


def test_an_older_corrected_row_never_replaces_a_newer_version(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"cremated_on": "?"}, CREMATION | {"record_no": "HH9"})
    site.night(2)
    (wanted,) = site.ids()
    site.deliver("cremations", 3, CREMATION | {"died_on": "2025-05-30"})
    site.decide("fix", 3, wanted, "--set", "cremated_on=2025-06-02")
    site.night(3)
    assert site.loads(3) == [
        ("cremations_20250602_delta.csv (replay)", "loaded", 1, 0, 1, 0),
        ("cremations_20250603_delta.csv", "loaded", 1, 1, 0, 0),
    ]
    died = site.ask("select occurred_on from v_life_events where record_key = 'HH1' and event_type = 'death'")
    assert died == [{"occurred_on": "2025-05-30"}]
    assert site.statuses() == [(2, "released", "fixed")]


def test_of_a_key_with_two_contents_a_person_says_which_holds(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION, CREMATION | {"cremated_on": "2025-06-01"})
    site.night(2)
    first, second = site.ids("--reason", "key_conflict")
    site.decide("release", 2, second)
    site.decide("dismiss", 2, first)
    assert "clerk-7" in site.refused("dismiss", 2, second)
    site.night(3)
    assert site.statuses() == [(2, "dismissed", "dismissed"), (3, "released", "released")]
    assert site.keys("cremations") == ["HH1"]
    assert "clerk-7" in site.refused("release", 3, first)
    site.decide("reopen", 3, first)
    assert [row["status"] for row in site.listed("--status", "dismissed")["rows"]] == ["dismissed"]
    site.night(4)
    assert site.ids() == [first]


def test_a_word_of_another_vocabulary_is_mapped_until_revoked(site: RefusingSite) -> None:
    other = MARRIAGE | {"cert_no": "J2", "op_type": "结婚"}
    site.deliver("marriages", 2, MARRIAGE, other, mode="full")
    site.night(2)
    assert site.keys("marriages") == ["J1"]
    here = ("--feed", "marriages", "--column", "op_type", "--from", "结婚")
    site.decide("map", 2, *here, "--to", "IA")
    assert "clerk-7" in site.refused("map", 2, *here, "--to", "IB")
    site.night(3)
    assert site.keys("marriages") == ["J1", "J2"]
    assert site.statuses() == [(3, "released", "mapped")]
    site.deliver("marriages", 4, MARRIAGE, other, MARRIAGE | {"cert_no": "J3", "op_type": " 结婚 "}, mode="full")
    site.night(4)
    assert site.loads(4) == [("marriages_20250604_full.csv", "loaded", 3, 1, 2, 0)]
    (load,) = site.ask("select reason_detail from feed_loads where run_id = 'R20250604' and feed = 'marriages'")
    assert load["reason_detail"] == '{"mapped": {"op_type": 2}}'
    site.decide("map", 4, *here, "--revoke")
    site.deliver("marriages", 5, MARRIAGE, other, MARRIAGE | {"cert_no": "J4"}, mode="full")
    site.night(5)
    assert site.loads(5) == [("marriages_20250605_full.csv", "loaded", 3, 1, 1, 1)]


def test_a_refused_row_of_a_full_delivery_withdraws_nobody(site: RefusingSite) -> None:
    site.deliver("marriages", 2, MARRIAGE, MARRIAGE | {"cert_no": "J2"}, mode="full")
    site.night(2)
    site.deliver("marriages", 3, MARRIAGE, MARRIAGE | {"cert_no": "J2", "op_date": "2025-13-40"}, mode="full")
    site.night(3)
    assert site.loads(3) == [("marriages_20250603_full.csv", "loaded", 2, 0, 1, 1)]
    assert site.active("marriages") == ["J1", "J2"]
    site.deliver("marriages", 4, MARRIAGE, MARRIAGE | {"cert_no": "J3"}, mode="full")
    site.night(4)
    assert site.active("marriages") == ["J1", "J3"]


def test_what_its_agency_brings_again_is_closed(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"cremated_on": ""}, CREMATION | {"record_no": "HH2", "cremated_on": ""})
    site.night(2)
    first, second = site.ids()
    site.deliver("cremations", 3, CREMATION, CREMATION | {"record_no": "HH2", "cremated_on": "?"})
    site.night(3)
    assert site.statuses() == [
        (2, "dismissed", "superseded"),
        (3, "dismissed", "superseded"),
        (3, "open", None),
    ]
    assert "brought" in site.refused("release", 3, first)
    assert site.quarantine("show", second).out.count("superseded") >= 1


def test_the_night_acts_only_on_what_was_recorded_up_to_it(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"cremated_on": "?"})
    site.night(2)
    (wanted,) = site.ids()
    site.decide("fix", 4, wanted, "--set", "cremated_on=2025-06-02")
    site.night(3)
    assert site.statuses() == [(2, "open", None)]
    site.night(4)
    assert site.statuses() == [(2, "released", "fixed")]


def test_a_correction_that_still_fails_is_told_at_once(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"cremated_on": "?"})
    site.night(2)
    (wanted,) = site.ids()
    told = site.refused("fix", 2, wanted, "--set", "cremated_on=2025-99-99", "--set", "colour=red")
    assert "cremated_on" in told and "colour" in told and "2025-99-99" not in told
    assert "cremated_on" in site.refused("fix", 2, wanted, "--set", "died_on=2025-06-01")
    assert "cremated_on" in site.refused("release", 2, wanted)
    assert "Q0-1" in site.refused("release", 2, "Q0-1", "nonsense")
    assert "COLUMN=VALUE" in site.refused("fix", 2, wanted, "--set", "cremated_on")
    assert "vocabulary" in site.refused(
        "map", 2, "--feed", "cremations", "--column", "name", "--from", "甲", "--to", "乙"
    )
    assert "valid" in site.refused("map", 2, "--feed", "marriages", "--column", "op_type", "--from", "IA", "--to", "IB")
    assert "IA" in site.refused("map", 2, "--feed", "marriages", "--column", "op_type", "--from", "结", "--to", "离")
    said = site.quarantine("dismiss", wanted, "--because", f"号码 {CANARY[:17]}", "--by", "x", "--date", "2025-06-02")
    assert said.status == 2


def test_a_filter_shows_its_counts_before_anything_is_recorded(site: RefusingSite) -> None:
    site.deliver("cremations", 2, *(CREMATION | {"record_no": f"HH{n}", "cremated_on": "2025-13-40"} for n in range(3)))
    site.night(2)
    shown = site.decide("dismiss", 2, "--feed", "cremations", "--reason", "required_unreadable")
    assert (shown["would"], shown["recorded"]) == (3, 0)
    done = site.decide("dismiss", 2, "--feed", "cremations", "--reason", "required_unreadable", "--yes")
    assert done["recorded"] == 3
    assert "--feed" in site.refused("dismiss", 2, "--yes")
    site.night(3)
    assert {status for _, status, _ in site.statuses()} == {"dismissed"}


def test_cells_are_masked_and_who_looks_is_recorded(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"cremated_on": "?"})
    site.night(2)
    (wanted,) = site.ids()
    assert "测***" in site.quarantine("show", wanted).out
    look = ("quarantine", "show", "--site", str(site.page), wanted, "--reveal")
    assert site.nuanxin.run(*look).status == 2
    said = site.nuanxin.run(*look, *BECAUSE, "--date", "2025-06-02", "--lang", "en")
    assert (said.status, NAME in said.out, CANARY in said.out) == (0, True, True)
    (seen,) = site.ask("select quarantine_id, recorded_by, recorded_on from v_quarantine_looks")
    assert seen == {"quarantine_id": wanted, "recorded_by": "clerk-7", "recorded_on": "2025-06-02"}


def test_the_file_for_the_agency_has_no_person_and_runs_nothing(site: RefusingSite) -> None:
    site.deliver(
        "cremations", 2, CREMATION | {"record_no": "=cmd()", "cremated_on": "?"}, CREMATION | {"record_no": ""}
    )
    site.night(2)
    for name in ("back.csv", "back.xlsx"):
        out = site.page.parent / name
        said = site.quarantine("export", "--agency", "civil_affairs", "--out", str(out), lang="zh")
        assert said.status == 0, said.err
    text = (site.page.parent / "back.csv").read_text("utf-8-sig")
    assert "火化日期" in text and "'=cmd()" in text and "cremations_20250602_delta.csv" in text
    assert CANARY not in text and NAME not in text


def test_no_person_stands_outside_of_the_lake(site: RefusingSite) -> None:
    site.deliver("cremations", 2, CREMATION | {"name": "", "cremated_on": "2025-06-02"})
    said = [site.night(2)]
    (wanted,) = site.ids()
    site.decide("fix", 2, wanted, "--set", f"name={NAME}", "--set", f"id_no={CANARY}")
    said.append(site.night(3))
    assert site.statuses() == [(2, "released", "fixed")]
    assert "name" in site.ask("select column_names from v_quarantine_decisions")[0]["column_names"]
    told = "".join(each.out + each.err for each in said)
    kept = site.kept_outside_the_lake()
    for canary in (CANARY, NAME):
        assert canary not in told
        assert canary.encode() not in kept
