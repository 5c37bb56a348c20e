"""Who is whose child, as each record states it: the ground of households and of "no other child".

Only-child certificates, births and adoptions state both parents. The register states a relation to the head of
the household; it counts where none of the others names the child's parents, or where it fills in a parent whom
they leave blank.
"""

from collections.abc import Mapping

import pyarrow as pa

from transforms.sql import ask, ask_in_steps, feed_rows

DAY = pa.date32()
TEXT = pa.string()

TRIPLES = pa.schema(  # one row per record that states a child's parents
    [
        ("feed", TEXT),
        ("record_key", TEXT),
        ("anchor_key", TEXT),  # what a household is named after: the record's key, or the register's household
        ("relation", TEXT),  # certificate | birth | adoption | register
        ("rank", pa.int32()),  # 0 certificate, 1 birth, 2 adoption, 3 register
        ("father", TEXT),
        ("mother", TEXT),
        ("child", TEXT),
        ("anchor_on", DAY),  # certificates: issued; else since_on
        ("since_on", DAY),  # from when the child is theirs: birth, or registration of the adoption
        ("until_on", DAY),  # dissolution of the adoption
        ("is_father_sure", pa.bool_()),  # false: a child of the head may be the spouse's stepchild
        ("is_mother_sure", pa.bool_()),
        ("match_probability", pa.float64()),  # the weakest link of the record
    ]
)
BORN = pa.schema(  # what the records say of a child itself
    [
        ("child", TEXT),
        ("feed", TEXT),
        ("record_key", TEXT),
        ("born_on", DAY),
        ("sex", TEXT),
        ("is_distinct", pa.bool_()),
        ("known_on", DAY),  # when this version of the record came
    ]
)

_STATED = """
    WITH linked AS (
        SELECT feed, record_key,
               any_value(person_id) FILTER (role IN ('father', 'adopter_man')) AS father,
               any_value(person_id) FILTER (role IN ('mother', 'adopter_woman')) AS mother,
               any_value(person_id) FILTER (role IN ('child', 'adoptee')) AS child,
               min(match_probability) FILTER (role <> 'kin') AS match_probability
        FROM links WHERE feed IN ('only_child_certificates', 'births', 'adoptions') GROUP BY ALL),
    stated AS (
        SELECT 'only_child_certificates' AS feed, _record_key AS record_key, 'certificate' AS relation, 0 AS rank,
               issued_on AS anchor_on, child_birth_date AS since_on, NULL::DATE AS until_on
        FROM only_child_certificates WHERE _status = 'active'
        UNION ALL
        SELECT 'births', _record_key, 'birth', 1, birth_date, birth_date, NULL
        FROM births WHERE _status = 'active' AND coalesce(status, 'valid') <> 'void'
        UNION ALL
        SELECT 'adoptions', _record_key, 'adoption', 2, registered_on, registered_on,
               CASE WHEN status = 'dissolved' THEN coalesce(dissolved_on, registered_on) ELSE dissolved_on END
        FROM adoptions WHERE _status = 'active')
    SELECT feed, record_key, record_key AS anchor_key, relation, rank, father, mother, child, anchor_on, since_on,
           until_on, TRUE AS is_father_sure, TRUE AS is_mother_sure, match_probability
    FROM stated JOIN linked USING (feed, record_key)
    WHERE coalesce(father, mother) IS NOT NULL AND child NOT IN (coalesce(father, ''), coalesce(mother, ''))
"""

# GB/T 4761: 28 and 38 are a son-in-law and a daughter-in-law, no children; 27 and 37 step- or adopted children.
_REGISTERED = """
    WITH people AS (
        SELECT household_no, relation_code AS code, sex, birth_date, person_id, match_probability
        FROM household_register AS register JOIN links
          ON links.feed = 'household_register' AND links.record_key = register._record_key AND links.role = 'subject'
        WHERE _status = 'active' AND coalesce(cancel_reason, '') <> 'duplicate'),
    heads AS (
        SELECT household_no, person_id, sex, birth_date, match_probability FROM people WHERE code IN ('01', '02')
        QUALIFY count(*) OVER (PARTITION BY household_no) = 1),
    spouses AS (
        SELECT household_no, person_id FROM people WHERE code IN ('10', '11', '12')
        QUALIFY count(*) OVER (PARTITION BY household_no) = 1),
    fathers AS (
        SELECT household_no, person_id FROM people WHERE code = '51' OR (code = '50' AND sex = '1')
        QUALIFY count(*) OVER (PARTITION BY household_no) = 1),
    mothers AS (
        SELECT household_no, person_id FROM people WHERE code = '52' OR (code = '50' AND sex = '2')
        QUALIFY count(*) OVER (PARTITION BY household_no) = 1),
    children AS (
        SELECT * FROM people
        WHERE length(code) = 2 AND code BETWEEN '20' AND '39' AND code NOT IN ('28', '38')),
    weddings AS (
        SELECT man.person_id AS man, woman.person_id AS woman, min(man.occurred_on) AS married_on
        FROM events AS man JOIN events AS woman USING (feed, record_key, event_type)
        WHERE event_type = 'marriage' AND man.person_id <> woman.person_id
          AND man.status = 'active' AND woman.status = 'active' GROUP BY ALL),
    below AS (
        SELECT child.household_no, child.person_id AS child, child.birth_date, head.sex AS head_sex,
               head.person_id AS head, spouse.person_id AS spouse,
               child.code NOT IN ('27', '37') AS is_head_sure,
               child.code NOT IN ('27', '37')
                   AND (married_on IS NULL OR married_on <= child.birth_date) AS is_spouse_sure,
               least(head.match_probability, child.match_probability) AS match_probability
        FROM children AS child JOIN heads AS head USING (household_no)
        LEFT JOIN spouses AS spouse USING (household_no)
        LEFT JOIN weddings ON weddings.man = head.person_id AND weddings.woman = spouse.person_id
        WHERE head.sex IN ('1', '2') AND head.person_id <> child.person_id)
    SELECT household_no, 'head' AS place, CASE WHEN head_sex = '1' THEN head ELSE spouse END AS father,
           CASE WHEN head_sex = '2' THEN head ELSE spouse END AS mother, child, birth_date,
           CASE WHEN head_sex = '1' THEN is_head_sure ELSE is_spouse_sure END AS is_father_sure,
           CASE WHEN head_sex = '2' THEN is_head_sure ELSE is_spouse_sure END AS is_mother_sure, match_probability
    FROM below
    UNION ALL
    SELECT household_no, 'parents', fathers.person_id, mothers.person_id, heads.person_id, heads.birth_date, TRUE, TRUE,
           heads.match_probability
    FROM heads LEFT JOIN fathers USING (household_no) LEFT JOIN mothers USING (household_no)
    WHERE fathers.person_id IS NOT NULL OR mothers.person_id IS NOT NULL
"""
# A register row counts for a child of whom nothing else is known, or fills in the parent that others leave blank.
_ALL = """
    SELECT * FROM stated
    UNION ALL
    SELECT 'household_register', r.household_no || '|' || r.child, r.household_no || '|' || r.place, 'register', 3,
           r.father, r.mother, r.child, r.birth_date, r.birth_date, NULL, r.is_father_sure, r.is_mother_sure,
           r.match_probability
    FROM registered AS r LEFT JOIN (
        SELECT child, list(father) AS fathers, list(mother) AS mothers,
               bool_and(father IS NULL OR mother IS NULL) AS gap
        FROM stated GROUP BY child) AS known USING (child)
    WHERE known.child IS NULL
       OR (known.gap AND (list_contains(fathers, r.father) OR list_contains(mothers, r.mother)))
    ORDER BY rank, feed, record_key
"""
_BORN = """
    SELECT person_id AS child, feed, record_key, born_on, sex, is_distinct, known_on FROM (
        SELECT 'only_child_certificates' AS feed, _record_key AS record_key, 'child' AS role,
               child_birth_date AS born_on, child_sex AS sex, FALSE AS is_distinct, _known_on AS known_on
        FROM only_child_certificates
        UNION ALL
        SELECT 'births', _record_key, 'child', birth_date, child_sex, coalesce(status, 'valid') = 'valid', _known_on
        FROM births
        WHERE coalesce(status, 'valid') <> 'void'
        UNION ALL
        SELECT 'adoptions', _record_key, 'adoptee', adoptee_birth_date, adoptee_sex, TRUE, _known_on FROM adoptions
        UNION ALL
        SELECT 'household_register', _record_key, 'subject', birth_date, sex,
               coalesce(cancel_reason, '') <> 'duplicate', _known_on FROM household_register
    ) JOIN links USING (feed, record_key, role)
    ORDER BY child, feed, record_key
"""


def stated_parents(records: Mapping[str, pa.Table], links: pa.Table, events: pa.Table) -> pa.Table:
    """TRIPLES: father, mother and child of every record that states them; either parent may be null."""
    feeds = ("only_child_certificates", "births", "adoptions", "household_register")
    (triples,) = ask_in_steps(
        {"stated": _STATED, "registered": _REGISTERED, "triples": _ALL},
        ("triples",),
        links=links,
        events=events,
        **{feed: feed_rows(records, feed) for feed in feeds},
    )
    return triples.cast(TRIPLES)


def children_seen(records: Mapping[str, pa.Table], links: pa.Table) -> pa.Table:
    """BORN: birth date and sex of a child in each record, and whether two such records mean two children.

    Two births or two rows of the register are two persons; two only-child certificates may be one child.
    """
    feeds = ("only_child_certificates", "births", "adoptions", "household_register")
    return ask(_BORN, BORN, links=links, **{feed: feed_rows(records, feed) for feed in feeds})
