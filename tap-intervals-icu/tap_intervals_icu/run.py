"""What one run shares: made before the first stream is read, handed to all streams, ended when all are out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.athlete import Athlete
from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tap_intervals_icu.changes.plan import plan_all
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.records.custom import Properties, custom_properties
from tap_intervals_icu.reporting import report_plans, report_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tap_intervals_icu.api.client import Client
    from tap_intervals_icu.archive.archive import Archive
    from tap_intervals_icu.changes.days import Scope
    from tap_intervals_icu.changes.detect import Progress

    StateOf = Callable[[str, str], dict[str, Any] | None]

logger = logging.getLogger("tap-intervals-icu")


class Run:
    """One run of the tap."""

    def __init__(self, client: Client, archive: Archive, state_of: StateOf, state_of_requests: dict[str, Any]) -> None:
        """Prepare; no request yet.

        Args:
            client: The API client, shared by all streams.
            archive: What was read before, shared by all athletes.
            state_of: Returns the state of a stream and an athlete, None if the stream is not to be synced.
            state_of_requests: Where the state holds the requests of the day, which all runs share.
        """
        self.client = client
        self.archive = archive
        self.state_of = state_of
        self.athletes: dict[str, Athlete] = {}
        """Those that can be read, by their own ids, with what there is to do for each."""
        self.failures: list[str] = []
        """Sentences for the end of the run: each failed part is one, and costs the others nothing."""
        self._state_of_requests = state_of_requests
        self._in_hand: tuple[dict[str, Any], Progress] | None = None

    def plan(self, names: Sequence[str], scope: Scope) -> None:
        """Ask who the athletes are and find out what there is to do for each.

        An athlete who can't be read is reported at the end of the run and does not cost the others their data.
        """
        self.athletes = plan_all(
            names, lambda name: Athlete.find(self.client, name, scope), self._plan_athlete, self.failures
        )
        self.note_requests()

    def _plan_athlete(self, athlete: Athlete) -> None:
        athlete.plan(self.state_of("wellness", athlete.id), self.state_of("activities", athlete.id))
        for feed in athlete.feeds:
            if isinstance(feed, ActivitiesFeed):
                feed.look_up(self.archive)
        report_plans(athlete.feeds, self.client)

    def report_strangers(self, known: Iterable[str]) -> None:
        """Name the athletes whom the state knows and the settings do not."""
        strangers = [id_ for id_ in dict.fromkeys(known) if id_ not in self.athletes]
        if strangers and not self.failures:
            logger.warning(
                "Synced before, but not named in the setting `athlete_ids` (INTERVALS_ATHLETE_ID): %s. What is stored "
                "of them stays as it is.",
                ", ".join(strangers),
            )

    def athletes_from(self, first: str) -> list[Athlete]:
        """Return an athlete, named by the id, and those that come after."""
        ids = list(self.athletes)
        return [self.athletes[id_] for id_ in ids[ids.index(first) :]]

    def custom_properties(self, stream: str) -> Properties:
        """Return the schema of the custom properties that the athletes defined for a stream."""
        return custom_properties((item for athlete in self.athletes.values() for item in athlete.custom_items), stream)

    # The state

    def take_in_hand(self, state: dict[str, Any], progress: Progress) -> None:
        """Note which list is being emitted, and which part of the state `save` has to bring up to it."""
        self._in_hand = state, progress

    def save(self) -> None:
        """Bring the state up to what is out."""
        if self._in_hand:
            state, progress = self._in_hand
            state.update(progress.dump())
        self.note_requests()

    def note_requests(self) -> None:
        """Note today's requests in the state: the next runs share the same quota."""
        self._state_of_requests["requests"] = self.client.quota.dump()

    def end(self) -> None:
        """Tell what the run cost, and raise what failed during it as one error.

        Raises:
            TapError: Something is incomplete.
        """
        report_requests(self.client, self.archive)
        self.archive.close(self.client.server_time)
        if self.failures:
            raise TapError("\n".join(self.failures))
