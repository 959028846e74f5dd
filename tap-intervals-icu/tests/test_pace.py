from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from tap_intervals_icu.api.connection import Connection
from tap_intervals_icu.api.pace import Pace
from tap_intervals_icu.errors import QuotaPauseError

URL = "https://intervals.example"


def test_workers_share_one_pace() -> None:
    pace = Pace(Connection(URL, "test", requests_per_second=50))

    def request(_: int) -> float:
        pace.wait()
        return monotonic()

    start = monotonic()
    with ThreadPoolExecutor(4) as pool:
        times = sorted(pool.map(request, range(26)))

    # On a busy machine a thread may wake late, but none early.
    assert [number for number, time in enumerate(times) if time - start < number / 50 - 0.001] == []


def test_quarter_of_an_hour_that_is_spent_is_a_planned_pause() -> None:
    pace = Pace(Connection(URL, "test", requests_per_second=1000, requests_per_quarter_hour=3, quota_wait=1))
    for _ in range(3):
        pace.wait()
    with pytest.raises(QuotaPauseError, match="per 15 minutes is spent") as pause:
        pace.wait()

    assert 890 < pause.value.seconds < 900


def test_process_that_leaves_does_not_wait_for_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(Connection(URL, "test", requests_per_second=1000, requests_per_quarter_hour=2, quota_wait=900))
    seconds = iter(range(900))

    def no_place_in_a_second(*_: object) -> bool:
        if next(seconds) == 2:
            pace.stop()
        return False

    monkeypatch.setattr(pace, "_acquire", no_place_in_a_second)
    with pytest.raises(QuotaPauseError) as pause:
        pace.wait()

    assert pause.value.seconds == 900 - 3


@pytest.mark.parametrize("per_second", [0.1, 1, 2, 2.7, 2.9, 10, 1_000, 100_000])
def test_any_pace_may_be_set(per_second: float) -> None:
    Pace(Connection(URL, "test", requests_per_second=per_second)).wait()


def test_slow_pace_is_no_spent_quota() -> None:
    pace = Pace(Connection(URL, "test", requests_per_second=0.7, quota_wait=0))
    before = monotonic()
    for _ in range(2):
        pace.wait()

    assert monotonic() - before > 1


def test_no_limit_means_no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(Connection(URL, "test", requests_per_second=0))
    monkeypatch.setattr(pace, "_acquire", lambda *_: pytest.fail("it would wait"))
    for _ in range(1000):
        pace.wait()
