"""First revision: runs, deliveries, persons, families, verdicts, alerts and the outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from warehouse.column_types import MOMENT, VERSION_ID

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT, DAY, FLAG, NUMBER, PROBABILITY = sa.Text(), sa.Date(), sa.SmallInteger(), sa.BigInteger(), sa.Float(53)
TABLES = (  # children after their parents
    "runs", "site_lease", "stage_outputs", "snapshots", "feed_loads", "quarantine",
    "quality", "record_links", "review_pairs", "person_events", "persons",
    "life_events", "households", "household_children", "determinations", "entitlements",
    "officer_list", "alerts", "outbox",
)  # fmt: skip


def upgrade() -> None:
    """Every table of the first night."""
    _runs()
    _deliveries()
    _persons()
    _families()
    _law()
    _alerts()


def downgrade() -> None:
    """Nothing left."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _may(name: str, kind: Any = TEXT, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True, **options)


def _must(name: str, kind: Any = TEXT, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def _texts(*names: str, required: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, TEXT, nullable=not required) for name in names]


def _numbered(name: str) -> sa.Column[Any]:
    return sa.Column(name, VERSION_ID, nullable=False, autoincrement=True)


def _current(table: str, key: list[str]) -> None:
    """At most one version a key that is not superseded."""
    open_rows = sa.text("superseded_on IS NULL")
    op.create_index(f"uq_{table}_current", table, key, unique=True, sqlite_where=open_rows, postgresql_where=open_rows)


def _runs() -> None:
    op.create_table(
        "runs",
        *_texts("run_id", required=True),
        _must("business_date", DAY),
        *_texts("status", required=True),
        _must("started_at", MOMENT),
        _may("finished_at", MOMENT),
        _must("attempts", NUMBER),
        _must("token", NUMBER),
        *_texts("owner", required=True),
        *_texts("reason_code"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sa.UniqueConstraint("business_date", name=op.f("uq_runs_business_date")),
    )
    op.create_table(
        "site_lease",
        _must("lease_no", FLAG, autoincrement=False),
        _must("token", NUMBER),
        *_texts("run_id", "owner"),
        _may("leased_until", MOMENT),
        sa.CheckConstraint("lease_no = 1", name=op.f("ck_site_lease_one_row")),
        sa.PrimaryKeyConstraint("lease_no", name=op.f("pk_site_lease")),
    )
    op.create_table(
        "stage_outputs",
        _must("business_date", DAY),
        *_texts("stage", "fingerprint", "location", "facts", required=True),
        _must("token", NUMBER),
        sa.PrimaryKeyConstraint("business_date", "stage", "fingerprint", name=op.f("pk_stage_outputs")),
    )
    op.create_table(
        "snapshots",
        _must("business_date", DAY),
        *_texts("run_id", "location", required=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_snapshots_run_id")),
        sa.PrimaryKeyConstraint("business_date", name=op.f("pk_snapshots")),
    )
    op.execute("INSERT INTO site_lease (lease_no, token) VALUES (1, 0)")


def _deliveries() -> None:
    op.create_table(
        "feed_loads",
        _numbered("entry_id"),
        *_texts("run_id", "feed", "delivery", required=True),
        *_texts("delivery_id", "sha256", "source_fingerprint"),
        _may("delivered_on", DAY),
        *_texts("mode"),
        _must("rows_read", NUMBER),
        _must("rows_accepted", NUMBER),
        _must("rows_unchanged", NUMBER),
        _must("rows_quarantined", NUMBER),
        *_texts("status", required=True),
        *_texts("reason_code", "reason_detail"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_feed_loads_run_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_feed_loads")),
        sa.UniqueConstraint("run_id", "feed", "delivery", name=op.f("uq_feed_loads_run_id_feed_delivery")),
    )
    op.create_index("ix_feed_loads_delivery_id", "feed_loads", ["delivery_id"])
    op.create_index("ix_feed_loads_feed_delivered_on", "feed_loads", ["feed", "delivered_on"])
    op.create_table(
        "quarantine",
        _numbered("entry_id"),
        *_texts("run_id", "feed", "delivery", required=True),
        *_texts("delivery_id"),
        _may("row_number", NUMBER),
        *_texts("record_key"),
        *_texts("reason_code", required=True),
        *_texts("column_name"),
        _must("status", server_default="open"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_quarantine_run_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_quarantine")),
    )
    op.create_index("ix_quarantine_run_id_feed", "quarantine", ["run_id", "feed"])
    op.create_table(
        "quality",
        _numbered("entry_id"),
        *_texts("run_id", "feed", "delivery", required=True),
        *_texts("delivery_id"),
        *_texts("dimension", "check_id", required=True),
        *_texts("column_name"),
        _must("rows_checked", NUMBER),
        _must("rows_failed", NUMBER),
        *_texts("severity", required=True),
        _must("passed", FLAG),
        sa.CheckConstraint("passed IN (0, 1)", name=op.f("ck_quality_passed")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_quality_run_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_quality")),
    )
    op.create_index("ix_quality_run_id_feed", "quality", ["run_id", "feed"])


def _persons() -> None:
    op.create_table(
        "record_links",
        _numbered("version_id"),
        *_texts("mention_id", "feed", "record_key", "role", "person_id", required=True),
        _may("match_probability", PROBABILITY),
        *_texts("decided_by", required=True),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_record_links")),
    )
    op.create_index("ix_record_links_person_id", "record_links", ["person_id"])
    op.create_index("ix_record_links_record_key", "record_links", ["record_key"])
    _current("record_links", ["mention_id"])
    op.create_table(
        "review_pairs",
        _numbered("version_id"),
        *_texts("pair_id", "mention_id", "feed", "record_key", "role", required=True),
        *_texts("candidate_mention_id", "candidate_person_id"),
        _may("match_probability", PROBABILITY),
        *_texts("status", required=True),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_review_pairs")),
    )
    op.create_index("ix_review_pairs_candidate_person_id", "review_pairs", ["candidate_person_id"])
    _current("review_pairs", ["pair_id"])
    op.create_table(
        "person_events",
        _numbered("entry_id"),
        *_texts("run_id", "event", "person_id", required=True),
        *_texts("into_person_id"),
        _must("known_on", DAY),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_person_events_run_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_person_events")),
    )
    op.create_table(
        "persons",
        _numbered("version_id"),
        *_texts("person_id", required=True),
        _must("is_deceased", FLAG),
        _may("died_on", DAY),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.CheckConstraint("is_deceased IN (0, 1)", name=op.f("ck_persons_is_deceased")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_persons")),
    )
    _current("persons", ["person_id"])


def _families() -> None:
    op.create_table(
        "life_events",
        _numbered("version_id"),
        *_texts("event_id", "event_type", "person_id", required=True),
        _may("occurred_on", DAY),
        _must("event_known_on", DAY),
        *_texts("feed", "record_key", "status", required=True),
        *_texts("detail"),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_life_events")),
    )
    op.create_index("ix_life_events_person_id", "life_events", ["person_id"])
    _current("life_events", ["event_id"])
    op.create_table(
        "households",
        _numbered("version_id"),
        *_texts("household_id", required=True),
        *_texts("only_child_certificate_no", "father_person_id", "mother_person_id", "township_code"),
        *_texts("status", required=True),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_households")),
    )
    _current("households", ["household_id"])
    op.create_table(
        "household_children",
        _numbered("version_id"),
        *_texts("household_id", "child_person_id", "relation", required=True),
        _may("since_on", DAY),
        _may("until_on", DAY),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_household_children")),
    )
    _current("household_children", ["household_id", "child_person_id", "relation"])


def _law() -> None:
    op.create_table(
        "determinations",
        _numbered("version_id"),
        *_texts(
            "determination_id",
            "household_id",
            "policy_id",
            "clause_id",
            "benefit_id",
            "verdict",
            required=True,
        ),
        _must("needs_review", FLAG),
        *_texts("person_id", "trigger_event_id", "trigger_event_type"),
        _may("trigger_on", DAY),
        _may("trigger_known_on", DAY),
        *_texts("trigger_feed", "trigger_record_key"),
        _may("amount_fen", NUMBER),
        *_texts("reason_code", "conditions", "listed_for"),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.CheckConstraint("needs_review IN (0, 1)", name=op.f("ck_determinations_needs_review")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_determinations")),
    )
    op.create_index("ix_determinations_household_id", "determinations", ["household_id"])
    _current("determinations", ["determination_id"])
    op.create_table(
        "entitlements",
        _numbered("version_id"),
        *_texts("entitlement_id", "household_id", required=True),
        *_texts("person_id"),
        *_texts("policy_id", "clause_id", "benefit_id", required=True),
        _may("period_from", DAY),
        _may("period_to", DAY),
        _may("amount_fen", NUMBER),
        *_texts("kind", "status", required=True),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_entitlements")),
    )
    op.create_index("ix_entitlements_household_id", "entitlements", ["household_id"])
    _current("entitlements", ["entitlement_id"])
    op.create_table(
        "officer_list",
        _numbered("version_id"),
        *_texts("item_id", "kind", required=True),
        *_texts("household_id", "policy_id", "benefit_id", "determination_id"),
        _must("listed_on", DAY),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_officer_list")),
    )
    _current("officer_list", ["item_id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        _numbered("version_id"),
        *_texts("alert_id", "alert_kind", "status", required=True),
        _must("needs_review", FLAG),
        *_texts("household_id", "policy_id", "clause_id", "benefit_id", required=True),
        *_texts("trigger_event_type"),
        _may("trigger_on", DAY),
        *_texts("trigger_feed", "trigger_record_key"),
        _may("amount_fen", NUMBER),
        *_texts("township_code"),
        _must("raised_on", DAY),
        _may("due_on", DAY),
        *_texts("supersedes_alert_id", "person_id", "determination_id"),
        _must("known_on", DAY),
        _may("superseded_on", DAY),
        *_texts("run_id", required=True),
        sa.CheckConstraint("needs_review IN (0, 1)", name=op.f("ck_alerts_needs_review")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_household_id", "alerts", ["household_id"])
    op.create_index("ix_alerts_township_code", "alerts", ["township_code"])
    _current("alerts", ["alert_id"])
    op.create_table(
        "outbox",
        *_texts("alert_id", "alert_kind", required=True),
        *_texts("township_code"),
        _may("due_on", DAY),
        _must("written_on", DAY),
        *_texts("run_id", required=True),
        _must("status", server_default="waiting"),
        _must("attempts", NUMBER, server_default="0"),
        _may("sent_at", MOMENT),
        _may("next_attempt_at", MOMENT),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_outbox_run_id")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_status", "outbox", ["status"])
