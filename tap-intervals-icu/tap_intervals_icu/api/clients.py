"""A client for each athlete: one transport for all, one quota for each credential."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.api.client import Client
from tap_intervals_icu.api.quota import DailyQuota
from tap_intervals_icu.errors import TapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tap_intervals_icu.api.credentials import Credential
    from tap_intervals_icu.api.transport import Transport

NO_CREDENTIAL = "No API key: set INTERVALS_API_KEY (setting `api_key`), from https://intervals.icu/settings."


class Clients:
    """The clients of a run."""

    def __init__(
        self,
        transport: Transport,
        default: Credential | None,
        of_athletes: Mapping[str, Credential],
        requests_per_day: int,
        state: Mapping[str, Any],
    ) -> None:
        """Prepare; no request yet.

        Args:
            transport: Sends the requests of all.
            default: The credential of all athletes who have none of their own.
            of_athletes: The credentials of single athletes, by id.
            requests_per_day: For each credential; 0 means no limit.
            state: Where `dump` was kept.
        """
        self.transport = transport
        self.default = default
        self.of_athletes = of_athletes
        used = dict(_used(state.get("quotas", ())))
        self._quotas: dict[Credential, DailyQuota] = {}
        for athlete_id, credential in of_athletes.items():
            quota = self._quotas.setdefault(credential, DailyQuota(requests_per_day))
            quota.day, quota.used = max((quota.day, quota.used), used.get(athlete_id, ("", 0)))
        if default:
            own = self._quotas.get(default, DailyQuota(0))
            loaded = DailyQuota.load(requests_per_day, state.get("requests", []))
            loaded.day, loaded.used = max((loaded.day, loaded.used), (own.day, own.used))
            self._quotas[default] = loaded
        elif not of_athletes:
            raise TapError(NO_CREDENTIAL)
        if limits := transport.limits:
            for credential, quota in self._quotas.items():
                quota.shared = partial(limits.count, credential.key)

    def of(self, name: str) -> Client:
        """Return a client for an athlete, which counts its own requests.

        Raises:
            TapError: There is no credential for this athlete.
        """
        return Client(self.transport, self._credential(name), self.quota_of(name))

    def quota_of(self, name: str) -> DailyQuota:
        """Return the quota that an athlete's requests count for."""
        return self._quotas[self._credential(name)]

    @property
    def quotas(self) -> list[DailyQuota]:
        """Those of all credentials."""
        return list(self._quotas.values())

    def share(self, names: Iterable[str]) -> None:
        """Note how many of a run's athletes share each quota."""
        sharing = [self.quota_of(name) for name in names if self.find(name)]
        for quota in self.quotas:
            quota.athletes = max(sum(one is quota for one in sharing), 1)

    def dump(self) -> dict[str, Any]:
        """Return for the state what was used today; of credentials it holds whose they are, and nothing else."""
        found: dict[str, Any] = {}
        if self.default:
            found["requests"] = self._quotas[self.default].dump()
        if self.of_athletes:
            counts = ((id_, self._quotas[credential].dump()) for id_, credential in self.of_athletes.items())
            found["quotas"] = [f"{id_} {day} {used}" for id_, (day, used) in counts if day]
        return found

    def find(self, name: str) -> Credential | None:
        """Return the credential of an athlete, None without any."""
        return self.of_athletes.get(name) or self.default

    def _credential(self, name: str) -> Credential:
        credential = self.find(name)
        if credential is None:
            raise TapError(f"There is no key or token for athlete {name}: add it to the file of `credentials_path`.")
        return credential


def _used(lines: Iterable[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Yield what `dump` wrote: whose credential, and its day and count."""
    for line in lines:
        athlete_id, day, used = line.split(" ")
        yield athlete_id, (day, int(used))
