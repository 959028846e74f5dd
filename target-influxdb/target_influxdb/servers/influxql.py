"""InfluxQL over /query: what InfluxDB 1 is managed by, and what 2 and 3 can be read by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from target_influxdb.http import Answer
from target_influxdb.servers.base import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from target_influxdb.http import Http
    from target_influxdb.servers.base import Deletion

_SECONDS = {"h": 3600, "m": 60, "s": 1}


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def query(http: Http, statement: str, database: str = "") -> Answer:
    """Run statements. Errors come with status 200: they become a status of their own here."""
    form = {"q": statement, **({"db": database} if database else {})}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = http.request("POST", "/query?epoch=ns", body=urlencode(form).encode(), headers=headers)
    if answer.status != 200:  # noqa: PLR2004 - OK
        return answer
    results: Any = parsed(answer).get("results")
    if results is None:
        return Answer(502, f"no answer of InfluxQL: {answer.text[:100]}")
    errors = [error for result in results if (error := result.get("error")) and error != "not executed"]
    if not errors:
        return answer
    missing = all("database not found" in error for error in errors)
    return Answer(404 if missing else 400, "; ".join(errors))


def rows(answer: Answer) -> Iterator[list[Any]]:
    """All rows of all series of all statements."""
    results: Any = parsed(answer).get("results", ())
    for result in results:
        for series in result.get("series", ()):
            yield from series.get("values", ())


def tag_values(http: Http, database: str, measurement: str, tag: str) -> set[str] | None:
    """Values of a tag; None if they can't be read."""
    statement = f"SHOW TAG VALUES FROM {identifier(measurement)} WITH KEY = {identifier(tag)}"
    answer = query(http, statement, database)
    if answer.status == 404:  # noqa: PLR2004 - no database, hence no points
        return set()
    return {row[1] for row in rows(answer)} if answer.status == 200 else None  # noqa: PLR2004 - OK


def time_range(http: Http, database: str, measurement: str) -> tuple[int, int] | None:
    """First and last time of a measurement, (1, 0) if it is empty; None if that can't be read."""
    source = f"SELECT * FROM {identifier(measurement)} ORDER BY time"  # noqa: S608 - quoted
    answer = query(http, f"{source} ASC LIMIT 1; {source} DESC LIMIT 1", database)
    if answer.status == 404:  # noqa: PLR2004 - no database, hence no points
        return 1, 0
    if answer.status != 200:  # noqa: PLR2004 - OK
        return None
    times = [row[0] for row in rows(answer)]
    return (min(times), max(times)) if times else (1, 0)


def delete_statement(deletion: Deletion) -> str:
    """DELETE of one deletion."""
    conditions = [f"{identifier(tag)} = {text(value)}" for tag, value in deletion.tags]
    if deletion.timed:
        conditions += [f"time >= {deletion.first}", f"time <= {deletion.last}"]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"DELETE FROM {identifier(deletion.measurement)}{where}"  # noqa: S608 - quoted


def delete_statements(deletions: Sequence[Deletion]) -> str:
    """DELETE of all of them, in one request."""
    return "; ".join(map(delete_statement, deletions))


def duration(written: str) -> int:
    """Nanoseconds of a duration such as 720h0m0s, 0 for ever."""
    parts = re.findall(r"(\d+)([hms])", written)
    return sum(int(number) * _SECONDS[unit] for number, unit in parts) * 10**9
