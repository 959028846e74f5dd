"""What a request asks for, as the service reads it, and what it answers where that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.records import Record

Query = Mapping[str, str]


class ApiError(Exception):
    """An answer with an error status and the service's kind of body."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def not_found() -> ApiError:
    """Return the answer for whatever is not there."""
    return ApiError(404, "Not Found")


def required(query: Query, name: str) -> str:
    """Return a parameter, or the error of the service where it is missing."""
    if not query.get(name):
        raise ApiError(422, f"Required request parameter '{name}' for method parameter type String is not present")
    return query[name]


def moment_of(text: str, *, end_of_day: bool = False) -> str:
    """Return a local date or date-time as a comparable text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(422, f"Invalid date [{text}]") from None
    if end_of_day and len(text) == 10:
        moment += timedelta(days=1, seconds=-1)
    return moment.replace(tzinfo=None).isoformat()


def day_of(text: str) -> str:
    """Return the local date of a date or date-time."""
    return moment_of(text)[:10]


def limit_of(query: Query) -> int | None:
    """Return how many rows are wanted; None for all."""
    try:
        return int(query["limit"]) if "limit" in query else None
    except ValueError:
        kind = "org.springframework.web.method.annotation.MethodArgumentTypeMismatchException"
        raise ApiError(500, f"{kind}: Failed to convert 'limit'") from None


def selected(records: Iterable[Record], query: Query, known: Iterable[str] | None = None) -> list[Record]:
    """Apply `fields`: only these keys, nulls dropped."""
    if not query.get("fields"):
        return list(records)
    fields = [name.strip() for name in query["fields"].split(",")]
    if known is not None and (unknown := set(fields) - set(known)):
        raise ApiError(422, f"Unrecognized wellness field [{min(unknown)}]")
    return [{key: record[key] for key in fields if record.get(key) is not None} for record in records]
