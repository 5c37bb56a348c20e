"""The tables that the stages of a night hand to each other, one Arrow schema each.

Names follow the house's words: `_id` opaque, `_no` an agency's number, `_on` a date, `_code` a code, `_fen`
money in fen. Tables marked *lake only* hold personal data and never reach the warehouse, a log or a report.
"""

import pyarrow as pa

DAY = pa.date32()
TEXT = pa.string()

# -- a delivery on its way in -------------------------------------------------------------------------------
# Columns that accompany the contract's own columns from reading to the record state. Lake only.
ROW_NUMBER = "_row_number"  # int64, the row of the delivered table; the header is row 1, the first record row 2
RECORD_KEY = "_record_key"  # string, the parts of the key joined by "|"
CONTENT_HASH = "_content_hash"  # string, 16 hex digits over the contract's columns as delivered

ROW_FAULTS = pa.schema(  # rows that reading could not bring into columns
    [(ROW_NUMBER, pa.int64()), ("reason_code", TEXT), ("column_name", TEXT), ("detail", TEXT), ("delivered_text", TEXT)]
)
DEFECTS = pa.schema(  # fields that are delivered but cannot be used; counts only leave the lake
    [(ROW_NUMBER, pa.int64()), ("column_name", TEXT), ("reason_code", TEXT)]
)
QUARANTINE = pa.schema(  # refused rows, with the row as delivered; lake only because of `delivered_json`
    [
        (ROW_NUMBER, pa.int64()),
        (RECORD_KEY, TEXT),
        ("reason_code", TEXT),
        ("column_name", TEXT),
        ("delivered_json", TEXT),
    ]
)

# -- the record state of a feed: its typed columns, and where each record stands --------------------------------
RECORD_STATE = (  # follow the typed columns, RECORD_KEY, CONTENT_HASH and ROW_NUMBER
    pa.field("_delivery_id", TEXT),
    pa.field("_delivered_on", DAY),
    pa.field("_first_known_on", DAY),  # business date on which any version of the record was first taken
    pa.field("_known_on", DAY),  # business date on which this version was taken
    pa.field("_status", TEXT),  # active | withdrawn (gone from a full delivery)
)

# -- persons ----------------------------------------------------------------------------------------------------
MENTIONS = pa.schema(  # a person in a role of a record; lake only
    [
        ("mention_id", TEXT),  # the first 16 hex digits of SHA-256(feed|record_key|role)
        ("feed", TEXT),
        ("record_key", TEXT),
        ("role", TEXT),
        ("content_hash", TEXT),  # over all columns below: what linkage has seen of this mention
        ("name", TEXT),  # standardised; null for placeholders
        ("former_name", TEXT),
        ("name_pinyin", TEXT),  # toneless syllables joined by a space
        ("id_no", TEXT),  # 18 characters, valid, not contradicting the record's own birth date; else null
        ("id_no_text", TEXT),  # as normalised, also when it is invalid; null for placeholders
        ("id_state", TEXT),  # valid | from_15 | bad_check | bad_shape | contradicts | missing
        ("birth_date", DAY),  # stated, else from a valid id_no
        ("birth_source", TEXT),  # stated | id_no | age (then birth_date is null and birth_year is set) | none
        ("birth_year", pa.int16()),
        ("sex", TEXT),  # "1" "2" or null; stated, else implied by role, else from the id_no
        ("address_key", TEXT),
        ("division_code", TEXT),  # six digits, mapped to the place it means today
        ("township_code", TEXT),  # nine digits, or null
        ("phone", TEXT),
        ("father_name", TEXT),
        ("father_id_no", TEXT),
        ("mother_name", TEXT),
        ("mother_id_no", TEXT),
        ("spouse_name", TEXT),
        ("spouse_id_no", TEXT),
        ("child_name", TEXT),
        ("child_id_no", TEXT),
        ("child_birth_date", DAY),
        ("relative_name", TEXT),  # kin, handler or guardian of unstated relation
        ("household_no", TEXT),  # the register's, as evidence of who lives together
    ]
)
PAIRS = pa.schema(  # scored pairs of mentions, mention_a < mention_b
    [
        ("mention_a", TEXT),
        ("mention_b", TEXT),
        ("match_weight", pa.float64()),  # bits, prior included
        ("match_probability", pa.float64()),
        ("levels", TEXT),  # one letter or digit a comparison, in the model's order: the pair's pattern
        ("decided_by", TEXT),  # rule | model | clerk
    ]
)
LINKS = pa.schema(  # every mention and the person it belongs to
    [
        ("mention_id", TEXT),
        ("feed", TEXT),
        ("record_key", TEXT),
        ("role", TEXT),
        ("person_id", TEXT),
        ("match_probability", pa.float64()),  # of the best pair that holds the mention in its person; 1 alone
        ("decided_by", TEXT),  # rule | model | clerk
    ]
)
REVIEW = pa.schema(  # uncertain pairs for a clerk
    [
        ("pair_id", TEXT),
        ("mention_id", TEXT),
        ("feed", TEXT),
        ("record_key", TEXT),
        ("role", TEXT),
        ("candidate_mention_id", TEXT),  # the mention of the candidate that matches best
        ("candidate_person_id", TEXT),
        ("match_probability", pa.float64()),
        ("status", TEXT),  # open
    ]
)
GROUPS = pa.schema(  # beside each row of links: whom pairs, or number and name, tie share a group; lake only
    [("group", pa.int32()), ("is_decided", pa.bool_())]  # is_decided: a clerk has spoken of the mention
)
WORTH = pa.schema(  # beside each row of review: what a yes would change, 0 the most, and the weight; lake only
    [("rank", pa.int8()), ("bits", pa.float64())]
)
PERSON_EVENTS = pa.schema(  # merges and splits, so that a person_id can be followed
    [("event", TEXT), ("person_id", TEXT), ("into_person_id", TEXT), ("known_on", DAY)]
)

# -- families and what befell them ------------------------------------------------------------------------------
PERSONS = pa.schema([("person_id", TEXT), ("is_deceased", pa.bool_()), ("died_on", DAY)])
LIFE_EVENTS = pa.schema(
    [
        ("event_id", TEXT),
        ("event_type", TEXT),
        ("person_id", TEXT),
        ("occurred_on", DAY),
        ("known_on", DAY),
        ("feed", TEXT),
        ("record_key", TEXT),
        ("status", TEXT),  # active | voided
        ("detail", TEXT),  # e.g. the grade of a disability; never a name
    ]
)
HOUSEHOLDS = pa.schema(
    [
        ("household_id", TEXT),
        ("only_child_certificate_no", TEXT),
        ("father_person_id", TEXT),
        ("mother_person_id", TEXT),
        ("township_code", TEXT),
        ("status", TEXT),  # together | divorced | father_only | mother_only | dissolved
    ]
)
HOUSEHOLD_CHILDREN = pa.schema(
    [("household_id", TEXT), ("child_person_id", TEXT), ("relation", TEXT), ("since_on", DAY), ("until_on", DAY)]
)
COVERAGE = pa.schema(  # what a feed has shown so far, and what its agency says that it covers
    [
        ("feed", TEXT),
        ("is_configured", pa.bool_()),
        ("is_delivered", pa.bool_()),
        ("is_fresh", pa.bool_()),
        ("first_delivered_on", DAY),
        ("last_delivered_on", DAY),
        ("covers_from", DAY),  # the earliest event date it has shown
        ("load_status", TEXT),  # of this night: loaded | blocked | stale | missing | failed | quiet
        ("declared_from", DAY),  # what the agency says that it covers, all null where it says nothing: first …
        ("declared_until", DAY),  # … and last day of events, both included
        ("places", TEXT),  # division codes or their beginnings, joined by blanks
        ("holes", TEXT),  # declared months (2014-03) without a record, where there always are some
        ("unseen_places", TEXT),  # declared places of which no record speaks
    ]
)
DETERMINATIONS = pa.schema(
    [
        ("determination_id", TEXT),
        ("household_id", TEXT),
        ("policy_id", TEXT),
        ("clause_id", TEXT),
        ("benefit_id", TEXT),
        ("verdict", TEXT),  # yes | no | unknown
        ("needs_review", pa.bool_()),  # the identity evidence waits for a clerk
        ("person_id", TEXT),  # the child concerned
        ("subject_id", TEXT),  # the person whom the clause is asked of; null: the household
        ("trigger_event_id", TEXT),
        ("trigger_event_type", TEXT),
        ("trigger_on", DAY),
        ("trigger_known_on", DAY),
        ("trigger_feed", TEXT),
        ("trigger_record_key", TEXT),
        ("amount_fen", pa.int64()),
        ("reason_code", TEXT),  # the condition that decided
        ("conditions", TEXT),  # JSON list of {condition_id, outcome true|false|unknown, facts: {...opaque}}
        ("listed_for", TEXT),  # case_worker | officer | clerk | backlog | prompt | roster | nobody
        ("policy_hash", TEXT),  # the receipt: SHA-256 of the policy as it was read, of the conditions' facts,
        ("facts_hash", TEXT),  # (16 hex digits each)
        ("engine", TEXT),  # and the version of the code that judged
    ]
)
DATED_VERDICTS = pa.schema(  # what the law of a day says on that day, by what is known tonight
    [
        ("determination_id", TEXT),
        ("asked_on", DAY),
        ("household_id", TEXT),
        ("person_id", TEXT),
        ("subject_id", TEXT),
        ("policy_id", TEXT),
        ("clause_id", TEXT),
        ("benefit_id", TEXT),
        ("trigger_event_type", TEXT),
        ("verdict", TEXT),
        ("reason_code", TEXT),
        ("needs_review", pa.bool_()),
        ("amount_fen", pa.int64()),
    ]
)
ENTITLEMENTS = pa.schema(
    [
        ("entitlement_id", TEXT),
        ("household_id", TEXT),
        ("person_id", TEXT),
        ("policy_id", TEXT),
        ("clause_id", TEXT),
        ("benefit_id", TEXT),
        ("period_from", DAY),
        ("period_to", DAY),
        ("amount_fen", pa.int64()),
        ("kind", TEXT),  # one_off | recurring | adjustment
        ("status", TEXT),  # suspected | payable | paid | reversed; an adjustment: reversed | to_recover | recovered
        ("determination_id", TEXT),
        ("payee", TEXT),  # household | person | committee | insurer
        ("is_floor", pa.bool_()),  # at least this amount
        ("entered_on", DAY),  # the business date that wrote the entry
    ]
)
ENTITLEMENT_SHARES = pa.schema(  # who pays how much of an entry; the shares of an entry add up to it
    [("entitlement_id", TEXT), ("payer", TEXT), ("amount_fen", pa.int64())]
)
HOUSEHOLD_STATES = pa.schema(  # how far a family is on its way, by what befell its child
    [
        ("household_id", TEXT),
        ("person_id", TEXT),  # the child
        ("event_type", TEXT),  # death | disability
        ("state", TEXT),  # suspected | confirmed | active | ended
        ("reason_code", TEXT),  # why it ended
        ("since_on", DAY),  # the business date, or the day of the visit, from which it is so
    ]
)
VISITS = pa.schema(  # what a case worker found; recorded, never edited: the latest of a case counts
    [
        ("visit_id", TEXT),
        ("household_id", TEXT),
        ("person_id", TEXT),  # the child
        ("event_type", TEXT),  # death | disability
        ("outcome", TEXT),  # confirmed | refuted; made: a visit that a document owes the family, of benefit_id
        ("benefit_id", TEXT),  # only of a visit that was made
        ("visited_on", DAY),
        ("recorded_on", DAY),
        ("recorded_by", TEXT),  # an account or an office, never a family
    ]
)
PAYMENTS = pa.schema(  # what was paid elsewhere, as the payer's file says; a recovery is negative
    [
        ("payment_id", TEXT),
        ("entitlement_id", TEXT),
        ("amount_fen", pa.int64()),
        ("paid_on", DAY),
        ("reference_no", TEXT),  # the payer's own number
        ("recorded_on", DAY),
        ("recorded_by", TEXT),
    ]
)
ALERTS = pa.schema(
    [
        ("alert_id", TEXT),
        ("alert_kind", TEXT),  # new | amended | withdrawn
        ("status", TEXT),  # live | superseded | withdrawn
        ("needs_review", pa.bool_()),
        ("household_id", TEXT),
        ("policy_id", TEXT),
        ("clause_id", TEXT),
        ("benefit_id", TEXT),
        ("trigger_event_type", TEXT),
        ("trigger_on", DAY),
        ("trigger_feed", TEXT),
        ("trigger_record_key", TEXT),
        ("amount_fen", pa.int64()),
        ("township_code", TEXT),
        ("raised_on", DAY),
        ("due_on", DAY),
        ("supersedes_alert_id", TEXT),
        ("person_id", TEXT),
        ("determination_id", TEXT),
    ]
)
OFFICER_LIST = pa.schema(  # neither silence nor money: what an officer has to look at
    [
        ("item_id", TEXT),
        ("kind", TEXT),  # no_policy_in_force | transitional | coverage | open_question | backlog
        ("household_id", TEXT),
        ("policy_id", TEXT),
        ("benefit_id", TEXT),
        ("determination_id", TEXT),
        ("listed_on", DAY),
    ]
)

# -- what the agencies delivered and how well --------------------------------------------------------------------
FEED_LOADS = pa.schema(
    [
        ("feed", TEXT),
        ("delivery", TEXT),  # the file's name; empty where the feed delivered nothing
        ("delivery_id", TEXT),
        ("sha256", TEXT),
        ("source_fingerprint", TEXT),  # how the site read the feed: changes with encoding and column mapping
        ("delivered_on", DAY),
        ("mode", TEXT),  # full | delta; replay: rows of an earlier delivery that people let in
        ("rows_read", pa.int64()),
        ("rows_accepted", pa.int64()),
        ("rows_unchanged", pa.int64()),
        ("rows_quarantined", pa.int64()),
        ("status", TEXT),  # loaded | blocked | stale | missing | failed
        ("reason_code", TEXT),
        ("reason_detail", TEXT),  # JSON of what was received and expected: counts and column names, no values
        (
            "watermark",
            TEXT,
        ),  # of a pull: its latest updated_at, ISO, wall clock of Asia/Shanghai; the next begins there
        ("records_new", pa.int64()),  # of the accepted rows: records that were not known …
        ("records_changed", pa.int64()),  # … and new versions of known ones, or withdrawn ones that are back
        ("records_gone", pa.int64()),  # records that this full delivery no longer has: withdrawn
    ]
)
QUALITY = pa.schema(
    [
        ("feed", TEXT),
        ("delivery", TEXT),
        ("delivery_id", TEXT),
        ("dimension", TEXT),  # completeness | correctness | consistency | timeliness
        ("check_id", TEXT),  # <feed>.<column>.<rule>, <feed>.delivery.<rule> or <feed>.between.<rule>
        ("column_name", TEXT),
        ("rows_checked", pa.int64()),
        ("rows_failed", pa.int64()),
        ("severity", TEXT),  # row | field | delivery | warning
        ("passed", pa.bool_()),
    ]
)
QUARANTINE_STATES = pa.schema(  # what has become of refused rows; one that is open as on its first day is not in it
    [
        ("quarantine_id", TEXT),  # "Q", the digits of the delivery's id, "-", the row's number
        ("delivery_id", TEXT),
        ("row_number", pa.int64()),
        ("status", TEXT),  # open | released | dismissed
        ("why", TEXT),  # fixed | mapped | released | dismissed | reopened | superseded | refused_again
        ("decision_id", TEXT),  # the decision behind it; null for superseded
        ("decisions", pa.int64()),  # how many decisions on the row a night has acted on
        ("by_delivery_id", TEXT),  # superseded: the delivery that brought the record again
        ("reason_code", TEXT),  # refused_again: why this time
        ("column_name", TEXT),
    ]
)
DECISIONS = pa.schema(  # what people decided about refused rows and blocked deliveries; recorded, never edited
    [
        ("decision_id", TEXT),
        ("target", TEXT),  # a quarantine_id, a delivery_id, or "feed.column=from" of a map
        ("sequence_no", pa.int64()),  # the how-manieth decision on that target, from 1
        ("verb", TEXT),  # fix | release | dismiss | reopen | replay | map | revoke
        ("feed", TEXT),
        ("column_names", TEXT),  # fix and map: the columns concerned, joined by ","; a fix's values stay in the lake
        ("from_value", TEXT),  # map: two words of a vocabulary, never of a person
        ("to_value", TEXT),
        ("accepted", TEXT),  # replay: the reasons that are accepted, joined by ","
        ("because", TEXT),
        ("recorded_on", DAY),
        ("recorded_by", TEXT),
    ]
)
LOOKS = pa.schema(  # who saw a refused row unmasked, and why
    [("look_id", TEXT), ("quarantine_id", TEXT), ("because", TEXT), ("recorded_on", DAY), ("recorded_by", TEXT)]
)
CONTRADICTIONS = pa.schema(  # records of two feeds that cannot both be right; lake only because of the keys
    [
        ("reference", TEXT),  # X and 16 hex digits: what may stand in a letter
        ("check_id", TEXT),
        ("feed", TEXT),
        ("record_key", TEXT),
        ("person_id", TEXT),
        ("other_feed", TEXT),  # the record it stands against; null where one is missing
        ("other_record_key", TEXT),
        ("days", pa.int64()),  # how far apart, or for how long something has been missing
    ]
)
NOT_RUN = pa.schema(  # checks between feeds that could not run tonight: no outcome, and why
    [
        ("check_id", TEXT),
        ("reason_code", TEXT),  # not_configured | never_delivered | nothing_to_check
        ("missing", TEXT),  # the feeds that stand in the way, joined by ", "
    ]
)
SEEN = pa.schema(  # what a feed has shown, counted: records that stand, by month of their event and by county
    [
        ("feed", TEXT),
        ("month", DAY),  # its first day
        ("place", TEXT),  # six digits as delivered; empty where the feed's records name no place
        ("records", pa.int64()),
    ]
)
CODE_COUNTS = pa.schema(  # how often each code of a column stood in a delivery
    [
        ("feed", TEXT),
        ("mode", TEXT),
        ("delivery_id", TEXT),
        ("delivered_on", DAY),
        ("column_name", TEXT),
        ("code", TEXT),  # empty: the cell was
        ("rows", pa.int64()),
    ]
)


def empty(schema: pa.Schema) -> pa.Table:
    """No rows of that shape."""
    return schema.empty_table()
