"""Small worlds for Hypothesis: a dozen mentions, any weights between them, and what clerks may have said."""

from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa
from hypothesis import strategies as st

from tests.transforms.linkage.drawn import NIGHT, Mention, mention, number, table
from transforms.linkage import Resolved, Standing, default_model, resolve, resolve_again
from transforms.schemas import PAIRS

MODEL = default_model()
WIDTH = len(MODEL.comparisons)
ROLES = {
    "births": ("child", "mother", "father"),
    "death_certificates": ("subject", "kin"),
    "only_child_certificates": ("child", "father"),
    "medical_settlements": ("subject",),
}
BORN = "1999-03-10"
DECISIONS = pa.schema([("mention_a", pa.string()), ("mention_b", pa.string()), ("decision", pa.string())])

Pair = tuple[int, int]


@dataclass(frozen=True)
class World:
    """Mentions, the weight and pattern of some pairs of them, and what clerks have said of some (True: the same)."""

    mentions: tuple[Mention, ...]
    pairs: dict[Pair, tuple[float, str]]
    decisions: dict[Pair, bool]

    def resolved(
        self,
        known: frozenset[int] | None = None,
        previous: pa.Table | None = None,
        order: list[int] | None = None,
        decisions: dict[Pair, bool] | None = None,
    ) -> Resolved:
        """The persons among the mentions at these places (all by default), told in that order."""
        places = [i for i in order or range(len(self.mentions)) if known is None or i in known]
        return resolve(
            table(*(self.mentions[i] for i in places)),
            self.pairs_table(places),
            previous,
            MODEL,
            known_on=NIGHT,
            decisions=self._decisions(self.decisions if decisions is None else decisions, places),
        )

    def resolved_again(self, before: Standing, again: frozenset[int]) -> Resolved:
        """The persons after a night before it, of which `again` has everybody that is new or changed."""
        ids = pa.array(sorted(self.mentions[i]["mention_id"] for i in again), pa.string())
        everybody = [*range(len(self.mentions))]
        return resolve_again(
            table(*self.mentions),
            self.pairs_table(),
            ids,
            before,
            MODEL,
            known_on=NIGHT,
            decisions=self._decisions(self.decisions, everybody),
        )

    def pairs_table(self, places: list[int] | None = None) -> pa.Table:
        """The pairs between the mentions at these places, in their order."""
        chosen = [*range(len(self.mentions))] if places is None else places
        inside = [pair for pair in self.pairs if {*pair} <= {*chosen}]
        rows = [self._pair(pair) for pair in sorted(inside, key=lambda pair: [chosen.index(i) for i in pair])]
        return pa.Table.from_pylist(rows, PAIRS)

    def ids(self, pair: Pair) -> list[str]:
        """The two mention ids, the lower first."""
        return sorted(self.mentions[i]["mention_id"] for i in pair)

    def _pair(self, pair: Pair) -> dict[str, object]:
        weight, levels = self.pairs[pair]
        a, b = self.ids(pair)
        return {"mention_a": a, "mention_b": b, "match_weight": weight, "match_probability": 0.5, "levels": levels,
                "decided_by": "model"}  # fmt: skip

    def _decisions(self, told: dict[Pair, bool], places: list[int]) -> pa.Table:
        known = [pair for pair in told if {*pair} <= {*places}]
        ranked = sorted(known, key=lambda pair: [places.index(i) for i in pair])
        rows = [(*self.ids(pair), "same" if told[pair] else "different") for pair in ranked]
        return pa.Table.from_pylist([dict(zip(DECISIONS.names, row, strict=True)) for row in rows], DECISIONS)


def persons(outcome: Resolved) -> dict[str, str]:
    """The person of every mention id."""
    return dict(zip(*(outcome.links[name].to_pylist() for name in ("mention_id", "person_id")), strict=True))


def partition(outcome: Resolved) -> set[frozenset[str]]:
    """The persons as sets of mention ids."""
    found: dict[str, set[str]] = {}
    for mention_id, person in persons(outcome).items():
        found.setdefault(person, set()).add(mention_id)
    return {frozenset(members) for members in found.values()}


def _told(name: str | None, serial: int | None, is_stated: bool) -> dict[str, object]:
    return {"name": name, "id_no": serial and number(BORN, serial), "birth_date": BORN if is_stated else None,
            "birth_source": "stated" if is_stated else "none"}  # fmt: skip


def _entry(key: str, serial: int, is_valid: bool) -> Mention:
    stated = number(BORN, serial)
    if is_valid:
        return mention("household_register", key, **_told("方子豪", serial, True))
    return mention(
        "household_register", key, name="方子豪", birth_date=BORN, id_no_text=stated[:-1], id_state="bad_shape"
    )


_FACTS = st.builds(_told, st.sampled_from(["方子豪", "苗红", None]), st.sampled_from([None, 101, 103]), st.booleans())
_PLACES = st.sampled_from([(feed, key, role) for feed, roles in ROLES.items() for key in "12" for role in roles])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Two or three rows of a register and up to nine other mentions."""
    entries = draw(st.lists(st.sampled_from([101, 103, 105]), min_size=2, max_size=3))
    rows = [_entry(f"H{i}", entry, draw(st.booleans())) for i, entry in enumerate(entries)]
    others = draw(st.dictionaries(_PLACES, _FACTS, max_size=9))
    mentions = (*rows, *(mention(*place, **facts) for place, facts in others.items()))
    apart = [
        (i, j) for i, j in combinations(range(len(mentions)), 2)
        if (mentions[i]["feed"], mentions[i]["record_key"]) != (mentions[j]["feed"], mentions[j]["record_key"])
    ]  # fmt: skip
    weight = st.sampled_from([-9.0, 0.0, 4.0, 5.0, 11.0, 12.0, 13.0, 20.0, 21.0, 30.0, 40.0])
    levels = st.sampled_from(["0" * WIDTH, "-" * WIDTH, "0" + "-" * (WIDTH - 1), "7" + "-" * (WIDTH - 1)])
    pairs = draw(st.dictionaries(st.sampled_from(apart), st.tuples(weight, levels), max_size=24)) if apart else {}
    decisions = draw(st.dictionaries(st.sampled_from(apart), st.booleans(), max_size=4)) if apart else {}
    return World(mentions, pairs, decisions)
