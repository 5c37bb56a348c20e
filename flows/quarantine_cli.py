"""The commands `nuanxin quarantine …`: what is kept out of the house, as a place to work."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.options import AsJson, By, Lang, Language, Recorded, Site, day, told
from flows.status import WrongUse
from flows.words import word

quarantine_app = typer.Typer(
    no_args_is_help=True,
    help="Refused rows and blocked deliveries: whose move it is, and what people decide. Nothing is ever deleted.",
    epilog="A decision is recorded at once and acted on by the next night with a date of --date or later.",
)
Id = Annotated[str, typer.Argument(metavar="ID", help="Q…, as `quarantine list` shows it")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="rows (Q…) or, to dismiss or reopen, deliveries (D…)")
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="why; no names, no numbers of persons")]
Feed = Annotated[str | None, typer.Option("--feed", help="only this feed")]
Agency = Annotated[str | None, typer.Option("--agency", help="only this agency, e.g. civil_affairs")]
Reason = Annotated[str | None, typer.Option("--reason", metavar="CODE", help="only this reason, e.g. key_conflict")]
Of = Annotated[str | None, typer.Option("--delivery", help="only this delivery: its file's name, or D…")]
Sure = Annotated[bool, typer.Option("--yes", help="with a filter: record; without it only the counts are shown")]


@quarantine_app.command("list")
def quarantine_list(
    site: Site,
    feed: Feed = None,
    agency: Agency = None,
    status: Annotated[
        str | None, typer.Option("--status", help="open | released | dismissed; default: open, `all` for every row")
    ] = "open",
    reason: Reason = None,
    delivery: Of = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Count what is refused by agency, feed, reason and column, and list rows and blocked deliveries behind it."""
    from flows.quarantine_desk import Choice
    from flows.quarantine_list import list_quarantine

    if status not in ("open", "released", "dismissed", "all"):
        raise typer.BadParameter(f"--status {status!r}; valid: open, released, dismissed, all")
    choice = Choice(feed, agency, None if status == "all" else status, reason, delivery)
    told(list_quarantine(site, choice, lang.word), as_json, lang)


@quarantine_app.command("show")
def quarantine_show(
    site: Site,
    quarantine_id: Id,
    reveal: Annotated[bool, typer.Option("--reveal", help="show the cells unmasked; who looked is recorded")] = False,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="with --reveal: why")] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="with --reveal: who looks")] = "",
    on: Annotated[
        date | None, typer.Option("--date", parser=day, metavar="DATE", help="with --reveal: the business date")
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Show one refused row: where it stands, why, what is valid, and every decision on it. Cells are masked."""
    from flows.quarantine_list import show_refused

    if reveal and on is None:
        raise WrongUse(word("quarantine.fault.date_of_look", lang.word))
    look = (because, by, on) if reveal and on is not None else None
    told(show_refused(site, quarantine_id, look, lang.word), as_json, lang)


@quarantine_app.command("fix")
def quarantine_fix(
    site: Site,
    quarantine_id: Id,
    cells: Annotated[
        list[str], typer.Option("--set", metavar="COLUMN=VALUE", help="a cell put right; COLUMN=- reads it from stdin")
    ],
    because: Because,
    by: By,
    on: Recorded,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Put cells of a refused row right; it is tried at once, and told where it would still be refused.

    The value goes to the encrypted lake. With COLUMN=- it is read from standard input, a line each, so that it stands
    in no history of the shell.
    """
    from flows.quarantine_decide import Said, fix

    told(fix(site, quarantine_id, _cells(cells, lang), Said(because, by, on), lang.word), as_json, lang)


@quarantine_app.command("release")
def quarantine_release(
    site: Site,
    because: Because,
    by: By,
    on: Recorded,
    ids: Ids = None,
    feed: Feed = None,
    agency: Agency = None,
    reason: Reason = None,
    delivery: Of = None,
    is_sure: Sure = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Take refused rows as they are. What cannot be read is told at once, and nothing is recorded."""
    from flows.quarantine_decide import Said, release
    from flows.quarantine_desk import Choice

    choice = None if ids else Choice(feed, agency, "open", reason, delivery)
    told(release(site, ids or [], choice, Said(because, by, on), lang.word, is_sure), as_json, lang)


@quarantine_app.command("dismiss")
def quarantine_dismiss(
    site: Site,
    because: Because,
    by: By,
    on: Recorded,
    ids: Ids = None,
    feed: Feed = None,
    agency: Agency = None,
    reason: Reason = None,
    delivery: Of = None,
    is_sure: Sure = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Leave refused rows or blocked deliveries out. They stay, and `reopen` takes it back."""
    from flows.quarantine_decide import Said, dismiss
    from flows.quarantine_desk import Choice

    choice = None if ids else Choice(feed, agency, "open", reason, delivery)
    told(dismiss(site, ids or [], choice, Said(because, by, on), lang.word, is_sure), as_json, lang)


@quarantine_app.command("reopen")
def quarantine_reopen(
    site: Site,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="rows (Q…) or deliveries (D…)")],
    because: Because,
    by: By,
    on: Recorded,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Open again what was decided, so that it can be decided otherwise."""
    from flows.quarantine_decide import Said, reopen

    told(reopen(site, ids, Said(because, by, on), lang.word), as_json, lang)


@quarantine_app.command("map")
def quarantine_map(
    site: Site,
    feed: Annotated[str, typer.Option("--feed", help="the feed")],
    column: Annotated[str, typer.Option("--column", help="a column with a vocabulary: codes, sex, divisions")],
    from_value: Annotated[str, typer.Option("--from", metavar="WORD", help="as the agency writes it")],
    because: Because,
    by: By,
    on: Recorded,
    to_value: Annotated[str | None, typer.Option("--to", metavar="WORD", help="as agreed")] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="read the word as it stands again, from now on")] = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Read one word as another: in every open row refused for it, and in deliveries to come, until revoked."""
    from flows.quarantine_decide import Said
    from flows.quarantine_map import map_value

    if revoke == (to_value is not None):
        raise WrongUse(word("quarantine.fault.to_or_revoke", lang.word))
    told(map_value(site, feed, column, (from_value, to_value), Said(because, by, on), lang.word), as_json, lang)


@quarantine_app.command("replay")
def quarantine_replay(
    site: Site,
    delivery_id: Annotated[str, typer.Argument(metavar="DELIVERY", help="D…, as `quarantine list` shows it")],
    because: Because,
    by: By,
    on: Recorded,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="REASON", help="a reason of the block that you accept, e.g. volume_shrunken"),
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Have the next night read a blocked delivery again, from the bytes as received. It is tried at once."""
    from flows.quarantine_decide import Said, replay

    told(replay(site, delivery_id, accept or [], Said(because, by, on), lang.word), as_json, lang)


@quarantine_app.command("export")
def quarantine_export(
    site: Site,
    agency: Annotated[str, typer.Option("--agency", help="whose rows, e.g. civil_affairs")],
    out: Annotated[Path, typer.Option("--out", help="the file for the agency, .csv or .xlsx")],
    feed: Feed = None,
    reason: Reason = None,
    delivery: Of = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Write what an agency has to mend: delivery, row, masked key, column, reason, what is valid. No person in it."""
    from flows.quarantine_desk import Choice
    from flows.quarantine_export import export_quarantine

    told(export_quarantine(site, Choice(feed, agency, "open", reason, delivery), out, lang.word), as_json, lang)


def _cells(given: list[str], lang: Lang) -> dict[str, str]:
    """Column → text; WrongUse where one has no equals sign or stands twice. Nothing of a value is quoted."""
    cells: dict[str, str] = {}
    for each in given:
        column, is_set, text = each.partition("=")
        if not is_set or not column.strip() or column.strip() in cells:
            raise WrongUse(word("quarantine.fault.set", lang.word))
        cells[column.strip()] = sys.stdin.readline().rstrip("\r\n") if text == "-" else text
    return cells
