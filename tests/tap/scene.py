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
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.profile import SECRETS
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.tap import TapIntervalsIcu
from tests.tap.tables import STREAMS, Record, Table, comparable, store, truth

if TYPE_CHECKING:
    from singer_sdk.mapper import PluginMapper
    from singer_sdk.singerlib import Catalog

    from sandbox import Sandbox

LAST_DAY = date(2026, 3, 10)
NOTHING: dict[str, list[str]] = {}

UNCHANGED = Counter({"athlete": 1, "activities": 1, "wellness": 1})
"""Requests of a run that finds nothing new; the last two list the look-back window."""
CENSUS = Counter({"activities census": 1, "wellness census": 1})

SCHEMA = b'{"type":"SCHEMA",'
SAMPLED = re.compile(r"/api/v1/activity/[^/]+/streams")
BY_ID = re.compile(r"/api/v1/athlete/[^/]+/activities/.+")


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
        output, error, log = written_by_tap(config, catalog(config), self.state)
        assert leaked(self.sandbox, output.decode() + log + error) == []
        messages = decoded(output)
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
    output, error, log = written_by_tap(config, selected, state)
    return decoded(output), error, log


def written_by_tap(config: Record, selected: Selected, state: Record) -> tuple[bytes, str, str]:
    """Do the same, with the output as it was written."""
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
    return output.buffer.getvalue(), error, log.getvalue()


def decoded(output: bytes) -> list[Record]:
    """Return the messages; those with the large schemas, which hardly differ from run to run, are decoded once."""
    lines = output.splitlines()
    return [_decoded_schema(line) if line.startswith(SCHEMA) else json.loads(line) for line in lines]


@lru_cache(maxsize=64)
def _decoded_schema(line: bytes) -> Record:
    return dict(json.loads(line))


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
