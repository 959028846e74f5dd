"""The athletes of whom events wait, in PostgreSQL: they survive a restart, and several receivers share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scale.webhooks.events import SOON, Due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scale.store import Connection
    from scale.webhooks.events import Event, Wait

MOST = 3000
"""Changes that one run looks at; the next one takes the others. They go through an environment variable."""


class Change(NamedTuple):
    """An activity that an event named, and the number of the last such event."""

    athlete_id: str
    activity_id: str
    number: int


def note(connection: Connection, events: Iterable[Event]) -> None:
    """Note events; no run is due for athletes who are not synced, or are just being backfilled."""
    with connection.transaction():
        for event in sorted(
            events, key=lambda one: one.athlete_id
        ):  # in one order, so that two never wait for each other
            if event.wait:
                _note(connection, event.athlete_id, event.wait, is_whole=event.is_whole)
                if event.activity_id:
                    _note_change(connection, event.athlete_id, event.activity_id)


def put_back(connection: Connection, athletes: Iterable[str], *, is_whole: bool) -> None:
    """Note athletes again whose shard was busy."""
    with connection.transaction():
        for athlete_id in sorted(athletes):
            _note(connection, athlete_id, SOON, is_whole=is_whole)


def changes(connection: Connection, athletes: Iterable[str]) -> list[Change]:
    """Return the activities of these athletes that events named and no run has looked at, the oldest first."""
    rows = connection.execute(
        "SELECT athlete_id, activity_id, number FROM scale.changes WHERE athlete_id = ANY(%s) ORDER BY number LIMIT %s",
        [list(athletes), MOST],
    ).fetchall()
    return [Change(str(athlete_id), str(activity_id), int(str(number))) for athlete_id, activity_id, number in rows]


def looked_at(connection: Connection, changes: Iterable[Change]) -> None:
    """Forget changes that a run has looked at, but not what was told of the same activity meanwhile."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM scale.changes WHERE athlete_id = %s AND activity_id = %s AND number = %s", [*changes]
        )


def _note_change(connection: Connection, athlete_id: str, activity_id: str) -> None:
    connection.execute(
        "INSERT INTO scale.changes (athlete_id, activity_id, number)"
        " SELECT athlete_id, %(activity)s, nextval('scale.event_numbers') FROM scale.members"
        " WHERE athlete_id = %(id)s AND status <> 'removed'"
        " ON CONFLICT (athlete_id, activity_id) DO UPDATE SET number = excluded.number",
        {"id": athlete_id, "activity": activity_id},
    )


def _note(connection: Connection, athlete_id: str, wait: Wait, *, is_whole: bool) -> None:
    connection.execute(
        "INSERT INTO scale.events (athlete_id, due, latest, is_whole, number)"
        " SELECT athlete_id, now() + make_interval(secs => %(quiet)s), now() + make_interval(secs => %(longest)s),"
        " %(whole)s, nextval('scale.event_numbers') FROM scale.members"
        " WHERE athlete_id = %(id)s AND status = 'active'"
        " ON CONFLICT (athlete_id) DO UPDATE SET latest = least(events.latest, excluded.latest),"
        " due = least(excluded.due, events.latest, excluded.latest),"
        " is_whole = events.is_whole OR excluded.is_whole, number = excluded.number",
        {"id": athlete_id, "quiet": wait.quiet, "longest": wait.longest, "whole": is_whole},
    )


def due(connection: Connection) -> list[Due]:
    """Return the athletes whose time has come."""
    rows = connection.execute(
        "SELECT athlete_id, is_whole, number FROM scale.events WHERE due <= now() ORDER BY number"
    ).fetchall()
    return [Due(str(id_), bool(whole), int(str(number))) for id_, whole, number in rows]


def athletes(connection: Connection) -> set[str]:
    """Return all athletes of whom events wait."""
    return {str(id_) for (id_,) in connection.execute("SELECT athlete_id FROM scale.events").fetchall()}


def forget(connection: Connection, handed: Iterable[Due]) -> None:
    """Forget what was handed to Airflow, but not what came meanwhile."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM scale.events WHERE athlete_id = %s AND number = %s",
            [(one.athlete_id, one.number) for one in handed],
        )
