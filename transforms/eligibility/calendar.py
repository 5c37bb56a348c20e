"""What lies ahead for an officer: deadlines of duties, ends of documents, days of paying; what a night tells of them.

Dates are those of the documents: a deadline on a rest day does not move, the latest working day on or before it stands
beside it.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple

from transforms.eligibility.entries import Clause, Deadline, InForce, Policy, Words
from transforms.eligibility.explain import load_words
from transforms.eligibility.working_days import add_working_days, working_day_on_or_before

Kind = Literal["deadline", "pay", "ending", "last_day", "lapsed", "undated"]

_ENDS: tuple[tuple[int, Kind], ...] = (  # days before the last day
    (180, "ending"), (90, "ending"), (30, "ending"), (0, "last_day"), (-1, "lapsed"),
)  # fmt: skip
WORKING_DAYS_BEFORE_A_DEADLINE = (30, 7, 1)
_MONTHS_OF_NOTICE = 3  # more than thirty working days ever take
_PAID_UNTIL = {"yearly_exercise": ((1, 12),), "half_yearly": ((1, 6), (7, 12))}  # first and last month of each period


@dataclass(frozen=True)
class CalendarEntry:
    """One thing that lies ahead.

    `on` is None for what has no day: a document without dates, monthly paying. `entry_id` is the clause, the duty with
    its deadline (duty.deadline), or `in_force`. `remaining_days` are counted from the day that was asked about.
    `latest_working_day` is the last one on or before `on`; None where nothing has to be done by then.
    `is_certain` is False where that rests on holidays that are not known.
    """

    on: date | None
    kind: Kind
    policy_id: str
    entry_id: str
    gist: Words
    remaining_days: int | None
    latest_working_day: date | None
    is_certain: bool


class _Date(NamedTuple):
    on: date | None
    kind: Kind
    entry_id: str
    gist: Words


def dates_ahead(policies: Iterable[Policy], first: date, months: int) -> list[CalendarEntry]:
    """Everything from `first` until so many months later (that day excluded), in order; what has no day comes last.

    A deadline, or a paying, is there where its document is in force on some day of the year, or period, it belongs to;
    a document that bears no first day counts as in force.
    """
    end = _months_later(first, months)
    found = [_entry(each, policy, first) for policy in policies for each in _dates(policy, first, end)]
    return sorted(found, key=lambda each: (each.on or date.max, each.on is None, each.policy_id, each.entry_id))


def notices_on(policies: Iterable[Policy], day: date) -> list[CalendarEntry]:
    """What the night of a business date tells: 180, 90 and 30 days before an end, the day after it, and deadlines.

    A deadline is told 30, 7 and 1 working days ahead, so never on a rest day; `on` is the deadline itself.
    """
    return [notice for entry in dates_ahead(policies, day, _MONTHS_OF_NOTICE) for notice in _notices(entry, day)]


def _notices(entry: CalendarEntry, day: date) -> Iterator[CalendarEntry]:
    if entry.kind in ("ending", "lapsed") and entry.on == day:
        yield entry
    if entry.kind == "deadline" and entry.on is not None:
        for ahead in WORKING_DAYS_BEFORE_A_DEADLINE:
            told = add_working_days(entry.on, -ahead)
            if told.on == day:
                gist = _words("ahead", gist=entry.gist, days=ahead)
                yield replace(entry, gist=gist, is_certain=told.is_certain)


def _entry(found: _Date, policy: Policy, asked: date) -> CalendarEntry:
    on, kind = found.on, found.kind
    worked = working_day_on_or_before(on) if on is not None and kind != "lapsed" else None
    return CalendarEntry(
        on=on,
        kind=kind,
        policy_id=policy.id,
        entry_id=found.entry_id,
        gist=found.gist,
        remaining_days=None if on is None else (on - asked).days,
        latest_working_day=worked.on if worked else None,
        is_certain=worked.is_certain if worked else on is not None,
    )


# -- the dates of one document ------------------------------------------------------------------------------------


def _dates(policy: Policy, first: date, end: date) -> Iterator[_Date]:
    """Those from `first` to before `end`, and those without a day."""
    years = range(first.year, end.year + 1)
    yearly = [each for year in years for each in _in_year(policy, year)]
    yield from (each for each in yearly if each.on is not None and first <= each.on < end)
    yield from _ends(policy.in_force, first, end)
    yield from _without_a_day(policy, first, end)


def _in_year(policy: Policy, year: int) -> Iterator[_Date]:
    for duty in policy.duties:
        for deadline in duty.clock:
            of = year - deadline.is_next_year
            if _first_year(policy.in_force) <= of <= _last_year(policy.in_force):
                gist = _words("deadline", gist=deadline.gist, year=of)
                yield _Date(_day_of(deadline, year), "deadline", f"{duty.id}.{deadline.id}", gist)
    for clause in policy.clauses:
        yield from _paying(clause, policy.in_force, year)


def _paying(clause: Clause, in_force: InForce, year: int) -> Iterator[_Date]:
    for begins, ends in _PAID_UNTIL.get(clause.calendar.pay, ()):
        since, on = date(year, begins, 1), date(year, ends, monthrange(year, ends)[1])
        if _holds_within(in_force, since, on):
            gist = _words("pay", benefit=clause.benefit.title, since=since, until=on)
            yield _Date(on, "pay", clause.id, gist)


def _ends(in_force: InForce, first: date, end: date) -> Iterator[_Date]:
    until = in_force.until
    if until is None:
        return
    for days, kind in _ENDS:
        on = until.toordinal() - days  # 9999-12-31 has no day after it
        if first.toordinal() <= on < end.toordinal():
            yield _Date(date.fromordinal(on), kind, "in_force", _words(kind, days=days, until=until))


def _without_a_day(policy: Policy, first: date, end: date) -> Iterator[_Date]:
    dates = policy.in_force
    missing = [name for name, day in (("first", dates.from_), ("last", dates.until)) if day is None]
    if missing:
        yield _Date(None, "undated", "in_force", _words("_".join(["undated", *missing])))
    for clause in policy.clauses:
        if clause.calendar.pay == "monthly" and _holds_within(dates, first, end):
            yield _Date(None, "pay", clause.id, _words("pay_monthly", benefit=clause.benefit.title))


def _holds_within(in_force: InForce, since: date, until: date) -> bool:
    return (in_force.from_ or date.min) <= until and since <= (in_force.until or date.max)


def _first_year(in_force: InForce) -> int:
    return (in_force.from_ or date.min).year


def _last_year(in_force: InForce) -> int:
    return (in_force.until or date.max).year


def _day_of(deadline: Deadline, year: int) -> date:
    """The deadline's day in a year; 02-29 is the 28th where there is no 29th."""
    month, day = map(int, deadline.by.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month; at most date.max."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _words(name: str, **filled: object) -> Words:
    sentences = load_words()["calendar"][name]

    def told(lang: str) -> str:
        of = {key: getattr(value, lang) if isinstance(value, Words) else value for key, value in filled.items()}
        text: str = sentences[lang].format(**of)
        return text

    return Words(zh=told("zh"), en=told("en"))
