"""A synthetic account, the tap run on it, and a database that believes every record."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.profile import SECRETS
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.tap import TapIntervalsIcu
from tests import oracle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.mapper import PluginMapper
    from singer_sdk.singerlib import Catalog

    from sandbox import Account, Sandbox

Record = dict[str, Any]
Table = dict[tuple[Any, ...], Record]

STREAMS = ("wellness", "activities", "activity_streams")
LAST_DAY = date(2026, 3, 10)
NOTHING: dict[str, list[str]] = {}

UNCHANGED = Counter({"athlete": 1, "activities": 1, "wellness": 1})
"""Requests of a run that finds nothing new; the last two list the look-back window."""
CENSUS = Counter({"activities census": 1, "wellness census": 1})

SAMPLED = re.compile(r"/api/v1/activity/[^/]+/streams")
BY_ID = re.compile(r"/api/v1/athlete/[^/]+/activities/.+")

WITHOUT = {"extra", "skyline_chart_bytes", "timestamp", "timestamp_local", "record_part"}
"""What `tidy` leaves out."""


@dataclass(frozen=True)
class Run:
    """What one run of the tap wrote and asked for; `error` is "" where the exit code is 0."""

    messages: list[Record]
    requests: Counter[str]
    error: str
    log: str

    @property
    def state(self) -> Record:
        """The last state."""
        states = [message["value"] for message in self.messages if message["type"] == "STATE"]
        return dict(states[-1]) if states else {}

    def records(self, stream: str) -> list[Record]:
        """The records of a stream, in order."""
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    @property
    def emitted(self) -> dict[str, list[str]]:
        """The ids by stream, sorted; those of tombstones with a minus in front."""
        found: dict[str, set[str]] = {}
        for message in self.messages:
            if message["type"] == "RECORD":
                record = message["record"]
                id_ = str(record.get("activity_id", record.get("id")))
                found.setdefault(message["stream"], set()).add("-" * ("_sdc_deleted_at" in record) + id_)
        return {stream: sorted(ids) for stream, ids in found.items()}


class Scene:
    """An account on a sandbox and what the tap has brought home of it, run after run."""

    def __init__(self, sandbox: Sandbox, **settings: Any) -> None:
        self.sandbox = sandbox
        self.accounts = list(sandbox.accounts.values())
        self.account = self.accounts[0]
        self.settings = {
            "api_url": sandbox.url,
            "api_key": sandbox.api_key,
            "requests_per_second": 0,
            "activity_streams_layout": "columns",
            **settings,
        }
        self.state: Record = {}
        self.database: dict[str, Table] = {}

    def sync(self, *, killed: float = 1.0, **settings: Any) -> Run:
        """Run the tap in this process, keep its state, and store what it wrote.

        Of a run that is `killed`, only this part of the lines is stored.
        """
        config = {**self.settings, **settings}
        before = len(self.sandbox.requests)
        messages, error, log = run_tap(config, catalog(config), self.state)
        assert leaked(self.sandbox, json.dumps(messages) + log + error) == []
        messages = messages[: round(len(messages) * killed)] if killed < 1 else messages
        run = Run(messages, self.asked(before), error, log)
        self.store(run)
        return run

    def asked(self, since: int = 0) -> Counter[str]:
        """The kinds of requests from the given one on."""
        return Counter(map(kind, self.sandbox.requests[since:]))

    def store(self, run: Run) -> None:
        """Do what a target does: upsert by key, delete by tombstone, keep the last state."""
        self.state = run.state or self.state
        store(self.database, run.messages)

    def truth(self) -> dict[str, Table]:
        """What the database has to hold."""
        return truth(self.accounts)

    def stored(self) -> dict[str, Table]:
        """What the database holds, in the form of `truth`."""
        return {name: table for name, table in comparable(self.database).items() if table}

    # Whom the edits are done to

    def activities(self, *, inside: bool) -> list[str]:
        """Ids of activities with samples, in or well before the look-back window, oldest first."""
        border = (self.account.today - timedelta(days=14 if inside else 20)).isoformat()
        found = sorted(self.account.activities.values(), key=lambda row: (row["start_date_local"], row["id"]))
        return [
            str(row["id"])
            for row in found
            if self.account.streams(row["id"]) and (row["start_date_local"][:10] >= border) == inside
        ]

    def days(self, first: str, last: str = "9999") -> list[str]:
        """The dates of wellness rows from one date to another, projected days left out."""
        return sorted(day for day in self.account.wellness if first <= day <= min(last, str(self.account.today)))

    @property
    def day_before_window(self) -> str:
        """The last date that is not looked back on."""
        return str(self.account.today - timedelta(days=15))


class Selected(NamedTuple):
    """Streams to be synced, and what the SDK makes of their catalog when a run starts: each time the same."""

    catalog: Catalog
    mapper: PluginMapper


def run_tap(config: Record, selected: Selected, state: Record) -> tuple[list[Record], str, str]:
    """Run the tap in this process; return its messages, the sentence it failed with ("" if it did not), and its log."""
    log, output = io.StringIO(), io.TextIOWrapper(io.BytesIO())
    state = json.loads(json.dumps(state))
    tap = TapIntervalsIcu(config=config, catalog=selected.catalog, state=state, setup_mapper=False)
    tap.mapper = selected.mapper
    handler, logger = logging.StreamHandler(log), logging.getLogger(tap.name)
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    error = ""
    try:
        with contextlib.redirect_stdout(output):
            tap.sync_all()
    except TapError as failure:
        error = failure.message
    finally:
        logger.removeHandler(handler)
    return [json.loads(line) for line in output.buffer.getvalue().splitlines()], error, log.getvalue()


def leaked(sandbox: Sandbox, text: str) -> list[str]:
    """Return the secrets that stand in a text: those of the connection and those of the athlete's profile."""
    key, token = sandbox.api_key, sandbox.state.access_token
    basic = base64.b64encode(f"API_KEY:{key}".encode()).decode()
    return [secret for secret in (key, token, basic, *SECRETS.values()) if secret in text]


def catalog(config: Record, streams: tuple[str, ...] = STREAMS) -> Selected:
    """Return a catalog in which exactly these streams are selected.

    Others than STREAMS are in it only where they are selected: one of all streams takes the SDK three times as long.
    """
    return _catalog(config["activity_streams_layout"], streams)


@cache
def _catalog(layout: str, streams: tuple[str, ...]) -> Selected:
    config = {"api_key": "unused", "activity_streams_layout": layout}
    found = json.loads(json.dumps(TapIntervalsIcu(config=config).catalog_dict))
    found["streams"] = [one for one in found["streams"] if one["tap_stream_id"] in {*STREAMS, *streams}]
    for stream in found["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in streams
    tap = TapIntervalsIcu(config=config, catalog=found)
    return Selected(tap.catalog, tap.mapper)


def kind(request: Any) -> str:
    """Name a request by what it asks for."""
    path = str(request.path)
    if SAMPLED.fullmatch(path):
        return "streams"
    if BY_ID.fullmatch(path):
        return "activities by id"
    parts = path.split("/")[3:]  # without /api/v1
    name = parts[0] if len(parts) == 2 else parts[-1]
    return f"{name} census" if "fields" in request.query else name


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
