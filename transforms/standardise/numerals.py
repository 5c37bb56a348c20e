"""Chinese numerals in digits."""

ONES = {"〇": 0, "零": 0, "○": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_TENS = {"十": 10, "百": 100}
NUMERALS = "".join([*ONES, *_TENS])


def in_digits(numeral: str) -> str:
    """Numerals up to 999 in digits (二十三 is 23); a row of single numerals digit by digit (一九八六 is 1986)."""
    if not set(numeral) & set(_TENS):
        return "".join(str(ONES[character]) for character in numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in ONES:
            digit = ONES[character]
        else:
            total += (digit or 1) * _TENS[character]
            digit = 0
    return str(total + digit)
