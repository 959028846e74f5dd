"""Every fault really happens, seen with an ordinary client."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
import requests
from requests.exceptions import (
    ChunkedEncodingError,
    ContentDecodingError,
    JSONDecodeError,
    ReadTimeout,
)

from sandbox import Account, Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Get

PATH = "athlete/0/activities?oldest=2000-01-01"


def test_a_status_is_answered_so_many_times_after_so_many_requests(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail(r"/activities\?", status=503, times=2, after=1)
    assert get("athlete/0/wellness").status_code == 200
    assert [get(PATH).status_code for _ in range(5)] == [200, 503, 503, 200, 200]


def test_a_status_has_body_and_headers_until_cleared(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("wellness", status=403, body="<b>no</b>", headers={"cf-mitigated": "challenge"})
    answers = [get("athlete/0/wellness") for _ in range(2)]
    assert [(answer.status_code, answer.text, answer.headers["cf-mitigated"]) for answer in answers] == [
        (403, "<b>no</b>", "challenge")
    ] * 2
    sandbox.clear()
    assert get("athlete/0/wellness").status_code == 200


def test_retry_after_comes_in_both_forms(sandbox: Sandbox, get: Get) -> None:
    moment = datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    sandbox.fail("athlete", status=429, retry_after=17, times=1)
    sandbox.fail("athlete", status=503, retry_after=moment, times=1)
    assert get("athlete/0").headers["Retry-After"] == "17"
    assert parsedate_to_datetime(get("athlete/0").headers["Retry-After"]) == moment


def test_the_connection_is_reset_before_the_headers(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("athlete", kind="reset", times=1)
    with pytest.raises(requests.ConnectionError, match=r"reset|aborted"):
        get("athlete/0")
    assert get("athlete/0").status_code == 200


def test_the_connection_is_reset_amid_the_body(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("athlete", kind="reset_body", times=1)
    with get("athlete/0", stream=True) as answer:
        assert answer.status_code == 200
        with pytest.raises((requests.ConnectionError, ChunkedEncodingError)):
            answer.content  # noqa: B018 - reading it is the test


def test_json_is_cut_html_comes_instead_or_nothing_at_all(sandbox: Sandbox, get: Get) -> None:
    whole = get(PATH).text
    for kind in ("truncated", "html", "empty"):
        sandbox.fail("activities", kind=kind, times=1)
        answer = get(PATH)
        assert answer.status_code == 200
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        with pytest.raises(JSONDecodeError):
            answer.json()
        if kind == "truncated":
            assert answer.text == whole[: len(answer.text)]
            assert len(answer.text) == len(whole) // 2
    assert get(PATH).text == whole


def test_gzip_is_broken(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("activities", kind="bad_gzip", times=1)
    with get(PATH, stream=True) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        try:
            answer.json()
        except (ContentDecodingError, ValueError):
            return
    pytest.fail("The broken body could be read.")


def test_an_answer_hangs_longer_than_the_client_waits(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("athlete", kind="hang", seconds=30, times=1)
    with pytest.raises(ReadTimeout):
        get("athlete/0", timeout=0.3)
    assert get("athlete/0").status_code == 200


def test_a_trickle_takes_its_time_and_is_whole(sandbox: Sandbox, get: Get) -> None:
    whole = get("athlete/0/gear").content
    sandbox.fail("gear", kind="trickle", seconds=0.02, times=1)
    start = time.monotonic()
    assert get("athlete/0/gear").content == whole
    assert time.monotonic() - start > 0.35


def test_a_redirect_leads_to_another_host(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("athlete", kind="redirect", location="http://127.0.0.2:9", times=1)
    answer = get("athlete/0?x=1", allow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://127.0.0.2:9/api/v1/athlete/0?x=1"


def test_a_list_is_empty_or_cut_with_a_good_status(sandbox: Sandbox, get: Get) -> None:
    whole = get(PATH).json()
    sandbox.fail("activities", kind="empty_list", times=1)
    sandbox.fail("activities", kind="cut_list", times=1)
    sandbox.fail("activities", kind="cut_list", keep=3, times=1)
    assert [get(PATH).json() for _ in range(3)] == [[], whole[: len(whole) // 2], whole[:3]]


def test_a_spoilt_error_stays_the_error(sandbox: Sandbox, get: Get) -> None:
    sandbox.fail("nothing", kind="truncated")
    assert get("athlete/0/nothing").status_code == 404


def test_latency_delays_every_answer(account: Account) -> None:
    with Sandbox(account, latency=0.2) as sandbox:
        start = time.monotonic()
        requests.get(f"{sandbox.url}/api/v1/athlete/0", auth=("API_KEY", sandbox.api_key), timeout=10)
        assert time.monotonic() - start >= 0.2


def test_an_unknown_kind_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="Unknown fault 'gremlin'"):
        sandbox.fail("athlete", kind="gremlin")


def test_a_sandbox_stops_at_once_even_with_a_hanging_answer(account: Account) -> None:
    with Sandbox(account) as sandbox:
        sandbox.fail("athlete", kind="hang", seconds=100_000)  # more than the time that pytest gives a test
        with pytest.raises(ReadTimeout):
            requests.get(f"{sandbox.url}/api/v1/athlete/0", auth=("API_KEY", "sandbox-key"), timeout=0.2)
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/api/v1/athlete/0", timeout=1)
