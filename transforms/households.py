"""Couples and single parents with children, named so that the name stays.

A household is a couple (or a parent alone) with the children that records tie to them. It is named after its
anchor: the earliest only-child certificate of the couple, else the earliest birth or adoption record, else the
register's household. A divorced couple keeps its household, which then stands as `divorced`, and each of the two
has a household of their own beside it, named after the same anchor. A couple of whom one has died is `widowed`;
`father_only` and `mother_only` are households that never had, or by divorce no longer have, the other parent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from transforms.parentage import stated_parents
from transforms.schemas import HOUSEHOLD_CHILDREN, HOUSEHOLDS
from transforms.sql import ask_in_steps, feed_rows

CERTIFICATES = pa.schema(  # which only-child certificate is tied to which household
    [
        ("household_id", pa.string()),
        ("certificate_no", pa.string()),
        ("child_person_id", pa.string()),
        ("issued_on", pa.date32()),
        ("voided_on", pa.date32()),
        ("record_key", pa.string()),
        ("match_probability", pa.float64()),  # the weakest link of the certificate's three persons
    ]
)


@dataclass(frozen=True)
class Households:
    """HOUSEHOLDS, HOUSEHOLD_CHILDREN and CERTIFICATES (schema above) of one night.

    `parents` are the TRIPLES (parentage.py) they were made of; whoever has only the three tables leaves it out, and
    it is asked of the records again where it is needed.
    """

    households: pa.Table
    children: pa.Table
    certificates: pa.Table
    parents: pa.Table | None = None


# A parent left blank is filled in from another record of the same child that shares the other parent. Then a birth
# or register row falls to the couple of a stronger record of the same child that shares a parent with it.
_TIED = """
    WITH gaps AS (
        SELECT t.feed, t.record_key,
               min_by(o.father, (o.rank, o.record_key)) FILTER (o.mother = t.mother) AS father,
               min_by(o.mother, (o.rank, o.record_key)) FILTER (o.father = t.father) AS mother
        FROM triples AS t JOIN triples AS o USING (child)
        WHERE (t.father IS NULL OR t.mother IS NULL) AND o.father IS NOT NULL AND o.mother IS NOT NULL
        GROUP BY t.feed, t.record_key),
    filled AS (
        SELECT t.* REPLACE (coalesce(t.father, gaps.father) AS father, coalesce(t.mother, gaps.mother) AS mother)
        FROM triples AS t LEFT JOIN gaps USING (feed, record_key)),
    absorbed AS (
        SELECT t.feed, t.record_key, min_by((s.father, s.mother), (s.rank, s.anchor_on, s.record_key)) AS couple
        FROM filled AS t JOIN filled AS s
          ON s.child = t.child AND s.rank < t.rank AND s.rank < 2
         AND (s.father = t.father OR s.mother = t.mother)
        WHERE t.relation IN ('birth', 'register') GROUP BY t.feed, t.record_key)
    SELECT feed, record_key, anchor_key, relation, rank, child, anchor_on, since_on, until_on, match_probability,
           CASE WHEN couple IS NULL THEN father ELSE couple[1] END AS father,
           CASE WHEN couple IS NULL THEN mother ELSE couple[2] END AS mother
    FROM filled LEFT JOIN absorbed USING (feed, record_key)
"""
_COUPLES = """
    SELECT father, mother, 'H' || substr(md5(min_by(feed || '|' || anchor_key,
               (CASE rank WHEN 0 THEN 0 WHEN 3 THEN 2 ELSE 1 END, coalesce(anchor_on, DATE '9999-12-31'), anchor_key))
           ), 1, 16) AS household_id
    FROM tied GROUP BY father, mother
"""
# What was concluded between two persons and when: marriages and divorces that were not revoked.
BONDS = """
    SELECT man.person_id AS man, woman.person_id AS woman, event_type AS bond, man.occurred_on AS bound_on
    FROM events AS man JOIN events AS woman USING (feed, record_key, event_type)
    WHERE event_type IN ('marriage', 'divorce') AND man.person_id <> woman.person_id
      AND man.status = 'active' AND woman.status = 'active'
"""
_PARTED = f"""
    WITH bonds AS ({BONDS}),
    divorced AS (SELECT man, woman, max(bound_on) FILTER (bond = 'divorce') AS divorced_on,
                        max(bound_on) FILTER (bond = 'marriage') AS married_on
                 FROM bonds WHERE bound_on <= $as_of GROUP BY man, woman)
    SELECT couples.*, divorced_on, coalesce(married_on > divorced_on, FALSE) AS is_remarried
    FROM couples LEFT JOIN divorced ON divorced.man = couples.father AND divorced.woman = couples.mother
     AND divorced_on IS NOT NULL
"""  # noqa: S608  # a query of ours
FATHERS_HOUSEHOLD = "'H' || substr(md5(household_id || '|father'), 1, 16)"
MOTHERS_HOUSEHOLD = "'H' || substr(md5(household_id || '|mother'), 1, 16)"
_FAMILIES = f"""
    SELECT household_id, household_id AS couple_id, father, mother,
           divorced_on IS NOT NULL AND NOT is_remarried AS is_divorced, FALSE AS is_over FROM parted
    UNION ALL
    SELECT {FATHERS_HOUSEHOLD}, household_id, father, NULL, FALSE, is_remarried
    FROM parted WHERE divorced_on IS NOT NULL
    UNION ALL
    SELECT {MOTHERS_HOUSEHOLD}, household_id, NULL, mother, FALSE, is_remarried
    FROM parted WHERE divorced_on IS NOT NULL
"""  # noqa: S608  # a query of ours
_HOUSEHOLDS = """
    WITH dead AS (SELECT DISTINCT person_id FROM events WHERE event_type = 'death' AND status = 'active'),
    numbered AS (
        SELECT household_id, arg_max(certificate_no, (voided_on IS NULL, issued_on, record_key)) AS certificate_no,
               arg_max(township, (voided_on IS NULL, issued_on, record_key)) AS township
        FROM certified GROUP BY household_id),
    registered AS (
        SELECT person_id, arg_max(left(division_code, 9), (cancel_reason IS NULL,
                   coalesce(moved_in_on, DATE '1900-01-01'), _record_key)) AS township
        FROM household_register JOIN links ON links.feed = 'household_register' AND links.record_key = _record_key
        WHERE links.role = 'subject' AND length(division_code) >= 9 AND _status = 'active' GROUP BY person_id)
    SELECT f.household_id, n.certificate_no AS only_child_certificate_no, father AS father_person_id,
           mother AS mother_person_id, coalesce(n.township, rm.township, rf.township) AS township_code,
           CASE WHEN is_over OR ((father IS NULL OR df.person_id IS NOT NULL)
                                 AND (mother IS NULL OR dm.person_id IS NOT NULL)) THEN 'dissolved'
                WHEN is_divorced THEN 'divorced'
                WHEN father IS NULL THEN 'mother_only' WHEN mother IS NULL THEN 'father_only'
                WHEN df.person_id IS NOT NULL OR dm.person_id IS NOT NULL THEN 'widowed'
                ELSE 'together' END AS status
    FROM families AS f LEFT JOIN numbered AS n USING (household_id)
    LEFT JOIN dead AS df ON df.person_id = father LEFT JOIN dead AS dm ON dm.person_id = mother
    LEFT JOIN registered AS rf ON rf.person_id = father LEFT JOIN registered AS rm ON rm.person_id = mother
    ORDER BY household_id
"""
_CERTIFIED = """
    SELECT f.household_id, certificate_no, child AS child_person_id, issued_on, voided_on, record_key,
           match_probability, CASE WHEN length(village_code) >= 9 THEN left(village_code, 9) END AS township
    FROM tied JOIN only_child_certificates ON _record_key = record_key
    JOIN couples ON couples.father IS NOT DISTINCT FROM tied.father AND couples.mother IS NOT DISTINCT FROM tied.mother
    JOIN families AS f ON f.couple_id = couples.household_id
    WHERE relation = 'certificate' ORDER BY f.household_id, issued_on, record_key
"""
_CHILDREN = """
    SELECT f.household_id, child AS child_person_id, arg_min(relation, (rank, record_key)) AS relation,
           min(since_on) AS since_on, CASE WHEN count(*) = count(until_on) THEN max(until_on) END AS until_on
    FROM tied
    JOIN couples ON couples.father IS NOT DISTINCT FROM tied.father AND couples.mother IS NOT DISTINCT FROM tied.mother
    JOIN families AS f ON f.couple_id = couples.household_id
    GROUP BY f.household_id, child ORDER BY f.household_id, child
"""


def households(records: Mapping[str, pa.Table], links: pa.Table, events: pa.Table, *, as_of: date) -> Households:
    """All households as they stand on `as_of`, their children, and the certificates tied to them."""
    triples = stated_parents(records, links, events)
    steps = {
        "tied": _TIED,
        "couples": _COUPLES,
        "parted": _PARTED.replace("$as_of", f"DATE '{as_of:%Y-%m-%d}'"),
        "families": _FAMILIES,
        "certified": _CERTIFIED,
        "standing": _HOUSEHOLDS,
        "theirs": _CHILDREN,
    }
    standing, children, certified = ask_in_steps(
        steps,
        ("standing", "theirs", "certified"),
        triples=triples,
        events=events,
        links=links,
        **{feed: feed_rows(records, feed) for feed in ("only_child_certificates", "household_register")},
    )
    return Households(
        standing.select(HOUSEHOLDS.names).cast(HOUSEHOLDS),
        children.select(HOUSEHOLD_CHILDREN.names).cast(HOUSEHOLD_CHILDREN),
        certified.select(CERTIFICATES.names).cast(CERTIFICATES),
        triples,
    )
