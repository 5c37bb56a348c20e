"""The command `nuanxin`. Thin: each command reads its arguments, calls one function, speaks, and exits.

Results go to standard output, everything else to standard error. Exit status: 0 done; 1 a fault of ours;
2 wrong use or configuration; 3 done, but a configured feed was blocked, stale or never delivered; 4 another run
holds the site.
"""

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from flows import status
from flows.options import AsJson, By, Day, From, Lang, Language, Recorded, Site, To
from flows.options import day as _day
from flows.options import finish as _finish
from flows.options import told as _print
from flows.quarantine_cli import quarantine_app

app = typer.Typer(
    name="nuanxin",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="暖心 finds families who lost their only child, and tells the case worker the next morning.",
    epilog="Start with: nuanxin simulate --out run/district --persons 2000 --from 2025-06-02 --to 2025-06-05, "
    "then nuanxin backfill --site run/district/site.toml --from 2025-06-02 --to 2025-06-05",
)
policies_app = typer.Typer(no_args_is_help=True, help="The policy files: check them, list what is in force.")
app.add_typer(policies_app, name="policies")
visits_app = typer.Typer(no_args_is_help=True, help="Visits: who waits for one, and what case workers found.")
app.add_typer(visits_app, name="visits")
payments_app = typer.Typer(no_args_is_help=True, help="Payments: the list that goes to the payers, and what was paid.")
app.add_typer(payments_app, name="payments")
app.add_typer(quarantine_app, name="quarantine")


class Engine(StrEnum):
    """Where pairs are made and compared."""

    local = "local"
    spark = "spark"


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="a new or empty folder", file_okay=False)],
    first: From,
    last: To,
    persons: Annotated[int, typer.Option("--persons", min=200, help="how many persons live in the district")] = 20000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="the same seed makes the same district")] = 1,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Make a whole invented district: site.toml, daily deliveries of every feed, and the truth beside them."""
    from flows.commands import simulate_site

    _print(simulate_site(out, persons, first, last, seed), as_json, lang)


@app.command()
def nightly(site: Site, day: Day, as_json: AsJson = False, lang: Language = Lang.zh) -> None:
    """Run one business date, every stage. A repeated date changes nothing."""
    from flows.commands import run_nights

    _finish(run_nights(site, [day], as_json=as_json, lang=lang.word))


@app.command()
def backfill(
    site: Site,
    first: From,
    last: To,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what each night would read")] = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Run several business dates, oldest first; a date that is done is passed by."""
    from flows.commands import dates_between, plan_nights, run_nights

    days = dates_between(first, last)
    if dry_run:
        _print(plan_nights(site, days), as_json, lang)
    else:
        _finish(run_nights(site, days, as_json=as_json, lang=lang.word))


_EXPLAIN_EXAMPLES = """Examples:

nuanxin explain --site site.toml A-20250602-5KAF9J --- an alert

nuanxin explain --site site.toml V069eb257a0d876d3 --- a verdict, also a no or an unknown

nuanxin explain --site site.toml --household H795bb1e252f58367 --- every verdict of a household, a line each

nuanxin explain --site site.toml --household H795bb1e252f58367 --benefit special-aid-disabled --- those in full

nuanxin explain --site site.toml V069eb257a0d876d3 --as-of 2025-06-03 --- as that night knew it

The numbers stand in the views v_alerts, v_determinations and v_households."""


@app.command(epilog=_EXPLAIN_EXAMPLES)
def explain(
    site: Site,
    item_id: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="the number of an alert (A-…) or of a verdict (V and 16 hex digits)"),
    ] = None,
    latest: Annotated[bool, typer.Option("--latest", help="the alert that was raised last")] = False,
    household: Annotated[
        str | None, typer.Option("--household", metavar="H…", help="every verdict of this household, a line each")
    ] = None,
    benefit: Annotated[
        str | None, typer.Option("--benefit", metavar="NAME", help="with --household: those of this benefit, in full")
    ] = None,
    clause: Annotated[
        str | None, typer.Option("--clause", metavar="NAME", help="with --household: those of this clause, in full")
    ] = None,
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=_day, metavar="DATE", help="as the night of that date knew it")
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="show names and numbers unmasked")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="draw there why its mentions are one person")] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Explain a verdict - yes, no or unknown: clause, what would settle it, who is who, back to the delivered row.

    Of an unknown it says for each condition what would settle it and whose move that is; of a no what decided and what
    would change it. It ends with the receipt: the policy, the facts and the code by which it was judged.
    """
    from flows.explaining import explain as explain_verdicts
    from flows.explaining_asked import Asked

    asked = Asked(item_id, latest, household, benefit, clause, as_of)
    _print(explain_verdicts(site, asked, reveal=reveal, lang=lang.word, svg=svg), as_json, lang)


@app.command()
def coverage(
    site: Site,
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=_day, metavar="DATE", help="as the night of that date knew it")
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Show what each feed covers: months and places seen, what its agency declares, and where the two differ.

    An agency's declaration stands in site.toml: [feeds.births.coverage] with places, from and until. Where deliveries
    contradict it, and outside it, "no later birth" is unknown.
    """
    from flows.coverage_shown import show_coverage

    _print(show_coverage(site, as_of, lang.word), as_json, lang)


@app.command()
def checks(
    site: Site,
    check_id: Annotated[
        str | None, typer.Argument(metavar="[CHECK]", help="one check: its sentence, and the records behind it")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="also the checks that passed")] = False,
    as_of: Annotated[
        date | None, typer.Option("--as-of", parser=_day, metavar="DATE", help="of the night of that date")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="the records behind the check as a CSV")] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="show record keys unmasked")] = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """List what the checks of a night found and which could not run; with a CHECK the records behind it.

    Records are kept behind the checks between feeds, such as death_certificates.between.death_dates_differ, each
    under an opaque reference that may stand in a letter. docs/quality-checks.md explains every check.
    """
    from flows.checks_shown import show_checks

    told = show_checks(site, check_id, every=every, as_of=as_of, out=out, reveal=reveal, lang=lang.word)
    _print(told, as_json, lang)


@app.command()
def serve(site: Site) -> None:
    """Schedule the nightly flow: every day at 02:00 Asia/Shanghai, until interrupted."""
    from flows.schedule import serve_nightly

    serve_nightly(site)


@policies_app.command("check")
def policies_check(
    documents: Annotated[
        Path | None,
        typer.Option(
            "--documents", help="a folder with the documents' texts: look up every place and figure", metavar="DIR"
        ),
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Validate every policy file and run its situations."""
    from flows.policies import check_policies

    _print(check_policies(documents), as_json, lang)


@policies_app.command("list")
def policies_list(
    day: Annotated[
        date | None,
        typer.Option("--date", parser=_day, metavar="DATE", help="in force on that day; default: all"),
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """List documents and clauses with their dates in force, last day included."""
    from flows.policies import list_policies

    _print(list_policies(day), as_json, lang)


@policies_app.command("calendar")
def policies_calendar(
    first: Annotated[date, typer.Option("--from", parser=_day, metavar="DATE", help="the first day to be shown")],
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="how many months from there")] = 12,
    site: Annotated[
        Path | None, typer.Option("--site", help="only the policies of this site.toml; default: all", dir_okay=False)
    ] = None,
    ics: Annotated[
        Path | None, typer.Option("--ics", help="write it there for calendar programs, e.g. calendar.ics")
    ] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Show the dates ahead: deadlines of duties, ends of documents, days of paying."""
    from flows.policies_calendar import show_calendar

    _print(show_calendar(first, months, site, ics, lang.word), as_json, lang)


@app.command()
def link(
    left: Annotated[Path, typer.Option("--left", help="csv or parquet: the records to be found")],
    right: Annotated[
        Path, typer.Option("--right", help="csv, parquet, or an index of it: the register, without duplicates")
    ],
    model: Annotated[Path, typer.Option("--model", help="the model's YAML page; docs/linkage-models.md tells how")],
    out: Annotated[Path, typer.Option("--out", help="where the pairs go, .parquet or .csv")],
    left_id: Annotated[str, typer.Option("--left-id", help="the column that tells its rows apart")] = "id",
    right_id: Annotated[str, typer.Option("--right-id", help="the same of the right table")] = "id",
    train: Annotated[bool, typer.Option("--train", help="learn the probabilities from these tables first")] = False,
    save: Annotated[Path | None, typer.Option("--save", help="keep the trained model there")] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--evaluate", help="true pairs (left_id, right_id): tell how good; with --train, calibrate"),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="the model, its training and how well it holds")
    ] = None,
    viewer: Annotated[Path | None, typer.Option("--viewer", help="the patterns found, with masked examples")] = None,
    save_index: Annotated[
        Path | None, typer.Option("--save-index", help="keep the register's index there (.index), for the next nights")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="how many threads compare")] = 2,
    engine: Annotated[Engine, typer.Option("--engine", help="where the work is done")] = Engine.local,
    seed: Annotated[int, typer.Option("--seed", min=0, help="for the sample that is trained on")] = 1,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """The linkage engine alone: which rows of the left table are about which rows of the right one."""
    from flows import edge

    edge.prepare_libraries()
    if engine is Engine.local:
        edge.without_pandas()
    from flows.linking import link_files
    from flows.linking_input import Asked

    asked = Asked(left, right, left_id, right_id, model, out, train, save, threads, seed, truth,
                  "spark" if engine is Engine.spark else "local", report, viewer, save_index, lang.word)  # fmt: skip
    _print(link_files(asked), as_json, lang)


@policies_app.command("coverage")
def policies_coverage(as_json: AsJson = False, lang: Language = Lang.zh) -> None:
    """Print every row of the documents with its clause, what is done with it, and the situations that ask for it."""
    from flows.policies import law_coverage

    _print(law_coverage(), as_json, lang)


@policies_app.command("schema")
def policies_schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from transforms.eligibility.policy import policy_schema

    typer.echo(policy_schema(), nl=False)


@policies_app.command("words")
def policies_words(as_json: AsJson = False, lang: Language = Lang.zh) -> None:
    """List the words and functions that the conditions of a policy may use."""
    from flows.policies import list_words

    _print(list_words(), as_json, lang)


AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", parser=_day, metavar="DATE", help="what the nights up to then knew; default: the last night"
    ),
]
OutCsv = Annotated[Path | None, typer.Option("--out", help="each row as a CSV, under opaque ids")]


@policies_app.command("simulate")
def policies_simulate(
    site: Site,
    change: Annotated[Path, typer.Option("--change", help="the change: a YAML file, see docs/policy-officer.md")],
    as_of: AsOf = None,
    out: OutCsv = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """What if: another amount, age, date or document - who gains, who loses, what it costs. Nothing is written.

    A change file names a place in a policy and its new value, for example

    changes: [{policy: zhangdian-2020-134, set: parameters.child_bearing_age.value, to: 45}]
    """
    from flows.policies_whatif import simulate_change

    _print(simulate_change(site, change, as_of, out, lang.word), as_json, lang)


@policies_app.command("forecast")
def policies_forecast(
    site: Site,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="how far ahead")] = 12,
    as_of: AsOf = None,
    out: OutCsv = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Who crosses an age or a term in the months ahead, if nothing else happens."""
    from flows.policies_ahead import show_forecast

    _print(show_forecast(site, as_of, months, out, lang.word), as_json, lang)


Benefit = Annotated[str | None, typer.Option("--benefit", help="one benefit only")]
Township = Annotated[str | None, typer.Option("--township", help="one township only, its nine digits")]


@policies_app.command("roster")
def policies_roster(
    site: Site,
    benefit: Benefit = None,
    township: Township = None,
    as_of: AsOf = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="list who is unknown, not who is owed it")] = False,
    out: OutCsv = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Who is owed a service, by benefit and township, and how many families are unknown and why."""
    from flows.rosters import show_list

    told = show_list(
        site, "roster", benefit=benefit, township=township, as_of=as_of, out=out, lang=lang.word, unknown=unknown
    )
    _print(told, as_json, lang)


@policies_app.command("prompts")
def policies_prompts(
    site: Site,
    benefit: Benefit = None,
    township: Township = None,
    as_of: AsOf = None,
    out: OutCsv = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Who may qualify, and what has to be asked before a person can decide."""
    from flows.rosters import show_list

    told = show_list(site, "prompt", benefit=benefit, township=township, as_of=as_of, out=out, lang=lang.word)
    _print(told, as_json, lang)


# -- what people record, and the lists that they work from ------------------------------------------------------------


@visits_app.command("list")
def visits_list(
    site: Site,
    out: Annotated[Path | None, typer.Option("--out", help="write it there, .csv or .xlsx")] = None,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """List the families that wait for a visit. With outcome and visited_on added, `visits record` takes the file."""
    from flows.register_lists import list_visits

    _print(list_visits(site, out, lang.word), as_json, lang)


@visits_app.command("record")
def visits_record(
    site: Site,
    file: Annotated[
        Path,
        typer.Option(
            "--file",
            help="csv (UTF-8) or xlsx: household_id, person_id, event_type, outcome, visited_on (, benefit_id)",
        ),
    ],
    day: Recorded,
    by: By,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Record what visits found, the whole file or nothing. Money moves only after a visit has confirmed the case.

    Headers may be Chinese. outcome is confirmed (属实) or refuted (不属实); or made (已走访), with benefit_id, of one
    that a document owes the family: `policies roster --benefit … --out` lists whom. The same file again adds nothing.
    Of a case the latest visit counts.
    """
    from flows.registers import record_visits

    _print(record_visits(site, file, day, by, lang.word), as_json, lang)


@payments_app.command("list")
def payments_list(
    site: Site,
    day: Annotated[date, typer.Option("--date", parser=_day, metavar="DATE", help="as known on that business date")],
    out: Annotated[Path, typer.Option("--out", help="the list, .csv or .xlsx")],
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Write the list to pay: what is payable or to be recovered, with payee, period, amount, and each payer's share."""
    from flows.register_lists import list_payments

    _print(list_payments(site, day, out, lang.word), as_json, lang)


@payments_app.command("record")
def payments_record(
    site: Site,
    file: Annotated[
        Path,
        typer.Option(
            "--file", help="csv (UTF-8) or xlsx: entitlement_id, amount_yuan, paid_on, reference_no, or in Chinese"
        ),
    ],
    day: Recorded,
    by: By,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Record what was paid, the whole file or nothing. A recovery is negative. The same file again adds nothing."""
    from flows.registers import record_payments

    _print(record_payments(site, file, day, by, lang.word), as_json, lang)


# -- what goes to the auditor --------------------------------------------------------------------------------------

_REPORT_EXAMPLES = """Examples:

nuanxin report --site site.toml --date 2025-06-04 --out pack-2025-06-04 --- the pack of that night, as it knew it

nuanxin report --verify pack-2025-06-04 --key site-key.pem --- on any machine, without the site

nuanxin report --site site.toml --show-key --- the public key, to be given to the auditor by another way"""


@app.command(epilog=_REPORT_EXAMPLES)
def report(
    site: Annotated[Path | None, typer.Option("--site", help="the site's site.toml", dir_okay=False)] = None,
    day: Annotated[
        date | None, typer.Option("--date", parser=_day, metavar="DATE", help="a published business date")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="a new folder, or a pack to be replaced")] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", metavar="DIR", help="verify a pack instead of making one")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="with --verify: the site's public key, received apart")
    ] = None,
    show_key: Annotated[bool, typer.Option("--show-key", help="show the site's public key")] = False,
    as_json: AsJson = False,
    lang: Language = Lang.zh,
) -> None:
    """Make the auditor's pack of a night, one signed folder, readable offline, counts and no persons; or verify one.

    index.html and index.en.html have everything on one page; beside them lie tables, lineage, contracts, hashes and the
    signature. The same night gives the same bytes, also when it is made later.
    """
    from flows.pack import command

    if verify is not None and (site, day, out, show_key) == (None, None, None, False):
        _print(command.verify(verify, key, lang.word), as_json, lang)
    elif site is not None and show_key and (verify, key, day, out) == (None, None, None, None):
        _print(command.show_key(site, lang.word), as_json, lang)
    elif site is not None and day is not None and out is not None and (verify, key, show_key) == (None, None, False):
        _print(command.make_pack(site, day, out, lang.word), as_json, lang)
    else:
        raise status.WrongUse(command.usage(lang.word))


# -- what the contract names and is not built yet says so, instead of being an unknown command ----------------------


def _not_there_yet(name: str, instead: str) -> None:
    raise status.WrongUse(f"nuanxin {name} is not built yet. {instead}")


_ANY = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=_ANY)
def console() -> None:
    """(not built yet) The web console."""
    _not_there_yet("console", "The published views of the warehouse and `nuanxin explain` show every alert.")


# -- speaking and leaving -------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command and leave with the right status; whatever happens, a reader gets a sentence."""
    lang: Literal["zh", "en"] = "en" if "en" in sys.argv else "zh"
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as fault:
        from flows.errors import exit_status
        from flows.sentences import sentence

        print(sentence(fault, lang), file=sys.stderr)  # noqa: T201
        sys.exit(exit_status(fault))
