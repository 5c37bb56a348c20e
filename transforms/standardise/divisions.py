"""Administrative divisions: what a code means today. Codes inside identity numbers are never mapped."""

from functools import cache
from importlib.resources import files

import pyarrow as pa

from transforms.pages import read_page
from transforms.standardise.columns import map_distinct


@cache
def replaced_codes() -> dict[str, str]:
    """Old six-digit code → the code of that place today, followed to its end."""
    rows = [line.split("\t") for line in _page("divisions.tsv").splitlines() if not line.startswith("#")]
    direct = {code: after for code, after, *_ in rows} | {row["code"]: row["today"] for row in _divided_or_joined()}
    return {code: _follow(code, direct) for code in direct}


@cache
def county_stems() -> tuple[str, ...]:
    """The names in divisions.yaml, of old and of today, without 市, 区 or 县."""
    names = {row[part] for row in _divided_or_joined() for part in ("name", "now")}
    return tuple(sorted({name[:-1] for name in names if len(name) > 2}))


def _divided_or_joined() -> list[dict[str, str]]:
    found: list[dict[str, str]] = read_page(_page("divisions.yaml"))
    return found


def _page(name: str) -> str:
    return files("transforms.standardise").joinpath(name).read_text("utf-8")


def _follow(code: str, direct: dict[str, str]) -> str:
    seen = {code}
    while code in direct and direct[code] not in seen:
        code = direct[code]
        seen.add(code)
    return code


def division_today(codes: pa.Array) -> pa.Array:
    """The six digits of today's county for codes of six, nine or twelve digits."""
    today = replaced_codes()
    return map_distinct(codes, lambda code: today.get(code[:6], code[:6]), pa.string())


def township_today(codes: pa.Array) -> pa.Array:
    """The nine digits of the township, its county as today's; null for a code of a whole county.

    The townships of the replaced counties kept their own three digits.
    """
    today = replaced_codes()

    def township(code: str) -> str | None:
        if len(code) < 9 or code[6:9] == "000":
            return None
        return today.get(code[:6], code[:6]) + code[6:9]

    return map_distinct(codes, township, pa.string())
