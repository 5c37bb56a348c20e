"""What of a personal value may be shown: enough to talk about it, not enough to know it."""

from collections.abc import Callable

from transforms.feeds.contract import Column

HIDDEN = "***"


def mask_name(name: str) -> str:
    """The first character, the rest as stars: 张* for a name of two."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else name


def mask_number(number: str) -> str:
    """The first four and the last two characters of a long number, the last two of a short one."""
    if len(number) < 11:
        return "*" * max(len(number) - 2, 1) + number[-2:]
    return number[:4] + "*" * (len(number) - 6) + number[-2:]


def mask_day(day: str) -> str:
    """The year of a date of birth."""
    return f"{day[:4]}-**-**" if len(day) >= 4 else HIDDEN


_BY_TYPE: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "id_no": mask_number,
    "disability_no": mask_number,
    "phone": mask_number,
    "date": mask_day,
}


def mask(column: Column, value: str | None) -> str | None:
    """A value as it may be shown without a reason: open columns whole, sensitive ones not at all."""
    if not value or column.sensitivity == "open":
        return value
    if column.sensitivity == "sensitive":
        return HIDDEN
    return _BY_TYPE[column.type](value) if column.type in _BY_TYPE else HIDDEN


def mask_key(value: str) -> str:
    """A record key, which may hold an identity number in one of its parts."""
    return "|".join(mask_number(part) if _holds_number(part) else part for part in value.split("|"))


def _holds_number(part: str) -> bool:
    digits = sum(character.isdigit() for character in part[:18])
    return len(part) in (15, *range(18, 23)) and digits >= 15
