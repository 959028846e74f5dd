"""The target: settings, streams, state, signals."""

from __future__ import annotations

import json
import sys
import time
from typing import IO, TYPE_CHECKING, Any, ClassVar

import click
from singer_sdk.exceptions import (
    InvalidRecord,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities
from singer_sdk.singerlib.exceptions import InvalidInputLine
from typing_extensions import override

from target_influxdb.config.declared import schema_of
from target_influxdb.config.settings import Settings
from target_influxdb.delivery.queue import Writer
from target_influxdb.delivery.replay import replay
from target_influxdb.delivery.state import StateGate
from target_influxdb.errors import RefusedError, TargetError
from target_influxdb.inventory import inventory as inventory_of
from target_influxdb.reset import reset as reset_of
from target_influxdb.run import Run, RunningTarget
from target_influxdb.singer.batch_files import lines_of
from target_influxdb.singer.reader import BytesReader
from target_influxdb.singer.signals import leave_within, wake_main_thread
from target_influxdb.sink import InfluxDBSink

if TYPE_CHECKING:
    from target_influxdb.delivery.refusals import Conflict

SECONDS_TO_LEAVE = 6
SECONDS_TO_ANSWER = 3
"""For the requests that are on their way then."""
CHANGE_RECORDS = ("stream_maps", "flattening_enabled")
"""Settings by which the SDK changes records: it and its expressions want lists."""
SENTENCES = (
    TargetError,
    InvalidInputLine,
    InvalidRecord,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)


class TargetInfluxDB(RunningTarget):
    """Singer target for InfluxDB and other servers that take line protocol."""

    name = "target-influxdb"
    package_name = "target-influxdb"
    default_sink_class = InfluxDBSink
    message_reader_class = BytesReader
    config_jsonschema: ClassVar[dict[str, Any]] = schema_of(Settings)
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_parallelism = 1  # streams keep their order; the writer has a sender of its own
        self.settings = Settings.from_config(self.config)
        self.message_reader.keeps_text = not any(self.config.get(name) for name in CHANGE_RECORDS)
        self.writer = Writer(self.settings, self._learn)
        self.run = Run(self.writer)
        self._gate = StateGate(self.writer)
        self._said: set[Conflict] = set()

    def _learn(self, conflict: Conflict) -> None:
        """Follow a field's type in the database."""
        self.run.types[conflict.measurement].learn(conflict.field, conflict.kind)
        if conflict not in self._said:
            self._said.add(conflict)
            field, measurement, kind = conflict.field, conflict.measurement, conflict.kind.value
            self.logger.warning("Field %r of %r is %s in the database: written as that.", field, measurement, kind)

    @override
    def take_schema(self, message: dict[str, Any]) -> None:
        schema = message.get("schema")
        if not isinstance(schema, dict) or not isinstance(schema.get("properties", {}), dict):
            raise InvalidInputLine(f"The schema of stream {message.get('stream')!r} has no properties.")
        self.run.bookmarks = message.get("bookmark_properties") or []
        super().take_schema(message)
        self._gate.begin_stream(message["stream"])
        for sink in self.replaced_sinks:  # before a record goes to the new one
            self.drain_one(sink)

    @override
    def take_record(self, message: dict[str, Any]) -> None:
        if not isinstance(message.get("record"), dict):
            raise InvalidInputLine(f"A record of stream {message.get('stream')!r} is not an object.")
        super().take_record(message)

    @override
    def take_batch(self, message: dict[str, Any]) -> None:
        """Take its records as if they came one by one: in order, and with the same maps and checks."""
        for line in lines_of(message):
            if self.message_reader.signal:
                return  # the rest comes again: the state after it is not read any more
            record = self.message_reader.deserialize_json(line)
            self.take_record({"type": "RECORD", "stream": message["stream"], "record": record})

    @override
    def take_state(self, message: dict[str, Any]) -> None:
        """Emit a state at once if no stream came before it: it may begin everything anew, even if this run fails."""
        self._gate.begin(message["value"])
        super().take_state(message)
        if not self.has_sinks:
            self.drain_all()

    @override
    def emit_state(self, state: dict[str, Any]) -> None:
        """Emit a state only when every point before it is stored, and never the same one twice in a row."""
        if self._gate.may_leave(state):
            super().emit_state(state)

    @override
    def process_endofpipe(self) -> None:
        super().process_endofpipe()
        self.writer.flush()
        self.writer.log_in()
        self.writer.report()
        if misspelt := self.settings.misspelt(self.run.known_points):
            self.logger.warning("%s", misspelt)
        stored, rejected = self.writer.stored, self.writer.rejecting.count
        counts = {"points": stored, "rejected": rejected}
        self.logger.info("%d points stored, %d lines rejected.", stored, rejected, extra=counts)
        self.writer.close()

    @override
    def leave(self, signum: int) -> None:
        """Finish the current message, store what was read, then leave; a drain is never entered twice.

        Sets plain attributes only, as the interrupted code may hold any lock.
        """
        seconds = 0 if self.message_reader.signal else SECONDS_TO_LEAVE
        self.writer.deadline = time.monotonic() + seconds
        leave_within(seconds + SECONDS_TO_ANSWER, signum)
        self.message_reader.interrupt(signum)

    @classmethod
    @override
    def invoke(  # type: ignore[override] # as the SDK does, with more options
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: Any = None,
        file_input: IO[str] | None = None,
        replay: bool = False,
        inventory: str = "",
        reset: str = "",
    ) -> None:
        if about:
            super().invoke(about=about, about_format=about_format)
        target = cls(config=config.config, parse_env_config=config.parse_env)
        wake_main_thread()
        try:
            if replay:
                target.replay()
            elif inventory:
                for line in inventory_of(target.writer, inventory.split(",")):
                    click.echo(json.dumps(line))
            elif reset:
                target.logger.info("%s", reset_of(target.writer, reset))
            else:
                target.listen(file_input)
        except SENTENCES as error:
            cls.logger.error("%s", " ".join(str(error).split()))  # noqa: TRY400 - the sentence says it all
            sys.exit(1)
        finally:
            target.writer.close()
        if target.message_reader.left_early:
            sys.exit(128 + target.message_reader.signal)

    def replay(self) -> None:
        """Send the lines in `rejects_path` again."""
        stored, left = replay(self.writer)
        self.logger.info("%d lines stored, %d are still refused.", stored, left)
        if left:
            raise RefusedError(f"{left} line(s) are still refused; the reasons stand in rejects_path.")

    @classmethod
    @override
    def get_singer_command(cls) -> click.Command:
        command = super().get_singer_command()
        text = "Send the lines kept in rejects_path again, and remove those that are stored."
        command.params.append(click.Option(["--replay"], is_flag=True, help=text))
        text = "Print what the database holds of streams (STREAM or STREAM:FIELD+FIELD, with commas) as JSON lines."
        command.params.append(click.Option(["--inventory"], default="", help=text))
        text = "Delete, without asking, all that the database holds, or that of streams (STREAM or STREAM:TAG=VALUE)."
        command.params.append(click.Option(["--reset"], default="", metavar="all|STREAM,...", help=text))
        return command
