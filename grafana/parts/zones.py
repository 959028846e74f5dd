"""Time in zones: the fields of activities that hold it, in seconds."""

from __future__ import annotations

from typing import NamedTuple


class Zones(NamedTuple):
    """Zones 1 to 7, easy to hard, of heart rate, power or pace; `source` is what the API calls the list of times."""

    name: str
    source: str
    endings: tuple[str, ...]
    missing: str

    def columns(self, column: str = '"{}"') -> str:
        """Return InfluxQL that gives a column Z1 to Z7 of each field."""
        fields = (f"{self.source}_{ending}" for ending in self.endings)
        return ", ".join(f'{column.format(field)} AS "Z{zone}"' for zone, field in enumerate(fields, 1))

    @property
    def hours(self) -> str:
        """The same of many activities, added up, in hours."""
        return self.columns('sum("{}") / 3600')


FROM_0 = tuple("0123456")
HEART = Zones("heart rate", "icu_hr_zone_times", FROM_0, "No heart rate in this range")
POWER = Zones("power", "icu_zone_times", tuple(f"Z{zone}" for zone in range(1, 8)), "No power in this range")
PACE = Zones("pace", "pace_zone_times", FROM_0, "No pace zones in this range")
