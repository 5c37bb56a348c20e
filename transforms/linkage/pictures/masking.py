"""What of the values of a comparison may be shown, by the comparison's kind, whatever its columns are called."""

import re
from collections.abc import Callable

from transforms.feeds.masking import HIDDEN, mask_day, mask_name, mask_number

Value = str | None
Values = tuple[Value, ...]


def _open(value: str) -> str:
    return value


def _hidden(value: str) -> str:
    return HIDDEN


def _exactly(value: str) -> str:
    # A phone or another number; what else an exact comparison may hold is not known here.
    return mask_number(value) if re.fullmatch(r"[\d +()-]+", value) else HIDDEN


# What each kind may show of its columns, in the kind's order. What is not listed is hidden.
_MASKS: dict[str, tuple[Callable[[str], str], ...]] = {
    "name": (mask_name, mask_name),
    "date": (mask_day,),
    "year": (_open, mask_day),
    "id_no": (mask_number, mask_number),
    "sex": (_open,),
    "address": (_hidden, _open, _open),
    "exact": (_exactly,),
    "relative": (mask_name, mask_number),
    "child": (mask_name, mask_number, mask_day),
    "named_relative": (mask_name,),
    "text": (mask_name,),
}


def masked(kind: str, place: int, value: str) -> str:
    """The value of the kind's column at that place as it may be shown; hidden where the kind is not known here."""
    masks = _MASKS.get(kind, ())
    return masks[place](value) if place < len(masks) else HIDDEN


def side_by_side(kind: str, left: Values, right: Values, *, reveal: bool, empty: str) -> tuple[str, str]:
    """One value of each side, like beside like: of the first column that both fill, else of the first that each has.

    `left` and `right` are in the order of the comparison's columns. Masked unless `reveal`; `empty` where a side
    has nothing.
    """
    both = [place for place, pair in enumerate(zip(left, right, strict=True)) if None not in pair]
    return (
        _one(kind, left, both[:1], reveal, empty),
        _one(kind, right, both[:1], reveal, empty),
    )


def _one(kind: str, values: Values, shared: list[int], reveal: bool, empty: str) -> str:
    place = next(iter(shared or [place for place, value in enumerate(values) if value is not None]), 0)
    value = values[place] if values else None
    if value is None:
        return empty
    return value if reveal else masked(kind, place, value)
