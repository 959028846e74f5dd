"""What can go wrong, in words for the person who runs the tap."""

from __future__ import annotations

import logging
from typing import IO, Any

import click
from typing_extensions import override

logger = logging.getLogger("tap-intervals-icu")


class TapError(click.ClickException):
    """Something the user has to know or mend: shown as one sentence, without a traceback; exit code 1."""

    @override
    def show(self, file: IO[Any] | None = None) -> None:
        logger.error(self.message)


class StateError(TapError):
    """What a former run left as its state is not what this tap writes."""


class ForbiddenError(TapError):
    """The API refuses the key (401, 403): in general, or for this one object."""


class MissingError(TapError):
    """The API has no such object (404, 410)."""


class WithheldError(MissingError):
    """The API does not hand it out (422), which does not tell whether it exists."""


class TransientError(TapError):
    """A failure that may pass: network, 429, 5xx, a broken answer.

    `retry_after` is the server's own wish in seconds, if it named one; `is_quota` tells a 429 from the rest.
    """

    def __init__(self, message: str, retry_after: float | None = None, *, is_quota: bool = False) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.is_quota = is_quota


class BrokenAnswerError(TransientError):
    """An answer with status 200 that cannot be read."""

    def __init__(self, request: str, place: str) -> None:
        super().__init__(f"The answer of {request} cannot be read: {place}.")


class QuotaPauseError(TapError):
    """The request quota is spent for longer than `quota_wait`: stop cleanly, keep the state, exit 0.

    `seconds` is the time until requests are possible again.
    """

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
