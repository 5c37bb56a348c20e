"""What commands have in common: the options of a site, a date, a language, and how a result is told."""

import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from flows import status


class Lang(StrEnum):
    """The languages that people are spoken to in."""

    zh = "zh"
    en = "en"

    @property
    def word(self) -> Literal["zh", "en"]:
        """The plain word."""
        return "en" if self is Lang.en else "zh"


def day(text: str) -> date:
    """A date as people type it; a sentence where it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a date; write it as 2025-06-02") from None


Site = Annotated[Path, typer.Option("--site", help="the site's site.toml", dir_okay=False)]
Day = Annotated[date, typer.Option("--date", parser=day, metavar="DATE", help="business date, e.g. 2025-06-02")]
From = Annotated[date, typer.Option("--from", parser=day, metavar="DATE", help="first business date")]
To = Annotated[date, typer.Option("--to", parser=day, metavar="DATE", help="last business date, included")]
AsJson = Annotated[bool, typer.Option("--json", help="the result as one JSON object on standard output")]
Language = Annotated[Lang, typer.Option("--lang", help="language of the messages")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="the account or office that records; never a family")]
Recorded = Annotated[
    date,
    typer.Option("--date", parser=day, metavar="DATE", help="business date on which it is recorded, e.g. 2025-06-02"),
]


def told(result: Any, as_json: bool, lang: Lang) -> None:
    """A result has `to_json()`, and `to_text(lang)` for people."""
    if as_json:
        print(json.dumps(result.to_json(), ensure_ascii=False, default=str))  # noqa: T201
    else:
        print(result.to_text(lang.value))  # noqa: T201
    finish(getattr(result, "exit_status", status.DONE))


def finish(code: int) -> None:
    """Leave with that status; 0 goes on to the end."""
    if code != status.DONE:
        raise typer.Exit(code)
