"""One sentence of advice for the day: the first rule that fits, as on the board *Today*. Pure.

No medical advice. The rules are those of grafana/parts/advice.py; they stand here again for the same reason as what is
normal, and a test holds both together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from demo.answers import HRV, RESTING, SLEEP, Measure, form_share

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo.points import Point


HIGH_RISK, FRESH, STEEP = -30, 5, 8
"""Form in % of fitness, below and above; ramp rate in load points a week."""


class Facts(NamedTuple):
    """What is known of the newest day; None where it is not.

    The first three say where the last 7 days lie: -1 below, 0 within, 1 above what is normal. `form` is in % of
    fitness, `ramp` in load points a week.
    """

    hrv: int | None
    pulse: int | None
    sleep: int | None
    form: float | None
    ramp: float | None


class Rule(NamedTuple):
    """If it holds, this is to be said, in this tone."""

    sentence: str
    tone: str
    holds: Callable[[Facts], bool]


RULES = (
    Rule(
        "Rest or go very easy: HRV is low, resting heart rate high", "bad", lambda day: day.hrv == -1 and day.pulse == 1
    ),
    Rule("Go easy today: HRV is below normal", "warn", lambda day: day.hrv == -1),
    Rule(
        "Go easy today: fatigue is far above fitness", "warn", lambda day: day.form is not None and day.form < HIGH_RISK
    ),
    Rule("Nothing hard today: resting heart rate is above normal", "warn", lambda day: day.pulse == 1),
    Rule("Keep it moderate: you slept less than usual", "warn", lambda day: day.sleep == -1),
    Rule(
        "Add nothing this week: fitness grows too fast", "warn", lambda day: day.ramp is not None and day.ramp > STEEP
    ),
    Rule(
        "Fresh: a good day to race or to train hard",
        "good",
        lambda day: day.hrv is not None and day.form is not None and day.form > FRESH,
    ),
    Rule("Train as planned: nothing speaks against it", "good", lambda day: day.hrv is not None),
    Rule(
        "Train as planned and by feel: HRV is not known",
        "fresh",
        lambda day: day.form is not None and day.form >= HIGH_RISK,
    ),
)


def facts(wellness: Sequence[Point]) -> Facts:
    """Return what is known of the newest day."""
    today = wellness[-1]
    hrv, pulse, sleep = (_side(measure, wellness) for measure in (HRV, RESTING, SLEEP))
    return Facts(hrv, pulse, sleep, form_share(today.number("ctl"), today.number("atl")), today.number("rampRate"))


def advice(day: Facts) -> tuple[str, str]:
    """Return the sentence for a day, and its tone."""
    unknown = Rule("Not enough data for advice", "plain", lambda _: True)
    rule = next((rule for rule in RULES if rule.holds(day)), unknown)
    return rule.sentence, rule.tone


def _side(measure: Measure, wellness: Sequence[Point]) -> int | None:
    week = measure.weeks(measure.values(wellness))[-1]
    return None if week is None else week.side
