"""Whose key or token a request carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from requests.auth import AuthBase, HTTPBasicAuth
from typing_extensions import override

from tap_intervals_icu.api.responses import REFUSALS
from tap_intervals_icu.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests


class BearerAuth(AuthBase):
    """OAuth access token."""

    def __init__(self, token: str) -> None:
        self._token = token

    @override
    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token}"
        return r


@dataclass(frozen=True)
class Credential:
    """An API key, or an OAuth access token.

    Attributes:
        secret: The key or token.
        is_token: Which of the two it is.
        name: How messages call it.
        refusals: What to do where it is refused, by status.
    """

    secret: str = field(repr=False)
    is_token: bool = False
    name: str = field(default="api_key", compare=False)
    refusals: Mapping[int, str] = field(default_factory=lambda: REFUSALS, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what no request could be made of: the HTTP library would quote the key in its error."""
        if not (self.secret.isascii() and self.secret.isprintable()):
            raise TapError(f"`{self.name}` has characters that no key has: copy it again.")

    @property
    def key(self) -> str:
        """What counters know it by: nothing can be told from it."""
        return blake2b(self.secret.encode(), digest_size=8).hexdigest()

    @property
    def quarter_hour_key(self) -> str:
        """Whose requests of 15 minutes are counted together: an API key's, or those of all users of an OAuth app."""
        return "tokens" if self.is_token else self.key

    @property
    def auth(self) -> AuthBase:
        """What puts it into a request."""
        return BearerAuth(self.secret) if self.is_token else HTTPBasicAuth("API_KEY", self.secret)
