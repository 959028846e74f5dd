"""Shared limits in PostgreSQL."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout
from pyrate_limiter import PostgresBucket
from typing_extensions import override

from tap_intervals_icu.api.shared_limits import PREFIX, TIMEOUT, SharedLimits

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Rate

TABLE = f"{PREFIX}requests"
CREATE = f"CREATE TABLE IF NOT EXISTS {TABLE} (key text, day date, used integer NOT NULL, PRIMARY KEY (key, day))"
COUNT = (
    f"INSERT INTO {TABLE} AS known (key, day, used) VALUES (%s, %s, %s) "  # noqa: S608 - a constant
    "ON CONFLICT (key, day) DO UPDATE SET used = known.used + excluded.used RETURNING used"
)
FORGET = f"DELETE FROM {TABLE} WHERE day < %s::date - 2"  # noqa: S608 - a constant
LOCK = 1_848_114_773
"""Any number: tables are made by one at a time, whatever PostgreSQL says about IF NOT EXISTS."""


class PostgresLimits(SharedLimits):
    """In tables of the database that the address names."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._days: set[str] = set()
        with self.telling():
            # The library keeps times without a zone: all sessions must have the same.
            settings = {"options": "-c timezone=UTC", "connect_timeout": int(TIMEOUT)}
            psycopg.connect(url, **settings).close()  # type: ignore[arg-type] # who is refused is told at once
            self._pool = ConnectionPool(url, min_size=1, max_size=4, timeout=TIMEOUT, kwargs=settings, open=True)
            atexit.register(self.close)
            with self._pool.connection() as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                connection.execute(CREATE)

    @override
    def close(self) -> None:
        self._pool.close()

    @override
    def count(self, key: str, day: str, by: int) -> int:
        with self.telling(), self._pool.connection() as connection:
            if day not in self._days:
                self._days.add(day)
                connection.execute(FORGET, (day,))
            row = connection.execute(COUNT, (key, day, by)).fetchone()
        return int(row[0]) if row else 0

    @override
    def _make(self, name: str, rate: Rate) -> AbstractBucket:
        return PostgresBucket(self._pool, f"{PREFIX}{name}".replace("-", "_"), [rate])

    @override
    def _errors(self) -> tuple[type[Exception], ...]:
        return (psycopg.Error, PoolTimeout)
