"""The sandbox's limits of requests: a second, a quarter of an hour, a day."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from sandbox import Account, RateLimit, Sandbox
from sandbox.limiter import Limiter, Refusal
from tests.sandbox.conftest import parameters


def limited(limit: RateLimit, count: int, **more: Any) -> list[requests.Response]:
    with Sandbox(Account(parameters(activities=0)), rate_limit=limit, **more) as sandbox, requests.Session() as session:
        session.auth = ("API_KEY", sandbox.api_key)
        return [session.get(f"{sandbox.url}/api/v1/athlete/0", timeout=10) for _ in range(count)]


def test_the_limit_per_second_answers_429_without_headers() -> None:
    answers = limited(RateLimit(per_second=0.1, burst=2), 3)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Retry-After" not in answers[2].headers
    assert "X-RateLimit-Limit" not in answers[2].headers
    assert answers[0].headers["X-RateLimit-Limit"] == "2500,5000"
    assert answers[1].headers["X-RateLimit-Remaining"] == "2498,4998"


def test_a_spent_window_says_when_to_come_back() -> None:
    answers = limited(RateLimit(per_second=0, per_window=2, window=300), 3)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 295 <= int(answers[2].headers["Retry-After"]) <= 300
    assert answers[2].json()["retry_after_seconds"] == int(answers[2].headers["Retry-After"])
    assert answers[2].headers["X-RateLimit-Remaining"] == "0,4998"


def test_a_spent_day_waits_for_midnight_utc_and_headers_can_be_absent() -> None:
    answers = limited(RateLimit(per_second=0, headers=False), 2, used_today=4999)
    assert [answer.status_code for answer in answers] == [200, 429]
    to_midnight = 86_400 - time.time() % 86_400
    assert int(answers[1].headers["Retry-After"]) == pytest.approx(to_midnight, abs=5)
    assert "X-RateLimit-Limit" not in answers[0].headers


def test_quotas_come_back_with_time() -> None:
    now = [86_400.0 * 100 + 50_000]
    limiter = Limiter(RateLimit(per_second=2, burst=2, per_window=5, per_day=7, window=10), clock=lambda: now[0])
    assert [limiter.refuse() for _ in range(3)] == [None, None, Refusal(None)]
    now[0] += 1
    assert [limiter.refuse() for _ in range(3)] == [None, None, Refusal(None)]
    now[0] += 1
    assert [limiter.refuse(), limiter.refuse()] == [None, Refusal(8)]
    now[0] += 8
    assert [limiter.refuse(), limiter.refuse()] == [None, None]
    now[0] += 60
    assert limiter.refuse() == Refusal(86_400 - 50_070)
    now[0] += 40_000
    assert limiter.refuse() is None
