"""The athletes of whom events wait, in PostgreSQL: they survive a restart, and several receivers share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scale.webhooks.events import AT_ONCE, SOON, Due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scale.store import Connection
    from scale.webhooks.events import Event, Wait


def note(connection: Connection, events: Iterable[Event]) -> None:
    """Note events; those of athletes who are not synced, or are just being backfilled, are left out."""
    with connection.transaction():
        for event in sorted(
            events, key=lambda one: one.athlete_id
        ):  # in one order, so that two never wait for each other
            if event.wait:
                _note(connection, event.athlete_id, event.wait)


def put_back(connection: Connection, athletes: Iterable[str], *, is_whole: bool) -> None:
    """Note athletes again whose shard was busy."""
    with connection.transaction():
        for athlete_id in sorted(athletes):
            _note(connection, athlete_id, SOON)
            if is_whole:
                connection.execute("UPDATE scale.events SET is_whole = true WHERE athlete_id = %s", [athlete_id])


def _note(connection: Connection, athlete_id: str, wait: Wait) -> None:
    connection.execute(
        "INSERT INTO scale.events (athlete_id, due, latest, is_whole, number)"
        " SELECT athlete_id, now() + make_interval(secs => %(quiet)s), now() + make_interval(secs => %(longest)s),"
        " %(whole)s, nextval('scale.event_numbers') FROM scale.members"
        " WHERE athlete_id = %(id)s AND status = 'active'"
        " ON CONFLICT (athlete_id) DO UPDATE SET latest = least(events.latest, excluded.latest),"
        " due = least(excluded.due, events.latest, excluded.latest),"
        " is_whole = events.is_whole OR excluded.is_whole, number = excluded.number",
        {"id": athlete_id, "quiet": wait.quiet, "longest": wait.longest, "whole": wait is AT_ONCE},
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
