"""What the streams of one run share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from target_influxdb.delivery.replacing import KnownPoints
from target_influxdb.lineprotocol.types import FieldTypes
from target_influxdb.singer.checked_settings import CheckedTarget

if TYPE_CHECKING:
    from target_influxdb.config.settings import Settings
    from target_influxdb.delivery.queue import Writer
    from target_influxdb.points.names import Names
    from target_influxdb.singer.reader import BytesReader


@dataclass
class Run:
    """Made by the target before the first message, and handed to each stream's sink."""

    writer: Writer
    series: set[bytes] = field(default_factory=set)
    """Series so far, as they stand in lines."""
    bookmarks: list[str] = field(default_factory=list)
    """Replication key of the stream whose SCHEMA message is being handled."""
    known_points: defaultdict[str, KnownPoints] = field(default_factory=lambda: defaultdict(KnownPoints))
    """What is known of each stream's points, by its name."""
    names: dict[str, Names] = field(default_factory=dict)
    """What its fields are called."""
    types: defaultdict[str, FieldTypes] = field(default_factory=lambda: defaultdict(FieldTypes))
    """Field types of each measurement, shared by all streams that write to it."""

    @property
    def settings(self) -> Settings:
        """The target's settings."""
        return self.writer.settings


class RunningTarget(CheckedTarget):
    """A target as its sinks see it."""

    run: Run
    message_reader: BytesReader
