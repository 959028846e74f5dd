"""What all requests of a run share, whoever's they are: connections, the pace, the server's clock."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import requests
import urllib3

from tap_intervals_icu.api.body import read_body
from tap_intervals_icu.api.pace import Pace
from tap_intervals_icu.api.responses import describe, http_date
from tap_intervals_icu.errors import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests.auth import AuthBase

    from tap_intervals_icu.api.connection import Connection
    from tap_intervals_icu.api.shared_limits import SharedLimits
    from tap_intervals_icu.api.turns import Turn


class Transport:
    """Sends requests, one try each; safe to share between threads."""

    def __init__(self, connection: Connection, limits: SharedLimits | None = None) -> None:
        """Prepare; no request yet.

        Args:
            connection: Where and how to ask.
            limits: Those that other processes share; None for this process alone.
        """
        self.connection = connection
        self.limits = limits
        self.pace = Pace(connection, limits)
        self.stopped = threading.Event()
        self.counting = threading.Lock()
        """Held while a request is counted: the counts are shared by threads."""
        self.requests = 0
        """Of this run, for all athletes."""
        self.knows_time = threading.Event()
        """Set once the server has told its time."""
        self._server_time: datetime | None = None
        self._session = requests.Session()
        self._session.headers["User-Agent"] = connection.user_agent
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=connection.workers + connection.planners + 1)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._base = f"{connection.api_url.rstrip('/')}/api/v1"
        # Proxies and certificates that the environment names; for each request, that would take a quarter of its time.
        self._settings = self._session.merge_environment_settings(self._base, {}, stream=True, verify=None, cert=None)

    @property
    def server_time(self) -> datetime:
        """The server's clock at its last answer; this machine's before the first one."""
        return self._server_time or datetime.now(timezone.utc)

    def send(  # noqa: PLR0913 - all named
        self,
        path: str,
        params: Mapping[str, str] | None,
        auth: AuthBase,
        *,
        timeout: float,
        seconds: float,
        pack: bool,
        turn: Turn | None = None,
    ) -> tuple[requests.Response, bytes, bytes]:
        """Return an answer of any status, its body, and where `pack` is set the body as gzip.

        Args:
            path: Path below `/api/v1`.
            params: Query parameters.
            auth: Whose request it is.
            timeout: Seconds without any byte.
            seconds: For the whole answer.
            pack: Whether the packed body is wanted.
            turn: That of the request.

        Raises:
            TransientError: There is no answer, or no whole one.
        """
        url = f"{self._base}{path}"
        headers = {**self._session.headers, **({"Accept-Encoding": "gzip"} if pack else {})}
        query = f"?{urlencode(params)}" if params else ""
        try:
            request = requests.PreparedRequest()
            request.prepare("GET", url + query, headers=headers, auth=auth, cookies=self._session.cookies)
            with self._session.send(request, timeout=timeout, allow_redirects=False, **self._settings) as response:
                self.pace.answered(turn)
                body, packed = read_body(response, seconds, packed=pack)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            hint = "Is this machine connected to the internet?"
            raise TransientError(f"No answer from {url}: {describe(error)}. {hint}") from error
        self._server_time = http_date(response.headers.get("Date")) or datetime.now(timezone.utc)
        self.knows_time.set()
        return response, body, packed

    def stop(self) -> None:
        """End all waiting, in every thread: the process is about to leave."""
        self.stopped.set()
        self.pace.stop()
