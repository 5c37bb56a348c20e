"""The tables behind the published views.

A *versioned* table holds facts in two times: what a row says happened has its own columns; `known_on` is the
business date from which we knew it so, `superseded_on` the one from which we no longer did (null: still so).
A version is written once; only `superseded_on` is ever filled in. One business date is published once, in
order.

Columns repeat transforms/schemas.py; where one is named otherwise, catalog.py says so.
"""

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, UniqueConstraint, text

from warehouse.column_types import COUNT, DAY, FEN, FLAG, MOMENT, PROBABILITY, TEXT, VERSION_ID

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _col(name: str, kind: Any = TEXT, *rest: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=True)


def _must(name: str, kind: Any = TEXT, *rest: Any) -> Column[Any]:
    return Column(name, kind, *rest, nullable=False)


def _flag(name: str, server_default: str | None = None) -> tuple[Column[Any], CheckConstraint]:
    column: Column[Any] = Column(name, FLAG, nullable=False, server_default=server_default)
    return column, CheckConstraint(f"{name} IN (0, 1)", name=name)


def _versioned(name: str, key: tuple[str, ...], *columns: Any, look_up: tuple[str, ...] = ()) -> Table:
    """A bitemporal table: at most one current version a key, and an index for each `look_up` column."""
    table = Table(
        name,
        metadata,
        Column("version_id", VERSION_ID, primary_key=True, autoincrement=True),
        *columns,
        _must("known_on", DAY),
        _col("superseded_on", DAY),
        _must("run_id"),  # no foreign key: PostgreSQL would look it up once a row, a second for a first night
    )
    current = text("superseded_on IS NULL")
    Index(f"uq_{name}_current", *(table.c[part] for part in key),
          unique=True, sqlite_where=current, postgresql_where=current)  # fmt: skip
    for column in look_up:
        Index(f"ix_{name}_{column}", table.c[column])
    return table


def _appended(name: str, *columns: Any, **options: Any) -> Table:
    """A table that only grows: one row an observation, under the run that made it."""
    return Table(
        name,
        metadata,
        Column("entry_id", VERSION_ID, primary_key=True, autoincrement=True),
        _must("run_id", TEXT, ForeignKey("runs.run_id")),
        *columns,
        **options,
    )


def _register(name: str, key: str, *columns: Any) -> Table:
    """What people record by command, outside of any night: one row an id, in the order in which it came."""
    return Table(
        name,
        metadata,
        Column("entry_id", VERSION_ID, primary_key=True, autoincrement=True),
        _must(key),
        *columns,
        _must("recorded_on", DAY),
        _must("recorded_by"),
        UniqueConstraint(key),
    )


# -- runs ----------------------------------------------------------------------------
runs = Table(
    "runs",
    metadata,
    Column("run_id", TEXT, primary_key=True),
    _must("business_date", DAY),
    _must("status"),  # running | done | done_with_gaps | failed
    _must("started_at", MOMENT),
    _col("finished_at", MOMENT),
    _must("attempts", COUNT),
    _must("token", COUNT),
    _must("owner"),
    _col("reason_code"),
    UniqueConstraint("business_date"),
)
site_lease = Table(  # one row: who may write
    "site_lease",
    metadata,
    Column("lease_no", FLAG, primary_key=True, autoincrement=False),
    _must("token", COUNT),  # grows with every taking; a write under an older one is refused
    _col("run_id"),
    _col("owner"),
    _col("leased_until", MOMENT),
    CheckConstraint("lease_no = 1", name="one_row"),
)
stage_outputs = Table(
    "stage_outputs",
    metadata,
    Column("business_date", DAY, primary_key=True),
    Column("stage", TEXT, primary_key=True),
    Column("fingerprint", TEXT, primary_key=True),
    _must("location"),
    _must("facts"),  # JSON
    _must("token", COUNT),
)
snapshots = Table(  # where in the lake the state of a published night lies
    "snapshots",
    metadata,
    Column("business_date", DAY, primary_key=True),
    _must("run_id", TEXT, ForeignKey("runs.run_id")),
    _must("location"),
)

# -- what the agencies delivered ---------------------------------------------------------------------------
feed_loads = _appended(
    "feed_loads",
    _must("feed"),
    _must("delivery"),
    _col("delivery_id"),
    _col("sha256"),
    _col("source_fingerprint"),  # what the door shows without reading: lets a run pass over what it has read
    _col("delivered_on", DAY),
    _col("mode"),
    _must("rows_read", COUNT),
    _must("rows_accepted", COUNT),
    _must("rows_unchanged", COUNT),
    _must("rows_quarantined", COUNT),
    _must("status"),
    _col("reason_code"),
    _col("reason_detail"),
    _col("watermark"),
    _col("records_new", COUNT),  # null in loads of earlier versions
    _col("records_changed", COUNT),
    _col("records_gone", COUNT),
    UniqueConstraint("run_id", "feed", "delivery"),
)
Index("ix_feed_loads_delivery_id", feed_loads.c.delivery_id)
Index("ix_feed_loads_feed_delivered_on", feed_loads.c.feed, feed_loads.c.delivered_on)
quarantine = _appended(
    "quarantine",
    _must("feed"),
    _must("delivery"),
    _col("delivery_id"),
    _col("row_number", COUNT),
    _col("record_key"),
    _must("reason_code"),
    _col("column_name"),
    Column("status", TEXT, nullable=False, server_default="open"),  # open | released | dismissed
)
Index("ix_quarantine_run_id_feed", quarantine.c.run_id, quarantine.c.feed)
Index("ix_quarantine_delivery_id", quarantine.c.delivery_id)
quarantine_states = _versioned(
    "quarantine_states",
    ("quarantine_id",),
    _must("quarantine_id"),
    _must("delivery_id"),
    _must("row_number", COUNT),
    _must("status"),
    _must("why"),
    _col("decision_id"),
    _must("decisions", COUNT),
    _col("by_delivery_id"),
    _col("reason_code"),
    _col("column_name"),
    look_up=("delivery_id",),
)
quality = _appended(
    "quality",
    _must("feed"),
    _must("delivery"),
    _col("delivery_id"),
    _must("dimension"),
    _must("check_id"),
    _col("column_name"),
    _must("rows_checked", COUNT),
    _must("rows_failed", COUNT),
    _must("severity"),
    *_flag("passed"),
)
Index("ix_quality_run_id_feed", quality.c.run_id, quality.c.feed)

# -- persons ----------------------------------------------------------------------------
record_links = _versioned(
    "record_links",
    ("mention_id",),
    _must("mention_id"),
    _must("feed"),
    _must("record_key"),
    _must("role"),
    _must("person_id"),
    _col("match_probability", PROBABILITY),
    _must("decided_by"),
    look_up=("person_id", "record_key"),
)
review_pairs = _versioned(
    "review_pairs",
    ("pair_id",),
    _must("pair_id"),
    _must("mention_id"),
    _must("feed"),
    _must("record_key"),
    _must("role"),
    _col("candidate_mention_id"),
    _col("candidate_person_id"),
    _col("match_probability", PROBABILITY),
    _must("status"),
    look_up=("candidate_person_id",),
)
person_events = _appended(
    "person_events",
    _must("event"),
    _must("person_id"),
    _col("into_person_id"),
    _must("known_on", DAY),
)
persons = _versioned("persons", ("person_id",), _must("person_id"), *_flag("is_deceased"), _col("died_on", DAY))

# -- families and the law ----------------------------------------------------------------------------------
life_events = _versioned(
    "life_events",
    ("event_id",),
    _must("event_id"),
    _must("event_type"),
    _must("person_id"),
    _col("occurred_on", DAY),
    _must("event_known_on", DAY),  # when the event became known; known_on is when this version did
    _must("feed"),
    _must("record_key"),
    _must("status"),
    _col("detail"),
    look_up=("person_id",),
)
households = _versioned(
    "households",
    ("household_id",),
    _must("household_id"),
    _col("only_child_certificate_no"),
    _col("father_person_id"),
    _col("mother_person_id"),
    _col("township_code"),
    _must("status"),
)
household_children = _versioned(
    "household_children",
    ("household_id", "child_person_id", "relation"),
    _must("household_id"),
    _must("child_person_id"),
    _must("relation"),
    _col("since_on", DAY),
    _col("until_on", DAY),
)
determinations = _versioned(
    "determinations",
    ("determination_id",),
    _must("determination_id"),
    _must("household_id"),
    _must("policy_id"),
    _must("clause_id"),
    _must("benefit_id"),
    _must("verdict"),
    *_flag("needs_review"),
    _col("person_id"),
    _col("subject_id"),
    _col("trigger_event_id"),
    _col("trigger_event_type"),
    _col("trigger_on", DAY),
    _col("trigger_known_on", DAY),
    _col("trigger_feed"),
    _col("trigger_record_key"),
    _col("amount_fen", FEN),
    _col("reason_code"),
    _col("conditions"),
    _col("listed_for"),
    _col("policy_hash"),
    _col("facts_hash"),
    _col("engine"),
    look_up=("household_id",),
)
entitlements = _versioned(
    "entitlements",
    ("entitlement_id",),
    _must("entitlement_id"),
    _must("household_id"),
    _col("person_id"),
    _must("policy_id"),
    _must("clause_id"),
    _must("benefit_id"),
    _col("period_from", DAY),
    _col("period_to", DAY),
    _col("amount_fen", FEN),
    _must("kind"),
    _must("status"),
    _col("determination_id"),
    _col("payee"),
    *_flag("is_floor", server_default="0"),  # rows of before this column was there are no floors
    _col("entered_on", DAY),
    look_up=("household_id",),
)
entitlement_shares = _versioned(
    "entitlement_shares",
    ("entitlement_id", "payer"),
    _must("entitlement_id"),
    _must("payer"),
    _must("amount_fen", FEN),
)
household_states = _versioned(
    "household_states",
    ("household_id", "person_id", "event_type"),
    _must("household_id"),
    _must("person_id"),
    _must("event_type"),
    _must("state"),
    _col("reason_code"),
    _col("since_on", DAY),
)
alerts = _versioned(
    "alerts",
    ("alert_id",),
    _must("alert_id"),
    _must("alert_kind"),
    _must("status"),
    *_flag("needs_review"),
    _must("household_id"),
    _must("policy_id"),
    _must("clause_id"),
    _must("benefit_id"),
    _col("trigger_event_type"),
    _col("trigger_on", DAY),
    _col("trigger_feed"),
    _col("trigger_record_key"),
    _col("amount_fen", FEN),
    _col("township_code"),
    _must("raised_on", DAY),
    _col("due_on", DAY),
    _col("supersedes_alert_id"),
    _col("person_id"),
    _col("determination_id"),
    look_up=("household_id", "township_code"),
)
officer_list = _versioned(
    "officer_list",
    ("item_id",),
    _must("item_id"),
    _must("kind"),
    _col("household_id"),
    _col("policy_id"),
    _col("benefit_id"),
    _col("determination_id"),
    _must("listed_on", DAY),
)
outbox = Table(  # what case workers are to be told: a number, a place and a date, never who or why
    "outbox",
    metadata,
    Column("alert_id", TEXT, primary_key=True),
    _must("alert_kind"),
    _col("township_code"),
    _col("due_on", DAY),
    _must("written_on", DAY),
    _must("run_id", TEXT, ForeignKey("runs.run_id")),
    Column("status", TEXT, nullable=False, server_default="waiting"),  # waiting | sent | undelivered
    Column("attempts", COUNT, nullable=False, server_default="0"),
    _col("sent_at", MOMENT),
    _col("next_attempt_at", MOMENT),
)
Index("ix_outbox_status", outbox.c.status)

# -- what people record --------------------------------------------------------------------------------------
visits = _register(
    "visits",
    "visit_id",
    _must("household_id"),
    _must("person_id"),
    _must("event_type"),
    _must("outcome"),
    _col("benefit_id"),
    _must("visited_on", DAY),
)
Index("ix_visits_household_id", visits.c.household_id)
payments = _register(
    "payments",
    "payment_id",
    _must("entitlement_id"),
    _must("amount_fen", FEN),
    _must("paid_on", DAY),
    _must("reference_no"),
)
Index("ix_payments_entitlement_id", payments.c.entitlement_id)
quarantine_decisions = _register(
    "quarantine_decisions",
    "decision_id",
    _must("target"),
    _must("sequence_no", COUNT),
    _must("verb"),
    _must("feed"),
    _col("column_names"),
    _col("from_value"),
    _col("to_value"),
    _col("accepted"),
    _must("because"),
    UniqueConstraint("target", "sequence_no"),  # of two people at once, the second is told of the first
)
quarantine_looks = _register("quarantine_looks", "look_id", _must("quarantine_id"), _must("because"))
