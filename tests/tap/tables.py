"""What a database that believes every record holds, and what it has to hold, in one form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests import oracle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox import Account

Record = dict[str, Any]
Table = dict[tuple[Any, ...], Record]

STREAMS = ("wellness", "activities", "activity_streams")
WITHOUT = {"extra", "skyline_chart_bytes", "timestamp", "timestamp_local", "record_part"}
"""What `tidy` leaves out."""


def store(database: dict[str, Table], messages: Iterable[Record]) -> None:
    """Apply messages to tables by stream and key."""
    keys: dict[str, list[str]] = {}
    for message in messages:
        if message["type"] == "SCHEMA":
            keys[message["stream"]] = message["key_properties"]
        elif message["type"] == "RECORD":
            table = database.setdefault(message["stream"], {})
            record = message["record"]
            key = tuple(record[name] for name in keys[message["stream"]])
            if "_sdc_deleted_at" in record:
                table.pop(key, None)
            else:
                table[key] = record


def truth(accounts: Iterable[Account]) -> dict[str, Table]:
    """Return what the accounts hold, by stream and key, as `comparable` gives it."""
    tables: dict[str, Table] = {name: {} for name in STREAMS}
    for account in accounts:
        for row in oracle.wellness(account):
            if row["id"] <= str(account.today):
                tables["wellness"][account.id, row["id"]] = tidy(row)
        for row in oracle.activities(account):
            tables["activities"][account.id, row["id"]] = tidy(row)
            tables["activity_streams"] |= _sample_rows(account, row)
    return {name: table for name, table in tables.items() if table}


def _sample_rows(account: Account, activity: Record) -> Table:
    """Return the samples of one activity by key; as they follow from its recording, they are made once."""
    key = account.recordings[activity["id"]], *(activity[name] for name in oracle.OF_ACTIVITY)
    is_kept = activity["id"] not in account.replaced_streams
    if is_kept and key in _ROWS:
        return _ROWS[key]
    rows = [tidy(row) for row in oracle.rows_of(account, activity)]
    table = {(account.id, row["activity_id"], row["time"]): row for row in rows}
    if is_kept and len(rows) <= 100:
        _ROWS[key] = table
    return table


_ROWS: dict[tuple[Any, ...], Table] = {}


def comparable(database: dict[str, Table]) -> dict[str, Table]:
    """Return the tables with each layout's samples as rows, and without what `tidy` leaves out."""
    result: dict[str, Table] = {}
    for name, table in database.items():
        rows = result.setdefault(name, {})
        for key, record in table.items():
            if name == "activity_streams" and isinstance(record["time"], list):
                rows.update(((*key[:2], row["time"]), row) for row in columns_as_rows(record))
            else:
                rows[key] = tidy(record)
    return result


def columns_as_rows(record: Record) -> Iterator[Record]:
    """Yield the samples of a columnar record, tidy."""
    scalars = tidy({name: value for name, value in record.items() if not isinstance(value, list)})
    arrays = {name: value for name, value in record.items() if isinstance(value, list)}
    for values in zip(*arrays.values(), strict=True):
        yield scalars | tidy(dict(zip(arrays, values, strict=True)))


def tidy(record: Record) -> Record:
    """Leave out what carries nothing (null), what moves without meaning, and what only one layout has."""
    extra = record.get("extra") or {}
    whole = record | (json.loads(extra) if isinstance(extra, str) else extra)
    row: Record = {}
    for name, value in whole.items():
        if value is None or name in WITHOUT:
            continue
        if isinstance(value, float | int):  # nearly all are
            row[name] = value
        elif (tidied := _tidy(value)) is not None:
            row[name] = tidied
    if isinstance(row.get("gear"), dict):
        row["gear"] = {name: value for name, value in row["gear"].items() if name != "distance"}
    return row


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _tidy(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_tidy(inner) for inner in value]
    return None if value in oracle.NO_NUMBER else value
