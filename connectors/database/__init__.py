"""The door for views in an agency's database: any SQLAlchemy url, read only."""

from connectors.database.door import DatabaseConnector

__all__ = ["DatabaseConnector"]
