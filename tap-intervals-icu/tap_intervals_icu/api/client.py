"""The API as one athlete's requests see it: authentication, quota, retries, and nothing about streams."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tap_intervals_icu.api.decode import DecodeError, decode
from tap_intervals_icu.api.pace import QUARTER_HOUR
from tap_intervals_icu.api.responses import error_for
from tap_intervals_icu.errors import BrokenAnswerError, QuotaPauseError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tap_intervals_icu.api.credentials import Credential
    from tap_intervals_icu.api.quota import DailyQuota
    from tap_intervals_icu.api.transport import Transport
    from tap_intervals_icu.api.turns import Turn

logger = logging.getLogger("tap-intervals-icu")

TRIES = 6
"""Tries of one request: with the waits between them about a minute, a restart of the server."""

LONGEST_BACKOFF = 30.0
WHOLE_ANSWER = 5
"""Time for a whole answer, as a multiple of the time without any byte."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often requests of an athlete are tried, and how much time they may take; all are seconds but `tries`.

    Attributes:
        tries: Of one request.
        timeout: Without any byte; the setting `request_timeout` if that is shorter.
        answer: For a whole answer.
        failing: For all failed tries of all requests, and the waits between them. Then no other one is sent.
    """

    tries: int = TRIES
    timeout: float = inf
    answer: float = inf
    failing: float = inf


class Client:
    """Read-only API client of one athlete, safe to share between threads."""

    def __init__(self, transport: Transport, credential: Credential, quota: DailyQuota) -> None:
        """Prepare; no request yet.

        Args:
            transport: Shared by all athletes.
            credential: Whose requests they are.
            quota: That of the credential.
        """
        self.transport = transport
        self.credential = credential
        self.quota = quota
        self.requests = 0
        """Those of this client alone."""
        self._auth = credential.auth
        self._quarter_hour_key = credential.quarter_hour_key
        self._broken: dict[str, TransientError] = {}
        """Requests that are not worth another one in this run."""
        self.retry_by(RetryPolicy())

    def retry_by(self, policy: RetryPolicy) -> None:
        """Try requests by this policy from now on; what was lost before does not count."""
        self._policy = policy
        self._lost_seconds = 0.0
        self._last_failure: TransientError | None = None

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
            MissingError: 404, 410; WithheldError, one of its kind: 422.
            ForbiddenError: 401, 403.
            QuotaPauseError: The quota is spent for longer than `quota_wait`.
            BrokenAnswerError: The API answered twice what cannot be read, and is not asked again in this run.
            TransientError: Still failing after all tries.
            TapError: Redirected, or any other answer that a retry does not mend.
        """
        name = path + (f"?{urlencode(params, safe=',:')}" if params else "")
        if name in self._broken:
            raise self._broken[name]
        if self._last_failure and self._lost_seconds >= self._policy.failing:
            raise self._last_failure
        unread: bytes | None = None
        error: TransientError
        for attempt in range(1, TRIES + 1):
            turn = self._take(backfill=backfill)
            started = monotonic()
            try:
                body, packed = self._get_once(path, params, turn, pack=keep is not None)
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
            self._count_lost_time(monotonic() - started, error)
            wait = self._wait_before_retry(error, attempt)
            tries = self._tries(error)
            logger.warning("%s Trying again in %.0f s (%d of %d).", error.message, wait, attempt, tries - 1)
            self._count_lost_time(wait, error)
            if self.transport.stopped.wait(wait):
                raise error
        raise AssertionError  # the last try returns or raises

    @property
    def server_time(self) -> datetime:
        """The server's clock at its last answer."""
        return self.transport.server_time

    @property
    def requests_per_second(self) -> float:
        """The pace that is kept; 0 means no limit."""
        return self.transport.connection.requests_per_second

    def _take(self, *, backfill: bool) -> Turn | None:
        """Count a request about to be sent, and wait for its turn."""
        with self.transport.counting:
            self.quota.take(self.server_time, backfill=backfill, is_server_time=self.transport.knows_time.is_set())
        turn = self.transport.pace.wait(self._quarter_hour_key)
        with self.transport.counting:
            self.requests += 1
            self.transport.requests += 1
        return turn

    def _count_lost_time(self, seconds: float, error: TransientError) -> None:
        """Count time that a failing request has taken. To wait for a quota is no failure."""
        if not error.is_quota:
            self._lost_seconds += seconds
            self._last_failure = error

    def _tries(self, error: TransientError) -> int:
        """Return how often a request is tried: where requests come too fast, that says nothing about the athlete."""
        return TRIES if error.is_quota else self._policy.tries

    def _wait_before_retry(self, error: TransientError, attempt: int) -> float:
        """Return the seconds to wait, or raise when waiting is no use."""
        if error.retry_after is not None and error.retry_after > self.transport.connection.quota_wait:
            raise QuotaPauseError(error.message, error.retry_after) from error
        is_last = attempt == self._tries(error)
        if is_last and error.is_quota:  # the headers that would tell how long are optional
            raise QuotaPauseError(error.message, QUARTER_HOUR) from error
        backoff: float = min(LONGEST_BACKOFF, 2**attempt) * random.uniform(0.5, 1)
        wait = max(error.retry_after or 0, backoff)
        if is_last or (not error.is_quota and self._lost_seconds + wait >= self._policy.failing):
            raise error
        return wait

    def _get_once(
        self, path: str, params: Mapping[str, str] | None, turn: Turn | None, *, pack: bool
    ) -> tuple[bytes, bytes]:
        timeout = min(self.transport.connection.request_timeout, self._policy.timeout)
        seconds = min(timeout * WHOLE_ANSWER, self._policy.answer)
        response, body, packed = self.transport.send(
            path, params, self._auth, timeout=timeout, seconds=seconds, pack=pack, turn=turn
        )
        self.quota.correct(response.headers)
        if response.status_code != HTTPStatus.OK:
            raise error_for(response, path, self.credential.refusals)
        return body, packed
