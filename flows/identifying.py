"""Who is who tonight: everybody on the first night, afterwards only who has to do with what changed."""

import pyarrow as pa
import pyarrow.compute as pc

from flows.night import ENGINE, Done, Night, Outcome
from transforms.linkage import RESOLVED_BY, Resolved, Standing, default_model, resolve, resolve_again

MADE_BY = b"made_by"  # of the groups' metadata: the program and the model; what another has left is resolved anew


def identify(night: Night, mentioned: Done, linked: Done) -> Outcome:
    """Persons, what clerks are asked, merges and splits."""
    resolved, before = _resolved(night, mentioned, linked), night.earlier("review")
    known = before["pair_id"].combine_chunks() if before is not None else pa.array([], pa.string())
    seen = pc.sum(pc.is_in(resolved.review["pair_id"], value_set=known)).as_py() or 0
    tables = {
        "links": resolved.links,
        "review": resolved.review,
        "groups": resolved.groups.replace_schema_metadata({MADE_BY: _maker()}),
        "worth": resolved.worth,
        "person_events": resolved.events,
    }
    facts = {"linked": _linked(night, mentioned, resolved.links), "sent_to_review": resolved.review.num_rows - seen}
    return Outcome(tables, facts)


def _resolved(night: Night, mentioned: Done, linked: Done) -> Resolved:
    mentions, pairs = night.table(mentioned, "mentions", RESOLVED_BY), night.table(linked, "pairs")
    model, known_on, before = default_model(), night.business_date, _standing(night)
    if before is None:
        return resolve(mentions, pairs, night.earlier("links"), model, known_on=known_on)
    again = night.table(linked, "again")["mention_id"].combine_chunks()
    return resolve_again(mentions, pairs, again, before, model, known_on=known_on)


def _standing(night: Night) -> Standing | None:
    groups = night.earlier("groups")
    if groups is None or (groups.schema.metadata or {}).get(MADE_BY) != _maker():
        return None
    links, review, worth = (night.earlier(name) for name in ("links", "review", "worth"))
    return None if links is None or review is None or worth is None else Standing(links, review, groups, worth)


def _maker() -> bytes:
    return f"{ENGINE} {default_model().version}".encode()


def _linked(night: Night, mentioned: Done, links: pa.Table) -> int:
    # How many of tonight's mentions found another mention of the same person.
    changed = night.table(mentioned, "changed")["mention_id"].combine_chunks()
    tonight = links["person_id"].filter(pc.is_in(links["mention_id"], value_set=changed)).combine_chunks()
    theirs = links["person_id"].filter(pc.is_in(links["person_id"], value_set=tonight)).value_counts().flatten()
    several = theirs[0].filter(pc.greater(theirs[1], 1))
    return pc.sum(pc.is_in(tonight, value_set=several)).as_py() or 0
