"""The outbox: what a published night has to tell, written in the transaction that publishes it.

One row an alert, ever. It says number, kind, township and due date; never who or why.
"""

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, literal, or_, select

from warehouse.runs import Run
from warehouse.tables import alerts, outbox

_TOLD = ("alert_id", "alert_kind", "township_code", "due_on")


def write_outbox(connection: Connection, run: Run) -> int:
    """A row for every alert that a case worker may now be told of and has not been; how many."""
    told = select(*(alerts.c[name] for name in _TOLD), literal(run.business_date), literal(run.run_id))
    new = told.where(alerts.c.superseded_on.is_(None), alerts.c.needs_review == 0, ~_is_told(), _is_worth_telling())
    rows = new.order_by(alerts.c.alert_id)
    writing = insert(outbox).from_select([*_TOLD, "written_on", "run_id"], rows)
    return connection.execute(writing.execution_options(preserve_rowcount=True)).rowcount


def _is_told() -> ColumnElement[bool]:
    return exists().where(outbox.c.alert_id == alerts.c.alert_id)


def _is_worth_telling() -> ColumnElement[bool]:
    """A live alert; or a withdrawal where the household's case worker was told of that benefit before."""
    return or_(
        alerts.c.status == "live",
        and_(alerts.c.alert_kind == "withdrawn", _was_told_before()),
    )


def _was_told_before() -> ColumnElement[bool]:
    earlier = alerts.alias("earlier")
    return exists().where(
        earlier.c.alert_id == outbox.c.alert_id,
        earlier.c.household_id == alerts.c.household_id,
        earlier.c.benefit_id == alerts.c.benefit_id,
    )
