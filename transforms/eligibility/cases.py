"""Of which household and of whom the law is asked because of which event: the cases of a night.

A case is the same for every clause that asks it of the same day; which clauses do, verdicts.py knows.

All records of one person's death are one trigger, and so are all assessments of one person and all stays in hospital
of one person and year. A trigger reaches a household through its child or through a parent; a couple that was divorced
on the ruling date is two households. Where only an
unconfirmed pair says that the dead are the child of a certificate household, the case is made and marked.
"""

from datetime import date

from transforms.eligibility.entries import Clause, Policy
from transforms.households import BONDS, FATHERS_HOUSEHOLD, MOTHERS_HOUSEHOLD

# Two persons whom a clerk has not yet told apart or together.
DOUBTS = """
    WITH open AS (
        SELECT links.person_id AS one, candidate_person_id AS other FROM review JOIN links USING (mention_id)
        WHERE review.status = 'open' AND links.person_id <> candidate_person_id)
    SELECT one, other FROM open UNION SELECT other, one FROM open
"""
# Deaths and assessments of children, and where a clause asks for them, deaths of parents who have a certificate.
_PERSON_EVENTS = """
    WITH awaited AS (SELECT * FROM events WHERE event_type IN ('death', 'disability')),
    parents AS (
        SELECT unnest([father_person_id, mother_person_id]) AS parent FROM households
        WHERE household_id IN (SELECT household_id FROM certificates)),
    found AS (
        SELECT person_id AS about, 'child' AS concerns, * EXCLUDE (person_id), FALSE AS is_doubted FROM awaited
        WHERE person_id IN (SELECT child_person_id FROM children)
        UNION ALL
        SELECT other, 'child', awaited.* EXCLUDE (person_id), TRUE FROM awaited JOIN doubts ON one = person_id
        WHERE awaited.status = 'active' AND other IN (SELECT child_person_id FROM certificates)
        UNION ALL
        SELECT person_id, 'parent', * EXCLUDE (person_id), FALSE FROM awaited
        WHERE event_type = 'death' AND $asks_parent_deaths AND person_id IN (SELECT parent FROM parents)),
    -- an event of the child itself leaves no room for somebody else's
    own AS (
        SELECT DISTINCT about, concerns, event_type FROM found WHERE NOT is_doubted AND status = 'active')
    SELECT found.*, feed || '|' || CASE feed WHEN 'death_certificates' THEN split_part(record_key, '|', 1)
                                             ELSE record_key END AS lineage,
           CASE feed WHEN 'death_certificates' THEN 0 WHEN 'cremations' THEN 1 ELSE 2 END AS authority
    FROM found LEFT JOIN own USING (about, concerns, event_type) WHERE NOT is_doubted OR own.about IS NULL
"""
# The record is the first that was known; the date is that of the source that is believed most.
_DEATHS = """
    WITH ranked AS (
        SELECT *, min(known_on) OVER (PARTITION BY about, concerns, lineage) AS lineage_known_on,
               status = 'active' AS stands
        FROM person_events WHERE event_type = 'death'),
    chosen AS (
        SELECT * FROM ranked QUALIFY row_number() OVER (PARTITION BY about, concerns ORDER BY stands DESC, is_doubted,
            lineage_known_on, authority, occurred_on, record_key, event_id) = 1),
    joined AS (
        SELECT about, concerns, bool_or(stands) AS stands,
               coalesce(arg_min(occurred_on, (authority, lineage_known_on, record_key)) FILTER (stands),
                        min(occurred_on)) AS trigger_on,
               min(known_on) AS known_on,
               bool_or(detail = 'void') AND NOT bool_or(stands AND authority = 0) AS is_void_contradicted,
               coalesce(max(occurred_on) FILTER (stands AND authority < 2)
                        - min(occurred_on) FILTER (stands AND authority < 2) > 31, FALSE) AS is_date_contradicted
        FROM ranked GROUP BY about, concerns)
    SELECT about, concerns, CASE concerns WHEN 'parent' THEN about END AS occasion,
           CASE concerns WHEN 'parent' THEN 'parent_death' ELSE 'death' END AS event_type, event_id, trigger_on,
           joined.known_on, feed, record_key, is_doubted,
           joined.stands, is_void_contradicted, is_date_contradicted, NULL::INT AS grade, FALSE AS has_valid,
           FALSE AS is_cancelled, NULL::DATE AS later_on
    FROM chosen JOIN joined USING (about, concerns)
"""
# The first assessment at one of the grades decides the year; a later one is remembered beside it.
_DISABILITIES = """
    WITH ranked AS (
        SELECT *, TRY_CAST(regexp_extract(detail, 'grade:([1-4])', 1) AS INT) AS grade,
               split_part(detail, ';', 2) AS paper
        FROM person_events WHERE event_type = 'disability' AND status = 'active'),
    marked AS (SELECT *, coalesce(list_contains($grades, grade), FALSE) AS fits FROM ranked),
    chosen AS (
        SELECT * FROM marked QUALIFY row_number() OVER (PARTITION BY about ORDER BY is_doubted, fits DESC,
            CASE WHEN NOT fits THEN grade END NULLS FIRST, occurred_on, paper <> 'valid', known_on, record_key) = 1),
    joined AS (
        SELECT about, is_doubted, min(known_on) FILTER (fits) AS known_on,
               coalesce(bool_or(fits AND paper = 'valid'), FALSE) AS has_valid,
               coalesce(bool_and(paper = 'cancelled') FILTER (fits), FALSE) AS is_cancelled,
               max(occurred_on) FILTER (fits AND paper = 'valid') AS later_on
        FROM marked GROUP BY about, is_doubted)
    SELECT about, concerns, NULL, 'disability', event_id, occurred_on, coalesce(joined.known_on, chosen.known_on),
           feed, record_key, is_doubted, TRUE, FALSE, FALSE, grade, has_valid, is_cancelled, later_on
    FROM chosen JOIN joined USING (about, is_doubted)
"""
# A parent's stays in hospital by calendar year of admission, in families whose child died or is disabled.
_HOSPITAL_YEARS = """
    WITH parents AS (
        SELECT DISTINCT unnest([father_person_id, mother_person_id]) AS about FROM households
        JOIN children USING (household_id) WHERE child_person_id IN (SELECT about FROM child_triggers)),
    stays AS (
        SELECT person_id AS about, year(occurred_on) AS of_year, * FROM events
        WHERE event_type = 'hospitalisation' AND status = 'active' AND occurred_on IS NOT NULL
          AND person_id IN (SELECT about FROM parents))
    SELECT about, 'parent', CAST(of_year AS VARCHAR), 'hospital_year', arg_max(event_id, (occurred_on, event_id)),
           max(occurred_on), min(known_on), arg_max(feed, (occurred_on, event_id)),
           arg_max(record_key, (occurred_on, event_id)), FALSE, TRUE, FALSE, FALSE, NULL, FALSE, FALSE, NULL
    FROM stays WHERE $asks_hospital_years GROUP BY about, of_year
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
    -- through the child itself, or through a parent to the child on the certificate
    reached AS (
        SELECT child_person_id AS about, 'child' AS concerns, household_id, child_person_id AS child, relation,
               until_on
        FROM children WHERE child_person_id IN (SELECT about FROM triggers WHERE concerns = 'child')
        UNION ALL
        SELECT DISTINCT about, 'parent', household_id, child_person_id, 'certificate', NULL::DATE
        FROM triggers JOIN (SELECT household_id, unnest([father_person_id, mother_person_id]) AS about FROM members)
            USING (about) JOIN certificates USING (household_id)
        WHERE concerns = 'parent' AND (event_type <> 'hospital_year'
              OR child_person_id IN (SELECT about FROM triggers WHERE concerns = 'child'))),
    met AS (
        SELECT row_number() OVER () AS met_id, members.*, triggers.*, rules_on, is_of_parent, reached.child,
               reached.relation, CASE WHEN rules_on = 'as_of' THEN $asked_on ELSE trigger_on END AS ruling_on
        FROM triggers JOIN (VALUES $ways) AS ways(event_type, rules_on, is_of_parent) USING (event_type)
        JOIN reached USING (about, concerns)
        JOIN members USING (household_id) $askings
        WHERE (until_on IS NULL OR trigger_on IS NULL OR until_on > trigger_on)
          AND (rules_on <> 'as_of' OR trigger_on IS NULL OR trigger_on <= $asked_on)),
    parted AS (
        SELECT met_id, max(bound_on) FILTER (bond = 'divorce') AS divorced_on,
               max(bound_on) FILTER (bond = 'marriage') AS married_on
        FROM met JOIN bonds USING (man, woman) WHERE bound_on <= coalesce(ruling_on, $as_of) GROUP BY met_id),
    standing AS (
        SELECT met.*, CASE WHEN is_half THEN divorced_on END AS divorced_on
        FROM met LEFT JOIN parted USING (met_id)
        WHERE is_half = (divorced_on IS NOT NULL AND (married_on IS NULL OR married_on <= divorced_on))),
    -- of whom it is asked: of the household, of each parent, or of the parent whom it befell
    asked AS (
        SELECT standing.*, NULL AS subject, NULL::BOOLEAN AS is_subject_mother FROM standing WHERE NOT is_of_parent
        UNION ALL
        SELECT standing.*, parent, parent IS NOT DISTINCT FROM mother_person_id
        FROM standing, unnest([father_person_id, mother_person_id]) AS parents(parent)
        WHERE is_of_parent AND parent IS NOT NULL AND (concerns = 'child' OR parent = about)),
    found AS (
        SELECT household_id, person_id AS child, event_type, outcome AS visit_outcome, visited_on FROM visits
        WHERE outcome IN ('confirmed', 'refuted')
        QUALIFY row_number() OVER (PARTITION BY household_id, person_id, event_type
                                   ORDER BY visited_on DESC, recorded_on DESC, visit_id) = 1)
    SELECT row_number() OVER (ORDER BY household_id, child, event_type, occasion, subject, rules_on, ruling_on)
               AS case_id, asked.*, visit_outcome, visited_on
    FROM asked LEFT JOIN found USING (household_id, child, event_type)
"""  # noqa: S608  # a query of ours


def case_steps(policies: list[Policy], as_of: date, *, on_days: bool = False) -> dict[str, str]:
    """The queries, in order, from events, households, reviews and visits to the table `cases`.

    `on_days`: a table `askings` (household_id, asked_on) says on which days the law of the day is asked, instead of
    `as_of` alone.
    """
    clauses = [clause for policy in policies for clause in policy.clauses]
    grades = sorted({grade for clause in clauses for grade in clause.grades})
    asked = {trigger for clause in clauses for trigger in clause.triggers}
    ways = sorted({way for clause in clauses for way in ways_of(clause)})
    today = f"DATE '{as_of:%Y-%m-%d}'"
    said = {
        "$grades": f"CAST({grades} AS INT[])",
        "$asks_parent_deaths": str("parent_death" in asked),
        "$asks_hospital_years": str("hospital_year" in asked),
        "$asked_on": "asked_on" if on_days else today,
        "$ways": ", ".join(f"('{event}', '{rules_on}', {is_of_parent})" for event, rules_on, is_of_parent in ways),
        "$askings": "JOIN askings USING (household_id)" if on_days else "",
        "$as_of": today,
    }
    steps = {
        "doubts": DOUBTS,
        "person_events": _PERSON_EVENTS,
        "child_triggers": f"{_DEATHS} UNION ALL ({_DISABILITIES})",
        "triggers": f"FROM child_triggers UNION ALL ({_HOSPITAL_YEARS})",
        "cases": _MET,
    }
    return {name: _filled(sql, said) for name, sql in steps.items()}


def _filled(sql: str, said: dict[str, str]) -> str:
    for name, words in said.items():
        sql = sql.replace(name, words)
    return sql


def ways_of(clause: Clause) -> list[tuple[str, str, bool]]:
    """How a clause asks: because of which events, of which day, and whether of each parent."""
    return [(event, clause.rules_on, clause.who == "parent_of_only_child") for event in clause.triggers]
