# ruff: noqa: S608 - the queries are made of names that stand in this file
"""The checks between feeds, each a query over events, links and record states.

A query gives one row a record looked at: record_key and person_id of the record, other_feed and other_record_key of
the one it stands against, days, and is_failed. It may name its bounds (thresholds) as $<name>, $today for the
business date, and $until for the last day up to which silence of the feed `silent` says anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from expectations.checks import Check, Dimension

COMMISSION = "health_commission"

# What several questions rest on, in order; asked once a night.
BASIS = {
    "deaths": """
        SELECT person_id, feed, record_key, occurred_on AS died_on,
               CASE feed WHEN 'death_certificates' THEN 0 WHEN 'cremations' THEN 1 ELSE 2 END AS authority
        FROM events WHERE event_type = 'death' AND status = 'active' AND occurred_on IS NOT NULL
    """,
    "certified": "SELECT person_id, record_key, died_on FROM deaths WHERE feed = 'death_certificates'",
    # a person's death by the source that is believed most
    "died": """
        SELECT person_id, best.died_on, best.feed, best.record_key
        FROM (SELECT person_id, min({'authority': authority, 'died_on': died_on, 'record_key': record_key,
                                     'feed': feed}) AS best FROM deaths GROUP BY person_id)
    """,
    "newborn": """
        SELECT _record_key AS record_key, birth_date FROM births
        WHERE _status = 'active' AND coalesce(status, 'valid') <> 'void' AND birth_date > $today - 1096
    """,
    # of a million persons only the dead and the families of the newborn matter: everything else rests on these rows
    "told": """
        WITH concerned AS (
            SELECT person_id FROM died
            UNION SELECT person_id FROM links SEMI JOIN newborn USING (record_key) WHERE feed = 'births')
        SELECT feed, role, record_key, person_id FROM links SEMI JOIN concerned USING (person_id)
    """,
    # a person's rows in the register: whether one was cancelled for death, and one that still stands
    "registered": """
        SELECT person_id, bool_or(coalesce(cancel_reason = 'death', FALSE)) AS is_cancelled,
               min(record_key) FILTER (cancelled_on IS NULL AND cancel_reason IS NULL AND moved_out_on IS NULL)
                   AS standing_key
        FROM (SELECT person_id, record_key FROM told WHERE feed = 'household_register' AND role = 'subject')
        JOIN household_register ON _record_key = record_key WHERE _status = 'active' GROUP BY person_id
    """,
}


@dataclass(frozen=True)
class Question:
    """One check. `feed` is whose agency can mend it, `record_feed` whose records it looks at.

    needs: the feeds without which it cannot run. silent: the feed in which something is missing; it is believed up to
    its last delivery only. owner: an agency's id where it is not the feed's. bounds: thresholds that the query names.
    """

    rule: str
    feed: str
    record_feed: str
    needs: tuple[str, ...]
    bounds: tuple[str, ...]
    dimension: Dimension
    query: str
    silent: str | None = None
    owner: str | None = None

    def check(self, agency: str) -> Check:
        """The check; `agency` is the one that owns the feed."""
        owner = self.owner or agency
        return Check(self.feed, owner, self.rule, self.dimension, "warning", scope="between")


def between_checks(feed: str, agency: str) -> list[Check]:
    """The checks between feeds that stand under a feed."""
    return [question.check(agency) for question in QUESTIONS if question.feed == feed]


def _of(feed: str, columns: str, role: str = "subject") -> str:
    """The records of a feed that stand and name one of the dead in that role."""
    return f"""(SELECT record_key, person_id, {columns}
        FROM (SELECT record_key, person_id FROM told WHERE feed = '{feed}' AND role = '{role}')
        JOIN {feed} ON _record_key = record_key WHERE _status = 'active')"""


def _after_death(records: str, day: str) -> str:
    """Records of the dead that are dated more than so many days after the death."""
    return f"""
        SELECT r.record_key, r.person_id, d.feed AS other_feed, d.record_key AS other_record_key,
               {day} - d.died_on AS days, {day} > d.died_on + $after_death_days AS is_failed
        FROM {records} AS r JOIN died AS d USING (person_id) WHERE {day} IS NOT NULL
    """


# Certificates that are older than the feed are not missing; a mistyped early one does not make it older.
_NO_CERTIFICATE = """
    SELECT c.record_key, c.person_id, NULL AS other_feed, NULL AS other_record_key, $until - c.died_on AS days,
           k.person_id IS NULL AS is_failed
    FROM deaths AS c LEFT JOIN (SELECT DISTINCT person_id FROM certified) AS k USING (person_id)
    WHERE c.feed = 'cremations' AND c.died_on + $certificate_after_cremation_days <= $until
      AND c.died_on >= (SELECT quantile_disc(died_on, 0.005) FROM certified)
"""
_NOT_CANCELLED = """
    SELECT coalesce(standing_key, '') AS record_key, person_id, 'death_certificates' AS other_feed,
           min(c.record_key) AS other_record_key, $until - min(died_on) AS days,
           NOT any_value(is_cancelled) AS is_failed
    FROM certified AS c JOIN registered USING (person_id)
    WHERE is_cancelled OR standing_key IS NOT NULL
    GROUP BY person_id, standing_key HAVING min(died_on) + $cancelled_after_death_days <= $until
"""
# A child of more than three years may have moved away since.
_NOT_REGISTERED = """
    WITH here AS (
        SELECT DISTINCT record_key FROM told JOIN registered USING (person_id)
        WHERE feed = 'births' AND role IN ('mother', 'father') AND standing_key IS NOT NULL)
    SELECT b.record_key, person_id, NULL AS other_feed, NULL AS other_record_key, $until - birth_date AS days,
           r.person_id IS NULL AS is_failed
    FROM (SELECT record_key, person_id FROM told WHERE feed = 'births' AND role = 'child') AS b
    JOIN newborn USING (record_key) SEMI JOIN here USING (record_key)
    LEFT JOIN registered AS r USING (person_id) LEFT JOIN died USING (person_id)
    WHERE birth_date + $registered_after_birth_days <= $until
      AND (died_on IS NULL OR died_on > birth_date + $registered_after_birth_days)
"""
_DATES_DIFFER = f"""
    SELECT c.record_key, person_id, 'cremations' AS other_feed, o.record_key AS other_record_key,
           abs(c.died_on - o.died_on) AS days, abs(c.died_on - o.died_on) > $death_dates_differ_days AS is_failed
    FROM certified AS c JOIN {_of("cremations", "died_on")} AS o USING (person_id) WHERE o.died_on IS NOT NULL
"""
_CANCELLED_EARLY = f"""
    SELECT r.record_key, person_id, d.feed AS other_feed, d.record_key AS other_record_key,
           d.died_on - cancelled_on AS days, d.died_on - cancelled_on > $death_dates_differ_days AS is_failed
    FROM {_of("household_register", "cancelled_on, cancel_reason")} AS r JOIN died AS d USING (person_id)
    WHERE cancel_reason = 'death' AND cancelled_on IS NOT NULL AND d.feed <> 'household_register'
"""
_VALID_AFTER_DEATH = f"""
    SELECT r.record_key, r.person_id, d.feed AS other_feed, d.record_key AS other_record_key,
           $today - d.died_on AS days, status = 'valid' AS is_failed
    FROM {_of("disability_certificates", "status")} AS r JOIN died AS d USING (person_id)
    WHERE d.died_on + $disability_after_death_days <= $today
"""
_LOW_INCOME = f"""
    SELECT r.record_key, r.person_id, d.feed AS other_feed, d.record_key AS other_record_key,
           greatest(valid_from, least(coalesce(valid_to, $today), $today)) - d.died_on AS days,
           valid_from > d.died_on + $after_death_days
               OR least(coalesce(valid_to, $today), $today) > d.died_on + $low_income_after_death_days AS is_failed
    FROM {_of("low_income", "valid_from, valid_to")} AS r JOIN died AS d USING (person_id)
"""
_SETTLED = f"""(
    SELECT record_key, person_id, greatest(admitted_on, discharged_on) AS stayed_on
    FROM {_of("medical_settlements", "admitted_on, discharged_on, refd_setl_flag, medfee_sumamt")}
    WHERE coalesce(refd_setl_flag, '0') <> '1' AND medfee_sumamt >= 0)"""
_CLAIMED = f"(SELECT * FROM {_of('care_insurance_claims', 'admitted_on, paid')} WHERE coalesce(paid, 0) > 0)"
_WED = f"""(
    SELECT record_key, person_id, op_date
    FROM (FROM {_of("marriages", "op_date, status", "man")}
          UNION ALL FROM {_of("marriages", "op_date, status", "woman")})
    WHERE coalesce(status, 'valid') <> 'revoked')"""
# What a payer's file says was paid to a person, and not taken back since.
_PAID = """(
    SELECT entitlement_id AS record_key, person_id, max(paid_on) FILTER (amount_paid > 0) AS paid_on
    FROM (SELECT entitlement_id, paid_on, amount_fen AS amount_paid FROM payments)
    JOIN (SELECT entitlement_id, person_id FROM entitlements WHERE person_id IS NOT NULL) USING (entitlement_id)
    GROUP BY entitlement_id, person_id HAVING sum(amount_paid) > 0)"""
_DEATHS = ("death_certificates",)  # the least that has to be there to know of deaths

QUESTIONS: tuple[Question, ...] = (
    Question(
        "cremated_without_certificate", "death_certificates", "cremations", ("cremations", "death_certificates"),
        ("certificate_after_cremation_days",), "completeness", _NO_CERTIFICATE, silent="death_certificates",
    ),
    Question(
        "dead_not_cancelled", "household_register", "household_register",
        ("death_certificates", "household_register"), ("cancelled_after_death_days",), "timeliness", _NOT_CANCELLED,
        silent="household_register",
    ),
    Question(
        "born_not_registered", "household_register", "births", ("births", "household_register"),
        ("registered_after_birth_days",), "completeness", _NOT_REGISTERED, silent="household_register",
    ),
    Question(
        "death_dates_differ", "death_certificates", "death_certificates", ("cremations", "death_certificates"),
        ("death_dates_differ_days",), "consistency", _DATES_DIFFER, owner=COMMISSION,
    ),
    Question(
        "cancelled_before_death", "household_register", "household_register",
        ("death_certificates", "household_register"), ("death_dates_differ_days",), "consistency", _CANCELLED_EARLY,
        owner=COMMISSION,
    ),
    Question(
        "valid_after_death", "disability_certificates", "disability_certificates",
        ("disability_certificates", *_DEATHS), ("disability_after_death_days",), "timeliness", _VALID_AFTER_DEATH,
    ),
    Question(
        "stay_after_death", "medical_settlements", "medical_settlements", ("medical_settlements", *_DEATHS),
        ("after_death_days",), "consistency", _after_death(_SETTLED, "stayed_on"),
    ),
    Question(
        "claim_after_death", "care_insurance_claims", "care_insurance_claims", ("care_insurance_claims", *_DEATHS),
        ("after_death_days",), "consistency", _after_death(_CLAIMED, "admitted_on"),
    ),
    Question(
        "listed_after_death", "low_income", "low_income", ("low_income", *_DEATHS),
        ("after_death_days", "low_income_after_death_days"), "timeliness", _LOW_INCOME,
    ),
    Question(
        "wed_after_death", "marriages", "marriages", ("marriages", *_DEATHS), ("after_death_days",), "consistency",
        _after_death(_WED, "op_date"),
    ),
    Question(
        "paid_after_death", "payments", "payments", _DEATHS, ("after_death_days",), "consistency",
        _after_death(_PAID, "paid_on"), owner=COMMISSION,
    ),
)  # fmt: skip


def tables_of(questions: Iterable[Question]) -> frozenset[str]:
    """The feeds whose record states the questions and their basis read."""
    return frozenset(feed for question in questions for feed in question.needs) | {"births", "household_register"}
