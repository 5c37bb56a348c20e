"""Dates of birth held against each other: same, a lunar reading, swapped, one digit, same year, different."""

from functools import cache

import numpy as np
import numpy.typing as npt

SAME, LUNAR, SWAPPED, ONE_DIGIT, TWO_DIGITS, YEAR, DIFFERENT = range(7)
NEAR, THREE_APART, FAR = range(3)
MISSING = -1

Levels = npt.NDArray[np.int8]
Days = npt.NDArray[np.uint32]  # eight decimal digits, four bits each
Years = npt.NDArray[np.int16]
# The lunar calendar from 1900 to 2100, five hex digits a year: the place of the leap month (0 is none), then one
# bit a month, the first month lowest, set where it has 30 days.
_FIRST_YEAR, _FIRST_DAY = 1900, -25537  # the new year of 1900, in days since 1970-01-01
_YEARS = (
    "116d20075200ea50b64a0064b00a9b095560056a00b5905752007520db2500b2500a4b0b4ab002ad0056b04b6900da90fd92"
    "00e9200d250ba4d00a56002b6095b5006d400ea905e9200e920cd260052b00a570b2b600b5a006d406ec9007490f69300a93"
    "0052b0ca5b00aad0056a09b5500ba400b4905a9300a950f52d0053600aad0b5aa005b200da507d4a00d4a10a9500a9700556"
    "0cab500ad5006d208ea500ea50064a06c9700a9b0f55a0056a00b690b75200b5200b250964b00a4b114ab002ad0056d0cb69"
    "00da900d9209d2500d2515a4d00a56002b60c5b5006d500ea90be9200e9200d2606a5600a57114d60035a006d50b6c900749"
    "006930952b0052b00a5b0555a0056a0fb5500ba400b490ba9300a950052d08aad00ab5135aa005d200da50dd4a00d4a00c95"
    "0952e0055600ab5055b2006d20cea5007250064b0ac9700cab0055a06ad600b691775200b5200b250da4b00a4b004ab0a55b"
    "005ad00b6a05b5200d920fd2500d2500a550b4ad004b6005b506daa00ec911e9200e9200d260ca5600a57004d6086d500755"
    "0074906e93006930f52b0052b00a5b0b55a0056a00b650974a00b4a11a9500a950052d0caad00ab5005aa08ba500da500d4a"
    "07c9500c960f94e0055600ab50b5b2006d200ea508e4a0068b10c97004ab0055b0cad600b6a007520972500b4500a8b0549b"
    "004ab"
)


def birth_levels(left: Days, right: Days) -> Levels:
    """The level of each pair of dates of birth, packed by `encoding.days_of`; MISSING where one is 0."""
    differs = left ^ right
    levels = np.where(differs >> np.uint32(16) == 0, YEAR, DIFFERENT).astype(np.int8)
    digits = np.bitwise_count((differs | differs >> 1 | differs >> 2 | differs >> 3) & np.uint32(0x1111_1111))
    levels[digits == 2] = TWO_DIGITS
    levels[digits == 1] = ONE_DIGIT
    turned = (left & np.uint32(0xFFFF0000)) | (left & np.uint32(0xFF)) << 8 | (left >> 8) & np.uint32(0xFF)
    levels[turned == right] = SWAPPED
    missing = (left == 0) | (right == 0)
    rows = np.flatnonzero((differs != 0) & ~missing)
    levels[rows[_lunar(left[rows], right[rows])]] = LUNAR
    levels[differs == 0] = SAME
    levels[missing] = MISSING
    return levels


def year_levels(left: Years, right: Years, dated: npt.NDArray[np.bool_]) -> Levels:
    """The level of each pair of years of birth (0 is none); MISSING where `dated`, on both sides.

    One of them comes from an age, which is counted in several ways, so one year apart is as good as none.
    """
    apart = np.abs(left.astype(np.int32) - right)
    levels = np.where(apart <= 1, NEAR, np.where(apart <= 3, THREE_APART, FAR)).astype(np.int8)
    levels[dated | (left == 0) | (right == 0)] = MISSING
    return levels


def _decimal(packed: Days, place: int, width: int) -> npt.NDArray[np.int32]:
    value = np.zeros(len(packed), np.int32)
    for digit in reversed(range(width)):
        value = value * 10 + ((packed >> np.uint32(4 * (place + digit))) & np.uint32(15)).astype(np.int32)
    return value


def _parts(packed: Days) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    return _decimal(packed, 4, 4), _decimal(packed, 2, 2), _decimal(packed, 0, 2)


def _since_1970(packed: Days) -> npt.NDArray[np.int32]:
    year, month, day = _parts(packed)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int32) + day - 1


def _lunar(left: Days, right: Days) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(left), bool)
    months = _decimal(left, 4, 4) * 12 + _decimal(left, 2, 2) - _decimal(right, 4, 4) * 12 - _decimal(right, 2, 2)
    rows = np.flatnonzero(np.abs(months) <= 3)
    one, other = left[rows], right[rows]
    a, b = _since_1970(one), _since_1970(other)
    found[rows] = _lunar_reading(a, other, a - b) | _lunar_reading(b, one, b - a)
    return found


def _lunar_reading(solar: npt.NDArray[np.int32], stated: Days, apart: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    # The lunar date of a birth, written into a form as if it were solar, lies 17 to 52 days before it,
    # in a leap month up to 82.
    hit = np.zeros(len(solar), bool)
    rows = np.flatnonzero((apart >= 17) & (apart <= 82))
    starts, years, months = _lunar_months()
    place = np.searchsorted(starts, solar[rows], side="right") - 1
    year, month, day = _parts(stated[rows])
    hit[rows] = (years[place] == year) & (months[place] == month) & (solar[rows] - starts[place] + 1 == day)
    return hit


@cache
def _lunar_months() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    # First day, lunar year and number of every lunar month; a leap month carries the number it repeats.
    lengths, years, numbers = [], [], []
    for place in range(0, len(_YEARS), 5):
        packed = int(_YEARS[place : place + 5], 16)
        leap = packed >> 13
        months = list(range(1, 13)) if leap == 0 else [*range(1, leap + 1), *range(leap, 13)]
        lengths += [29 + (packed >> bit & 1) for bit in range(len(months))]
        years += [_FIRST_YEAR + place // 5] * len(months)
        numbers += months
    starts = _FIRST_DAY + np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return starts.astype(np.int32), np.array(years, np.int32), np.array(numbers, np.int32)
