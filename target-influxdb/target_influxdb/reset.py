"""Begins anew: deletes what the database holds, all of it or that of some streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urllib3

from target_influxdb.delivery.queue import NOTHING_THERE
from target_influxdb.errors import TargetError, UnreachableError
from target_influxdb.lineprotocol.escape import storable
from target_influxdb.servers import Deletion
from target_influxdb.servers.http import reason

if TYPE_CHECKING:
    from target_influxdb.config.settings import Settings
    from target_influxdb.delivery.queue import Writer
    from target_influxdb.servers import Server

ALL = "all"


def reset(writer: Writer, what: str) -> str:
    """Delete what the database holds.

    Args:
        writer: Knows the database.
        what: `all`, or streams with commas between, each as `STREAM` or `STREAM:TAG=VALUE`.

    Returns:
        a sentence on what was deleted.

    Raises:
        TargetError: something can't be deleted.
    """
    settings = writer.settings
    deletions = [] if what == ALL else [_deletion(settings, one) for one in what.split(",")]
    try:
        server = writer.connect(0)
        if deletions:
            return _delete(server, deletions)
        server.recreate()
    except UnreachableError as error:
        raise TargetError(f"{settings.url} can't be reached: {error}") from None
    except urllib3.exceptions.HTTPError as error:
        raise TargetError(f"{settings.url} can't be reached any more: {reason(error)}. Try again.") from None
    return f"Deleted all in {settings.bucket or settings.url}."


def _delete(server: Server, deletions: list[Deletion]) -> str:
    if server.cannot_delete:
        raise TargetError(f"Nothing was deleted. {server.cannot_delete}.")
    answer = server.delete(deletions)
    if not answer.done and not NOTHING_THERE.search(answer.text):
        raise TargetError(f"{server.name} refused to delete: {answer.brief()}; grant the account the right to delete.")
    more = f" {server.deletes_more}." if server.deletes_more else ""
    return f"Deleted {', '.join(map(str, deletions))}.{more}"


def _deletion(settings: Settings, stream: str) -> Deletion:
    name, colon, tag = stream.partition(":")
    key, _, value = tag.partition("=")
    if not name or (colon and not (key and value)):
        raise TargetError(f"--reset: {stream!r} is neither STREAM nor STREAM:TAG=VALUE. Nothing was deleted.")
    measurement = storable(settings.mapping_of(name).name or name)
    others = frozenset(settings.measurement_names - {measurement})
    return Deletion(measurement, ((key, storable(value)),) if colon else (), others=others)
