"""Where and how the API is asked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from tap_intervals_icu.errors import TapError


@dataclass(frozen=True)
class Connection:
    """Where and how to ask; `requests_per_second` 0 means no limit, times are seconds."""

    api_url: str
    user_agent: str
    requests_per_second: float = 10
    requests_per_quarter_hour: int = 2500
    quota_wait: float = 900
    request_timeout: float = 60
    workers: int = 4

    def __post_init__(self) -> None:
        """Refuse what is no address."""
        if urlsplit(self.api_url).scheme not in {"http", "https"} or not urlsplit(self.api_url).netloc:
            raise TapError(f"`api_url` {self.api_url!r} is not an address: write it as https://intervals.icu.")

    @property
    def planners(self) -> int:
        """How many athletes are planned at the same time: more than `workers`, as some may hang."""
        return 2 * self.workers
