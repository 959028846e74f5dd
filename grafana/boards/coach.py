"""All athletes of a coach: a row each, those who need a look first."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from grafana_foundation_sdk.models.dashboard import (
    DashboardSpecialValueMapOptions,
    MatcherConfig,
    SpecialValueMap,
    SpecialValueMatch,
    ValueMappingResult,
)

from grafana.boards.decision import TRAINING
from grafana.parts import style
from grafana.parts.advice import HIGH_RISK, STEEP
from grafana.parts.board import Board
from grafana.parts.links import DATABASE, to_board
from grafana.parts.normal_range import ALL_ATHLETES, HRV, RESTING, RULE, UNKNOWN
from grafana.parts.panels import Look, mapped, override, spanned
from grafana.parts.query import EVER, Query, statement
from grafana.parts.tables import added, binary, grid, only, ordered, renamed, step
from grafana.parts.team import EACH, WIDE, above, each, forms, newest_rows, places, within

if TYPE_CHECKING:
    from grafana_foundation_sdk.models.dashboard import DashboardLink, DataTransformerConfig

WEEK = within(8, 1)
"""The date of now in UTC and the six before it, for all athletes alike."""
WORDS: dict[str, object] = {"cellOptions": {"type": "color-text"}, "align": "left"}
SIGNS = {
    "failed": "the sync fails",
    "old": "no new day",
    "low_hrv": "HRV below normal",
    "deep": "deep fatigue",
    "high_pulse": "resting heart rate above normal",
    "steep": "fitness grows too fast",
}
"""What asks for a look, the most urgent first, by the column that is 1 where it holds."""
WEIGHTS = {sign: 2**power for power, sign in enumerate(reversed(SIGNS))}
"""Each weighs more than all that follow, so a sum tells which of them hold, and sorts by the first."""
URGENT = WEIGHTS["high_pulse"]
NO_DATA = SpecialValueMap(
    DashboardSpecialValueMapOptions(SpecialValueMatch("null"), ValueMappingResult(UNKNOWN, "text"))
)
"""Neither good nor bad; without it Grafana gives what is missing the colour of the lowest value."""


def reasons() -> style.Words:
    """Return the words for each sum of weights, and their colour."""
    words: dict[int | str, tuple[str, str]] = {}
    for held in product((False, True), repeat=len(SIGNS)):
        found = [sign for sign, holds in zip(SIGNS, held, strict=True) if holds]
        need = sum(WEIGHTS[sign] for sign in found)
        text = ", ".join(SIGNS[sign] for sign in found)
        words[need] = (text or "nothing", style.CARE if need >= URGENT else "yellow" if need else style.GOOD)
    return words


def _open() -> list[DashboardLink]:
    """Links of a row to the boards, which then show this athlete."""
    choice = f"{DATABASE}&var-athlete=${{__data.fields.athlete_id}}"
    return [to_board(name, choice=choice) for name in ("Today", "Fitness", "Wellness", "Training", "Progress")]


def _old() -> Query:
    """1 where there are days, but no new one."""
    ever = each("wellness", 'count("updated") * 0.0 + 1 AS "old"', ALL_ATHLETES, WIDE)
    lately = each("wellness", 'count("updated") * 0.0 - 1 AS "old"', ALL_ATHLETES, within(5))
    return Query(statement('sum("old") AS "old"', f"({ever}), ({lately})", WIDE, tail=EACH), table=True)


def _time_of(target: str, name: str) -> DataTransformerConfig:
    """Keep the time of one query's rows as a number, before those of all are dropped."""
    made = binary("Time", "+", "0", name)
    made.filter_val = MatcherConfig("byRefId", target)
    return made


STEEP_RAMP = above('"rampRate"', STEEP)
QUERIES = {
    "A": places(HRV, "low_hrv"),
    "B": places(RESTING, "high_pulse"),
    "C": newest_rows(f'"ctl" AS "Fitness", {STEEP_RAMP} AS "steep"'),
    "D": forms("deep", HIGH_RISK),
    "E": _old(),
    "F": Query(each("wellness", 'sum("ctlLoad") AS "Load"', ALL_ATHLETES, WEEK), table=True),
    "G": Query(each("events", 'sum("icu_training_load") AS "Planned"', TRAINING, WEEK), table=True),
    "H": Query(each("activities", 'mean("compliance") AS "Compliance"', '"compliance" > 0', within(29, 1)), table=True),
    "I": Query(each("wellness", 'last("updated") AS "newest"', '"ctlLoad" > 0', WIDE), table=True),
    "J": Query(each("sync_athletes", '1 - last("success_value") AS "failed"', ALL_ATHLETES, WIDE), table=True),
    "K": Query(each("sync_athletes", 'last("success_value") AS "synced"', '"success" = true', WIDE), table=True),
    "L": Query(each("athlete", 'last("timezone") AS "zone", "name" AS "Name"', ALL_ATHLETES, EVER), table=True),
}
SHOWN = (
    *("Name", "athlete_id", "Need", "Form", HRV.name, RESTING.name, "Load", "Planned", "Compliance"),
    *("Last training", "Newest day", "Last sync", "Fitness"),
)
COLUMNS = (*SHOWN, *SIGNS)
ATHLETES = grid(
    "Athletes",
    "Who needs a look first? A row per athlete, by what asks for one: a sync that fails, no new day for about three "
    "days; HRV, form, resting heart rate and ramp rate by the rules and limits of the board Today. Load beside the "
    "planned one tells who is off the plan. A click on a name or an id opens this athlete's boards. No medical "
    "advice. Unit: words; % of fitness; load points; % of each planned workout. Source: wellness, newest existing "
    "day; ctlLoad, and events of categories WORKOUT and RACE, of the 7 days up to the date in UTC; activities, "
    "compliance of 28 days; sync_athletes; names, where they are stored, from athlete; put together by Grafana. "
    f"Formula: of HRV and resting heart rate, {RULE}; of the order, "
    f"{', '.join(f'{SIGNS[sign]} {weight}' for sign, weight in WEIGHTS.items())}, added up.",
    tuple(QUERIES.values()),
    size=(24, 18),
    look=Look(decimals=0, nothing="No athletes yet"),
    transform=(
        _time_of("C", "Newest day"),
        _time_of("I", "Last training"),
        _time_of("K", "Last sync"),
        only(*(name for name in COLUMNS if name != "Need")),
        step("joinByField", byField="athlete_id", mode="outer"),
        renamed(f"^({'|'.join(COLUMNS)}) .*$"),
        *(binary(sign, "*", str(weight), f"{sign} weight") for sign, weight in WEIGHTS.items()),
        added("Need", *(f"{sign} weight" for sign in SIGNS)),
        ordered(*SHOWN),
        only(*SHOWN),
        step("sortBy", fields={}, sort=[{"field": "Need", "desc": True}]),
    ),
    overrides=(
        override("Name", links=_open(), custom={"width": 130}),
        override("athlete_id", displayName="Athlete", links=_open(), custom={"width": 85}),
        override("Need", displayName="Needs a look", mappings=mapped(reasons()), custom={**WORDS, "width": 270}),
        override("Form", unit=style.PERCENT, mappings=spanned(style.FORM_VERDICTS), custom={**WORDS, "width": 90}),
        *(
            override(one.name, mappings=[*one.mappings, NO_DATA], custom={**WORDS, "width": 135})
            for one in (HRV, RESTING)
        ),
        override("Fitness", custom={"width": 70}),
        override("Load", displayName="Load, 7 days", custom={"width": 100}),
        override("Planned", custom={"width": 80}),
        override("Compliance", unit=style.PERCENT, custom={"width": 95}),
        override("Last training", unit=style.DAY, custom={"width": 125}),
        override("Newest day", unit=style.DAY, custom={"width": 125}),
        override("Last sync", unit=style.AGO, custom={"width": 115}),
    ),
)

BOARD = Board(
    "Coach",
    "All athletes of a coach, those who need a look first.",
    start="now-7d",
    marked=False,
    variables=(),
    rows={"Who needs a look first": (ATHLETES,)},
)
