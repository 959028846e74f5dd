"""An athlete's profile: what is read of it, and what the state keeps for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tap_intervals_icu.changes.days import is_due
from tap_intervals_icu.records.custom import STREAMS
from tap_intervals_icu.records.rows import dictionaries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

DEFINITION = ("code", "field", "type", "value_type", "units")
"""What a custom field's schema is made of."""


class Profile(msgspec.Struct):
    """The only parts of the athlete's profile that are read: it also holds the API key, e-mail and date of birth."""

    id: str | int
    timezone: Any = None
    custom_items: Any = None
    sport_settings: Any = msgspec.field(name="sportSettings", default=None)

    @property
    def sports(self) -> list[str]:
        """The first sport of each group that shares its settings: it names the group."""
        groups = (group.get("types") for group in dictionaries(self.sport_settings))
        return [types[0] for types in groups if isinstance(types, list) and types and isinstance(types[0], str)]

    def small(self) -> Profile:
        """Return it without what the tap makes nothing of."""
        items = [
            {
                "type": item.get("type"),
                "name": item.get("name"),
                "content": {name: value for name in DEFINITION if (value := item["content"].get(name)) is not None},
            }
            for item in dictionaries(self.custom_items)
            if item.get("type") in STREAMS and isinstance(item.get("content"), dict)
        ]
        return Profile(self.id, self.timezone, items, [{"types": [sport]} for sport in self.sports])


class Profiles:
    """The profiles that were read, so that a run with nothing new need not ask for them again."""

    def __init__(self, lines: Iterable[str], seconds: float) -> None:
        """Read what `dump` wrote; what another version wrote is read anew.

        Args:
            lines: Of the state.
            seconds: How long a profile is believed.
        """
        self._known: dict[str, tuple[str, str]] = {}
        self._seconds = seconds
        for line in lines:
            athlete_id, read_at, profile = line.split(" ", 2)
            self._known[athlete_id] = read_at, profile

    def find(self, athlete_id: str, now: datetime) -> Profile | None:
        """Return the profile of an athlete, None where it was not read lately."""
        read_at, profile = self._known.get(athlete_id, ("", ""))
        if is_due(read_at, now, self._seconds):
            return None
        try:
            return msgspec.json.decode(profile, type=Profile)
        except msgspec.MsgspecError:
            return None

    def note(self, profile: Profile, now: datetime) -> None:
        """Keep a profile that was just read."""
        self._known[str(profile.id)] = now.isoformat(), msgspec.json.encode(profile.small()).decode()

    def dump(self, athlete_ids: Iterable[str]) -> list[str]:
        """Return the profiles of some athletes, for the state."""
        return [f"{id_} {' '.join(self._known[id_])}" for id_ in athlete_ids if id_ in self._known]
