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
from tests.pipeline import without_meltano

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

TYPES = {
    "wellness": {"id": "date", "updated": "timestamp", "ctl": "numeric", "restingHR": "numeric", "locked": "boolean"},
    "activities": {"start_date": "timestamp", "distance": "numeric", "name": "text", "tags": "ARRAY"},
    "activity_streams": {"time": "numeric", "timestamp": "timestamp", "watts": "numeric", "latitude": "numeric"},
}
"""Some columns and the type that PostgreSQL has to give them."""


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
    """Return records by key, comparable and without nulls and what targets add; what stands in `extra` is unpacked.

    Of records with the same key the last one counts; a tombstone, or a row marked as deleted, takes the key away. The
    mileage of gear is left out: it moves with other activities, and is stored as it was when the activity changed.
    """
    result: dict[tuple[Any, ...], Record] = {}
    for record in records:
        key = tuple(comparable(record[name]) for name in KEYS[stream])
        if record.get("_sdc_deleted_at"):
            result.pop(key, None)
            continue
        extra = record.get("extra") or {}
        row = record | (json.loads(extra) if isinstance(extra, str) else extra) | {"extra": None}
        if isinstance(row.get("gear"), dict):
            row["gear"] = row["gear"] | {"distance": None}
        result[key] = {
            name: comparable(value)
            for name, value in row.items()
            if value is not None and value not in oracle.NO_NUMBER and not name.startswith("_sdc_")
        }
    return result


def expected(account: Account, stream: str) -> dict[tuple[Any, ...], Record]:
    return table(oracle.tables(account)[stream], stream)


def edit(account: Account) -> None:
    """Rename an activity, trim one, delete one, and correct a day."""
    trimmed, deleted, *_ = [name for name in account.activities if account.streams(name)]
    account.rename(max(account.activities), "Renamed")
    account.trim(trimmed, len(account.streams(trimmed)[0]["data"]) // 2)
    account.delete(deleted)
    account.edit_wellness(account.today.isoformat(), hrv=55.5)


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
        edit(account)
        without_meltano.sync(project, TAP_INTERVALS_ICU_CENSUS_INTERVAL="0")
        with psycopg.connect(**postgres, row_factory=dict_row) as connection:  # type: ignore[arg-type] # all are texts
            yield connection

    def test_the_tables_hold_the_account(self, connection: Any, account: Account, stream: str) -> None:
        stored = connection.execute(f"SELECT * FROM intervals_icu.{stream}").fetchall()
        assert table(stored, stream) == expected(account, stream)

    def test_what_was_deleted_or_cut_off_is_marked_and_nothing_else(
        self, connection: Any, account: Account, stream: str
    ) -> None:
        query = f"SELECT * FROM intervals_icu.{stream} WHERE _sdc_deleted_at IS NOT NULL"
        marked = connection.execute(query).fetchall()
        assert bool(marked) == (stream != "wellness")
        assert not {tuple(comparable(row[name]) for name in KEYS[stream]) for row in marked} & {
            *expected(account, stream)
        }

    def test_numbers_and_times_have_columns_of_their_type(self, connection: Any, stream: str) -> None:
        query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
        types = {row["column_name"]: row["data_type"] for row in connection.execute(query, (stream,)).fetchall()}
        for name, type_ in TYPES[stream].items():
            assert types[name].startswith(type_), name


@pytest.mark.parametrize("stream", KEYS)
class TestCsv:
    @pytest.fixture(scope="class")
    @classmethod
    def project(cls, account: Account, sandbox: Sandbox, make_project: Callable[..., Project]) -> Project:
        """Sync, edit, sync again: each run leaves files of its own."""
        project = make_project(sandbox, "tap-intervals-icu-rows", "target-csv")
        project.sync()
        edit(account)
        without_meltano.sync(project, TAP_INTERVALS_ICU_CENSUS_INTERVAL="0")
        return project

    def test_the_files_hold_the_account(self, project: Project, account: Account, stream: str) -> None:
        stored = readback.csv_records(project.folder / "output", stream)
        assert table(stored, stream) == expected(account, stream)

    def test_runs_in_the_same_second_have_files_of_their_own(self, project: Project, stream: str) -> None:
        names = [file.name for file in (project.folder / "output").glob(f"{stream}-*.csv")]
        assert len(names) == 2
        assert [name for name in names if not re.search(r"\.T\d{6}\.\d{6}\.csv$", name)] == []
