from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from target_influxdb.lineprotocol.stamps import LATEST, precision_of, text
from target_influxdb.points.times import nanoseconds

UTC = timezone.utc
MADRID = ZoneInfo("Europe/Madrid")
NOON = 1_777_896_000_000_000_000  # 2026-05-04T12:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-04T12:00:00Z",
        "2026-05-04T12:00:00z",
        "2026-05-04 12:00",
        "2026-05-04T12:00:00.000000000+00:00",
        "2026-05-04T14:00:00+0200",
        "2026-05-04T14:00:00+02",
        "2026-05-04T08:00:00 -04:00",
        datetime(2026, 5, 4, 12, tzinfo=UTC),
        datetime(2026, 5, 4, 14, tzinfo=timezone(timedelta(hours=2))),
        NOON // 10**9,
        NOON // 10**6,
        NOON // 10**3,
        NOON,
        float(NOON // 10**9),
        Decimal(NOON // 10**9),
        f"+{NOON // 10**9}",
        f" {NOON // 10**6}.0 ",
        f"{NOON} ",
        "1.777896e9",
    ],
)
def test_every_usual_spelling_of_a_moment_is_read(value: object) -> None:
    assert nanoseconds(value, UTC) == NOON


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-05-04T12:00:00.123456789Z", NOON + 123_456_789),
        ("2026-05-04T12:00:00,5Z", NOON + 500_000_000),
        (1_777_896_000.25, NOON + 250_000_000),
        (1_777_896_000.123, NOON + 123_000_000),
        (1_777_896_000_123.001, NOON + 123_001_000),
        (Decimal("1777896000.000000001"), NOON + 1),
        (-1, -1_000_000_000),
        ("-1 ", -1_000_000_000),
        ("1777896000.250", NOON + 250_000_000),
        ("1777896000.000000001", NOON + 1),
        ("1969-12-31T23:59:59.5Z", -500_000_000),
    ],
)
def test_fractions_are_exact(value: object, expected: int) -> None:
    assert nanoseconds(value, UTC) == expected


def test_dates_and_naive_times_are_read_in_the_zone() -> None:
    hour = 3600 * 10**9
    for value in ("2026-05-04", "20260504", date(2026, 5, 4)):
        assert nanoseconds(value, UTC) == NOON - 12 * hour
        assert nanoseconds(value, MADRID) == NOON - 14 * hour
    assert nanoseconds("2026-05-04T14:00", MADRID) == NOON
    assert nanoseconds("2026-05-04T12:00Z", MADRID) == NOON


def test_days_of_clock_changes_start_at_their_own_midnight() -> None:
    days = [nanoseconds(f"2026-03-{day}", MADRID) for day in (28, 29, 30)]
    assert [(after - before) // (3600 * 10**9) for before, after in pairwise(days)] == [24, 23]


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2026-13-01", "2026-02-30", "12:00", None, True, [], {}, float("nan"), float("inf"), 10**30,
     "1500-01-01", "2300-01-01T00:00:00Z"],
)  # fmt: skip
def test_what_is_no_time_or_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a date or time|lies outside|out of range|must be in|day is"):
        nanoseconds(value, UTC)


@pytest.mark.parametrize(
    ("times", "precision"),
    [([NOON, 0], "s"), ([NOON, 1_000_000], "ms"), ([NOON + 1_000], "ns"), ([NOON + 1], "ns"), ([], "s")],
)
def test_precision_is_the_coarsest_that_keeps_all(times: list[int], precision: str) -> None:
    assert precision_of(times) == precision


def test_times_are_shown_to_the_second() -> None:
    assert text(NOON + 999_999_999) == "2026-05-04T12:00:00Z"
    assert text(LATEST).startswith("2262-04-11")
