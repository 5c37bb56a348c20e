"""Which clause is asked of which household because of which event: the cases of a night.

All records of one person's death are one trigger, and so are all assessments of one person. A trigger reaches a
household through its child; a couple that was divorced on the ruling date is two households. Where only an
unconfirmed pair says that the dead are the child of a certificate household, the case is made and marked.
"""

from datetime import date

import pyarrow as pa

from transforms.eligibility.policy import Policy
from transforms.households import BONDS, FATHERS_HOUSEHOLD, MOTHERS_HOUSEHOLD

# Two persons whom a clerk has not yet told apart or together.
DOUBTS = """
    WITH open AS (
        SELECT links.person_id AS one, candidate_person_id AS other FROM review JOIN links USING (mention_id)
        WHERE review.status = 'open' AND links.person_id <> candidate_person_id)
    SELECT one, other FROM open UNION SELECT other, one FROM open
"""
_CHILD_EVENTS = """
    WITH awaited AS (SELECT * FROM events WHERE event_type IN ('death', 'disability')),
    found AS (
        SELECT person_id AS child, * EXCLUDE (person_id), FALSE AS is_doubted FROM awaited
        WHERE person_id IN (SELECT child_person_id FROM children)
        UNION ALL
        SELECT other, awaited.* EXCLUDE (person_id), TRUE FROM awaited JOIN doubts ON one = person_id
        WHERE awaited.status = 'active' AND other IN (SELECT child_person_id FROM certificates)),
    -- an event of the child itself leaves no room for somebody else's
    own AS (SELECT DISTINCT child, event_type FROM found WHERE NOT is_doubted AND status = 'active')
    SELECT found.*, feed || '|' || CASE feed WHEN 'death_certificates' THEN split_part(record_key, '|', 1)
                                             ELSE record_key END AS lineage,
           CASE feed WHEN 'death_certificates' THEN 0 WHEN 'cremations' THEN 1 ELSE 2 END AS authority
    FROM found LEFT JOIN own USING (child, event_type) WHERE NOT is_doubted OR own.child IS NULL
"""
# The record is the first that was known; the date is that of the source that is believed most.
_DEATHS = """
    WITH ranked AS (
        SELECT *, min(known_on) OVER (PARTITION BY child, lineage) AS lineage_known_on,
               status = 'active' AS stands
        FROM child_events WHERE event_type = 'death'),
    chosen AS (
        SELECT * FROM ranked QUALIFY row_number() OVER (PARTITION BY child ORDER BY stands DESC, is_doubted,
            lineage_known_on, authority, occurred_on, record_key, event_id) = 1),
    joined AS (
        SELECT child, bool_or(stands) AS stands,
               coalesce(arg_min(occurred_on, (authority, lineage_known_on, record_key)) FILTER (stands),
                        min(occurred_on)) AS trigger_on,
               min(known_on) AS known_on,
               bool_or(detail = 'void') AND NOT bool_or(stands AND authority = 0) AS is_void_contradicted,
               coalesce(max(occurred_on) FILTER (stands AND authority < 2)
                        - min(occurred_on) FILTER (stands AND authority < 2) > 31, FALSE) AS is_date_contradicted
        FROM ranked GROUP BY child)
    SELECT child, 'death' AS event_type, event_id, trigger_on, joined.known_on, feed, record_key, is_doubted,
           joined.stands, is_void_contradicted, is_date_contradicted, NULL::INT AS grade, FALSE AS has_valid,
           FALSE AS is_cancelled, NULL::DATE AS later_on
    FROM chosen JOIN joined USING (child)
"""
# The first assessment at one of the grades decides the year; a later one is remembered beside it.
_DISABILITIES = """
    WITH ranked AS (
        SELECT *, TRY_CAST(regexp_extract(detail, 'grade:([1-4])', 1) AS INT) AS grade,
               split_part(detail, ';', 2) AS paper
        FROM child_events WHERE event_type = 'disability' AND status = 'active'),
    marked AS (SELECT *, coalesce(list_contains($grades, grade), FALSE) AS fits FROM ranked),
    chosen AS (
        SELECT * FROM marked QUALIFY row_number() OVER (PARTITION BY child ORDER BY is_doubted, fits DESC,
            CASE WHEN NOT fits THEN grade END NULLS FIRST, occurred_on, paper <> 'valid', known_on, record_key) = 1),
    joined AS (
        SELECT child, is_doubted, min(known_on) FILTER (fits) AS known_on,
               coalesce(bool_or(fits AND paper = 'valid'), FALSE) AS has_valid,
               coalesce(bool_and(paper = 'cancelled') FILTER (fits), FALSE) AS is_cancelled,
               max(occurred_on) FILTER (fits AND paper = 'valid') AS later_on
        FROM marked GROUP BY child, is_doubted)
    SELECT child, 'disability', event_id, occurred_on, coalesce(joined.known_on, chosen.known_on), feed, record_key,
           is_doubted, TRUE, FALSE, FALSE, grade, has_valid, is_cancelled, later_on
    FROM chosen JOIN joined USING (child, is_doubted)
"""
_MET = f"""
    WITH bonds AS ({BONDS}),
    couples AS (
        SELECT household_id, father_person_id AS father, mother_person_id AS mother FROM households
        WHERE father_person_id IS NOT NULL AND mother_person_id IS NOT NULL),
    halves AS (
        SELECT {FATHERS_HOUSEHOLD} AS household_id, father, mother FROM couples
        UNION ALL SELECT {MOTHERS_HOUSEHOLD}, father, mother FROM couples),
    members AS (
        SELECT h.household_id, father_person_id, mother_person_id, halves.household_id IS NOT NULL AS is_half,
               coalesce(halves.father, father_person_id) AS man, coalesce(halves.mother, mother_person_id) AS woman
        FROM households AS h LEFT JOIN halves USING (household_id)),
    met AS (
        SELECT members.*, clauses.*, triggers.*, c.relation,
               CASE WHEN rules_on = 'as_of' THEN $as_of ELSE trigger_on END AS ruling_on
        FROM triggers JOIN clauses ON list_contains(event_types, event_type)
        JOIN children AS c ON c.child_person_id = child
        JOIN members USING (household_id)
        WHERE c.until_on IS NULL OR trigger_on IS NULL OR c.until_on > trigger_on),
    parted AS (
        SELECT clause_no, event_type, child, household_id,
               max(bound_on) FILTER (bond = 'divorce') AS divorced_on,
               max(bound_on) FILTER (bond = 'marriage') AS married_on
        FROM met JOIN bonds USING (man, woman) WHERE bound_on <= coalesce(ruling_on, $as_of) GROUP BY ALL)
    SELECT row_number() OVER (ORDER BY household_id, clause_no, child, event_type) AS case_id, met.*,
           CASE WHEN is_half THEN divorced_on END AS divorced_on
    FROM met LEFT JOIN parted USING (clause_no, event_type, child, household_id)
    WHERE is_half = (divorced_on IS NOT NULL AND (married_on IS NULL OR married_on <= divorced_on))
"""  # noqa: S608  # a query of ours


def case_steps(policies: list[Policy], as_of: date) -> dict[str, str]:
    """The queries, in order, from events, households and reviews to the table `cases`."""
    grades = sorted({grade for policy in policies for clause in policy.clauses for grade in clause.grades})
    fitting = f"CAST({grades} AS INT[])"
    return {
        "doubts": DOUBTS,
        "child_events": _CHILD_EVENTS,
        "triggers": f"{_DEATHS} UNION ALL ({_DISABILITIES.replace('$grades', fitting)})",
        "cases": _MET.replace("$as_of", f"DATE '{as_of:%Y-%m-%d}'"),
    }


def clause_table(policies: list[Policy]) -> pa.Table:
    """One row per clause, in the order of precedence: what the queries need to know of it."""
    rows = [(policy, clause) for policy in policies for clause in policy.clauses]
    return pa.table(
        {
            "clause_no": pa.array(range(len(rows)), pa.int64()),
            "policy_id": pa.array([policy.id for policy, _ in rows], pa.string()),
            "clause_id": pa.array([clause.id for _, clause in rows], pa.string()),
            "benefit_id": pa.array([clause.benefit.id for _, clause in rows], pa.string()),
            "rules_on": pa.array([clause.rules_on for _, clause in rows], pa.string()),
            "event_types": pa.array([list(clause.triggers) for _, clause in rows], pa.list_(pa.string())),
            "is_alerting": pa.array([clause.alert for _, clause in rows], pa.bool_()),
            "benefit_fen": pa.array([clause.benefit.amount_fen for _, clause in rows], pa.int64()),
        }
    )
