"""InfluxQL over /query: what InfluxDB 1 is managed by, and what 2 and 3 can be read by."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from target_influxdb.servers.base import parsed
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from target_influxdb.servers.base import Deletion
    from target_influxdb.servers.http import Http

SECONDS = {"h": 3600, "m": 60, "s": 1}


def identifier(name: str) -> str:
    """Return a quoted name."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def text(value: str) -> str:
    """Return a quoted text."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def query(http: Http, statement: str, database: str = "") -> Answer:
    """Run statements. Errors come with status 200: they become a status of their own here."""
    form = {"q": statement, **({"db": database} if database else {})}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = http.request("POST", "/query?epoch=ns", body=urlencode(form).encode(), headers=headers)
    if not answer.ok:
        return answer
    value: Any = parsed(answer)
    if "results" not in value and answer.text.strip() != "{}":  # which 2.x answers to a DELETE
        return Answer(502, f"no answer of InfluxQL: {answer.text[:100]}")
    results = value.get("results", ())
    errors = [error for result in results if (error := result.get("error"))]
    if not errors:
        return answer
    # "not executed" follows another statement's error, but 1.x and 2.x may keep that to themselves.
    causes = [error for error in errors if error != "not executed"] or errors
    return Answer(404 if all("database not found" in error for error in causes) else 400, "; ".join(causes))


def is_missing(answer: Answer) -> bool:
    """Tell whether InfluxDB 1 says that the database or its policy is not there, hence no points."""
    return not answer.ok and ("database not found" in answer.text or "policy not found" in answer.text)


def with_missing_policy(answer: Answer) -> Answer:
    """Return a write's answer, 404 where the policy is missing: InfluxDB 1 says 500, as if it would pass."""
    is_missing_policy = (
        answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and "retention policy not found" in answer.text
    )
    return Answer(404, answer.text) if is_missing_policy else answer


def series_of(answer: Answer) -> Iterator[dict[str, Any]]:
    """Yield all series of all statements."""
    results: Any = parsed(answer).get("results", ())
    for result in results:
        yield from result.get("series", ())


def source(measurement: str, policy: str) -> str:
    """Return a measurement after FROM, of one retention policy if it is named."""
    return f"{identifier(policy)}.{identifier(measurement)}" if policy else identifier(measurement)


def first_column(answer: Answer) -> set[str] | None:
    """Return the names in the answer to SHOW MEASUREMENTS or SHOW FIELD KEYS; None if they can't be read."""
    if not answer.ok:
        return None
    return {row[0] for series in series_of(answer) for row in series["values"]}


def ask_tag_values(measurement: str, tag: str, policy: str = "", *, since: str = "") -> str:
    """Return a statement for the values of a tag; `since` is a time for a server that looks at the newest alone."""
    if policy:  # SHOW TAG VALUES answers for all policies
        return f"SELECT * FROM {source(measurement, policy)} GROUP BY {identifier(tag)} LIMIT 1"  # noqa: S608 - quoted
    when = f" WHERE time >= '{since}'" if since else ""
    return f"SHOW TAG VALUES FROM {identifier(measurement)} WITH KEY = {identifier(tag)}{when}"


def ask_columns(measurement: str) -> str:
    """Return a statement for the names of the fields."""
    return f"SHOW FIELD KEYS FROM {identifier(measurement)}"


def tag_values(answer: Answer) -> set[str] | None:
    """Return the values of a tag; None if they can't be read."""
    if not answer.ok:
        return None
    values: set[str] = set()
    for series in series_of(answer):
        values.update(series["tags"].values() if "tags" in series else (row[1] for row in series["values"]))
    return values


def ask_any(measurement: str, tags: Mapping[str, str], policy: str = "") -> str:
    """Return a statement whose answer has a series if there is a point with all of some tags."""
    where = " AND ".join(f"{identifier(tag)} = {text(value)}" for tag, value in tags.items())
    if policy:  # as for the values of a tag
        return f"SELECT * FROM {source(measurement, policy)} WHERE {where} LIMIT 1"  # noqa: S608 - quoted
    # With a condition the index tells only what is left; without one it names values whose points were deleted.
    return f"{ask_tag_values(measurement, next(iter(tags)))} WHERE {where}"


def any_series(answer: Answer) -> bool | None:
    """Tell whether an answer has a series; None if it is none."""
    return any(True for _ in series_of(answer)) if answer.ok else None


def ask_time(measurement: str, order: str, policy: str = "") -> str:
    """Return a statement for the first or the last point (ASC, DESC)."""
    return f"SELECT * FROM {source(measurement, policy)} ORDER BY time {order} LIMIT 1"  # noqa: S608 - quoted


def time_range(ask: Callable[[str], Answer]) -> tuple[Answer, tuple[int, int] | None]:
    """Return first and last time of a measurement by the answers for ASC and DESC, with one of these.

    (1, 0) stands for an empty one, None for one that can't be read.
    """
    times: list[int] = []
    for order in ("ASC", "DESC"):  # a request each: of several statements no server says which one failed, and why
        answer = ask(order)
        if not answer.ok:
            return answer, None
        times += [row[0] for series in series_of(answer) for row in series["values"]]
    return answer, (min(times), max(times)) if times else (1, 0)


def delete_statement(*deletions: Deletion) -> str:
    """Return the DELETE of deletions that name the same measurement and time, and tags unless there is but one.

    The server looks through all that it holds in memory for each statement, however much that deletes.
    """
    first = deletions[0]
    # A field of that name from older days would be meant by the bare name.
    named = [
        " AND ".join(f"{identifier(tag)}::tag = {text(value)}" for tag, value in one.tags)
        for one in deletions
        if one.tags
    ]
    conditions = ["(" + " OR ".join(f"({one})" for one in named) + ")"] if len(named) > 1 else named
    if first.timed:
        conditions += [f"time >= {first.first}", f"time <= {first.last}"]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"DELETE FROM {identifier(first.measurement)}{where}"  # noqa: S608 - quoted


MOST_DELETIONS = 500
"""In a request."""


def delete_statements(deletions: Sequence[Deletion]) -> str:
    """Return the DELETE of all of them, in as few statements as can be: times know no OR."""
    groups: dict[tuple[object, ...], list[Deletion]] = {}
    for one in deletions:
        groups.setdefault((one.measurement, one.first, one.last, bool(one.tags)), []).append(one)
    return "; ".join(delete_statement(*group) for group in groups.values())


def duration(written: str) -> int:
    """Return the nanoseconds of a duration such as 720h0m0s, 0 for ever."""
    parts = re.findall(r"(\d+)([hms])", written)
    return sum(int(number) * SECONDS[unit] for number, unit in parts) * 10**9
