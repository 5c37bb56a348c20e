"""What was written under a household's or a verdict's former name, under today's.

A household is named after its anchor (households.py): an older certificate that arrives late gives the same couple
another name. What was visited and what is owed stays theirs.
"""

from typing import Final

import pyarrow as pa

from transforms.eligibility.facts import Facts
from transforms.sql import ask

RENAMES: Final = pa.schema([("old_id", pa.string()), ("new_id", pa.string())])

# The same two parents (or the one) under a name that is gone and one that is new.
_RENAMED = """
    WITH gone AS (FROM then_known ANTI JOIN now_known USING (household_id)),
    came AS (FROM now_known ANTI JOIN then_known USING (household_id)),
    tonight AS (
        SELECT gone.household_id AS old_id, min(came.household_id) AS new_id
        FROM gone JOIN came ON gone.father_person_id IS NOT DISTINCT FROM came.father_person_id
         AND gone.mother_person_id IS NOT DISTINCT FROM came.mother_person_id
        GROUP BY gone.household_id HAVING count(*) = 1),
    all_known AS (
        SELECT known.old_id, coalesce(tonight.new_id, known.new_id) AS new_id
        FROM known LEFT JOIN tonight ON tonight.old_id = known.new_id
        UNION FROM tonight)
    SELECT old_id, new_id FROM all_known WHERE old_id NOT IN (SELECT household_id FROM now_known) ORDER BY old_id
"""
_OF_TODAY = """
    SELECT named.* REPLACE (coalesce(new_id, household_id) AS household_id)
    FROM named LEFT JOIN renames ON old_id = household_id
"""
# A verdict under another name is the same clause's, for the same child, event and person, in the same family.
_FOLLOWED = """
    WITH asked AS (SELECT DISTINCT determination_id FROM entries),
    lost AS (
        SELECT determination_id, coalesce(new_id, household_id) AS household_id, policy_id, clause_id, person_id,
               subject_id, trigger_event_type,
               CASE trigger_event_type WHEN 'hospital_year' THEN year(trigger_on) END AS of_year
        FROM said SEMI JOIN asked USING (determination_id) LEFT JOIN renames ON old_id = household_id
        WHERE determination_id NOT IN (SELECT determination_id FROM found)),
    now AS (
        SELECT lost.determination_id, min(found.determination_id) AS now_id
        FROM lost JOIN found USING (household_id, policy_id, clause_id, person_id, trigger_event_type)
        WHERE lost.subject_id IS NOT DISTINCT FROM found.subject_id
          AND (of_year IS NULL OR of_year = year(found.trigger_on))
        GROUP BY lost.determination_id HAVING count(*) = 1)
    SELECT entries.* REPLACE (coalesce(now_id, determination_id) AS determination_id,
                              coalesce(new_id, household_id) AS household_id)
    FROM entries LEFT JOIN now USING (determination_id) LEFT JOIN renames ON old_id = household_id
"""


def renames(then: Facts, now: Facts, known: pa.Table | None = None) -> pa.Table:
    """RENAMES of households: those `known` so far, carried on to today's names, and those of tonight."""
    return ask(
        _RENAMED,
        RENAMES,
        then_known=then.households.households,
        now_known=now.households.households,
        known=RENAMES.empty_table() if known is None else known,
    )


def of_today(table: pa.Table, renamed: pa.Table | None) -> pa.Table:
    """The rows of a table with a column household_id, each under its household's name of today."""
    return ask(_OF_TODAY, table.schema, named=table, renames=renamed) if renamed else table


def followed(entries: pa.Table, said: pa.Table, found: pa.Table, renamed: pa.Table) -> pa.Table:
    """ENTITLEMENTS as last night left them, under tonight's names of verdicts and households; amounts never change.

    `said` are last night's DETERMINATIONS, `found` tonight's.
    """
    return ask(_FOLLOWED, entries.schema, entries=entries, said=said, found=found, renames=renamed)
