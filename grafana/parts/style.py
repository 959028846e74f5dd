"""Units, colours and words, the same on every board."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


# Units. Metric whatever the athlete's settings are, as Intervals.icu delivers them.
BPM = "suffix:bpm"
MS = "ms"
HOURS = "suffix:h"
HMS = "dthms"
PACE = "time:m:ss"
"""Minutes and seconds, of a number in milliseconds."""
DAY = "time:ddd D MMM YYYY"
CLOCK = "time:YYYY-MM-DD HH:mm"
AGO = "dateTimeFromNow"
# Grafana's own lengths turn 3000 km into 3 Mm.
KM, METRES, KMH = "suffix:km", "suffix:m", "velocitykmh"
WATT, JOULE, WKG = "watt", "joule", "suffix:W/kg"
RPM, SPM = "rotrpm", "suffix:spm"
KG, CELSIUS, PERCENT, KCAL = "masskg", "celsius", "percent", "suffix:kcal"
NUMBER, SECONDS = "none", "s"
VO2 = "suffix:ml/kg/min"
MMHG, BREATHS, GRAMS, MMOL = "suffix:mmHg", "suffix:/min", "massg", "conmmolL"

# Colours of metrics: a metric has one on all boards, and none is that of a state (see below). Large numbers have none.
LOADS = FITNESS, FATIGUE, LOAD = "#4c6ef5", "#b877d9", "#8795b0"
HEARTS = HEART, HEART_MEAN, HRV, HRV_MEAN = "#f06595", "#c2255c", "#26b5a8", "#0b7a75"
POWERS = POWER, POWER_MEAN, POWER_MAX, WORK = "#c98b3c", "#8a5a1c", "#a0522d", "#d9a86c"
SPEEDS = SPEED, SPEED_EVEN, CADENCE, ALTITUDE, GRADIENT = "#3bc9db", "#7048e8", "#a9b83c", "#a1887f", "#cbb8a9"
WARMTH = TEMPERATURE, CORE = "#e8a48c", "#c9654a"
BODY = SLEEP, SCORE, WEIGHT, WEIGHT_MEAN, FAT = "#7986cb", "#d1c4e9", "#90a4ae", "#546e7a", "#d4a373"
SIGNS = OXYGEN, BREATH, SYSTOLIC, DIASTOLIC = "#81d4fa", "#4f9fc4", "#b5838d", "#e5989b"
DEVICE = STEPS, VO2MAX = "#a5a58d", "#ce93d8"
RATINGS = EFFORT, FEELING, OTHER = "#bc8f5a", "#86a8a0", "#9aa5b1"
FOOD = CARBOHYDRATES, PROTEIN, FOOD_FAT = "#e9c46a", "#a2708a", "#b08968"
RUN = RUNS, POINTS, REQUESTS, LEFT = "#8795b0", "#3bc9db", "#bc8f5a", "#b877d9"
METRICS = frozenset([*LOADS, *HEARTS, *POWERS, *SPEEDS, *WARMTH, *BODY, *SIGNS, *DEVICE, *RATINGS, *FOOD, *RUN])
GREY = "#808080"

ZONES = ("#8ab8ff", "#3274d9", "#56a64b", "#f2cc0c", "#ff780a", "#e02f44", "#a352cc")
"""Zone 1 to 7, easy to hard."""

SPORTS = {
    "Ride": "#ff780a",
    "VirtualRide": "#ffb357",
    "GravelRide": "#b8641f",
    "MountainBikeRide": "#8f3b1b",
    "EBikeRide": "#ffcb7d",
    "Run": "#3274d9",
    "TrailRun": "#d6336c",
    "VirtualRun": "#8ab8ff",
    "Swim": "#00b8d4",
    "OpenWaterSwim": "#007f93",
    "Hike": "#56a64b",
    "Walk": "#96d98d",
    "WeightTraining": "#a352cc",
    "Workout": "#ca95e5",
    "Yoga": "#e0b400",
    "Rowing": "#705da0",
    "NordicSki": "#5b7f95",
    "AlpineSki": "#9fb3bf",
    "Other": "#808080",
}


class Period(NamedTuple):
    """A period of the curves of best values: its name, colour and the width of its line."""

    name: str
    color: str
    width: int


PERIODS = {
    "all": Period("All time", GREY, 9),
    "1y": Period("1 year", "#4f9fc4", 7),
    "s1": Period("Last season", "#b877d9", 5),
    "s0": Period("This season", "#26b5a8", 3),
    "42d": Period("42 days", "#c98b3c", 1),
}
"""In the order in which they are drawn: equal bests lie on each other, and the wider line shows below the narrower."""


class Band(NamedTuple):
    """From this value on (None: from the bottom) this colour."""

    start: float | None
    color: str


def bands(*steps: float | str) -> tuple[Band, ...]:
    """Colours and the limits between them, in turn: `bands("red", -30, "green")`."""
    colors = [str(color) for color in steps[::2]]
    limits = [float(limit) for limit in steps[1::2]]
    return tuple(Band(start, color) for start, color in zip([None, *limits], colors, strict=True))


class Span(NamedTuple):
    """Values from a start to an end (None: without one) that a word and a colour stand for."""

    start: float | None
    end: float | None
    word: str
    color: str


GOOD, UNUSUAL, CARE, BAD = "green", "blue", "orange", "red"
"""Colours of states: as it should be, away from it to the harmless side, to the other side, far to that side."""
STATES = frozenset({GOOD, UNUSUAL, CARE, BAD, "yellow", "light-blue", GREY})
"""All colours of states: as green, yellow, orange, red they go from good to bad; blue is little, or rested."""

PLAIN = bands("text")
FORM_BANDS = bands("red", -30, "green", -10, GREY, 5, "blue", 20, "yellow")
FORM_WORDS = (
    "red below -30 (high risk), green to -10 (optimal), grey to +5, blue to +20 (fresh), yellow above (transition)"
)
FORM_VERDICTS = (
    Span(20, None, "transition", "yellow"),
    Span(5, 20, "fresh", "blue"),
    Span(-10, 5, "grey zone", GREY),
    Span(-30, -10, "optimal", "green"),
    Span(None, -30, "high risk", "red"),
)
"""Words for form in percent of fitness; the bands are those of Intervals.icu."""
RAMP_BANDS = bands("blue", -2, "green", 5, "yellow", 8, "red")
RATIO_BANDS = bands("blue", 0.8, "green", 1.3, "yellow", 1.5, "red")
INTENSITY_BANDS = bands("light-blue", 60, "green", 75, "yellow", 90, "orange", 105, "red")

Words: TypeAlias = "Mapping[int | str, tuple[str, str]]"
"""What a value means, and its colour."""


def numbered(first: int, *words: str) -> Words:
    """Words and their colours, in turn, for whole numbers: `numbered(1, "good", "green", "poor", "red")`."""
    return dict(enumerate(zip(words[::2], words[1::2], strict=True), first))


QUALITY = numbered(1, "excellent", "green", "good", "blue", "average", "yellow", "poor", "red")
STRAIN = numbered(0, "none", "green", "low", "green", "average", "yellow", "high", "orange", "extreme", "red")
INJURY = numbered(1, "excellent", "green", "niggle", "yellow", "poor", "orange", "injured", "red")
HYDRATION = numbered(1, "well hydrated", "green", "hydrated", "blue", "dehydrated", "orange", "very dehydrated", "red")
FEEL = numbered(1, "strong", "green", "good", "green", "normal", "blue", "poor", "orange", "weak", "red")
