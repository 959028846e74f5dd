"""The same tap fills tables: PostgreSQL and CSV through `tap-intervals-icu-rows`."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests import oracle, readback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox import Account, Sandbox
    from tests.oracle import Record
    from tests.pipeline.meltano import Project

KEYS = {
    "wellness": ("athlete_id", "id"),
    "activities": ("athlete_id", "id"),
    "activity_streams": ("athlete_id", "activity_id", "time"),
}


def comparable(value: Any) -> Any:
    """Return equal values for what is equal, whatever type a table keeps it in."""
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    if isinstance(value, date | str):  # a datetime is a date
        return _from_text(str(value))
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def _from_text(text: str) -> Any:
    """Return a number or seconds since 1970 for a text that is a number or a time, in UTC unless it says otherwise."""
    with contextlib.suppress(ValueError):
        return float(text)
    with contextlib.suppress(ValueError):
        if re.match(r"\d{4}-\d\d-\d\d[T ]", text):
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            return moment.replace(tzinfo=moment.tzinfo or timezone.utc).timestamp()
    return text.replace("\r\n", "\n")


def table(records: Iterable[Record], stream: str) -> dict[tuple[Any, ...], Record]:
    """Return records by key, comparable and without nulls and what targets add; what stands in `extra` is unpacked."""
    result = {}
    for record in records:
        extra = record.get("extra") or {}
        row = record | (json.loads(extra) if isinstance(extra, str) else extra) | {"extra": None}
        result[tuple(comparable(row[name]) for name in KEYS[stream])] = {
            name: comparable(value)
            for name, value in row.items()
            if value is not None and value not in oracle.NO_NUMBER and not name.startswith("_sdc_")
        }
    return result


def expected(account: Account, stream: str) -> dict[tuple[Any, ...], Record]:
    return table(oracle.tables(account)[stream], stream)


@pytest.mark.parametrize("stream", KEYS)
class TestPostgres:
    @pytest.fixture(scope="class")
    @classmethod
    def connection(
        cls, account: Account, sandbox: Sandbox, make_project: Callable[..., Project], postgres: dict[str, str]
    ) -> Any:
        """Sync, edit, sync again; return a connection to what came of it."""
        settings = {f"TARGET_POSTGRES_{name.upper()}": value for name, value in postgres.items()}
        settings |= {"TARGET_POSTGRES_DATABASE": postgres["dbname"], "TARGET_POSTGRES_PASSWORD": "any"}
        project = make_project(sandbox, "tap-intervals-icu-rows", "target-postgres", **settings)
        project.sync()
        account.rename(max(account.activities), "Renamed")
        account.edit_wellness(account.today.isoformat(), hrv=55.5)
        project.sync()
        with psycopg.connect(**postgres, row_factory=dict_row) as connection:  # type: ignore[arg-type] # all are texts
            yield connection

    def test_the_tables_hold_the_account(self, connection: Any, account: Account, stream: str) -> None:
        stored = connection.execute(f"SELECT * FROM intervals_icu.{stream}").fetchall()
        assert table(stored, stream) == expected(account, stream)


@pytest.mark.parametrize("stream", KEYS)
class TestCsv:
    @pytest.fixture(scope="class")
    @classmethod
    def project(cls, sandbox: Sandbox, make_project: Callable[..., Project]) -> Project:
        project = make_project(sandbox, "tap-intervals-icu-rows", "target-csv")
        project.sync()
        return project

    def test_the_files_hold_the_account(self, project: Project, account: Account, stream: str) -> None:
        stored = readback.csv_records(project.folder / "output", stream)
        assert table(stored, stream) == expected(account, stream)
