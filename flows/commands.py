"""What each command does, between its arguments and its words."""

from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from flows import edge
from flows.status import DONE, WITH_GAPS, WrongUse
from flows.words import word


@dataclass(frozen=True)
class Told:
    """A result for people and for programs."""

    page: dict[str, Any]
    texts: dict[str, str]
    exit_status: int = DONE

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        return self.page

    def to_text(self, lang: str) -> str:
        """In words."""
        return self.texts[lang]


def dates_between(first: date, last: date) -> list[date]:
    """Every date from first to last, both included; WrongUse when they stand the wrong way round."""
    if last < first:
        raise WrongUse(f"--from {first} lies after --to {last}; give the earlier date first")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def simulate_site(out: Path, persons: int, first: date, last: date, seed: int) -> Told:
    """Make a district; WrongUse when the folder already holds something."""
    from connectors.simulator import simulate

    dates_between(first, last)
    if out.exists() and any(out.iterdir()):
        raise WrongUse(f"--out {out} is not empty; name a new folder, or remove this one first")
    made = simulate(out, persons=persons, first=first, last=last, seed=seed)
    page = asdict(made) | {"site": str(made.site), "rows": dict(made.rows), "all_rows": sum(made.rows.values())}
    texts = {lang: word("simulated", lang).format(**page) for lang in ("zh", "en")}
    return Told(page, texts)


# -- nights -------------------------------------------------------------------------------------------------------


def run_nights(path: Path, days: list[date], *, as_json: bool, lang: Literal["zh", "en"]) -> int:
    """Run the nights through Prefect, oldest first; 3 when a feed of the last one had a gap."""
    from flows import observing, terminal
    from flows.saying import print_json
    from flows.wiring import load_site, policies_of

    site = load_site(path)
    policies_of(site)  # a night never starts on a policy that does not check
    draws = edge.is_terminal() or len(days) > 1
    table = terminal.NightsTable(lang, len(days)) if draws and not as_json else None
    with table.shown() if table else nullcontext(), observing.told(table or observing.Lines()):
        summaries = run_through_prefect(path, days)
    if as_json:
        print_json(summaries if len(days) > 1 else summaries[0])
    else:
        terminal.show_end(summaries[-1], lang)
    return WITH_GAPS if any(each["feeds_without"] for each in summaries) else DONE


def run_through_prefect(path: Path, days: list[date]) -> list[dict[str, Any]]:
    """Great Expectations is imported while Prefect's server starts: both take seconds, neither needs the other."""
    from expectations import warm_up

    edge.prepare_libraries()
    warming = Thread(target=warm_up, daemon=True)
    warming.start()
    from flows.backfill import backfill
    from flows.nightly import nightly

    site, dates = str(path.resolve()), [day.isoformat() for day in days]
    found = [nightly(site, dates[0])] if len(dates) == 1 else backfill(site, dates)
    warming.join()
    return found


def plan_nights(path: Path, days: list[date]) -> Told:
    """What each night would read, without touching anything."""
    from flows.intake import plan
    from flows.wiring import load_site

    site = load_site(path)
    planned = {day.isoformat(): names for day, names in plan(site, days).items()}
    lines = [f"{day}  {len(names)}  {', '.join(names)}" for day, names in planned.items()]
    pulled = {feed: source.connector for feed, source in site.feeds.items() if source.is_pulled}
    texts = {
        lang: "\n".join([*lines, word("plan.pulled", lang).format(feeds=", ".join(pulled))] if pulled else lines)
        for lang in ("zh", "en")
    }
    return Told({"nights": planned, "pulled": pulled}, texts)
