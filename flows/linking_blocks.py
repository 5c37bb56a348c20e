"""What `nuanxin link` says of blocks that are too large: where they are found, as what they are stays in the file."""

from dataclasses import asdict
from typing import Any

from flows.words import word
from transforms.linkage.blocking import GivenUp, TooManyPairs
from transforms.linkage.model import LinkageModel


def too_many(fault: TooManyPairs, lang: str) -> str:
    """What would have been too many pairs, in a few lines."""
    heavy = [
        word("link.heavy" if load.example_row >= 0 else "link.heavy.unplaced", lang).format(
            rule=load.rule, pairs=load.pairs, largest=load.largest, row=load.example_row + 1
        )
        for load in fault.loads[:3]
        if load.pairs
    ]
    total = sum(load.pairs for load in fault.loads)
    return "\n".join([word("link.fault.too_many", lang).format(total=total, allowed=fault.allowed), *heavy])


def given_up_note(each: GivenUp, model: LinkageModel, lang: str) -> str:
    """What a rule left out, in one sentence."""
    heaviest = [
        word("link.crowd" if row >= 0 else "link.crowd.unplaced", lang).format(rows=rows, row=row + 1)
        for rows, row in each.heaviest
    ]
    facts = {**asdict(each), "most": model.blocking.max_block, "heaviest": word("link.crowd.and", lang).join(heaviest)}
    return word("link.note.given_up", lang).format(**facts)


def given_up_page(each: GivenUp) -> dict[str, Any]:
    """What a rule left out, for programs. Rows are counted from 1."""
    heaviest = [{"right_rows": rows} | ({"left_row": row + 1} if row >= 0 else {}) for rows, row in each.heaviest]
    return asdict(each) | {"heaviest": heaviest}
