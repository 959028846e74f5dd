"""Verdicts on HRV, resting heart rate and sleep, held against an independent computation on simulated dips."""

from __future__ import annotations

import math
import urllib.request
from datetime import datetime, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from grafana.execution.macros import Range, expand
from grafana.execution.run import Database
from grafana.parts import style
from grafana.parts.normal_range import HRV, MEASURES, RESTING, Measure, course, newest
from grafana.parts.panels import spanned
from tests.grafana.conftest import NOW
from tests.grafana.normal import Normal

if TYPE_CHECKING:
    from grafana.parts.query import Query
    from tests.grafana.normal import Days

TODAY = NOW.replace(hour=0, minute=0)
MEAN, DEVIATION = 4.1, 0.15
"""Of ln rMSSD."""


def dip(deviations: float, days: int, seed: int, missing: float = 0) -> Days:
    """HRV that fluctuates around a mean for 100 days and lies lower in the last of them; some were not measured."""
    random = Random(seed)
    found: Days = {}
    for age in range(100 + days):
        value = math.exp(random.gauss(MEAN - deviations * DEVIATION * (age < days), DEVIATION))
        found[age] = None if random.random() < missing else value
    return found


@pytest.fixture(scope="module")
def verdicts(influxdb: str) -> Database:
    """A database; `written` adds athletes."""
    Database(influxdb, "").ask('CREATE DATABASE "verdicts" WITH SHARD DURATION 52w')
    return Database(influxdb, "verdicts", clock=NOW)


def written(database: Database, athlete: str, field: str, days: Days, flag: str = "") -> str:
    """Write an athlete's days; unmeasured ones have a value that was carried over where there is a `flag` for it."""
    lines = []
    for age, value in days.items():
        values = ['updated="2026-11-20T12:00:00+00:00"']
        if value is not None:
            values.append(f"{field}={value!r}")
        if flag:
            values += [f"{flag}={str(value is None).lower()}"] + ([f"{field}=99"] if value is None else [])
        when = round((TODAY - timedelta(days=age)).timestamp())
        lines.append(f"wellness,athlete_id={athlete} {','.join(values)} {when}")
    body = "\n".join(lines).encode()
    urllib.request.urlopen(f"{database.url}/write?db={database.name}&precision=s", body).close()
    return athlete


def asked(database: Database, query: Query, athlete: str, days: int = 90) -> list[tuple[int, tuple[float, ...]]]:
    """Ages and values of the rows of a query, the newest first."""
    span = Range.relative(f"now-{days}d", "now+1d", NOW)
    text = expand(query.text, {"athlete": athlete}, span, 1000, {})
    rows = [row for series in database.ask(text) for row in series["values"]]
    ages = [(TODAY - datetime.fromtimestamp(row[0] / 1000, timezone.utc)).days for row in rows]
    return sorted(zip(ages, (tuple(row[1:]) for row in rows), strict=True))


def near(said: tuple[float, ...] | None) -> Any:
    """These numbers, but for rounding."""
    return pytest.approx(said, rel=1e-6)


@pytest.mark.parametrize(("deviations", "days"), [(0, 7), (1, 7), (2, 21)])
@pytest.mark.parametrize("missing", [0, 0.4])
def test_each_day_is_what_an_independent_computation_says(
    deviations: float, days: int, missing: float, verdicts: Database
) -> None:
    simulated = dip(deviations, days, days, missing)
    athlete = written(verdicts, f"dip{deviations}x{missing}", "hrv", simulated)
    normal = Normal(simulated, logarithm=True)
    expected = {age: near(said) for age in simulated if (said := normal.say(age))}
    assert len(expected) > 20
    assert dict(asked(verdicts, course(HRV), athlete, days=130)) == expected
    today = asked(verdicts, newest(HRV), athlete)
    assert today == ([(0, expected[0])] if 0 in expected else [])


def test_a_week_that_is_one_deviation_low_is_flagged(verdicts: Database) -> None:
    words = {}
    for seed in range(40):
        athlete = written(verdicts, f"week{seed}", "hrv", dip(1, 7, seed))
        words[seed] = {said(HRV, value) for _, (value,) in asked(verdicts, course(HRV, "HRV"), athlete, days=6)}
    flagged = [seed for seed, found in words.items() if "below normal" in found]
    assert len(flagged) == 40


def test_three_weeks_that_are_two_deviations_low_are_flagged_day_by_day_from_the_first_weeks_end_on(
    verdicts: Database,
) -> None:
    for seed in range(20):
        athlete = written(verdicts, f"weeks{seed}", "hrv", dip(2, 21, seed))
        days = asked(verdicts, course(HRV, "HRV"), athlete, days=14)
        found = [said(HRV, value) for age, (value,) in days if age < 15]
        assert len(found) == 15
        assert found.count("below normal") == 15, f"seed {seed}"


def said(measure: Measure, value: float) -> str:
    """The words for a value, as Grafana maps it."""
    ranges = ((one.options.from_val, one.options.to, one.options.result.text) for one in spanned(measure.verdicts))
    return next(
        str(word)
        for low, high, word in ranges
        if (-math.inf if low is None else low) <= value <= (math.inf if high is None else high)
    )


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.name)
def test_below_within_and_above_normal_and_the_colour_of_the_worse_side(measure: Measure) -> None:
    assert [said(measure, value) for value in (-0.6, -0.5, 0, 0.5, 0.6)] == [
        "below normal", "within normal", "within normal", "within normal", "above normal",
    ]  # fmt: skip
    colors = {one.word: one.color for one in measure.verdicts}
    assert colors[f"{measure.worse} normal"] == style.CARE
    assert colors["within normal"] == style.GOOD


def test_three_measured_days_of_seven_or_nineteen_of_sixty_are_not_enough(verdicts: Database) -> None:
    def days(week: int, normal: int) -> Days:
        return {age: 50 + age % 5 if age < week or 7 <= age < 7 + normal else None for age in range(70)}

    found = {
        (week, normal): len(
            asked(verdicts, newest(HRV), written(verdicts, f"few{week}x{normal}", "hrv", days(week, normal)))
        )
        for week, normal in ((4, 20), (3, 60), (7, 19))
    }
    assert found == {(4, 20): 1, (3, 60): 0, (7, 19): 0}


def test_the_newest_day_without_a_value_counts_and_days_that_do_not_exist_are_days_not_measured(
    verdicts: Database,
) -> None:
    days: Days = {age: 48 + age % 7 for age in range(80) if age not in {3, 4, 30}} | {0: None}
    athlete = written(verdicts, "gaps", "restingHR", days, flag="tempRestingHR")
    ((age, values),) = asked(verdicts, newest(RESTING), athlete)
    assert (age, values) == (0, near(Normal(days).say(0)))


def test_values_carried_over_are_no_measurements(verdicts: Database) -> None:
    days: Days = {age: None if age % 2 else 48 + age % 7 for age in range(80)}
    athlete = written(verdicts, "carried", "restingHR", days, flag="tempRestingHR")
    ((_, values),) = asked(verdicts, newest(RESTING), athlete)
    assert values == near(Normal(days).say(0))


def test_equal_values_are_within_normal(verdicts: Database) -> None:
    days: Days = {age: None if age % 9 == 5 else 50.1 for age in range(80)}
    ((_, values),) = asked(verdicts, newest(RESTING), written(verdicts, "equal", "restingHR", days))
    assert said(RESTING, values[0]) == "within normal"
    assert values == pytest.approx((0, 50.1, 50.1, 50.1), abs=1e-4)
