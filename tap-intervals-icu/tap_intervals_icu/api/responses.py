"""What an HTTP answer, or none, means: pure functions."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from tap_intervals_icu.errors import ForbiddenError, MissingError, TapError, TransientError, WithheldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

LONGEST_WAIT = 31 * 86_400.0
"""Whatever `Retry-After` says: what is longer is a mistake of somebody's."""

COPY_KEY = "copy it again from https://intervals.icu/settings, Developer Settings, and set INTERVALS_API_KEY"

REFUSALS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"The API key is not valid: {COPY_KEY}.",
    HTTPStatus.FORBIDDEN: f"Either the API key is wrong: {COPY_KEY}. Or it has no right to this athlete's data: check "
    "INTERVALS_ATHLETE_ID (0 means the owner of the key).",
}
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


def describe(error: Exception) -> str:
    """Name a network error in a few words; the library's own text is long and repeats the whole URL."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__  # type: ignore[assignment] # one of the two is set
    text = str(cause).split("\n")[0]
    return f"{type(error).__name__}, {text}" if text else type(error).__name__


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a `Retry-After` header in either of its forms, None if there is none that can be read.

    >>> retry_after({"Retry-After": "120"})
    120.0
    """
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return min(float(value), LONGEST_WAIT)
    until = http_date(value)
    now = http_date(headers.get("Date")) or datetime.now(timezone.utc)  # better the clock that set the time
    return min(max(0.0, (until - now).total_seconds()), LONGEST_WAIT) if until else None


def http_date(value: str | None) -> datetime | None:
    """Return the time of an HTTP header, None if it is missing or cannot be read."""
    try:
        return parsedate_to_datetime(value or "").astimezone(timezone.utc)
    except ValueError:
        return None


def host_of(redirect: requests.Response) -> str:
    """Return scheme and host that an answer redirects to."""
    try:
        target = urlsplit(urljoin(redirect.url, redirect.headers["Location"]))
    except ValueError:
        return "no valid address"
    return f"{target.scheme}://{target.netloc}"


def error_for(response: requests.Response, path: str, refusals: Mapping[int, str] = REFUSALS) -> TapError:
    """Turn an answer other than 200 into an error that says what to do. The body is not quoted: it may be personal.

    Args:
        response: The answer.
        path: What was asked for.
        refusals: What to do where the key is refused, by status.
    """
    status = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(
            f"Intervals.icu answered {status} at {path}.",
            retry_after(response.headers),
            is_quota=status == HTTPStatus.TOO_MANY_REQUESTS,
        )
    if status in GONE:
        return MissingError(f"Intervals.icu answered {status} at {path}: nothing is there.")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return WithheldError(f"Intervals.icu answered 422 at {path}: it does not give this data.")
    if response.is_redirect:
        return TapError(
            f"{response.url.split('?')[0]} redirects to {host_of(response)}: the key is not sent there. "
            "Set `api_url` to the address of the API itself."
        )
    if status == HTTPStatus.FORBIDDEN and "cf-mitigated" in response.headers:
        return TapError(f"Cloudflare refuses this client (403) at {path}: set `user_agent` to a text that names you.")
    advice = refusals.get(status, "The tap does not know this answer: please report it.")
    kind = ForbiddenError if status in refusals else TapError
    return kind(f"Intervals.icu answered {status} at {path}. {advice}")
