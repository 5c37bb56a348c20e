"""What befell whom: the records of every feed as life events, one per record and person concerned.

A pure function of the record states and the links. An event that a later version, a void or a withdrawal took
back stays in the table as `voided`; nothing is forgotten. Settlements say that somebody was in hospital, never
that somebody died.
"""

from collections.abc import Mapping

import pyarrow as pa

from transforms.schemas import LIFE_EVENTS, PERSONS, empty
from transforms.sql import ask, feed_rows

# Each query states: event_type, role, salt, record_key, occurred_on, known_on, stands, detail.
# `salt` keeps two events of one record apart that have the same type and role.
_DEATH_CERTIFICATES = """
    SELECT 'death' AS event_type, 'subject' AS role, '' AS salt, _record_key AS record_key,
           CAST(died_at AS DATE) AS occurred_on,
           CASE WHEN status = 'void' THEN _known_on ELSE _first_known_on END AS known_on,
           newest = 1 AND status <> 'void' AND _status = 'active' AS stands,
           CASE WHEN _status <> 'active' THEN 'withdrawn' WHEN newest > 1 THEN 'replaced' ELSE status END AS detail
    FROM (SELECT *, row_number() OVER (PARTITION BY certificate_no
                        ORDER BY _status = 'active' DESC, coalesce(version, 1) DESC, _known_on DESC, _record_key DESC
                    ) AS newest FROM death_certificates)
"""
_CREMATIONS = """
    SELECT 'death' AS event_type, 'subject' AS role, '' AS salt, _record_key AS record_key,
           coalesce(died_on, cremated_on) AS occurred_on,
           CASE WHEN _status = 'active' THEN _first_known_on ELSE _known_on END AS known_on,
           _status = 'active' AS stands, CASE WHEN _status = 'active' THEN 'cremated' ELSE 'withdrawn' END AS detail
    FROM cremations
"""
# The register knows the day of the cancellation, not of the death; it is the last of the three to be believed.
_HOUSEHOLD_REGISTER = """
    SELECT 'death' AS event_type, 'subject' AS role, '' AS salt, _record_key AS record_key,
           cancelled_on AS occurred_on, _known_on AS known_on, _status = 'active' AS stands,
           CASE WHEN cancelled_on IS NULL THEN 'undated' ELSE 'cancelled' END AS detail
    FROM household_register WHERE cancel_reason = 'death'
    UNION ALL
    SELECT 'moved', 'subject', 'in', _record_key, moved_in_on, _known_on, _status = 'active', 'in'
    FROM household_register WHERE moved_in_on IS NOT NULL
    UNION ALL
    SELECT 'moved', 'subject', 'out', _record_key, moved_out_on, _known_on, _status = 'active', 'out'
    FROM household_register WHERE moved_out_on IS NOT NULL
"""
# The assessment is the event; what became of the paper stands in the detail. Character 20 of the number is the grade.
_DISABILITY_CERTIFICATES = """
    SELECT 'disability' AS event_type, 'subject' AS role, '' AS salt, _record_key AS record_key,
           assessed_on AS occurred_on,
           CASE WHEN _status = 'active' THEN _first_known_on ELSE _known_on END AS known_on,
           _status = 'active' AS stands,
           'grade:' || coalesce(grade, nullif(substr(cert_no, 20, 1), ''), '?') || ';' || status AS detail
    FROM disability_certificates
"""
_BIRTHS = """
    SELECT 'birth' AS event_type, 'child' AS role, '' AS salt, _record_key AS record_key, birth_date AS occurred_on,
           CASE WHEN stands THEN _first_known_on ELSE _known_on END AS known_on, stands,
           coalesce(status, 'valid') AS detail
    FROM (SELECT *, _status = 'active' AND coalesce(status, 'valid') <> 'void' AS stands FROM births)
"""
_ADOPTIONS = """
    SELECT 'adoption' AS event_type, 'adoptee' AS role, '' AS salt, _record_key AS record_key,
           registered_on AS occurred_on,
           CASE WHEN _status = 'active' THEN _first_known_on ELSE _known_on END AS known_on,
           _status = 'active' AS stands, coalesce(status, 'in_force') AS detail
    FROM adoptions
    UNION ALL
    SELECT 'adoption_dissolved', 'adoptee', '', _record_key, dissolved_on, _known_on, _status = 'active', 'dissolved'
    FROM adoptions WHERE status = 'dissolved' OR dissolved_on IS NOT NULL
"""
# A reissued certificate (ICA, ICB) is paper, not an event.
_MARRIAGES = """
    SELECT op_type AS event_type, role, '' AS salt, _record_key AS record_key, op_date AS occurred_on,
           CASE WHEN stands THEN _first_known_on ELSE _known_on END AS known_on, stands,
           coalesce(status, 'valid') AS detail
    FROM (SELECT *, _status = 'active' AND coalesce(status, 'valid') <> 'revoked' AS stands FROM marriages),
         (VALUES ('man'), ('woman')) AS parties(role)
    WHERE op_type IN ('marriage', 'divorce')
"""
_MEDICAL_SETTLEMENTS = """
    SELECT 'hospitalisation' AS event_type, 'subject' AS role, '' AS salt, _record_key AS record_key,
           coalesce(admitted_on, discharged_on, CAST(setl_time AS DATE)) AS occurred_on,
           CASE WHEN _status = 'active' THEN _first_known_on ELSE _known_on END AS known_on,
           _status = 'active' AS stands, '' AS detail
    FROM medical_settlements
    WHERE coalesce(refd_setl_flag, '0') <> '1' AND coalesce(medfee_sumamt, 0) >= 0
      AND (admitted_on IS NOT NULL OR discharged_on IS NOT NULL)
"""
STATED = {  # the query of each feed's events; transforms.lineage reads off it which columns they come from
    "death_certificates": _DEATH_CERTIFICATES,
    "cremations": _CREMATIONS,
    "household_register": _HOUSEHOLD_REGISTER,
    "disability_certificates": _DISABILITY_CERTIFICATES,
    "births": _BIRTHS,
    "adoptions": _ADOPTIONS,
    "marriages": _MARRIAGES,
    "medical_settlements": _MEDICAL_SETTLEMENTS,
}
_WITH_PERSON = """
    SELECT 'E' || substr(md5(concat_ws('|', $feed, record_key, event_type, role, salt)), 1, 16) AS event_id,
           event_type, person_id, occurred_on, known_on, $feed AS feed, record_key,
           CASE WHEN stands THEN 'active' ELSE 'voided' END AS status, detail
    FROM ({stated}) JOIN (SELECT record_key, role, person_id FROM links WHERE feed = $feed) USING (record_key, role)
"""
_PERSONS = """
    WITH deaths AS (
        SELECT person_id, arg_min(occurred_on, (rank, occurred_on, event_id)) AS died_on
        FROM (SELECT *, CASE feed WHEN 'death_certificates' THEN 0 WHEN 'cremations' THEN 1 ELSE 2 END AS rank
              FROM events WHERE event_type = 'death' AND status = 'active')
        GROUP BY person_id)
    SELECT person_id, deaths.person_id IS NOT NULL AS is_deceased, died_on
    FROM (SELECT DISTINCT person_id FROM links) AS everyone LEFT JOIN deaths USING (person_id)
    ORDER BY person_id
"""


def life_events(records: Mapping[str, pa.Table], links: pa.Table) -> pa.Table:
    """LIFE_EVENTS of all record states: one row per record and person concerned, in the order of event_id.

    Deaths come from certificates (the highest version of a certificate number decides), cremations and the
    register. An adoption is an event of the adoptee, a birth of the child, a marriage of both.
    """
    found = [_events_of(feed, records, links) for feed in STATED if feed in records]
    return pa.concat_tables([empty(LIFE_EVENTS), *found]).sort_by("event_id")


def _events_of(feed: str, records: Mapping[str, pa.Table], links: pa.Table) -> pa.Table:
    sql = _WITH_PERSON.format(stated=STATED[feed]).replace("$feed", f"'{feed}'")
    return ask(sql, LIFE_EVENTS, links=links, **{feed: feed_rows(records, feed)})


def persons(links: pa.Table, events: pa.Table) -> pa.Table:
    """PERSONS: everyone who is mentioned, and when they died, by the best source that stands.

    A medical certificate is believed before a cremation, a cremation before the register's cancellation.
    """
    return ask(_PERSONS, PERSONS, links=links, events=events)
