"""The tap: its settings and its streams."""

from __future__ import annotations

import logging
import os
import sys
from datetime import date
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NoReturn

from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_intervals_icu.api.clients import Clients
from tap_intervals_icu.api.connection import Connection
from tap_intervals_icu.api.credentials import Credential
from tap_intervals_icu.api.credentials_file import read_credentials
from tap_intervals_icu.api.shared_limits import open_limits
from tap_intervals_icu.api.transport import Transport
from tap_intervals_icu.archive.archive import Archive
from tap_intervals_icu.changes.athlete import Athlete
from tap_intervals_icu.changes.days import Days, Scope
from tap_intervals_icu.changes.plan_athlete import OWNER
from tap_intervals_icu.changes.plan_athletes import names_of
from tap_intervals_icu.changes.roster import ALL, all_athletes, read_roster
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.run import Run
from tap_intervals_icu.settings import SETTINGS, not_text, not_whole
from tap_intervals_icu.singer import cached_catalog
from tap_intervals_icu.singer.base import BookmarkedStream
from tap_intervals_icu.singer.output import WholeLineWriter
from tap_intervals_icu.singer.private import OpenTap
from tap_intervals_icu.singer.run_folder import refuse_company
from tap_intervals_icu.singer.streams import IncrementalStream
from tap_intervals_icu.streams import Activities, Wellness, streams_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from singer_sdk import Stream

logger = logging.getLogger("tap-intervals-icu")

CHATTER = {
    "Added '%s' as child stream to '%s'",
    "Parsing env var for settings config...",
    "Skipping deselected stream '%s'.",
    "Skipping parse of env var settings...",
}
"""What the SDK says in every run and nobody needs to read."""
logger.addFilter(lambda record: record.msg not in CHATTER)

SIGNALLED = 128
"""Added to a signal's number, the exit code that shells know."""


class TapIntervalsIcu(OpenTap):
    """Singer tap for Intervals.icu."""

    name = "tap-intervals-icu"
    message_writer_class = WholeLineWriter
    message_writer: WholeLineWriter
    capabilities = (  # type: ignore[assignment] # read only
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    )

    config_jsonschema = SETTINGS.to_dict()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.run: Run | None = None
        refuse_company()
        try:
            super().__init__(*args, **kwargs)
        except ValueError as error:  # the SDK's own words do not name the variable
            raise TapError(f"These must be whole numbers: {', '.join(not_whole(os.environ))}.") from error
        if not logger.isEnabledFor(logging.DEBUG):
            self.metrics_logger.setLevel(logging.WARNING)

    @override
    def mistakes_in(self, config: dict[str, Any]) -> Iterator[str]:
        return not_text(config)

    @classmethod
    @override
    def print_version(cls, print_fn: Callable[[Any], None] = print) -> None:
        """Print the version where it is asked for; at the beginning of each run the SDK only logs it."""
        super().print_version(print_fn if print_fn is print else logger.debug)

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [stream(self) for stream in streams_in(self.config["activity_streams_layout"])]

    @override
    def run_discovery(self) -> str:
        catalog = super().run_discovery()
        cached_catalog.keep(sys.argv[1:], f"{catalog}\n")
        return catalog

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """Put wellness first: it is quick, and holds an athlete's most wanted figures."""
        streams = super().streams
        return {name: streams[name] for name in sorted(streams, key=lambda name: name != Wellness.name)}

    @cached_property
    def clients(self) -> Clients:
        """A client for each athlete."""
        config = self.config
        credential, credentials = self._credential, self.credentials
        connection = Connection(
            api_url=config["api_url"],
            user_agent=config.get("user_agent") or f"{self.name}/{version(self.name)}",
            requests_per_second=config["requests_per_second"],
            requests_per_quarter_hour=config["requests_per_quarter_hour"],
            quota_wait=config["quota_wait"],
            request_timeout=config["request_timeout"],
            workers=config["workers"],
        )
        limiter_url = (config.get("limiter_url") or "").strip()
        transport = Transport(connection, open_limits(limiter_url) if limiter_url else None)
        state = self.streams[Activities.name].stream_state
        return Clients(transport, credential, credentials, config["requests_per_day"], state)

    @cached_property
    def credentials(self) -> dict[str, Credential]:
        """The keys and tokens of single athletes, by id."""
        path = (self.config.get("credentials_path") or "").strip()
        return read_credentials(path) if path else {}

    @property
    def _credential(self) -> Credential | None:
        """The credential of all athletes who have none of their own."""
        for name in ("access_token", "api_key"):
            if secret := (self.config.get(name) or "").strip():
                return Credential(secret, is_token=name == "access_token", name=name)
        return None

    @cached_property
    def archive(self) -> Archive:
        """What was read before, shared by all athletes."""
        return Archive(self.config.get("archive_path"), self.config["archive_limit"])

    @override
    def begin(self) -> None:
        refuse_company(is_reading=True)
        activities = self.streams[Activities.name]
        streams = [stream for stream in self.streams.values() if isinstance(stream, BookmarkedStream)]
        known = [*known_athletes(self.streams[Wellness.name].stream_state), *known_athletes(activities.stream_state)]
        self.run = Run(self.clients, self.archive, self._state_of, activities.stream_state)
        for stream in streams:
            stream.join(self.run)
        if self._wants_roster:
            before = [*known, *self.credentials]
            names, has_roster = all_athletes(lambda: self.athlete_names, before, self.run.failures)
            self.run.newcomers = {*names} - {*before}
        else:
            names, has_roster = self.athlete_names, False
        self.run.plan(names, self._scope)
        self.run.report_strangers(known, has_roster=has_roster)
        for stream in streams:
            stream.note_plan()

    @override
    def end(self) -> None:
        if self.run:
            if self.run.note_hints():
                self.state_writer.write_state(self.state)
            self.run.end()

    @override
    def close(self) -> None:
        if self.run:
            self.run.close()

    @override
    def leave(self, signal_number: int) -> None:
        self.message_writer.between_lines(lambda: self._leave(signal_number))

    def _leave(self, signal_number: int) -> NoReturn:
        """Write the newest state and leave at once: an orderly exit would wait for the requests of the workers."""
        try:
            if self.run:
                self.run.save()
                self.state_writer.write_state(self.state)
            logger.warning("Stopped by signal %d: the next run goes on from here.", signal_number)
        finally:
            os._exit(SIGNALLED + signal_number)

    @property
    def _wants_roster(self) -> bool:
        """Whether the athletes are those whom the API key's owner coaches or follows."""
        return names_of(self.config["athlete_ids"]) == [ALL]

    @cached_property
    def athlete_names(self) -> list[str]:
        """The athletes as configured, or as listed; a request if it is all of them."""
        names = names_of(self.config["athlete_ids"])
        if self._wants_roster:
            listed = read_roster(self.clients.of(OWNER)) if self._credential else []
            return list(dict.fromkeys([*listed, *self.credentials]))
        if names == [OWNER] and self.credentials:
            return [*(names if self._credential else ()), *self.credentials]
        return names

    def find_athlete(self, name: str) -> Athlete:
        """Ask who an athlete is; one request."""
        return Athlete.find(self.clients.of(name), name, self._scope)

    def _state_of(self, stream: str, athlete_id: str) -> dict[str, Any] | None:
        """Return the athlete's state of a stream, None if the stream is not to be synced."""
        found = self.streams[stream]
        if not found.selected and not found.has_selected_descendents:
            return None
        context = {"athlete_id": athlete_id}
        partitions = found.stream_state.get("partitions", ())
        return next((one for one in partitions if one.get("context") == context), {})

    @property
    def _scope(self) -> Scope:
        config = self.config
        parents = (self.streams[name] for name in (Wellness.name, Activities.name))
        start, end = (parse_date(name, config.get(name)) for name in ("start_date", "end_date"))
        if start and end and start > end:
            raise TapError(f"start_date {start} is later than end_date {end}: there are no days to read.")
        return Scope(
            start_date=start,
            end_date=end,
            lookback_days=config["lookback_days"],
            census_interval=config["census_interval"],
            full_look_interval=config["full_look_interval"] if config["change_hint"] else None,
            read_again=parse_days("read_again", config.get("read_again")),
            changed=parse_changed(config.get("changed_activities")),
            streams={
                stream.name: [one.label for one in (stream, *stream.children) if one.selected]
                for stream in parents
                if isinstance(stream, IncrementalStream)
            },
        )


def known_athletes(stream_state: dict[str, Any]) -> list[str]:
    """Return the ids of the athletes that a stream's state has a part for."""
    return [str(partition["context"]["athlete_id"]) for partition in stream_state.get("partitions", [])]


def parse_changed(value: str | None) -> dict[str, list[str]]:
    """Return the setting `changed_activities` as ids of activities by athlete.

    Raises:
        TapError: A part of it is no ATHLETE/ACTIVITY.
    """
    found: dict[str, list[str]] = {}
    for pair in filter(None, map(str.strip, (value or "").split(","))):
        athlete_id, slash, activity = pair.partition("/")
        if not (athlete_id and slash and activity):
            raise TapError(f"changed_activities: {pair!r} is not ATHLETE/ACTIVITY, such as i100001/i140000001.")
        found.setdefault(athlete_id, []).append(activity)
    return found


def parse_days(setting: str, value: str | None) -> Days | None:
    """Return a setting as days: a first and a last date, or a single one.

    Raises:
        TapError: They are no dates, or in the wrong order.
    """
    if not value:
        return None
    first, slash, last = value.partition("/")
    days = [parse_date(setting, text) for text in ((first, last) if slash else (first, first))]
    if len(dates := [day for day in days if day]) < len(days) or dates[0] > dates[1]:
        raise TapError(f"{setting} {value!r} is not a range of days: write it as YYYY-MM-DD/YYYY-MM-DD.")
    return Days(*dates)


def parse_date(setting: str, value: str | None) -> date | None:
    """Return a setting as a date; a time after it is left out.

    Raises:
        TapError: It is no date.
    """
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise TapError(f"{setting} {value!r} is not a date: write it as YYYY-MM-DD.") from error
