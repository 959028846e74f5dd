"""HTTP with time limits, TLS and credentials, without redirects and without retries of its own."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import urllib3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_influxdb.config.settings import Settings

RETRYABLE = frozenset({408, 425, 429})
"""Answers of the 400s that ask to come again."""
LOOPBACK = ("localhost", "127.", "::1")


@dataclass(frozen=True)
class Answer:
    """A server's answer."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether a question was answered."""
        return self.status == HTTPStatus.OK

    @property
    def done(self) -> bool:
        """Whether the server did what it was told."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def stored(self) -> bool:
        """204 alone means that everything was stored: web pages come with 200."""
        return self.status == HTTPStatus.NO_CONTENT

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        is_its_own_trouble = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return self.status in RETRYABLE or (is_its_own_trouble and self.status != HTTPStatus.NOT_IMPLEMENTED)

    def brief(self) -> str:
        """Return the answer in a line of a log."""
        text = " ".join(self.text.split())
        return f"{self.status} {text[:300]}".strip()


class Http:
    """Requests to one server."""

    def __init__(self, settings: Settings) -> None:
        self.base = settings.url
        self.is_near = is_loopback(settings.url)
        if not settings.verify_ssl:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # the target warns itself, once
        self._pool = urllib3.PoolManager(
            maxsize=4,
            timeout=urllib3.Timeout(connect=min(settings.timeout / 1000, 10), read=settings.timeout / 1000),
            retries=False,
            cert_reqs="CERT_REQUIRED" if settings.verify_ssl else "CERT_NONE",
            ca_certs=settings.ssl_ca_cert,
        )
        self._settings = settings
        self.prefers_user = False
        """InfluxDB 1 takes users; everywhere else a name that is left over must not stand before the token."""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request.

        Raises:
            urllib3.exceptions.HTTPError: no answer.
        """
        url = f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = {"User-Agent": "target-influxdb", **(headers or {})}
        if self.authorization:
            sent["Authorization"] = self.authorization
        response = self._pool.request(method, url, body=body, headers=sent)
        return Answer(response.status, response.data.decode(errors="replace"), response.headers)

    @property
    def authorization(self) -> str:
        """The header that every request bears, "" for none."""
        user, token = self._settings.username, self._settings.token
        if user and (self.prefers_user or not token):
            return f"Basic {b64encode(f'{user}:{self._settings.password}'.encode()).decode()}"
        return f"Token {as_header(token)}" if token else ""

    def close(self) -> None:
        """Close idle connections."""
        self._pool.clear()


def as_header(text: str) -> str:
    """Return a header's value that is sent as UTF-8: http.client encodes it as Latin-1."""
    return text.encode().decode("latin-1")


def is_loopback(url: str) -> bool:
    """Tell whether the server runs on this machine, so that compression costs more than it saves."""
    host = urlsplit(url).hostname or ""
    return host.startswith(LOOPBACK)


def reason(error: BaseException) -> str:
    """Return why no answer came, without the request's address or headers."""
    inner = getattr(error, "reason", None) or error
    cause = inner.__cause__ or inner.__context__ or inner
    text = getattr(cause, "strerror", None)
    if not text and isinstance(inner, urllib3.exceptions.TimeoutError):
        return "no answer in time"
    return f"{type(cause).__name__}: {text or cause}"[:200]
