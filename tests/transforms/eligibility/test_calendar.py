"""Dates ahead: deadlines of Gansu's row 33, the end of Zhangdian's document, and what a night tells of them."""

from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from tests.families import POLICIES, zhangdian
from transforms.eligibility.calendar import CalendarEntry, dates_ahead, notices_on
from transforms.eligibility.entries import Calendar, InForce, Policy
from transforms.eligibility.faults import PolicyFaults
from transforms.eligibility.policy import load_policy

GANSU = (POLICIES / "gansu-measures" / "policy.yaml").read_text("utf-8")


@cache
def gansu() -> Policy:
    return load_policy(GANSU, "policy.yaml")


def in_force(policy: Policy, since: str | None, until: str | None) -> Policy:
    return policy.model_copy(update={"in_force": InForce.model_validate({"from": since, "until": until})})


def paying(pay: Any, since: str | None = "2021-01-08", until: str | None = None) -> Policy:
    """Zhangdian's clause of row 5, paid in another way."""
    clause = zhangdian().clause("special-aid-bereaved").model_copy(update={"calendar": Calendar(pay=pay)})
    return in_force(zhangdian().model_copy(update={"clauses": (clause,)}), since, until)


def due_by(day: str) -> Policy:
    """Gansu's measures with the first deadline moved."""
    return load_policy(GANSU.replace('by: "09-30"', f'by: "{day}"'), "policy.yaml")


def days(entries: list[CalendarEntry], *kinds: str) -> list[str]:
    return [str(each.on) for each in entries if each.kind in kinds]


def test_the_deadlines_of_gansu_in_2026() -> None:
    found = [each for each in dates_ahead([gansu()], date(2026, 1, 1), 12) if each.kind == "deadline"]
    drawn = [(each.entry_id, f"{each.on:%m-%d %a}", f"{each.latest_working_day:%m-%d}") for each in found]
    assert drawn == [
        ("yearly-dates.paid-to-households", "05-31 Sun", "05-29"),
        ("yearly-dates.list-to-county", "09-30 Wed", "09-30"),
        ("yearly-dates.filed-with-province", "10-31 Sat", "10-30"),
    ]
    assert [each.gist.en[-10:] for each in found] == ["(for 2025)", "(for 2026)", "(for 2026)"]
    assert [each.gist.zh[-9:] for each in found] == ["（2025 年度）", "（2026 年度）", "（2026 年度）"]
    assert [each.remaining_days for each in found] == [150, 272, 303]
    assert all(each.is_certain for each in found)


def test_every_year_of_the_window_has_its_deadlines() -> None:
    found = dates_ahead([gansu()], date(2026, 6, 1), 24)
    assert days(found, "deadline") == ["2026-09-30", "2026-10-31", "2027-05-31", "2027-09-30", "2027-10-31",
                                       "2028-05-31"]  # fmt: skip


def test_the_first_day_of_the_window_is_in_it_and_the_day_after_its_months_is_not() -> None:
    assert days(dates_ahead([gansu()], date(2026, 9, 30), 1), "deadline") == ["2026-09-30"]
    assert days(dates_ahead([gansu()], date(2026, 8, 30), 1), "deadline") == []
    assert days(dates_ahead([gansu()], date(2026, 8, 31), 1), "deadline") == []  # until 30 September, excluded


def test_of_a_year_whose_holidays_are_not_known_that_is_said() -> None:
    found = [each for each in dates_ahead([gansu()], date(2100, 1, 1), 12) if each.kind == "deadline"]
    assert [(f"{each.on:%a}", f"{each.latest_working_day:%m-%d}", each.is_certain) for each in found] == [
        ("Mon", "05-31", False), ("Thu", "09-30", False), ("Sun", "10-29", False)
    ]  # fmt: skip


def test_a_deadline_on_29_february_is_the_28th_where_there_is_none() -> None:
    found = dates_ahead([due_by("02-29")], date(2027, 1, 1), 24)
    assert [day for day in days(found, "deadline") if "-02-" in day] == ["2027-02-28", "2028-02-29"]


@pytest.mark.parametrize("day", ["02-30", "04-31"])
def test_a_day_that_no_year_has_is_a_fault_of_the_file(day: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        due_by(day)
    (fault,) = caught.value.faults
    assert (fault.code, fault.found, fault.valid) == ("wrong_value", day, "05-31, 02-29")


def test_a_deadline_is_there_for_years_in_which_the_document_is_in_force() -> None:
    policy = in_force(gansu(), "2025-10-01", "2026-01-31")
    found = dates_ahead([policy], date(2025, 1, 1), 48)
    assert days(found, "deadline") == ["2025-09-30", "2025-10-31", "2026-05-31", "2026-09-30", "2026-10-31",
                                       "2027-05-31"]  # fmt: skip


def test_the_end_of_zhangdians_document() -> None:
    found = dates_ahead([zhangdian()], date(2025, 6, 1), 12)
    assert days(found, "ending") == ["2025-07-11", "2025-10-09", "2025-12-08"]
    assert [each.gist.en.split()[4] for each in found if each.kind == "ending"] == ["180", "90", "30"]
    assert days(found, "last_day") == ["2026-01-07"]
    assert days(found, "lapsed") == ["2026-01-08"]
    assert days(found, "undated") == []
    (lapsed,) = (each for each in found if each.kind == "lapsed")
    assert "no policy in force" in lapsed.gist.en
    assert "transitional" in lapsed.gist.en
    assert lapsed.latest_working_day is None


def test_a_document_without_a_day_says_so_once() -> None:
    cases = {(None, None): "neither", ("2021-01-08", None): "no last day", (None, "2031-01-07"): "no first day"}
    for dates, said in cases.items():
        found = dates_ahead([in_force(zhangdian(), *dates)], date(2026, 1, 1), 36)
        (undated,) = (each for each in found if each.kind == "undated")
        assert said in undated.gist.en
        assert (undated.on, undated.remaining_days, undated.is_certain) == (None, None, False)
        assert found[-1] is undated


def test_a_document_until_the_last_day_there_is_never_lapses() -> None:
    policy = in_force(zhangdian(), "2021-01-08", "9999-12-31")
    assert days(dates_ahead([policy], date(2026, 1, 1), 12), "ending", "last_day", "lapsed") == []
    assert days(dates_ahead([policy], date(9999, 1, 1), 24), "ending") == ["9999-07-04", "9999-10-02", "9999-12-01"]


def test_a_yearly_exercise_is_put_at_the_end_of_the_year_and_said_to_be_assumed() -> None:
    found = dates_ahead([paying("yearly_exercise")], date(2025, 1, 1), 24)
    assert days(found, "pay") == ["2025-12-31", "2026-12-31"]
    assert ("假定" in found[0].gist.zh, "assumption" in found[0].gist.en) == (True, True)


def test_half_years_are_paid_at_their_ends_while_the_document_holds() -> None:
    found = dates_ahead([paying("half_yearly", until="2026-01-07")], date(2025, 1, 1), 36)
    assert days(found, "pay") == ["2025-06-30", "2025-12-31", "2026-06-30"]


def test_monthly_paying_is_said_once_and_not_listed() -> None:
    found = [each for each in dates_ahead([paying("monthly")], date(2025, 1, 1), 24) if each.kind == "pay"]
    assert [(each.on, each.entry_id) for each in found] == [(None, "special-aid-bereaved")]
    ended = dates_ahead([paying("monthly", until="2024-12-31")], date(2025, 1, 1), 24)
    assert [each for each in ended if each.kind == "pay"] == []


def test_dates_are_in_order_and_what_has_none_comes_last() -> None:
    found = dates_ahead([zhangdian(), gansu()], date(2025, 6, 1), 24)
    dated = [each.on for each in found if each.on]
    assert dated == sorted(dated)
    assert [each.on for each in found[len(dated) :]] == [None]


# -- what nights tell ---------------------------------------------------------------------------------------------


def told(policy: Policy, first: date, last: date) -> list[tuple[str, str, str]]:
    """(night, kind, day) of every notice of a row of nights."""
    nights = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [(str(night), each.kind, str(each.on)) for night in nights for each in notices_on([policy], night)]


def test_nights_tell_of_the_end_of_zhangdians_document() -> None:
    assert told(zhangdian(), date(2025, 6, 1), date(2026, 3, 31)) == [
        ("2025-07-11", "ending", "2025-07-11"),
        ("2025-10-09", "ending", "2025-10-09"),
        ("2025-12-08", "ending", "2025-12-08"),
        ("2026-01-08", "lapsed", "2026-01-08"),
    ]


def test_nights_tell_of_a_deadline_30_7_and_1_working_days_ahead() -> None:
    # 31 May 2026 is a Sunday: 29 May is the latest working day; Labour Day is 1 to 5 May, 9 May is worked for it.
    assert told(gansu(), date(2026, 3, 1), date(2026, 7, 31)) == [
        ("2026-04-15", "deadline", "2026-05-31"),
        ("2026-05-20", "deadline", "2026-05-31"),
        ("2026-05-28", "deadline", "2026-05-31"),
    ]


def test_no_deadline_is_passed_over_or_told_twice() -> None:
    found = told(gansu(), date(2024, 1, 1), date(2026, 11, 30))
    of = [day for _, kind, day in found if kind == "deadline"]
    assert {day: of.count(day) for day in of} == dict.fromkeys(
        days(dates_ahead([gansu()], date(2024, 5, 1), 31), "deadline"), 3
    )


def test_a_notice_says_how_many_working_days_are_left_and_for_which_year() -> None:
    (notice,) = notices_on([gansu()], date(2026, 5, 28))
    assert notice.remaining_days == 3
    assert notice.latest_working_day == date(2026, 5, 29)
    assert notice.gist.en.endswith("(for 2025); working days left: 1")
    assert notice.is_certain


def test_a_notice_that_counts_days_of_a_year_that_is_not_known_is_not_certain() -> None:
    (notice,) = notices_on([gansu()], date(2100, 5, 28))
    assert (notice.on, notice.is_certain) == (date(2100, 5, 31), False)
