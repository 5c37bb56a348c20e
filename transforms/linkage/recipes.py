"""A model's page as people write it, completed: what it leaves out is what its kinds of comparison say."""

from functools import cache
from importlib.resources import files
from typing import Any

from transforms.pages import read_page

Page = dict[str, Any]

# One mention in three is about a sibling, parents and a spouse who are mentioned as well; a record has one match.
EXPECTED = {"match": 0.9, "sibling": 1.0, "parent": 2.0, "spouse": 0.7, "namesake": 0.01}
THRESHOLDS = {
    "link_bits": 13.3,
    "review_bits": 0.0,
    "margin_bits": 8.0,
    "alone_bits": 13.3,
    "alone_margin_bits": 12.0,
    "false_link_bound": 1e-5,
}


@cache
def kinds() -> Page:
    """kinds.yaml: of every kind of comparison the columns, the levels, their words and the first probabilities."""
    page: Page = read_page(files("transforms.linkage").joinpath("kinds.yaml").read_text("utf-8"))
    return page


def completed(page: Page) -> Page:
    """The page with everything in it that it may leave out; what cannot be understood stays for the validation."""
    stated: Any = page.get("classes")
    comparisons: Any = page.get("comparisons", [])
    classes: list[str] = stated if _is_list_of(stated, str) else ["match", "stranger"]
    others = [each for each in comparisons if isinstance(each, dict)] if isinstance(comparisons, list) else []
    relatives = [of for of in classes if of not in ("match", "stranger")]
    assumed = {of: [c["name"] for c in others if isinstance(c.get("name"), str)] for of in relatives}
    expected = {of: EXPECTED.get(of, 1.0) for of in classes if of != "stranger"}
    filled = {"version": "unnamed", "title": "", "classes": classes, "assumed": assumed}
    if others:
        comparisons = [_comparison(each, others, classes) if isinstance(each, dict) else each for each in comparisons]
    return {
        **filled,
        **page,
        "comparisons": comparisons,
        "expected": _over(expected, page.get("expected", {})),
        "thresholds": _over(_thresholds(page.get("thresholds", {})), page.get("thresholds", {})),
    }


def _thresholds(given: Any) -> Page:
    # Whoever states where links begin, and no bound, means it to stay there.
    stands = isinstance(given, dict) and "link_bits" in given
    return THRESHOLDS | {"false_link_bound": 0.0} if stands else THRESHOLDS


def _is_list_of(found: Any, kind: type) -> bool:
    return isinstance(found, list) and all(isinstance(each, kind) for each in found)


def _over(usual: Page, given: Any) -> Any:
    return usual | given if isinstance(given, dict) else given


def _comparison(given: Page, others: list[Page], classes: list[str]) -> Page:
    name, chosen = given.get("name"), given.get("kind")
    name = name if isinstance(name, str) else ""
    kind = kinds().get(chosen) if isinstance(chosen, str) else None
    filled = {"zh": name, "en": name, "columns": [name], "levels": {}, **given}
    columns = filled["columns"]
    if kind is None or not _is_list_of(columns, str):
        return filled
    filled["columns"] = [*columns, *[""] * (kind["columns"] - len(columns))]
    if "levels" in given:
        return filled
    on = _conditioning(kind, given, others)
    levels = {level: _level(words, classes, conditional=bool(on)) for level, words in kind["levels"].items()}
    if on:
        filled["given"] = {"comparison": on, "groups": kind["given"]["groups"]}
    return filled | {"levels": levels}


def _conditioning(kind: Page, given: Page, others: list[Page]) -> str | None:
    # An identity number contains the date of birth: it is weighed given an earlier comparison of dates.
    if "given" not in kind:
        return None
    earlier = others[: others.index(given)]
    names = [c.get("name") for c in earlier if c.get("kind") == kind["given"]["kind"]]
    return names[0] if names else None


def _level(words: Page, classes: list[str], *, conditional: bool) -> Page:
    level = {name: words[name] for name in ("zh", "en", "by_frequency") if name in words}
    if "by" not in words:
        return level | {"p": _of_classes(words["p"], classes)}
    if conditional:
        return level | {"by": {group: _of_classes(p, classes) for group, p in words["by"].items()}}
    return level | {"p": _of_classes(next(iter(words["by"].values())), classes)}


def _of_classes(p: dict[str, float], classes: list[str]) -> dict[str, float]:
    # A class that the kinds do not know begins like strangers.
    return {of: p.get(of, p["stranger"]) for of in classes}
