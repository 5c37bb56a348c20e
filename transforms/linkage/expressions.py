"""The words of a blocking rule: a column, or something made of it, in the SQL of the engine that makes the pairs."""

import re
from collections.abc import Iterator

EXPRESSIONS = "column, left(column, n), from(column, n), coalesce(column, column), rare(column)"
RARE = "rare__"  # prefix of the column that holds a value only where it is rare

_CALL = re.compile(r"(left|from|coalesce|rare)\((.+)\)")
# A column may be called anything of letters of any script, digits, _ - . and spaces; it is quoted in the SQL.
_NAME = r"[^\W\d](?:[\w .-]*[\w.-])?"
_COLUMN = re.compile(_NAME)
_RARE = re.compile(rf"rare\(\s*({_NAME})\s*\)")


def is_expression(text: str) -> bool:
    """Whether the text can be read."""
    try:
        to_sql(text)
    except ValueError:
        return False
    return True


def columns_of(text: str) -> set[str]:
    """The columns that an expression reads."""
    found = _CALL.fullmatch(text.strip())
    if not found:
        return {text.strip()}
    parts = _arguments(found[2])
    return columns_of(parts[0]) if found[1] in ("left", "from") else set().union(*map(columns_of, parts))


def rare_columns(text: str) -> set[str]:
    """The columns of which it takes the rare values only."""
    return set(_RARE.findall(text))


def to_sql(text: str, quote: str = '"') -> str:
    """The expression in SQL, null where there is nothing to compare. `quote`: `"` for DuckDB, a backtick for Spark.

    Whatever is cut or chosen from is text first. Raises ValueError where it cannot be read.
    """
    text = text.strip()
    if _COLUMN.fullmatch(text):
        return f"{quote}{text}{quote}"
    found = _CALL.fullmatch(text)
    if not found:
        raise ValueError(text)
    verb, parts = found[1], _arguments(found[2])
    if verb == "rare" and len(parts) == 1 and _COLUMN.fullmatch(parts[0]):
        return f"{quote}{RARE}{parts[0]}{quote}"
    if verb == "coalesce" and len(parts) > 1:
        return f"coalesce({', '.join(_as_text(part, quote) for part in parts)})"
    if verb in ("left", "from") and len(parts) == 2 and parts[1].isdecimal() and 0 < int(parts[1]) < 100:
        taken = f"1, {parts[1]}" if verb == "left" else parts[1]
        return f"nullif(substring({_as_text(parts[0], quote)}, {taken}), '')"
    raise ValueError(text)


def _as_text(part: str, quote: str) -> str:
    # A date has no first four characters before it is written out.
    return f"cast({to_sql(part, quote)} as string)"


def _arguments(text: str) -> list[str]:
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    # At the commas outside brackets.
    depth, begun = 0, 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            yield text[begun:place].strip()
            begun = place + 1
    yield text[begun:].strip()
