"""HTTP access to the Intervals.icu API: authentication, pace, retries, and nothing about streams."""

from __future__ import annotations

import logging
import random
import threading
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
import urllib3
from requests.auth import HTTPBasicAuth
from typing_extensions import override

from tap_intervals_icu.api.body import read_body
from tap_intervals_icu.api.decode import DecodeError, decode
from tap_intervals_icu.api.pace import QUARTER_HOUR, Pace
from tap_intervals_icu.api.responses import describe, error_for, http_date
from tap_intervals_icu.errors import BrokenAnswerError, QuotaPauseError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_intervals_icu.api.connection import Connection
    from tap_intervals_icu.api.quota import DailyQuota

logger = logging.getLogger("tap-intervals-icu")

TRIES = 6
"""Tries of one request: with the waits between them about a minute, a restart of the server."""

LONGEST_BACKOFF = 30.0
SLOWEST = 5
"""Time for a whole answer, as a multiple of the time without any byte."""


class BearerAuth(requests.auth.AuthBase):
    """OAuth access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


class Client:
    """Read-only API client, safe to share between threads."""

    def __init__(self, connection: Connection, quota: DailyQuota) -> None:
        self._connection = connection
        self.quota = quota
        self._pace = Pace(connection)
        self._stopped = threading.Event()
        self._counting = threading.Lock()
        self.requests = 0
        self.server_time = datetime.now(timezone.utc)
        self._knows_time = False
        self._broken: dict[str, TransientError] = {}
        """Requests that are not worth another one in this run."""
        self._session = requests.Session()
        self._session.headers["User-Agent"] = connection.user_agent
        if connection.access_token:
            self._session.auth = BearerAuth(connection.access_token)
        else:
            self._session.auth = HTTPBasicAuth("API_KEY", connection.api_key or "")
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=connection.workers + 1)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        shape: Any = list[Any],
        backfill: bool = False,
        keep: Callable[[bytes], None] | None = None,
    ) -> Any:
        """Return the decoded JSON answer of `/api/v1{path}`.

        Args:
            path: Path below `/api/v1`.
            params: Query parameters.
            shape: Type the answer must have; anything else counts as a broken answer.
            backfill: The request is for old data, and leaves a part of the day's quota to today's.
            keep: Is given a good answer as it came, gzipped.

        Raises:
            MissingError: 404, 410; RefusedError, one of its kind: 422.
            ForbiddenError: 401, 403.
            QuotaPauseError: The quota is spent for longer than `quota_wait`.
            BrokenAnswerError: The API answered twice what cannot be read, and is not asked again in this run.
            TransientError: Still failing after `TRIES` tries.
            TapError: Redirected, or any other answer that a retry does not mend.
        """
        name = path + (f"?{urlencode(params, safe=',:')}" if params else "")
        if name in self._broken:
            raise self._broken[name]
        unread: bytes | None = None
        error: TransientError
        for attempt in range(1, TRIES + 1):
            try:
                with self._counting:
                    self.quota.take(self.server_time, backfill=backfill, is_server_time=self._knows_time)
                body, packed = self._get_once(path, params, pack=keep is not None)
                answer = decode(body, shape)
            except TransientError as failure:
                error = failure
            except DecodeError as failure:
                error = BrokenAnswerError(name, str(failure))
                if not failure.may_pass and body == unread:
                    self._broken[name] = error
                    raise error from failure
                unread = body
            else:
                if keep:
                    keep(packed)
                return answer
            wait = self._wait_before_retry(error, attempt)
            logger.warning("%s Trying again in %.0f s (%d of %d).", error.message, wait, attempt, TRIES - 1)
            if self._stopped.wait(wait):
                raise error
        raise AssertionError  # the last try returns or raises

    @property
    def requests_per_second(self) -> float:
        """The pace that is kept; 0 means no limit."""
        return self._connection.requests_per_second

    def stop(self) -> None:
        """End all waiting, in every thread: the process is about to leave."""
        self._stopped.set()
        self._pace.stop()

    def _wait_before_retry(self, error: TransientError, attempt: int) -> float:
        """Return the seconds to wait, or raise when waiting is no use."""
        if error.retry_after is not None and error.retry_after > self._connection.quota_wait:
            raise QuotaPauseError(error.message, error.retry_after) from error
        if attempt == TRIES and error.is_quota:  # the headers that would tell how long are optional
            raise QuotaPauseError(error.message, QUARTER_HOUR) from error
        if attempt == TRIES:
            raise error
        backoff: float = min(LONGEST_BACKOFF, 2**attempt) * random.uniform(0.5, 1)
        return max(error.retry_after or 0, backoff)

    def _get_once(self, path: str, params: Mapping[str, str] | None, *, pack: bool) -> tuple[bytes, bytes]:
        self._pace.wait()
        self.requests += 1
        url = f"{self._connection.api_url.rstrip('/')}/api/v1{path}"
        try:
            timeout = self._connection.request_timeout
            headers = {"Accept-Encoding": "gzip"} if pack else {}
            with self._session.get(
                url, params=params, headers=headers, timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                body, packed = read_body(response, timeout * SLOWEST, packed=pack)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise TransientError(f"No answer from {url}: {describe(error)}.") from error
        self.server_time = http_date(response.headers.get("Date")) or datetime.now(timezone.utc)
        self._knows_time = True
        self.quota.correct(response.headers)
        if response.status_code != HTTPStatus.OK:
            raise error_for(response, path)
        return body, packed
