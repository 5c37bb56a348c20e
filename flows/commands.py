"""What each command does, between its arguments and its words."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from flows import edge
from flows.status import DONE, WITH_GAPS, WRONG_USE, WrongUse
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
    text = "\n".join(lines)
    return Told({"nights": planned}, {"zh": text, "en": text})


# -- policies -----------------------------------------------------------------------------------------------------


def _policy_folders() -> Iterator[Path]:
    return (page.parent for page in sorted(edge.POLICIES.glob("*/policy.yaml")))


def check_policies() -> Told:
    """Read every policy file and run its situations; PolicyFaults with every mistake, status 2."""
    from transforms.eligibility.policy import load_policy
    from transforms.eligibility.situations import check_situations

    found: dict[str, Any] = {}
    for folder in _policy_folders():
        policy = load_policy((folder / "policy.yaml").read_text("utf-8"), f"policies/{folder.name}/policy.yaml")
        outcomes = check_situations(folder)
        wrong = {each.situation_id: list(each.differences) for each in outcomes if each.differences}
        found[folder.name] = {"clauses": len(policy.clauses), "situations": len(outcomes), "failed": wrong}
    status = WRONG_USE if any(page["failed"] for page in found.values()) else DONE
    return Told({"policies": found}, {lang: _check_text(found, lang) for lang in ("zh", "en")}, status)


def _check_text(found: dict[str, Any], lang: str) -> str:
    lines = []
    for name, page in found.items():
        lines.append(word("policy.checked", lang).format(name=name, **page | {"failed": len(page["failed"])}))
        lines += [f"  ✗ {situation}: {'; '.join(told)}" for situation, told in page["failed"].items()]
    return "\n".join(lines)


def list_words() -> Told:
    """The words and functions that the conditions of a policy may use."""
    from transforms.eligibility.expressions import FUNCTIONS
    from transforms.eligibility.policy import load_policy
    from transforms.eligibility.vocabulary import words_of

    folder = next(_policy_folders())
    policy = load_policy((folder / "policy.yaml").read_text("utf-8"), folder.name)
    words = words_of(policy.clauses[0], policy)
    page: dict[str, dict[str, Any]] = {
        "words": {name: {"type": each.type, "zh": each.zh, "en": each.en} for name, each in words.items()},
        "functions": {
            name: {"takes": list(each.takes), "zh": each.zh, "en": each.en} for name, each in FUNCTIONS.items()
        },
    }
    return Told(page, {lang: _words_text(page, lang) for lang in ("zh", "en")})


def _words_text(page: dict[str, dict[str, Any]], lang: str) -> str:
    from rich.cells import set_cell_size  # Chinese is twice as wide

    types = {name: word(f"policy.type.{name}", lang) for name in ("yes_no", "number", "date", "text")}
    words = [(name, types[each["type"]], each[lang]) for name, each in page["words"].items()]
    functions = [(f"{name}({', '.join(types[kind] for kind in each['takes'])})", "", each[lang])
                 for name, each in page["functions"].items()]  # fmt: skip
    lists = (("policy.words", words), ("policy.functions", functions))
    return "\n".join(
        line
        for title, rows in lists
        for line in [word(title, lang)]
        + [f"  {set_cell_size(name, 34)} {set_cell_size(kind, 6)} {says}" for name, kind, says in rows]
    )


def list_policies(day: date | None) -> Told:
    """Documents and clauses, those in force on a day or all."""
    from transforms.eligibility.policy import load_policy

    pages = []
    for folder in _policy_folders():
        policy = load_policy((folder / "policy.yaml").read_text("utf-8"), f"policies/{folder.name}/policy.yaml")
        last = policy.in_force.until
        if day is None or (policy.in_force.from_ <= day and (last is None or day <= last)):
            pages.append(policy.model_dump(mode="json", by_alias=True))
    return Told({"policies": pages}, {lang: _listing(pages, lang) for lang in ("zh", "en")})


def _listing(pages: list[dict[str, Any]], lang: str) -> str:
    lines = []
    for page in pages:
        dates = page["in_force"]
        lines.append(f"{page['id']}  {page['document']['number']}  {dates['from']} – {dates['until'] or '…'}")
        lines += [f"  {each['place']}  {each['benefit']['id']}  {each['gist'][lang]}" for each in page["clauses"]]
    return "\n".join(lines) or word("policy.none", lang)
