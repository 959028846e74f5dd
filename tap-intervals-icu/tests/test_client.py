"""Every answer that the API, or something between, may give; no waiting: the waits are noted instead."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import responses

from tap_intervals_icu.api import client as module
from tap_intervals_icu.api.client import TRIES, Client
from tap_intervals_icu.api.connection import Connection
from tap_intervals_icu.api.credentials import Credential
from tap_intervals_icu.api.quota import DailyQuota
from tap_intervals_icu.api.responses import http_date, retry_after
from tap_intervals_icu.api.transport import Transport
from tap_intervals_icu.errors import (
    BrokenAnswerError,
    ForbiddenError,
    MissingError,
    QuotaPauseError,
    TapError,
    TransientError,
    WithheldError,
)

URL = "https://intervals.example/api/v1/athlete/0/gear"
KEY = "never-log-this-key"
NOW = datetime(2026, 3, 10, 20, tzinfo=timezone.utc)
DATE = {"Date": format_datetime(NOW, usegmt=True)}


class Waits(list[float]):
    """Stands in for the event that ends waiting: notes each wait, and waits for none."""

    def wait(self, seconds: float) -> bool:
        self.append(seconds)
        return False


@pytest.fixture
def waits() -> Waits:
    return Waits()


Final = tuple[dict[str, Any], type[TapError], str]


def make_client(quota: DailyQuota) -> Client:
    connection = Connection("https://intervals.example", "test", requests_per_second=0)
    return Client(Transport(connection), Credential(KEY), quota)


@pytest.fixture
def client(waits: Waits) -> Client:
    made = make_client(DailyQuota(5000))
    made.transport.stopped = waits  # type: ignore[assignment] # all that is used of it
    return made


@responses.activate
@pytest.mark.parametrize(("exempt", "proxies"), [("other.example", {"https": "http://proxy.example:3128"}), ("*", {})])
def test_requests_go_through_the_proxy_that_the_environment_names(
    exempt: str, proxies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", exempt)
    responses.get(URL, json=[])
    make_client(DailyQuota(5000)).get("/athlete/0/gear")
    assert {**responses.calls[0].request.req_kwargs["proxies"]} == proxies | ({"no": exempt} if proxies else {})  # type: ignore[attr-defined] # of `responses`


@pytest.fixture
def api() -> Any:
    with responses.RequestsMock() as mock:
        yield mock


def test_answer_is_decoded_and_the_key_sent_as_the_api_wants_it(client: Client, api: responses.RequestsMock) -> None:
    api.get(URL, json=[{"id": "g1"}], headers=DATE)

    assert client.get("/athlete/0/gear", {"a": "b"}) == [{"id": "g1"}]
    (call,) = api.calls
    assert call.request.headers["Authorization"] == requests.auth._basic_auth_str("API_KEY", KEY)
    assert call.request.headers["User-Agent"] == "test"
    assert call.request.params == {"a": "b"}  # type: ignore[attr-defined] # of responses
    assert client.server_time == NOW


FINAL: dict[str, Final] = {
    "401": ({"status": 401}, ForbiddenError, "The API key is not valid"),
    "403": ({"status": 403}, ForbiddenError, "has no right to this athlete's data"),
    "Cloudflare's 403": ({"status": 403, "headers": {"cf-mitigated": "challenge"}}, TapError, "set `user_agent`"),
    "404": ({"status": 404}, MissingError, "answered 404"),
    "410": ({"status": 410}, MissingError, "answered 410"),
    "422": ({"status": 422}, WithheldError, "answered 422"),
    "400": ({"status": 400}, TapError, "answered 400"),
    "304": ({"status": 304}, TapError, "answered 304"),
    "redirect": ({"status": 302, "headers": {"Location": "https://a.example/x"}}, TapError, "to https://a.example:"),
    "redirect on the same host": ({"status": 302, "headers": {"Location": "/login"}}, TapError, "intervals.example"),
    "429 for hours": ({"status": 429, "headers": {"Retry-After": "7200"}}, QuotaPauseError, "answered 429"),
}


@pytest.mark.parametrize("final", FINAL.values(), ids=FINAL)
def test_answer_that_no_retry_mends_is_asked_for_once(
    client: Client, api: responses.RequestsMock, waits: Waits, final: Final
) -> None:
    answer, error, words = final
    api.get(URL, body=f"Bad {KEY}", **answer)
    with pytest.raises(TapError) as caught:
        client.get("/athlete/0/gear")

    assert type(caught.value) is error
    assert words in caught.value.message
    assert "://:" not in caught.value.message
    assert KEY not in caught.value.message
    assert (len(api.calls), waits) == (1, [])


PASSING: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "500": {"status": 500},
    "503": {"status": 503},
    "524": {"status": 524},
    "reset": {"body": requests.ConnectionError("Connection reset")},
    "time-out": {"body": requests.ReadTimeout("timed out")},
    "cut amid the body": {"body": requests.exceptions.ChunkedEncodingError("cut")},
    "broken gzip": {"body": b"\x1f\x8b\x08\x00", "headers": {"Content-Encoding": "gzip"}},
    "truncated JSON": {"body": '[{"id":"g'},
    "HTML": {"body": "<html>Just a moment</html>"},
    "empty": {"body": ""},
    "another shape": {"json": {"error": "no list"}},
}


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_fault_that_may_pass_is_waited_for(
    client: Client, api: responses.RequestsMock, waits: Waits, answer: dict[str, Any]
) -> None:
    for _ in range(3):
        api.get(URL, **answer)
    api.get(URL, json=[])

    assert client.get("/athlete/0/gear") == []
    assert [1 <= waits[0] <= 2, 2 <= waits[1] <= 4, 4 <= waits[2] <= 8] == [True] * 3


@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING)
def test_fault_that_does_not_pass_ends_after_some_tries(
    client: Client, api: responses.RequestsMock, waits: Waits, answer: dict[str, Any]
) -> None:
    rule = api.get(URL, **answer)
    with pytest.raises((TransientError, QuotaPauseError)) as caught:
        client.get("/athlete/0/gear")

    assert rule.call_count == TRIES
    assert len(waits) == TRIES - 1
    assert sum(waits) <= TRIES * module.LONGEST_BACKOFF
    assert isinstance(caught.value, QuotaPauseError) == (answer.get("status") == 429)
    assert KEY not in caught.value.message


def test_bare_words_for_no_number_are_null_and_cost_one_request(client: Client, api: responses.RequestsMock) -> None:
    api.get(URL, body='[{"id": "g1", "a": NaN, "b": -Infinity, "c": [Infinity], "name": "NaN", "d": 1e999}]')

    assert client.get("/athlete/0/gear") == [{"id": "g1", "a": None, "b": None, "c": [None], "name": "NaN", "d": None}]


def test_answer_that_stays_broken_is_named_with_its_place_and_asked_for_twice_in_a_run(
    client: Client, api: responses.RequestsMock
) -> None:
    rule = api.get(URL, body='[{"id": "g1", "mileage": 7_000}]')
    for _ in range(2):
        with pytest.raises(BrokenAnswerError) as caught:
            client.get("/athlete/0/gear", {"fields": "id,mileage"})
        assert caught.value.message == (
            "The answer of /athlete/0/gear?fields=id,mileage cannot be read: Expecting ',' delimiter at byte 26 of 32."
        )

    assert rule.call_count == 2


@pytest.mark.parametrize("value", ["120", format_datetime(NOW + timedelta(minutes=2), usegmt=True)])
@pytest.mark.parametrize("status", [429, 503])
def test_wait_that_the_server_asks_for_is_kept(
    client: Client, api: responses.RequestsMock, waits: Waits, value: str, status: int
) -> None:
    api.get(URL, status=status, headers={**DATE, "Retry-After": value})
    api.get(URL, json=[])
    client.get("/athlete/0/gear")

    assert waits == [120]


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5.2", "\u00b2", "Tue, 99 Foo 2026 25:00:00 GMT"])
def test_wait_that_cannot_be_read_is_none(value: str) -> None:
    assert retry_after({"Retry-After": value, **DATE}) is None
    assert http_date(value) is None


def test_spent_quota_of_the_day_asks_for_nothing(api: responses.RequestsMock) -> None:
    spent = DailyQuota(100, f"{datetime.now(timezone.utc):%Y-%m-%d}", 95)
    client = make_client(spent)
    with pytest.raises(QuotaPauseError, match="All but the reserve for new data of today's 100 requests"):
        client.get("/athlete/0/gear", backfill=True)
    api.get(URL, json=[])
    for _ in range(5):
        client.get("/athlete/0/gear")
    with pytest.raises(QuotaPauseError, match="All of today's 100 requests are used"):
        client.get("/athlete/0/gear")

    assert len(api.calls) == 5


@pytest.mark.parametrize(
    ("own", "limit", "remaining", "left"),
    [
        (5000, 5000, 123, 123),
        (5000, 50_000, 49_000, 4999),
        (100, 5000, 4000, 99),
        (100, 5000, 60, 60),
        (5000, 100, 0, 0),
    ],
)
def test_of_the_own_count_and_the_server_s_the_stricter_one_holds(
    api: responses.RequestsMock, own: int, limit: int, remaining: int, left: int
) -> None:
    client = make_client(DailyQuota(own))
    headers = {**DATE, "X-RateLimit-Limit": f"2500,{limit}", "X-RateLimit-Remaining": f"2400,{remaining}"}
    api.get(URL, json=[], headers=headers)
    client.get("/athlete/0/gear")

    assert client.quota.left() == left
