"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Dialect, Float, Integer, SmallInteger, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

DAY = Date()  # ISO text on SQLite, `date` on PostgreSQL
TEXT = Text()
FLAG = SmallInteger()  # 0 or 1 on both, so that a program reads one and the same thing
COUNT = BigInteger()
FEN = BigInteger()
PROBABILITY = Float(53)
VERSION_ID = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER


class Moment(TypeDecorator[datetime]):
    """A point in time: ISO text in UTC on SQLite, `timestamptz` on PostgreSQL. A naive datetime is
    refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text where the engine knows no time zones."""
        return dialect.type_descriptor(TEXT if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; ValueError for a datetime without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds") if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware datetime in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


MOMENT = Moment()
