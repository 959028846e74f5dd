"""Fields for which a server has no column left, as InfluxDB 3 has 500 per measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_influxdb.lineprotocol.parse import measurement_of, parse

if TYPE_CHECKING:
    from target_influxdb.delivery.refusals import Line
    from target_influxdb.servers import Server

TOO_MANY = "number of columns per table"
"""Part of the message that tells of it."""

NAMED = 5


def trim(server: Server, lines: list[Line]) -> bool:
    """Take those fields out of lines for which their measurement has no column left.

    Returns:
        whether there are such fields.
    """
    by_measurement: dict[str, list[Line]] = {}
    for line in lines:
        by_measurement.setdefault(measurement_of(line.rest), []).append(line)
    found = False
    for measurement, some in by_measurement.items():
        if surplus := _surplus(server, measurement, some):
            found = True
            reason = _reason(server, measurement, surplus)
            for line in some:
                line.drop(frozenset(surplus), reason)
    return found


def _surplus(server: Server, measurement: str, lines: list[Line]) -> list[str]:
    """Return the new fields beyond those for which there is room, in the order in which they come."""
    known = server.columns(measurement)
    if known is None or server.most_columns is None:
        return []
    parsed = [parse(line.rest) for line in lines]
    tags = {tag for one in parsed for tag in one.tags}
    new = dict.fromkeys(field.name for one in parsed for field in one.fields if field.name not in known)
    return list(new)[max(server.most_columns - len(known) - len(tags) - 1, 0) :]  # the time is a column, too


def _reason(server: Server, measurement: str, surplus: list[str]) -> str:
    more = f" and {len(surplus) - NAMED} more" if len(surplus) > NAMED else ""
    return (
        f"{server.name} keeps at most {server.most_columns} columns per measurement, so {measurement!r} has no room for"
        f" {', '.join(map(repr, surplus[:NAMED]))}{more}: leave fields out with `exclude`"
    )
