"""What adds up over activities: how it is counted, and in which unit."""

from __future__ import annotations

from typing import NamedTuple

from grafana.parts import style

AGGREGATES = {"sum": "sum", "max": "maximum", "mean": "mean"}
"""Functions of InfluxQL, and what descriptions call them."""


class Volume(NamedTuple):
    """A field of activities, and how those of many become one number."""

    name: str
    what: str
    field: str
    unit: str = style.NUMBER
    scale: str = ""
    """InfluxQL that turns the field into `unit`, such as ` / 3600`."""
    aggregate: str = "sum"

    @property
    def formula(self) -> str:
        """How a value is computed of the field, for descriptions."""
        return f"{self.field}{self.scale}"

    @property
    def column(self) -> str:
        """InfluxQL over many activities."""
        return f'{self.aggregate}("{self.field}"){self.scale}'

    @property
    def unit_in_words(self) -> str:
        """The unit, for descriptions."""
        return "load points" if self.unit == style.NUMBER else self.unit.removeprefix("suffix:")

    @property
    def source(self) -> str:
        """What is taken of the field, for descriptions."""
        return f"{AGGREGATES[self.aggregate]} of {self.field}"


LOAD = Volume("Load", "Training load", "icu_training_load")
TIME = Volume("Time", "Time in motion", "moving_time", style.HOURS, " / 3600")
DISTANCE = Volume("Distance", "Distance covered", "icu_distance", style.KM, " / 1000")
LONGEST = DISTANCE._replace(name="Longest", what="The longest of them", aggregate="max")
CLIMBING = Volume("Climbing", "Metres climbed", "total_elevation_gain", style.METRES)
ENERGY = Volume("Energy", "Energy spent", "calories", style.KCAL)
HEART_RATE = Volume("Heart rate", "Mean of the average heart rates", "average_heartrate", style.BPM, aggregate="mean")
