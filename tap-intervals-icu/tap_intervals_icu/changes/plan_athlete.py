"""Finds out what there is to do for one athlete: who that is, and what is new."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.athlete import Athlete
from tap_intervals_icu.changes.plan_athletes import PLANNING, READING, attempt
from tap_intervals_icu.changes.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.api.clients import Clients
    from tap_intervals_icu.changes.days import Scope
    from tap_intervals_icu.changes.profile import Profiles

    StateOf = Callable[[str, str], Mapping[str, Any] | None]

OWNER = "0"
"""How the API calls the owner of a key."""

CLOCK_TOLERANCE = timedelta(minutes=1)
"""What this machine's clock may be off where a plan began before the server told its time."""


class Planner:
    """Plans athletes, from several threads, each athlete in one."""

    def __init__(
        self, clients: Clients, state_of: StateOf, scope: Scope, profiles: Profiles, names: Sequence[str]
    ) -> None:
        """Prepare.

        Args:
            clients: Give each athlete a client.
            state_of: Returns the state of a stream and an athlete, None if the stream is not to be synced.
            scope: What the user asks for.
            profiles: Those that were read lately. A run for a single athlete reads it all the same: 0 may be another
                one than yesterday, and a custom field is known at once.
            names: As configured.
        """
        self._clients = clients
        self._state_of = state_of
        self._scope = scope
        self._profiles = profiles
        self._has_others = len(names) > 1
        self._by_name: dict[str, Client] = {}
        self._owner: Athlete | Exception | None = None
        self.names = self._own_names(names)
        """By their own ids, each once."""

    def requests(self, name: str) -> int:
        """Return how many requests were sent for an athlete."""
        return self._by_name[name].requests if name in self._by_name else 0

    def plan(self, name: str) -> Athlete:
        """Find out what there is to do for an athlete.

        Raises:
            TapError: The athlete can't be read.
        """
        if isinstance(self._owner, Athlete) and self._owner.id == name:
            athlete, believed = self._owner, None
        elif isinstance(self._owner, Exception) and name == OWNER:
            raise self._owner
        else:
            athlete, believed = self._find(name)
        self._plan(athlete)
        if believed and abs(athlete.client.server_time - believed) > CLOCK_TOLERANCE:
            athlete, _ = self._find(name)  # now by the server's clock
            self._plan(athlete)
        if self._has_others:
            athlete.client.retry_by(READING)
        return athlete

    def _plan(self, athlete: Athlete) -> None:
        athlete.plan(self._state_of("wellness", athlete.id), self._state_of("activities", athlete.id))

    def _own_names(self, names: Sequence[str]) -> list[str]:
        """Put the id of the owner of the key in the place of 0: there may be both."""
        if not self._has_others or OWNER not in names:
            return list(names)
        self._owner = attempt(lambda name: self._find(name)[0], OWNER)
        if not isinstance(self._owner, Athlete):
            return list(names)
        self._by_name[self._owner.id] = self._by_name.pop(OWNER)
        return list(dict.fromkeys(self._owner.id if name == OWNER else name for name in names))

    def _find(self, name: str) -> tuple[Athlete, datetime | None]:
        """Return an athlete, and the time of this machine if it had to be believed."""
        client = self._client(name)
        now = client.server_time
        if self._has_others and (known := self._profiles.find(name, now)):
            knows_time = client.transport.knows_time.is_set()
            return Athlete.of(client, known, self._scope), None if knows_time else now
        profile: Profile = client.get(f"/athlete/{name}", shape=Profile)
        self._profiles.note(profile, client.server_time)
        return Athlete.of(client, profile, self._scope), None

    def _client(self, name: str) -> Client:
        if name not in self._by_name:
            self._by_name[name] = self._clients.of(name)
            if self._has_others:
                self._by_name[name].retry_by(PLANNING)
        return self._by_name[name]
