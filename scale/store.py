"""The tables that all machines share: who is synced, with which token, how it went, and what events wait.

Tokens are encrypted here and nowhere else, with Airflow's key: who reads the database alone, or a copy of it, has none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from cryptography.fernet import Fernet, InvalidToken

from scale.outcomes import Outcome
from scale.roster import Member, RosterError, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from scale.roster import Roster
    from scale.settings import Settings

Connection = psycopg.Connection[tuple[object, ...]]

SHARD_LOCKS = 0x1C0
"""First half of the number of a shard's lock; PostgreSQL's locks of this kind are numbers."""
BACKFILL_LOCKS = 0x1C1
DAYS_OF_OUTCOMES = 30
HOURS_OF_RUNS = 3
"""Each run is a copy of a shard's state: two days of those of 1,000 athletes would be gigabytes."""

TABLES = """
CREATE SCHEMA IF NOT EXISTS scale;
CREATE TABLE IF NOT EXISTS scale.members (
    athlete_id text PRIMARY KEY,
    shard integer NOT NULL,
    status text NOT NULL,
    is_backfilled boolean NOT NULL,
    credential bytea
);
CREATE TABLE IF NOT EXISTS scale.outcomes (
    run text NOT NULL,
    athlete_id text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run, athlete_id)
);
CREATE INDEX IF NOT EXISTS outcomes_at ON scale.outcomes (at);
CREATE SEQUENCE IF NOT EXISTS scale.event_numbers;
CREATE TABLE IF NOT EXISTS scale.events (
    athlete_id text PRIMARY KEY,
    due timestamptz NOT NULL,
    latest timestamptz NOT NULL,
    is_whole boolean NOT NULL,
    number bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS scale.changes (
    athlete_id text NOT NULL,
    activity_id text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (athlete_id, activity_id)
);
"""


class LockedError(Exception):
    """Another run has the shard for longer than was waited for."""


def connect(settings: Settings) -> Connection:
    """Return a connection; each statement is its own transaction unless `transaction()` joins some."""
    return psycopg.connect(settings.database, autocommit=True, connect_timeout=30)


def make_tables(connection: Connection) -> None:
    """Make what is missing."""
    connection.execute(TABLES)


# The roster


def roster(connection: Connection) -> Roster:
    """Return all members."""
    rows = connection.execute("SELECT athlete_id, shard, status, is_backfilled FROM scale.members").fetchall()
    return {
        str(id_): Member(str(id_), int(str(shard)), Status(status), bool(done)) for id_, shard, status, done in rows
    }


def change(connection: Connection, decide: Callable[[Roster], Member], credential: bytes | None = None) -> Member:
    """Write what `decide` makes of the roster, while nobody else changes it; `credential` replaces the old one.

    One who is removed loses the credential.
    """
    with connection.transaction():
        connection.execute("LOCK TABLE scale.members IN SHARE ROW EXCLUSIVE MODE")
        member = decide(roster(connection))
        connection.execute(
            "INSERT INTO scale.members (athlete_id, shard, status, is_backfilled, credential)"
            " VALUES (%(id)s, %(shard)s, %(status)s, %(done)s, %(credential)s) ON CONFLICT (athlete_id) DO UPDATE SET"
            " status = excluded.status, is_backfilled = excluded.is_backfilled, credential = CASE"
            " WHEN excluded.status = 'removed' THEN NULL ELSE coalesce(excluded.credential, members.credential) END",
            {
                "id": member.athlete_id,
                "shard": member.shard,
                "status": member.status.value,
                "done": member.is_backfilled,
                "credential": credential,
            },
        )
    return member


def encrypt(settings: Settings, secret: str) -> bytes:
    """Encrypt a credential."""
    encrypted: bytes = Fernet(settings.key).encrypt(secret.encode())
    return encrypted


def credentials(connection: Connection, settings: Settings, athletes: Collection[str]) -> dict[str, str]:
    """Return the credentials of athletes, as far as there are any.

    Raises:
        RosterError: They were encrypted with another key.
    """
    rows = connection.execute(
        "SELECT athlete_id, credential FROM scale.members WHERE athlete_id = ANY(%s) AND credential IS NOT NULL",
        [list(athletes)],
    ).fetchall()
    fernet = Fernet(settings.key)
    try:
        return {str(id_): fernet.decrypt(encrypted).decode() for id_, encrypted in rows if isinstance(encrypted, bytes)}
    except InvalidToken:
        raise RosterError(
            "The tokens in the database were encrypted with another key: set AIRFLOW__CORE__FERNET_KEY on this machine "
            "to the one of the machine that added them."
        ) from None


# One run of a shard at a time


@contextmanager
def shard_lock(connection: Connection, shard: int, seconds: float, kind: int = SHARD_LOCKS) -> Iterator[None]:
    """Hold a shard's lock, which the server gives up when this connection ends, however that comes.

    Raises:
        LockedError: Somebody else had it for all these seconds.
    """
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(seconds * 1000)}ms"])
    try:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", [kind, shard])
    except psycopg.errors.LockNotAvailable:
        raise LockedError(f"Shard {shard} was busy for {seconds:.0f} s: another run of it is on.") from None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, shard])


# How it went


def note(connection: Connection, run: str, outcomes: Iterable[Outcome]) -> None:
    """Write how a run of Airflow went for athletes; a later try replaces what an earlier one said."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO scale.outcomes (run, athlete_id, outcome, reason) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (run, athlete_id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,"
            " at = now()",
            [(run, one.athlete_id, "ok" if one.is_ok else "failed", one.reason) for one in outcomes],
        )


def outcomes(connection: Connection, run: str) -> dict[str, Outcome]:
    """Return how a run of Airflow went, by athlete."""
    rows = connection.execute("SELECT athlete_id, outcome, reason FROM scale.outcomes WHERE run = %s", [run]).fetchall()
    return {str(id_): Outcome(str(id_), is_ok=outcome == "ok", reason=str(reason)) for id_, outcome, reason in rows}


def last_success(connection: Connection) -> dict[str, str]:
    """Return when each athlete was last synced, UTC to the minute; those of the last weeks alone."""
    rows = connection.execute(
        "SELECT athlete_id, to_char(max(at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM scale.outcomes"
        " WHERE outcome = 'ok' GROUP BY athlete_id"
    ).fetchall()
    return {str(id_): str(at) for id_, at in rows}


def tidy(connection: Connection) -> None:
    """Delete what is not needed: old outcomes, and Meltano's notes of runs, each with a copy of its whole state."""
    connection.execute("DELETE FROM scale.outcomes WHERE at < now() - make_interval(days => %s)", [DAYS_OF_OUTCOMES])
    connection.execute(
        "DELETE FROM scale.changes WHERE athlete_id IN (SELECT athlete_id FROM scale.members WHERE status = 'removed')"
    )
    if connection.execute("SELECT to_regclass('public.runs')").fetchone() != (None,):
        connection.execute(
            "DELETE FROM public.runs WHERE coalesce(ended_at, last_heartbeat_at, started_at)"
            " < (now() AT TIME ZONE 'UTC') - make_interval(hours => %s)",
            [HOURS_OF_RUNS],
        )
