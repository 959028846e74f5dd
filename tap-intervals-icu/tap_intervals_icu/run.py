"""What one run shares: made before the first stream is read, handed to all streams, ended after the last one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from tap_intervals_icu.changes.athlete import Athlete
from tap_intervals_icu.changes.change_hint import Hints, read_summary
from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tap_intervals_icu.changes.plan_athlete import OWNER, Planner
from tap_intervals_icu.changes.plan_athletes import NotTriedError, plan_all
from tap_intervals_icu.changes.profile import Profiles
from tap_intervals_icu.errors import ForbiddenError, QuotaPauseError, TapError
from tap_intervals_icu.outcomes import COMPLETE, PAUSED, Outcome
from tap_intervals_icu.records.custom import Properties, custom_properties
from tap_intervals_icu.reporting import report_outcomes, report_plans, report_requests

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_intervals_icu.api.clients import Clients
    from tap_intervals_icu.archive.archive import Archive
    from tap_intervals_icu.changes.days import Scope
    from tap_intervals_icu.changes.detect import Progress
    from tap_intervals_icu.changes.plan_athlete import StateOf

logger = logging.getLogger("tap-intervals-icu")


class Run:
    """One run of the tap."""

    def __init__(
        self, clients: Clients, archive: Archive, state_of: StateOf, state_of_requests: dict[str, Any]
    ) -> None:
        """Prepare; no request yet.

        Args:
            clients: Give each athlete a client.
            archive: What was read before, shared by all athletes.
            state_of: Returns the state of a stream and an athlete, None if the stream is not to be synced.
            state_of_requests: Where the state holds what all runs share: the requests of the day, and profiles.
        """
        self.clients = clients
        self.archive = archive
        self.state_of = state_of
        self.athletes: dict[str, Athlete] = {}
        """Those that can be read, by their own ids, with what there is to do for each."""
        self.outcomes: dict[str, Outcome] = {}
        """What becomes of each athlete, by id."""
        self.failures: list[str] = []
        """Sentences for the end of the run: each failed part is one, and costs the others nothing."""
        self.names: Sequence[str] = ()
        """The athletes whom this run is about."""
        self.newcomers: set[str] = set()
        """Those who are listed, were never synced, and need not be readable: they may be followed only."""
        self._hints: Hints | None = None
        self._not_tried: list[str] = []
        self._state_of_requests = state_of_requests
        self._current: tuple[dict[str, Any], Progress] | None = None

    @property
    def server_time(self) -> datetime:
        """The server's clock at its last answer."""
        return self.clients.transport.server_time

    def stop(self) -> None:
        """End all waiting: the process is about to leave."""
        self.clients.transport.stop()

    # The plan

    def plan(self, names: Sequence[str], scope: Scope) -> None:
        """Ask who the athletes are and find out what there is to do for each.

        An athlete who can't be read is reported at the end of the run and does not cost the others their data.
        """
        state = self._state_of_requests
        profiles = Profiles(state.get("profiles", ()), scope.census_interval)
        planner = Planner(self.clients, self.state_of, scope, profiles, names)
        self.names = planner.names
        self.clients.share(planner.names)
        for name, result in plan_all(
            self._to_look_at(planner.names, scope.full_look_interval),
            planner.plan,
            self.clients.find,
            width=self.clients.transport.connection.planners,
            has_answer=self.clients.transport.knows_time,
        ):
            if isinstance(result, Athlete):
                self._take_on(result)
            else:
                self._leave_out(name, result)
                self.outcomes[name].requests = planner.requests(name)
        self._report_left_out()
        if len(names) > 1:
            state["profiles"] = profiles.dump(planner.names)
        self.note_requests()

    def _to_look_at(self, names: Sequence[str], full_look_interval: float | None) -> list[str]:
        """Return the athletes without those who show no change in the team's summary, if that is asked for."""
        if full_look_interval is None or len(names) == 1 or self.clients.default is None:
            return list(names)
        summary = read_summary(self.clients.of(OWNER))
        self._hints = Hints(self._state_of_requests.get("hints", ()), full_look_interval, summary)
        unchanged = {name: since for name in names if (since := self._hints.unchanged(name, self.server_time))}
        for name, since in unchanged.items():
            self.outcome(name).skip(f"No change in the team's summary since {since[:16]}.")
        if unchanged:
            logger.info("%d of %d athletes show no change and are not looked at.", len(unchanged), len(names))
        return [name for name in names if name not in unchanged]

    def _take_on(self, athlete: Athlete) -> None:
        """Take on a planned athlete, and say what there is to do."""
        self.athletes[athlete.id] = athlete
        self.outcome(athlete.id)
        for feed in athlete.feeds:
            if isinstance(feed, ActivitiesFeed):
                feed.look_up(self.archive)
        report_plans(athlete.feeds, athlete.client)

    def _leave_out(self, name: str, reason: Exception) -> None:
        """Note that an athlete could not be planned."""
        if isinstance(reason, QuotaPauseError):
            self.outcome(name).pause(reason.message)
        elif isinstance(reason, NotTriedError):
            self.outcome(name).fail(reason.message)
            self._not_tried.append(name)
        elif isinstance(reason, ForbiddenError) and name in self.newcomers:
            logger.info("Athlete %s is listed, but may not be read, and is left out. %s", name, reason.message)
            self.outcome(name).skip(reason.message)
        elif isinstance(reason, TapError):
            self.fail(name, f"Athlete {name} could not be read. {reason.message}")
        else:
            logger.error("Athlete %s could not be read: please report this.", name, exc_info=reason)
            self.fail(name, f"Athlete {name} could not be read, by a fault of the tap: see above.")

    def _report_left_out(self) -> None:
        """Tell who was not looked at, and why."""
        paused: dict[object, list[Outcome]] = {}
        for name, outcome in self.outcomes.items():
            if outcome.outcome == PAUSED:
                paused.setdefault(self.clients.find(name), []).append(outcome)
        for outcomes in paused.values():
            rest = ", ".join(outcome.athlete_id for outcome in outcomes)
            logger.warning("Planned pause: %s Not looked at: %s. The next run goes on.", outcomes[0].reason, rest)
        if self._not_tried:
            self.failures.append(f"Not tried after that: {', '.join(self._not_tried)}.")

    def report_strangers(self, known: Iterable[str], *, has_roster: bool = False) -> None:
        """Name the athletes whom the state knows and the settings, or the list of athletes, do not."""
        strangers = [id_ for id_ in dict.fromkeys(known) if id_ not in self.athletes and id_ not in self.names]
        if strangers and has_roster:
            logger.warning(
                "Synced before, but not in the list of athletes any more: %s. What is stored of them stays as it is.",
                ", ".join(strangers),
            )
        elif strangers and not self.failures:
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

    # What becomes of the athletes

    def fail(self, athlete_id: str, sentence: str) -> None:
        """Note that something of an athlete is missing; the run goes on, and tells at its end."""
        self.failures.append(sentence)
        self.outcome(athlete_id).fail(sentence)

    def pause(self, athlete_id: str, reason: str) -> None:
        """Note that the quota lets no more of an athlete pass."""
        self.outcome(athlete_id).pause(reason)

    def count_record(self, record: Mapping[str, Any], context: Mapping[str, Any] | None) -> None:
        """Count a record that was written."""
        athlete_id = (context or record).get("athlete_id")
        if athlete_id in self.outcomes:
            self.outcomes[athlete_id].records += 1

    def outcome(self, athlete_id: str) -> Outcome:
        """Return what becomes of an athlete, as far as it is known."""
        return self.outcomes.setdefault(athlete_id, Outcome(athlete_id))

    # The state

    def set_current(self, state: dict[str, Any], progress: Progress) -> None:
        """Note which list is being emitted, and which part of the state `save` has to bring up to it."""
        self._current = state, progress

    def save(self) -> None:
        """Bring the state up to what was emitted."""
        if self._current:
            state, progress = self._current
            state.update(progress.dump())
        self.note_requests()

    def note_requests(self) -> None:
        """Note today's requests in the state: the next runs share the same quota."""
        self._state_of_requests.update(self.clients.dump())

    def note_hints(self) -> bool:
        """Note in the state who is complete as the team's summary shows them; return whether that is asked for."""
        if self._hints is None:
            return False
        for athlete in self.athletes.values():
            is_done = self.outcome(athlete.id).outcome == COMPLETE and not any(feed.due() for feed in athlete.feeds)
            self._hints.note(athlete.id, self.server_time, is_complete=is_done)
        self._state_of_requests["hints"] = self._hints.dump()
        return True

    def end(self) -> None:
        """Tell what the run cost, and raise what failed during it as one error.

        Raises:
            TapError: Something is incomplete.
        """
        for athlete in self.athletes.values():
            self.outcome(athlete.id).requests = athlete.client.requests
        outcomes = list(self.outcomes.values())
        report_outcomes(outcomes)
        report_requests(self.clients, self.archive, outcomes)
        if self.failures:
            raise TapError("\n".join(self.failures))

    def close(self) -> None:
        """Let go of what is open; called once, however the run ended."""
        self.archive.close(self.server_time)
