"""How a clerk writes a name, a number or a date: mostly right, and sometimes in each of the known wrong ways."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from lunar_python import Solar

from connectors.simulator.days import NEVER, STYLES, Array, ages, calendar, day, written
from connectors.simulator.formats import FORMATS
from connectors.simulator.households import Homes, village_codes
from connectors.simulator.identities import Identities, fixed_text
from connectors.simulator.rates import Rates
from connectors.simulator.words import words
from connectors.simulator.world import Nights, World, stream

PLACEHOLDERS: Final = ("无", "不详", "000000000000000000", "1", "-")
DOTS: Final = ("·", "•", "・", "．", ".")
GBK_DOTS: Final = ("·", "．", ".", "．", ".")
_STYLE_NAMES: Final = tuple(STYLES)


@dataclass(frozen=True)
class District:
    """All that records are drawn from."""

    world: World
    identities: Identities
    homes: Homes
    nights: Nights
    rates: Rates
    seed: int

    @cached_property
    def birth(self) -> Array:
        """Birth day by person."""
        found: Array = self.world.people["birth"].to_numpy()
        return found

    @cached_property
    def death(self) -> Array:
        """Day of death by person, or NEVER."""
        found: Array = self.world.people["death"].to_numpy()
        return found


class Clerk:
    """Writes the cells of one feed; its mistakes follow the feed's rates."""

    def __init__(self, district: District, feed: str, *, style: str = "iso") -> None:
        self.district = district
        self.feed = feed
        self.rng = stream(district.seed, f"clerk {feed}")
        self.defects = district.rates.group(f"defects.{feed}")
        self.style = _STYLE_NAMES.index(style)
        self.is_gbk = FORMATS[feed][1] == "gbk"

    def happens(self, defect: str, count: int) -> Array:
        """Where a defect of this feed strikes."""
        hit: Array = self.rng.random(count) < self.defects.get(defect, 0.0)
        return hit

    def chance(self, rate: str, count: int) -> Array:
        """Where something of the whole district's rates happens."""
        hit: Array = self.rng.random(count) < self.district.rates[rate]
        return hit

    # -- names ----------------------------------------------------------------------------------------------
    def name(self, person: Array, *, at_birth: bool = False) -> pa.Array:
        """The names of persons; -1 is nobody and stays empty."""
        identities = self.district.identities
        source = identities.birth_parts if at_birth else identities.parts
        parts = source[person].copy()
        hit = np.flatnonzero(self.happens("name", len(person)) & ~identities.dotted[person])
        kind = self.rng.integers(0, 5, len(hit))
        tables = words()
        for number, table in enumerate((tables.homophone, tables.similar, tables.traditional)):
            _substitute(self.rng, parts, hit[kind == number], table)
        gap = np.zeros(len(person), dtype=np.int64)
        gap[hit[kind == 3]], gap[hit[kind == 4]] = 1, 2
        return name_text(parts, self._dots(person), gap, gbk=self.is_gbk, nobody=person < 0)

    def _dots(self, person: Array) -> Array:
        """0 no dot, 1 the middle dot, 2 … 5 another one."""
        other = self.chance("writing.dot_variant", len(person))
        dot = np.where(other, self.rng.integers(2, 6, len(person)), 1)
        return np.where(self.district.identities.dotted[person], dot, 0)

    # -- ID numbers -----------------------------------------------------------------------------------------
    def number(self, person: Array, other: Array | None = None, *, missing: Array | None = None) -> pa.Array:
        """ID numbers, some missing, wrong, of 15 characters or another person's (`other`, -1 where there is none)."""
        holder = person
        if other is not None:
            holder = np.where(self.happens("id_others", len(person)) & (other >= 0), other, person)
        codes = self.district.identities.numbers[holder].copy()
        _mistype(self.rng, codes, np.flatnonzero(self.happens("id_wrong", len(person))))
        text = self.cased(codes)
        old = self.happens("id_fifteen", len(person)) & (self.district.birth[holder] < day(1999))
        text = pc.if_else(pa.array(old), fixed_text(np.delete(codes, [6, 7, 17], axis=1)), text)
        absent = self.happens("id_missing", len(person)) if missing is None else missing
        text = pc.if_else(pa.array(absent), self.placeholder(len(person)), text)
        return blank(text, person < 0)

    def cased(self, codes: Array) -> pa.Array:
        """Numbers whose X is now and then small or full width."""
        ends_in_x = codes[:, 17] == ord("X")
        small = ends_in_x & self.chance("writing.id_lower_x", len(codes))
        codes = codes.copy()
        codes[small, 17] = ord("x")
        wide = ends_in_x & ~small & self.chance("writing.id_full_width_x", len(codes))
        text = fixed_text(codes)
        if not wide.any():
            return text
        return pc.if_else(pa.array(wide), pc.replace_substring(text, "X", "Ｘ"), text)

    def placeholder(self, count: int) -> pa.Array:
        """Empty cells, and the words that mean the same."""
        pool = pa.array([None, None, None, None, *PLACEHOLDERS], pa.string())
        return pool.take(pa.array(self.rng.integers(0, len(pool), count)))

    # -- days -----------------------------------------------------------------------------------------------
    def on(self, days: Array) -> pa.Array:
        """Days in the agency's own form, some in another."""
        other = self.chance("writing.other_date_style", len(days))
        chosen = np.where(other, self.rng.integers(0, len(_STYLE_NAMES), len(days)), self.style)
        return written(days, _STYLE_NAMES, chosen)

    def born(self, person: Array) -> pa.Array:
        """Birth dates; some missing, mistyped, with day and month swapped, or of the lunar calendar."""
        birth = self.district.birth[person].copy()
        settled = birth < self.district.nights.last - 400
        wrong = np.flatnonzero(self.happens("birth_wrong", len(person)) & settled)
        birth[wrong] = _wrong_days(self.rng, birth[wrong])
        lunar = np.flatnonzero(self.happens("birth_lunar", len(person)) & settled)
        birth[lunar] = _lunar_days(birth[lunar])
        gone = self.happens("birth_missing", len(person)) | (person < 0)
        return self.on(np.where(gone, NEVER, birth))

    def at(self, days: Array) -> pa.Array:
        """Points in time: the day with hour and minute."""
        clock = self.rng.integers(0, 24 * 60, len(days))
        texts = [f" {minute // 60:02}:{minute % 60:02}" for minute in range(24 * 60)]
        iso = written(days, ("iso",))
        return pc.binary_join_element_wise(iso, pa.array(texts).take(pa.array(clock)), "")

    def age(self, person: Array, on: Array) -> pa.Array:
        """Completed years, now and then wrong by some."""
        years = ages(self.district.birth[person], np.maximum(on, self.district.birth[person]))
        wrong = self.happens("age_wrong", len(person))
        return pa.array(np.maximum(years + np.where(wrong, self.rng.integers(-3, 4, len(person)), 0), 0)).cast(
            pa.string()
        )

    # -- the rest -------------------------------------------------------------------------------------------
    def sex(self, person: Array) -> pa.Array:
        """男 or 女, in some rows 1 or 2, now and then the other or unknown."""
        code = self.district.world.people["sex"].to_numpy()[person].astype(np.int64)
        code = np.where(self.happens("sex_wrong", len(person)), 3 - code, code)
        code = code + np.where(self.rng.random(len(person)) < 0.03, 2, 0)
        code = np.where(self.rng.random(len(person)) < 0.002, 0, code)
        return blank(pa.array(["未知", "男", "女", "1", "2"]).take(pa.array(code)), person < 0)

    def home(self, person: Array) -> pa.Array:
        """Where a person really lives, which is not always where the hukou is."""
        return self.address(person, self.district.homes.is_elsewhere[person])

    def address(self, person: Array, away: Array | None = None) -> pa.Array:
        """Where a person's household is registered, with or without province, city and township."""
        homes, places = self.district.homes, words().places["townships"]
        short = np.where(self.chance("writing.short_address", len(person)), self.rng.integers(1, 4, len(person)), 0)
        start = [
            f"{prefix}{township}"
            for township in places
            for prefix in ("山东省淄博市张店区", "淄博市张店区", "张店区", "")
        ]
        which = homes.village[person] // 12 * 4 + short
        street = homes.addresses.take(pa.array(person))
        if away is not None:
            street = pc.if_else(pa.array(away), homes.elsewhere.take(pa.array(person)), street)
            which = np.where(away, (which + 20) % len(start), which)
        text = pc.binary_join_element_wise(pa.array(start).take(pa.array(which)), street, "")
        return blank(text, self.happens("address_missing", len(person)) | (person < 0))

    def division(self, person: Array) -> pa.Array:
        """The place of hukou: the village here, or six digits elsewhere, of which some are of before 2019."""
        homes, identities = self.district.homes, self.district.identities
        elsewhere = fixed_text(identities.numbers[person][:, :6])
        new = pa.array(~self.chance("writing.old_division", len(person)))
        moved = pc.if_else(pc.and_(new, pc.equal(elsewhere, "371202")), "370116", elsewhere)
        here = pa.array(homes.house[person] >= 0)
        return blank(pc.if_else(here, village_codes(homes.village[person]), moved), person < 0)

    def phone(self, person: Array) -> pa.Array:
        """Mobile numbers."""
        numbers = self.district.identities.phones.take(pa.array(np.maximum(person, 0)))
        return blank(numbers, self.happens("phone_missing", len(person)) | (person < 0))

    def picked(self, pool: tuple[str, ...] | list[str | None], count: int) -> pa.Array:
        """A word of the pool for each row, all as likely."""
        return pa.array(pool, pa.string()).take(pa.array(self.rng.integers(0, len(pool), count)))


def blank(text: pa.Array, where: Array) -> pa.Array:
    """The text, empty where it says."""
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), text)


def name_text(parts: Array, dots: Array, gap: Array, *, gbk: bool, nobody: Array) -> pa.Array:
    """Tokens as names. `gap` 1 puts a space, 2 a character of no width behind the surname."""
    tables = words()
    if gbk:
        parts = np.where(parts >= 0, tables.fallback[parts], -1)
        gap = np.where(gap == 2, 1, gap)
    tokens = pa.array([*tables.tokens, ""])
    column = [tokens.take(pa.array(np.where(parts[:, i] < 0, len(tokens) - 1, parts[:, i]))) for i in range(3)]
    gaps = pa.array(["", " ", "\u200b"]).take(pa.array(gap))
    dot = pa.array(["", *(GBK_DOTS if gbk else DOTS)]).take(pa.array(dots))
    return blank(pc.binary_join_element_wise(column[0], gaps, column[1], dot, column[2], ""), nobody)


def _substitute(rng: np.random.Generator, parts: Array, rows: Array, table: Array) -> None:
    """Replace one character of each name by its partner, where it has one."""
    order = rng.permuted(np.tile(np.arange(3), (len(rows), 1)), axis=1)
    done = np.zeros(len(rows), dtype=bool)
    for place in order.T:
        old = parts[rows, place]
        new = np.where(old >= 0, table[old], -1)
        able = (new >= 0) & ~done
        parts[rows[able], place[able]] = new[able]
        done |= able


def _mistype(rng: np.random.Generator, codes: Array, rows: Array) -> None:
    """One digit replaced, or two neighbours exchanged."""
    place = rng.integers(6, 16, len(rows))
    left, right = codes[rows, place], codes[rows, place + 1]
    swaps = (rng.random(len(rows)) < 0.4) & (left != right)
    shifted = (left - 48 + rng.integers(1, 10, len(rows))) % 10 + 48
    codes[rows, place] = np.where(swaps, right, shifted)
    codes[rows, place + 1] = np.where(swaps, left, right)


def _wrong_days(rng: np.random.Generator, birth: Array) -> Array:
    """Day and month exchanged where that is a date, else a year or a day beside the right one."""
    dates = birth.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    of_month, month = (dates - months).astype(np.int64) + 1, months.astype(np.int64) % 12 + 1
    start = dates.astype("datetime64[Y]").astype("datetime64[M]")
    swapped = (start + (of_month - 1)).astype("datetime64[D]").astype(np.int64) + month - 1
    able = (of_month <= 12) & (of_month != month) & (rng.random(len(birth)) < 0.7)
    beside = birth - rng.choice([1, -1, 10, 366, 3652], len(birth))
    wrong: Array = np.where(able, swapped, beside)
    return wrong


def _lunar_days(birth: Array) -> Array:
    """The lunar date, written as if it were of the common calendar; the right day where there is no such date."""
    distinct, place = np.unique(birth, return_inverse=True)
    found: Array = np.array([_lunar(int(d)) for d in distinct], dtype=np.int64)[place] if len(birth) else birth
    return found


def _lunar(number: int) -> int:
    on = calendar(number)
    lunar: Any = Solar.fromYmd(on.year, on.month, on.day).getLunar()
    try:
        return day(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay())
    except ValueError:
        return number
