"""What the nights found, kept in two times: facts under opaque ids in a database, personal data in the lake.

`Warehouse` is the database (SQLite or PostgreSQL), `runs` says who may write, `publish` makes a night visible
in one transaction, `reads` asks what is known or was known; `Lake` keeps encrypted bytes and tables.
"""

from warehouse.aligned import Delta, TablesUnfit
from warehouse.database import Warehouse, WarehouseUnavailable, WarehouseUrlUnusable, is_unavailable
from warehouse.history import Changes, KeysLost
from warehouse.load import NightOutOfOrder, NightRefused, Published, publish
from warehouse.runs import (
    Fenced,
    Run,
    SiteHeld,
    StageOutput,
    close_run,
    commit_stage,
    find_stage,
    forget_stages,
    latest_published,
    open_run,
    renew,
    run_id_of,
)

__all__ = [
    "Changes", "Delta", "Fenced", "KeysLost", "NightOutOfOrder", "NightRefused", "Published", "Run",
    "SiteHeld", "StageOutput", "TablesUnfit", "Warehouse", "WarehouseUnavailable", "WarehouseUrlUnusable",
    "close_run", "commit_stage", "find_stage", "forget_stages", "is_unavailable", "latest_published",
    "open_run", "publish", "renew", "run_id_of",
]  # fmt: skip
