"""Where the data lives: a path (SQLite, the embedded default) or a URL (PostgreSQL)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dj_database_url

SQLITE_START = """
    PRAGMA journal_mode=WAL;
    PRAGMA synchronous=FULL;
    PRAGMA foreign_keys=ON;
    PRAGMA busy_timeout=20000;
    PRAGMA cache_size=-65536;
"""


def database(address: str) -> dict[str, Any]:
    """Django's settings for `address`: a file path, `:memory:`, or `postgres://user@host/name`.

    SQLite takes the write lock at the start of a transaction (IMMEDIATE), so that two writers queue
    instead of failing half-way.
    """
    if "://" in address:
        return dict(dj_database_url.parse(address, conn_max_age=60, conn_health_checks=True))
    name = address if address == ":memory:" else str(Path(address).expanduser().absolute())
    options = {"transaction_mode": "IMMEDIATE", "init_command": SQLITE_START, "timeout": 20}
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}
