"""The tap: its settings and its streams."""

from __future__ import annotations

import logging
import os
from datetime import date
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NoReturn

from singer_sdk import Tap
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from typing_extensions import override

from tap_intervals_icu.api.client import Client, Connection
from tap_intervals_icu.api.quota import DailyQuota
from tap_intervals_icu.archive.archive import Archive
from tap_intervals_icu.changes.athlete import Athlete
from tap_intervals_icu.changes.days import Days, Scope
from tap_intervals_icu.changes.feeds import ActivitiesFeed
from tap_intervals_icu.changes.plan import names_of, plan_all
from tap_intervals_icu.changes.state import fields
from tap_intervals_icu.errors import TapError
from tap_intervals_icu.forecast import WellnessForecast
from tap_intervals_icu.records.custom import Properties, custom_properties
from tap_intervals_icu.records.tables import column_types
from tap_intervals_icu.reporting import report_plans, report_requests
from tap_intervals_icu.settings import SETTINGS
from tap_intervals_icu.singer.output import Writer
from tap_intervals_icu.singer.streams import BookmarkedStream, ChildStream, IncrementalStream
from tap_intervals_icu.snapshots import SNAPSHOTS
from tap_intervals_icu.streams import LAYOUTS, Activities, ActivityIntervals, Wellness, WellnessSportInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from types import FrameType

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


class TapIntervalsIcu(Tap):
    """Singer tap for Intervals.icu."""

    name = "tap-intervals-icu"
    message_writer_class = Writer
    message_writer: Writer
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
        self.failures: list[str] = []
        self.save: Callable[[], None] = lambda: None
        """Brings the state up to what is out of the stream that is being synced."""
        self._has_ended = False
        self.columns_before: dict[str, dict[str, str] | None] = {}
        """What the state knew of each stream's custom columns when the run began."""
        try:
            super().__init__(*args, **kwargs)
        except ValueError as error:  # the SDK's own words do not name the variable
            raise TapError(f"These must be whole numbers: {', '.join(self._odd_variables())}.") from error
        if not logger.isEnabledFor(logging.DEBUG):
            self.metrics_logger.setLevel(logging.WARNING)

    @classmethod
    def _odd_variables(cls) -> Iterator[str]:
        """Yield the environment variables that should hold a whole number and do not."""
        for setting, schema in cls.config_jsonschema["properties"].items():
            name = f"{cls.name}_{setting}".replace("-", "_").upper()
            if "integer" in schema["type"] and not os.environ.get(name, "0").strip().lstrip("-").isdecimal():
                yield name

    @classmethod
    @override
    def print_version(cls, print_fn: Callable[[Any], None] = print) -> None:
        """Print the version where it is asked for; at the beginning of each run the SDK only logs it."""
        super().print_version(print_fn if print_fn is print else logger.debug)

    @override
    def discover_streams(self) -> Sequence[Stream]:
        samples = LAYOUTS[self.config["activity_streams_layout"]]
        lists: list[type[Stream]] = [Wellness, WellnessSportInfo, Activities, samples, ActivityIntervals]
        types: list[type[Stream]] = [*lists, *SNAPSHOTS, WellnessForecast]
        return [stream(self) for stream in types]

    @property
    @override
    def streams(self) -> dict[str, Stream]:
        """Put wellness first: it is quick, and holds an athlete's most wanted figures."""
        streams = super().streams
        return {name: streams[name] for name in sorted(streams, key=lambda name: name != Wellness.name)}

    @cached_property
    def client(self) -> Client:
        """The API client, shared by all streams."""
        config = self.config
        key, token = ((config.get(name) or "").strip() for name in ("api_key", "access_token"))
        if not key and not token:
            raise TapError(
                "No API key: set INTERVALS_API_KEY (setting `api_key`), from https://intervals.icu/settings."
            )
        return Client(
            Connection(
                api_url=config["api_url"],
                user_agent=config.get("user_agent") or f"{self.name}/{version(self.name)}",
                api_key=key,
                access_token=token,
                requests_per_second=config["requests_per_second"],
                quota_wait=config["quota_wait"],
                request_timeout=config["request_timeout"],
                workers=config["workers"],
            ),
            DailyQuota.load(
                config["requests_per_day"], self._state_of_requests.get("requests", []), len(self.athlete_names)
            ),
        )

    @cached_property
    def archive(self) -> Archive:
        """What was read before, shared by all athletes."""
        return Archive(self.config.get("archive_path"), self.config["archive_limit"])

    @property
    def _state_of_requests(self) -> dict[str, Any]:
        return self.streams[Activities.name].stream_state

    def note_requests(self) -> None:
        """Note today's requests in the state: the next runs share the same quota."""
        if "client" in vars(self):  # else there was no key to ask with
            self._state_of_requests["requests"] = self.client.quota.dump()

    @cached_property
    def athletes(self) -> dict[str, Athlete]:
        """The athletes by their own ids, planned: what there is to do is known for each.

        An athlete who can't be read is reported at the end of the run and does not cost the others their data.
        """
        self.columns_before = {name: columns_known(stream.stream_state) for name, stream in self.streams.items()}
        athletes = plan_all(self.athlete_names, self.find_athlete, self._plan, self.failures)
        vars(self)["athletes"] = athletes  # what follows asks for them
        if not self.failures:
            self._report_strangers(athletes)
        self._write_plan(athletes.values())
        return athletes

    def _report_strangers(self, athletes: Iterable[str]) -> None:
        """Name the athletes whom the state knows and the settings do not."""
        partitions = self.streams[Activities.name].stream_state.get("partitions", [])
        partitions = partitions + self.streams[Wellness.name].stream_state.get("partitions", [])
        known = dict.fromkeys(str(partition["context"]["athlete_id"]) for partition in partitions)
        if strangers := [id_ for id_ in known if id_ not in set(athletes)]:
            logger.warning(
                "Synced before, but not named in the setting `athlete_ids` (INTERVALS_ATHLETE_ID): %s. What is stored "
                "of them stays as it is.",
                ", ".join(strangers),
            )

    def _plan(self, athlete: Athlete) -> None:
        """Find out what there is to do for an athlete, and tell it."""
        athlete.plan(self._state_of(Wellness.name, athlete), self._state_of(Activities.name, athlete))
        for feed in athlete.feeds:
            if isinstance(feed, ActivitiesFeed):
                feed.look_up(self.archive)
        report_plans(athlete.feeds, self.client)

    def athletes_from(self, first: str) -> list[Athlete]:
        """Return an athlete, named by the id, and those that come after."""
        ids = list(self.athletes)
        return [self.athletes[id_] for id_ in ids[ids.index(first) :]]

    def _write_plan(self, athletes: Collection[Athlete]) -> None:
        """Write what is to do as the first state.

        A run that begins everything anew (Meltano's --full-refresh) and fails must not leave the state of the runs
        before it, which would call everything finished. Meltano merges the two: what is not named here would stay.
        """
        for stream in self.streams.values():
            if isinstance(stream, ChildStream):
                stream.stream_state.setdefault("replication_key_value", "")
            elif stream.selected:
                for athlete in athletes:
                    stream.get_context_state({"athlete_id": athlete.id})
        for athlete in athletes:
            for feed in athlete.feeds:
                self.streams[feed.name].get_context_state({"athlete_id": athlete.id}).update(feed.progress.dump())
        self._note_columns()
        self.note_requests()
        self.state_writer.write_state(self.state)

    def _note_columns(self) -> None:
        """Note the types of custom columns in the state: they stay, whatever becomes of the custom fields."""
        for stream in self.streams.values():
            if isinstance(stream, BookmarkedStream) and stream.is_tabular:
                if stream.selected:
                    stream.stream_state["columns"] = list(column_types(stream.custom))
                elif self.columns_before[stream.name] == {}:
                    stream.stream_state["columns"] = []

    @override
    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """Leave with the state, and tell that the run is not complete: the SDK would exit with 0."""
        self.message_writer.between_lines(lambda: self._leave(signum))

    def _leave(self, signum: int) -> NoReturn:
        """Write the newest state and leave at once: an orderly exit would wait for the requests of the workers."""
        try:
            self.save()
            self.note_requests()
            self.state_writer.write_state(self.state)
            logger.warning("Stopped by signal %d: the next run goes on from here.", signum)
        finally:
            os._exit(SIGNALLED + signum)

    @property
    def athlete_names(self) -> list[str]:
        """The athletes as configured."""
        return names_of(self.config["athlete_ids"])

    def find_athlete(self, name: str) -> Athlete:
        """Ask who an athlete is; one request."""
        return Athlete.find(self.client, name, self._scope)

    def custom_properties(self, stream: str) -> Properties:
        """Return the schema of the custom properties that the athletes defined for a stream."""
        return custom_properties((item for athlete in self.athletes.values() for item in athlete.custom_items), stream)

    def end(self) -> None:
        """Tell once what the run cost, and raise what failed during it as one error."""
        if not self._has_ended:
            self._has_ended = True
            report_requests(self.client, self.archive)
            self.archive.close(self.client.server_time)
        if self.failures:
            raise TapError("\n".join(self.failures))

    def _state_of(self, stream: str, athlete: Athlete) -> dict[str, Any] | None:
        """Return the athlete's state of a stream, None if the stream is not to be synced."""
        found = self.streams[stream]
        if not found.selected and not found.has_selected_descendents:
            return None
        return found.get_context_state({"athlete_id": athlete.id})

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
            read_again=parse_days("read_again", config.get("read_again")),
            streams={
                stream.name: [one.label for one in (stream, *stream.children) if one.selected]
                for stream in parents
                if isinstance(stream, IncrementalStream)
            },
        )


def columns_known(stream_state: dict[str, Any]) -> dict[str, str] | None:
    """Return the types of a stream's custom columns by name; None where only version 0.1 has written a state."""
    if stream_state and "columns" not in stream_state:
        return None
    return dict(fields(stream_state.get("columns", ()), 2))


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
        raise TapError(f"{setting} {value!r} names no days: write it as YYYY-MM-DD/YYYY-MM-DD.")
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
