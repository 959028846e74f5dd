"""What a person reads about the length of a run."""

from __future__ import annotations

import pytest

from tap_intervals_icu.api.client import Client
from tap_intervals_icu.api.connection import Connection
from tap_intervals_icu.api.credentials import Credential
from tap_intervals_icu.api.quota import DailyQuota
from tap_intervals_icu.api.transport import Transport
from tap_intervals_icu.formatting import counted
from tap_intervals_icu.reporting import duration


@pytest.mark.parametrize(
    ("requests", "per_second", "a_day", "used", "expected"),
    [
        (20, 10, 5000, 0, "less than a minute"),
        (600, 10, 5000, 0, "about a minute"),
        (2_000, 10, 5000, 0, "about 3 minutes"),
        (3_000, 10, 5000, 0, "about 15 minutes"),  # 2,500 in 15 minutes
        (4_500, 10, 5000, 0, "about 15 minutes"),
        (4_501, 10, 5000, 0, "spread over 2 days by the limit of 5,000 a day"),
        (4_000, 10, 5000, 4_000, "spread over 2 days by the limit of 5,000 a day"),
        (12_240, 10, 5000, 0, "spread over 3 days by the limit of 5,000 a day"),
        (12_240, 10, 0, 0, "about 60 minutes"),
        (600, 0, 0, 0, "less than a minute"),
    ],
)
def test_duration_knows_all_limits(requests: int, per_second: int, a_day: int, used: int, expected: str) -> None:
    transport = Transport(Connection("https://intervals.example", "test", requests_per_second=per_second))
    client = Client(transport, Credential("key"), DailyQuota(a_day, "2026-03-10", used))
    assert duration(requests, client) == expected


@pytest.mark.parametrize(
    ("number", "nouns", "expected"),
    [
        (0, ("request",), "0 requests"),
        (1, ("request",), "1 request"),
        (1_200, ("request",), "1,200 requests"),
        (1, ("activity", "activities"), "1 activity"),
        (2, ("activity", "activities"), "2 activities"),
    ],
)
def test_number_agrees_with_its_noun(number: int, nouns: tuple[str, ...], expected: str) -> None:
    assert counted(number, *nouns) == expected
