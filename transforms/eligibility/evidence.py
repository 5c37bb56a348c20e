"""What the records say of each case, gathered for all cases at once: the facts that conditions ask for.

Every query below makes one table keyed by case_id; "evidence" puts them side by side. Nothing is judged
here.
"""

from collections.abc import Collection

from transforms.eligibility.covering import declared_of
from transforms.eligibility.vocabulary import COVERED_FEEDS

# Two birth dates closer than this cannot be two children of one mother, unless they are twins: then it may be one
# child whom linkage did not put together.
SAME_CHILD_DAYS = 200
# Later than so many days after a death, a sign of life contradicts it; settlements and moves are booked late.
LIFE_AFTER_DEATH_DAYS = 31

_PARENTAGE = """
    SELECT father AS parent, child, relation, since_on, until_on, is_father_sure AS is_sure FROM triples
    WHERE father IS NOT NULL
    UNION ALL
    SELECT mother, child, relation, since_on, until_on, is_mother_sure FROM triples WHERE mother IS NOT NULL
"""
_DEAD = """
    SELECT person_id, arg_min(coalesce(occurred_on, known_on), (CASE feed WHEN 'death_certificates' THEN 0
               WHEN 'cremations' THEN 1 ELSE 2 END, occurred_on)) AS died_on
    FROM events WHERE event_type = 'death' AND status = 'active' GROUP BY person_id
"""
_CASE_PARENTS = """
    SELECT case_id, child, coalesce(ruling_on, known_on) AS ruling_on, trigger_on, parent, is_mother, died_on
    FROM (SELECT *, father_person_id AS parent, FALSE AS is_mother FROM cases
          UNION ALL SELECT *, mother_person_id, TRUE FROM cases) LEFT JOIN dead ON dead.person_id = parent
    WHERE parent IS NOT NULL
"""
# Every other child of a parent that was born or adopted by the ruling date and not known to be dead by then.
_OTHERS = """
    SELECT case_id, p.parent AS through, cp.child, p.child AS other, min(p.since_on) AS since_on,
           bool_or(p.is_sure) AS is_sure, min(p.relation) AS relation
    FROM case_parents AS cp JOIN parentage AS p USING (parent) LEFT JOIN dead ON dead.person_id = p.child
    WHERE p.child <> cp.child AND (p.since_on IS NULL OR p.since_on <= cp.ruling_on)
      AND (p.until_on IS NULL OR p.until_on > cp.ruling_on)
      AND (dead.died_on IS NULL OR dead.died_on > cp.ruling_on)
    GROUP BY case_id, p.parent, cp.child, p.child
"""
_DOUBTED_OTHERS = """
    SELECT case_id, cp.child, p.child AS other
    FROM case_parents AS cp JOIN doubts ON doubts.one = cp.parent JOIN parentage AS p ON p.parent = doubts.other
    LEFT JOIN dead ON dead.person_id = p.child
    WHERE p.relation IN ('birth', 'adoption') AND p.child <> cp.child
      AND (p.since_on IS NULL OR p.since_on <= cp.ruling_on) AND (p.until_on IS NULL OR p.until_on > cp.ruling_on)
      AND (dead.died_on IS NULL OR dead.died_on > cp.ruling_on)
"""
# Whether the other child may be this one under another person_id: nearly the same birth date, or a pair that waits
# for a clerk, and no feed that has the two as two records.
_SAME = f"""
    WITH asked AS (SELECT DISTINCT child, other FROM others UNION SELECT DISTINCT child, other FROM doubted_others
                   UNION SELECT cases.child, c.child_person_id FROM cases JOIN certificates AS c USING (household_id)
                   WHERE c.child_person_id <> cases.child),
    told AS (
        SELECT asked.child, asked.other,
               bool_or(abs(a.born_on - b.born_on) < {SAME_CHILD_DAYS}) AS is_near,
               bool_or(a.feed = b.feed AND a.is_distinct AND b.is_distinct) AS is_apart
        FROM asked JOIN born AS a ON a.child = asked.child JOIN born AS b ON b.child = asked.other GROUP BY ALL)
    SELECT child, told.other FROM told LEFT JOIN doubts ON one = child AND doubts.other = told.other
    WHERE NOT coalesce(is_apart, FALSE) AND (coalesce(is_near, FALSE) OR one IS NOT NULL)
"""  # noqa: S608  # a query of ours
_OTHER_CHILDREN = """
    WITH told AS (
        SELECT child AS other, max(known_on) AS known_on FROM born
        WHERE child IN (SELECT other FROM others) GROUP BY child)
    SELECT case_id,
           arg_min(other, (since_on, other)) FILTER (same.child IS NULL AND is_sure) AS other_child_id,
           arg_min(since_on, (since_on, other)) FILTER (same.child IS NULL AND is_sure) AS other_since_on,
           arg_min(relation, (since_on, other, relation)) FILTER (same.child IS NULL AND is_sure) AS other_relation,
           max(told.known_on) FILTER (same.child IS NULL AND is_sure) AS other_known_on,
           min(other) FILTER (same.child IS NULL AND NOT is_sure) AS unsure_child_id,
           min(other) FILTER (same.child IS NOT NULL) AS same_child_id
    FROM others LEFT JOIN same USING (child, other) LEFT JOIN told USING (other) GROUP BY case_id
"""
_DOUBTED = """
    SELECT case_id, min(other) AS doubted_child_id FROM doubted_others LEFT JOIN same USING (child, other)
    WHERE same.child IS NULL GROUP BY case_id
"""
_CERTIFIED = """
    WITH tied AS (
        SELECT case_id, issued_on, voided_on, certificate_no, c.child_person_id = cases.child AS is_named,
               issued_on <= trigger_on AND (voided_on IS NULL OR voided_on > trigger_on) AS is_in_force,
               coalesce(issued_on > trigger_on, FALSE) AS is_later
        FROM cases JOIN certificates AS c USING (household_id)
        LEFT JOIN same ON same.child = cases.child AND same.other = c.child_person_id
        WHERE c.child_person_id = cases.child OR same.child IS NOT NULL)
    SELECT case_id, TRUE AS is_certified, bool_or(is_in_force) AS is_in_force, bool_and(is_later) AS is_all_later,
           bool_or(is_in_force AND is_named) AS is_named,
           min(issued_on) FILTER (is_in_force) AS issued_on, max(voided_on) AS voided_on,
           arg_min(certificate_no, (NOT is_named, issued_on, certificate_no)) FILTER (is_in_force) AS certificate_no
    FROM tied GROUP BY case_id
"""
_ADOPTED = """
    SELECT case_id, min(t.since_on) AS adopted_on FROM cases JOIN triples AS t USING (child)
    WHERE t.relation = 'adoption' AND t.since_on <= coalesce(ruling_on, known_on)
      AND (t.until_on IS NULL OR t.until_on > coalesce(ruling_on, known_on))
      AND coalesce(t.father, '') NOT IN (coalesce(father_person_id, '?'), coalesce(mother_person_id, '?'))
      AND coalesce(t.mother, '') NOT IN (coalesce(father_person_id, '?'), coalesce(mother_person_id, '?'))
    GROUP BY case_id
"""
_PARENTS = """
    SELECT case_id, count(*) FILTER (died_on IS NULL OR died_on > ruling_on) AS alive,
           coalesce(bool_or(is_mother AND died_on <= trigger_on), FALSE) AS is_mother_dead
    FROM case_parents GROUP BY case_id
"""
# The birth dates that records state for a parent; an id_no is asked only where none does.
_BIRTH_DATES = """
    WITH stated AS (
        SELECT 'household_register' AS feed, 'subject' AS role, _record_key AS record_key, birth_date AS born_on,
               id_no FROM household_register
        UNION ALL
        SELECT 'only_child_certificates', 'father', _record_key, father_birth_date, father_id_no
        FROM only_child_certificates
        UNION ALL
        SELECT 'only_child_certificates', 'mother', _record_key, mother_birth_date, mother_id_no
        FROM only_child_certificates
        UNION ALL SELECT 'marriages', 'man', _record_key, birth_man, cert_num_man FROM marriages
        UNION ALL SELECT 'marriages', 'woman', _record_key, birth_woman, cert_num_woman FROM marriages),
    known AS (
        SELECT person_id, born_on, TRY_CAST(try_strptime(substr(id_no, 7, 8), '%Y%m%d') AS DATE) AS id_born_on
        FROM stated JOIN links USING (feed, role, record_key)
        WHERE person_id IN (SELECT parent FROM case_parents))
    SELECT person_id, coalesce(min(born_on), min(id_born_on)) AS born_from,
           coalesce(max(born_on), max(id_born_on)) AS born_to
    FROM known GROUP BY person_id
"""
_AGES = """
    SELECT case_id, is_mother AS is_wife, born_from, born_to
    FROM case_parents LEFT JOIN birth_dates ON person_id = parent
    WHERE died_on IS NULL OR died_on > ruling_on
    QUALIFY row_number() OVER (PARTITION BY case_id ORDER BY is_mother DESC) = 1
"""
_SIGNS_OF_LIFE = f"""
    SELECT case_id, max(e.occurred_on) AS alive_on FROM cases JOIN events AS e ON e.person_id = cases.child
    WHERE cases.event_type = 'death' AND e.status = 'active'
      AND (e.event_type IN ('marriage', 'divorce', 'hospitalisation') OR (e.event_type = 'moved' AND e.detail = 'in'))
      AND e.occurred_on > trigger_on + {LIFE_AFTER_DEATH_DAYS}
    GROUP BY case_id
"""  # noqa: S608  # a query of ours
# A birth record that names two quite different parents, of a child that nobody adopted.
_DISAGREEING = """
    SELECT DISTINCT case_id, TRUE AS is_disagreeing FROM cases JOIN triples AS t USING (child)
    WHERE cases.relation = 'certificate' AND t.relation = 'birth' AND t.father IS NOT NULL AND t.mother IS NOT NULL
      AND coalesce(man, '') NOT IN (t.father, t.mother) AND coalesce(woman, '') NOT IN (t.father, t.mother)
      AND cases.child NOT IN (SELECT child FROM triples WHERE relation = 'adoption')
"""
_CHILD_BORN = """
    SELECT child, min(born_on) AS child_born_on, max(born_on) AS child_born_to FROM born
    WHERE child IN (SELECT child FROM cases) GROUP BY child
"""
# Children who came after the event; on the ruling date they are theirs and alive.
_LATER = """
    SELECT case_id, min(others.since_on) FILTER (others.relation = 'birth') AS later_birth_on,
           min(others.since_on) FILTER (others.relation = 'adoption') AS later_adoption_on
    FROM others JOIN cases USING (case_id, child) LEFT JOIN same USING (child, other)
    WHERE same.child IS NULL AND is_sure AND others.since_on > trigger_on GROUP BY case_id
"""
_GRADES = """
    WITH assessed AS (
        SELECT case_id, TRY_CAST(regexp_extract(detail, 'grade:([1-4])', 1) AS INT) AS grade,
               split_part(detail, ';', 2) AS paper
        FROM cases JOIN events AS e ON e.person_id = cases.child
        WHERE e.event_type = 'disability' AND e.status = 'active'
          AND e.occurred_on <= coalesce(ruling_on, cases.known_on))
    SELECT case_id, min(grade) FILTER (paper = 'valid') AS child_grade,
           coalesce(bool_or(paper = 'valid'), FALSE) AS is_assessed,
           coalesce(bool_and(paper = 'cancelled'), FALSE) AS is_assessment_cancelled
    FROM assessed GROUP BY case_id
"""
_PEOPLE = """
    SELECT case_id, f.born_from AS father_born_from, f.born_to AS father_born_to, df.died_on AS father_died_on,
           m.born_from AS mother_born_from, m.born_to AS mother_born_to, dm.died_on AS mother_died_on,
           s.born_from AS person_born_from, s.born_to AS person_born_to, ds.died_on AS person_died_on
    FROM cases LEFT JOIN birth_dates AS f ON f.person_id = father_person_id
    LEFT JOIN birth_dates AS m ON m.person_id = mother_person_id
    LEFT JOIN birth_dates AS s ON s.person_id = subject LEFT JOIN dead AS df ON df.person_id = father_person_id
    LEFT JOIN dead AS dm ON dm.person_id = mother_person_id LEFT JOIN dead AS ds ON ds.person_id = subject
"""
# Where the parents are registered on the ruling date, by today's codes; the certificate where the register is silent.
_HUKOU = """
    WITH parents AS (SELECT case_id, parent, ruling_on FROM case_parents),
    registered AS (
        SELECT case_id, parent, division_code AS code FROM parents JOIN links ON person_id = parent
        JOIN household_register ON _record_key = record_key
        WHERE feed = 'household_register' AND role = 'subject' AND _status = 'active' AND division_code IS NOT NULL
          AND (moved_in_on IS NULL OR moved_in_on <= ruling_on) AND (moved_out_on IS NULL OR moved_out_on > ruling_on)
          AND (cancelled_on IS NULL OR cancelled_on > ruling_on OR cancel_reason = 'death')),
    certified AS (
        SELECT case_id, parent, CASE role WHEN 'father' THEN father_hukou_code ELSE mother_hukou_code END AS code
        FROM parents JOIN links ON person_id = parent JOIN only_child_certificates ON _record_key = record_key
        WHERE feed = 'only_child_certificates' AND role IN ('father', 'mother') AND _status = 'active'),
    stated AS (
        SELECT case_id, code FROM registered
        UNION ALL
        SELECT case_id, code FROM certified ANTI JOIN registered USING (case_id, parent))
    SELECT case_id, list_distinct(list(coalesce(today, left(code, 6)))) AS hukou_codes
    FROM stated LEFT JOIN replaced_codes ON replaced_codes.code_before = left(code, 6)
    WHERE code IS NOT NULL GROUP BY case_id
"""
_INCOME = """
    WITH listed AS (
        SELECT case_id, ruling_on, valid_from, valid_to, household_income_yuan AS income_fen
        FROM case_parents JOIN links ON person_id = parent JOIN low_income ON _record_key = record_key
        WHERE feed = 'low_income' AND role = 'subject' AND _status = 'active')
    SELECT case_id, coalesce(bool_or(valid_from <= ruling_on AND (valid_to IS NULL OR valid_to >= ruling_on)), FALSE)
               AS is_low_income,
           arg_max(income_fen, valid_from) FILTER (
               year(valid_from) < year(ruling_on) AND (valid_to IS NULL OR year(valid_to) >= year(ruling_on) - 1)
           ) / 100 AS income_yuan
    FROM listed GROUP BY case_id
"""
# Stays of one person and year; a settlement that was refunded leaves neither days nor money.
_CARE = """
    WITH of_year AS (SELECT case_id, about, year(trigger_on) AS year FROM cases WHERE event_type = 'hospital_year'),
    whose AS MATERIALIZED (
        SELECT person_id AS about, feed, record_key FROM links
        WHERE role = 'subject' AND person_id IN (SELECT about FROM of_year)),
    settled AS (
        SELECT about, year(coalesce(admitted_on, discharged_on)) AS year, admitted_on, discharged_on,
               sum(psn_part_amt) AS paid_fen
        FROM whose JOIN medical_settlements ON _record_key = record_key
        WHERE feed = 'medical_settlements' AND _status = 'active' AND coalesce(refd_setl_flag, '0') <> '1'
        GROUP BY about, admitted_on, discharged_on HAVING sum(medfee_sumamt) > 0),
    stayed AS (
        SELECT about, year, sum(greatest(coalesce(discharged_on - admitted_on, 1), 1)) AS hospital_days,
               sum(paid_fen) AS paid_fen
        FROM settled GROUP BY about, year),
    claimed AS (
        SELECT about, coalesce(year(admitted_on), plan_year) AS year, sum(days_claimed) AS days_claimed,
               sum(paid) AS claimed_fen
        FROM whose JOIN care_insurance_claims ON _record_key = record_key
        WHERE feed = 'care_insurance_claims' AND _status = 'active' AND reject_reason IS NULL GROUP BY ALL)
    SELECT case_id, CAST(hospital_days AS BIGINT) AS hospital_days,
           CAST(coalesce(days_claimed, 0) AS BIGINT) AS days_claimed,
           CAST(paid_fen - coalesce(claimed_fen, 0) AS BIGINT) / 100 AS paid_yuan
    FROM of_year JOIN stayed USING (about, year) LEFT JOIN claimed USING (about, year)
"""
# Where a family is, as far as that is known: its township, else where its parents are registered.
_WHEREABOUTS = """
    SELECT case_id, CASE WHEN township_code IS NOT NULL THEN [township_code] ELSE hukou_codes END AS whereabouts
    FROM cases LEFT JOIN (SELECT household_id, township_code FROM households) USING (household_id)
    LEFT JOIN hukou USING (case_id)
"""
_TOWARDS = (
    "other_children", "doubted", "certified", "adopted", "parents", "ages", "signs_of_life", "disagreeing",
    "later", "grades", "people", "hukou", "whereabouts", "income", "care",
)  # fmt: skip
_COVERED = ", ".join(
    f"(SELECT first(c) FROM coverage AS c WHERE c.feed = '{feed}') AS coverage_{feed}"  # noqa: S608  # closed list
    for feed in COVERED_FEEDS
)
_EVIDENCE = f"""
    SELECT *, {_COVERED} FROM cases LEFT JOIN child_born USING (child)
    LEFT JOIN (SELECT person_id, died_on AS child_died_on FROM dead) AS gone ON gone.person_id = cases.child
    {" ".join(f"LEFT JOIN {name} USING (case_id)" for name in _TOWARDS)}
"""  # noqa: S608  # names of ours


def evidence_of(declared: Collection[str]) -> str:
    """The query of the evidence, where agencies declare what these feeds cover: of no other feed is it asked."""
    columns = (declared_of(feed, feed in declared) for feed in COVERED_FEEDS)
    told = ", ".join(f"{sql} AS {name}" for each in columns for name, sql in each.items())
    return f"SELECT *, {told} FROM ({_EVIDENCE}) ORDER BY case_id"  # noqa: S608  # names of ours


STEPS = {
    "parentage": _PARENTAGE,
    "dead": _DEAD,
    "case_parents": _CASE_PARENTS,
    "others": _OTHERS,
    "doubted_others": _DOUBTED_OTHERS,
    "same": _SAME,
    "other_children": _OTHER_CHILDREN,
    "doubted": _DOUBTED,
    "certified": _CERTIFIED,
    "adopted": _ADOPTED,
    "parents": _PARENTS,
    "birth_dates": _BIRTH_DATES,
    "ages": _AGES,
    "signs_of_life": _SIGNS_OF_LIFE,
    "disagreeing": _DISAGREEING,
    "child_born": _CHILD_BORN,
    "later": _LATER,
    "grades": _GRADES,
    "people": _PEOPLE,
    "hukou": _HUKOU,
    "whereabouts": _WHEREABOUTS,
    "income": _INCOME,
    "care": _CARE,
}
