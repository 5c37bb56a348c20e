"""`nuanxin policies`: the rules as data, checked, listed, and held against the documents."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from flows import edge
from flows.commands import Told
from flows.status import DONE, WRONG_USE, WrongUse
from flows.words import word
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.policy_set import load_policies


def _policy(folder: Path) -> Policy:
    return load_policy((folder / "policy.yaml").read_text("utf-8"), f"policies/{folder.name}/policy.yaml")


def _policy_folders() -> Iterator[Path]:
    return (page.parent for page in sorted(edge.POLICIES.glob("*/policy.yaml")))


def all_policies() -> tuple[Policy, ...]:
    """Every policy of policies/, by name; PolicyFaults with every mistake of the first that has one."""
    return tuple(map(_policy, _policy_folders()))


def check_policies(documents: Path | None = None) -> Told:
    """Read every policy file, run its situations, look for a clause without one; PolicyFaults with every mistake.

    `documents`: a folder with the texts, in which every cited place and figure is looked up. Status 2 where anything
    is not as it should be.
    """
    folders = list(_policy_folders())
    load_policies(((each / "policy.yaml").read_text("utf-8"), f"policies/{each.name}/policy.yaml") for each in folders)
    found = {folder.name: _checked(folder, documents) for folder in folders}
    is_wrong = any(page["failed"] or page["without_situation"] or page["not_in_document"] for page in found.values())
    texts = {lang: _check_text(found, lang) for lang in ("zh", "en")}
    return Told({"policies": found}, texts, WRONG_USE if is_wrong else DONE)


def _checked(folder: Path, documents: Path | None) -> dict[str, Any]:
    from transforms.eligibility.citations import citation_faults
    from transforms.eligibility.situations import check_situations, situations_of
    from transforms.pages import read_page

    source, text = f"policies/{folder.name}/policy.yaml", (folder / "policy.yaml").read_text("utf-8")
    policy, page = load_policy(text, source), read_page((folder / "situations.yaml").read_text("utf-8"))
    outcomes = check_situations(folder)
    faults = [] if documents is None else citation_faults(text, source, _document(documents, policy.document.file))
    return {
        "clauses": len(policy.clauses),
        "duties": len(policy.duties),
        "situations": len(outcomes),
        "failed": {each.situation_id: list(each.differences) for each in outcomes if each.differences},
        "without_situation": [clause.id for clause in policy.clauses if not situations_of(clause, page)],
        "not_in_document": {lang: [fault.sentence(lang) for fault in faults] for lang in ("zh", "en") if faults},
    }


def _document(folder: Path, name: str | None) -> str:
    path = folder / (name or "")
    if not path.is_file():
        raise WrongUse(f"--documents {folder}: {name or '–'}: 没有这个文件 / there is no such file")
    return path.read_text("utf-8")


def _check_text(found: dict[str, Any], lang: str) -> str:
    lines = []
    for name, page in found.items():
        lines.append(word("policy.checked", lang).format(name=name, **page | {"failed": len(page["failed"])}))
        lines += [f"  ✗ {situation}: {'; '.join(told)}" for situation, told in page["failed"].items()]
        lines += [f"  ✗ {word('policy.untested', lang).format(clause=clause)}" for clause in page["without_situation"]]
        lines += [f"  ✗ {sentence}" for sentence in page["not_in_document"].get(lang, ())]
    return "\n".join(lines)


def law_coverage() -> Told:
    """Every row of the documents with its clause, file, kind and situations, as the page in docs/ has it."""
    from transforms.eligibility.law_coverage import Encoded, encoded, missing
    from transforms.pages import read_page

    found: list[Encoded] = []
    for folder in _policy_folders():
        found += encoded(_policy(folder), read_page((folder / "situations.yaml").read_text("utf-8")))
    found.sort(key=lambda each: (each.row, each.policy_id, each.entry_id))
    page = {"rows": [asdict(each) for each in found], "missing": missing(found)}
    return Told(page, {lang: _law_text(page, lang) for lang in ("zh", "en")})


_LAW = """# {title}

`nuanxin policies coverage{option}`

| {heads} |
| --- | --- | --- | --- | --- |
{rows}

{missing}
"""


def _law_text(page: dict[str, Any], lang: str) -> str:
    rows = [
        (
            str(each["row"]),
            f"[{each['policy_id']}](../policies/{each['policy_id']}/policy.yaml) {each['place']}",
            each["entry_id"],
            word(f"policy.machine.{each['machine']}", lang),
            _asked_by(each["situations"], lang),
        )
        for each in page["rows"]
    ]
    rest = word("policy.law.missing", lang).format(
        count=len(page["missing"]), rows=", ".join(map(str, page["missing"]))
    )
    return _LAW.format(
        title=word("policy.law.title", lang),
        heads=word("policy.law.heads", lang),
        option="" if lang == "zh" else " --lang en",
        rows="\n".join(f"| {' | '.join(cells)} |" for cells in rows),
        missing=rest if page["missing"] else word("policy.law.whole", lang),
    ).rstrip()


_FEW = 3  # situations that are named


def _asked_by(situations: list[str], lang: str) -> str:
    more = len(situations) - _FEW
    return ", ".join(situations[:_FEW]) + (word("policy.law.more", lang).format(count=more) if more > 0 else "")


def list_words() -> Told:
    """The words and functions that the conditions of a policy may use."""
    from transforms.eligibility.expressions import FUNCTIONS
    from transforms.eligibility.vocabulary import words_of

    policy = next(policy for policy in all_policies() if policy.clauses)
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
    pages = []
    for policy in all_policies():
        if day is None or policy.in_force.holds_on(day):
            pages.append(policy.model_dump(mode="json", by_alias=True))
    return Told({"policies": pages}, {lang: _listing(pages, lang) for lang in ("zh", "en")})


def _listing(pages: list[dict[str, Any]], lang: str) -> str:
    lines = []
    for page in pages:
        dates = page["in_force"]
        lines.append(f"{page['id']}  {page['document']['number']}  {dates['from'] or '…'} – {dates['until'] or '…'}")
        lines += [f"  {each['place']}  {each['benefit']['id']}  {each['gist'][lang]}" for each in page["clauses"]]
        lines += [f"  {each['place']}  {each['machine']}  {each['gist'][lang]}" for each in page["duties"]]
    return "\n".join(lines) or word("policy.none", lang)
