"""Numbers as a spreadsheet shows them."""

_EXACT_BELOW = 10**15  # a spreadsheet keeps fifteen digits; behind them it writes zeros


def number_text(number: float) -> str:
    """Whole numbers as digits.

    A number of sixteen digits or more has lost its last ones; it is written as `3.70303199001011E+17`, so
    that nobody takes it for the number that it was.
    """
    if abs(number) >= _EXACT_BELOW:
        return f"{number:.14E}"
    return str(int(number)) if number == int(number) else repr(number)
