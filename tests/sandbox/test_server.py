"""The server: who may see what, how lists are cut, what errors look like."""

from __future__ import annotations

import gzip
import json
import time
import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox import Account, RateLimit, Sandbox
from sandbox.keys import ACTIVITY_KEYS, WELLNESS_KEYS, with_nulls
from sandbox.limiter import Limiter, Refusal
from sandbox.profile import SECRETS
from tests.sandbox.conftest import Get, parameters

SINCE = "athlete/0/activities?oldest=2000-01-01"


def test_lists_are_the_account_s_truth_newest_activity_first(account: Account, get: Get) -> None:
    rows = get("athlete/0/wellness").json()
    assert rows == [account.wellness[day] for day in sorted(account.wellness)]
    found = get(SINCE).json()
    expected = [with_nulls(record, ACTIVITY_KEYS) for record in account.activities.values()] + list(
        account.stubs.values()
    )
    assert sorted(found, key=lambda record: record["id"]) == sorted(expected, key=lambda record: str(record["id"]))
    starts = [record["start_date_local"] for record in found]
    assert starts == sorted(starts, reverse=True)


def test_wellness_bounds_are_inclusive_and_one_day_has_its_own_path(account: Account, get: Get) -> None:
    rows = get("athlete/i100001/wellness.json?oldest=2026-10-01&newest=2026-10-03").json()
    assert [row["id"] for row in rows] == [day for day in account.wellness if "2026-10-01" <= day <= "2026-10-03"]
    assert get("athlete/0/wellness/2026-10-02").json() == account.wellness["2026-10-02"]
    assert get("athlete/0/wellness/1999-01-01").status_code == 404


def test_fields_name_what_is_sent_without_nulls_and_custom_ones_only_if_named(account: Account, get: Get) -> None:
    rows = get("athlete/0/wellness?fields=id,hrv,REMSleep").json()
    expected = [
        {key: row[key] for key in ("id", "hrv", "REMSleep") if row.get(key) is not None}
        for row in account.wellness.values()
    ]
    assert rows == expected
    assert get("athlete/0/wellness?fields=id,feel").json() == {
        "status": 422,
        "error": "Unrecognized wellness field [feel]",
    }
    census = get(f"{SINCE}&fields=id,icu_sync_date").json()
    assert {row["id"]: row.get("icu_sync_date") for row in census} == {
        **{name: record["icu_sync_date"] for name, record in account.activities.items()},
        **dict.fromkeys(account.stubs),
    }


def test_limit_route_and_bounds_cut_the_list_of_activities(get: Get) -> None:
    everything = get(SINCE).json()
    assert get(f"{SINCE}&limit=3").json() == everything[:3]
    routes = [record for record in everything if record.get("route_id") == 6900003]
    assert routes
    assert get(f"{SINCE}&route_id=6900003").json() == routes
    third = everything[2]["start_date_local"]
    assert get(f"athlete/0/activities?oldest={third}&newest={third}").json()[0]["start_date_local"] == third


def test_a_date_only_newest_is_the_whole_day_or_midnight_as_chosen() -> None:
    account = Account(parameters())
    path = "/api/v1/athlete/0/activities?oldest=2000-01-01&fields=id&newest="
    day = max(record["start_date_local"] for record in account.activities.values())[:10]
    counts = []
    for whole in (True, False):
        with Sandbox(account, newest_whole_day=whole) as sandbox:
            answer = requests.get(sandbox.url + path + day, auth=("API_KEY", sandbox.api_key), timeout=10)
            counts.append(len(answer.json()))
    assert counts[0] == len(account.activities) + len(account.stubs)
    assert counts[1] < counts[0]


def test_many_activities_at_once_ignore_missing_ids_and_carry_intervals(account: Account, get: Get) -> None:
    first, second = list(account.activities)[:2]
    stub = next(iter(account.stubs))
    found = get(f"athlete/0/activities/{second},i9,{first},{stub}?intervals=true").json()
    assert [record["id"] for record in found] == [second, first, stub]
    assert found[0]["icu_intervals"] == account.intervals(second)["icu_intervals"]
    assert found[2] == account.stubs[stub]
    alone = get(f"activity/{first}?intervals=true").json()
    assert alone == found[1]
    assert "icu_intervals" not in get(f"activity/{first}").json()
    intervals = get(f"activity/{first}/intervals").json()
    assert intervals["icu_groups"] == account.intervals(first)["icu_groups"]


def test_streams_are_the_account_s_and_can_be_chosen(account: Account, get: Get) -> None:
    name = next(name for name, record in account.activities.items() if record.get("stream_types"))
    assert get(f"activity/{name}/streams").json() == account.streams(name)
    assert get(f"activity/{name}/streams").json() == account.streams(name)  # from the cache
    chosen = get(f"activity/{name}/streams.json?types=time,heartrate,nothing").json()
    assert [stream["type"] for stream in chosen] == ["time", "heartrate"]
    manual = next(name for name, record in account.activities.items() if not record.get("stream_types"))
    assert get(f"activity/{manual}/streams").json() == []
    account.trim(name, 20)
    assert get(f"activity/{name}/streams").json() == account.streams(name)


def test_answers_are_gzip_if_the_client_takes_it(get: Get) -> None:
    packed = get(SINCE)
    plain = get(SINCE, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == packed.json()
    raw = get(SINCE, stream=True).raw.read(decode_content=False)
    assert json.loads(gzip.decompress(raw)) == plain.json()


@pytest.mark.parametrize(
    ("auth", "headers", "status", "body"),
    [
        (("API_KEY", "wrong"), {}, 401, {"status": 401, "error": "Unauthorized"}),
        (("sandbox-key", ""), {}, 401, {"status": 401, "error": "Unauthorized"}),
        (None, {}, 401, {"status": 401, "error": "Unauthorized"}),
        (None, {"Authorization": "Bearer sandbox-key"}, 403, {"status": 403, "error": "Access denied"}),
        (None, {"Authorization": "Basic a"}, 500, None),
        (None, {"Authorization": "Bearer sandbox-token"}, 200, None),
    ],
)
def test_credentials(get: Get, auth: Any, headers: dict[str, str], status: int, body: Any) -> None:
    answer = get("athlete/0/wellness", auth=auth, headers=headers)
    assert answer.status_code == status
    if body:
        assert answer.json() == body
    if status == 500:
        assert "IllegalArgumentException" in answer.json()["error"]


def test_a_coach_s_key_sees_the_athletes_and_a_token_only_its_own(account: Account, get: Get) -> None:
    token = {"auth": None, "headers": {"Authorization": "Bearer sandbox-token"}}
    assert [athlete["id"] for athlete in get("athletes").json()] == ["i100001", "i100002"]
    assert get("athletes", **token).status_code == 403
    assert get("athlete/i100002/wellness").status_code == 200
    assert get("athlete/i100002/wellness", **token).status_code == 403
    assert get("athlete/i7/wellness").json() == {"status": 403, "error": "Access denied"}
    own = next(iter(account.activities))
    assert get(f"activity/{own}", **token).status_code == 200
    other = get("athlete/i100002/activities?oldest=2000-01-01").json()
    name = next(record["id"] for record in other if record.get("type"))
    assert get(f"activity/{name}").json()["icu_athlete_id"] == "i100002"
    assert get(f"activity/{name}", **token).status_code == 403


def test_the_athlete_carries_secrets_to_be_kept(get: Get) -> None:
    athlete = get("athlete/0").json()
    assert athlete["id"] == "i100001"
    assert {key: athlete[key] for key in SECRETS} == SECRETS
    assert athlete["sportSettings"] == get("athlete/0/sport-settings").json()
    assert athlete["custom_items"] == get("athlete/0/custom-item").json()


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("athlete/0/activities", 422, "Required request parameter 'oldest'"),
        ("athlete/0/activities?oldest=yesterday", 422, "Invalid date"),
        (f"{SINCE}&limit=many", 500, "MethodArgumentTypeMismatchException"),
        ("athlete/0/power-curves", 422, "Required request parameter 'type'"),
        ("athlete/0/power-curves?type=Ride&curves=never", 422, "Invalid curve"),
        ("activity/i1", 404, "Not Found"),
        ("activity/i1/streams", 404, "Not Found"),
        ("athlete/0/nothing", 404, "Not Found"),
    ],
)
def test_errors_have_the_service_s_body(get: Get, path: str, status: int, error: str) -> None:
    answer = get(path)
    assert answer.status_code == answer.json()["status"] == status
    assert error in answer.json()["error"]
    if status == 404:
        assert answer.json()["path"] == f"/api/v1/{path}"


def test_strava_stubs_have_no_sub_resources(account: Account, get: Get) -> None:
    stub = next(iter(account.stubs))
    assert get(f"activity/{stub}").json() == account.stubs[stub]
    for part in ("streams", "intervals"):
        answer = get(f"activity/{stub}/{part}")
        assert answer.json() == {"status": 422, "error": "Cannot read Strava activities via the API"}


def test_a_deleted_activity_vanishes_from_the_list_and_is_not_found(account: Account, get: Get) -> None:
    name = next(iter(account.activities))
    account.delete(name)
    assert name not in {record["id"] for record in get(f"{SINCE}&fields=id").json()}
    assert get(f"activity/{name}").status_code == 404
    assert get(f"activity/{name}/streams").status_code == 404


def test_events_default_to_a_week_and_can_be_chosen_by_category(account: Account, get: Get) -> None:
    today = account.today
    days = [event["start_date_local"][:10] for event in get("athlete/0/events").json()]
    assert days
    assert min(days) >= today.isoformat()
    assert max(days) <= (today + timedelta(days=6)).isoformat()
    everything = get("athlete/0/events?oldest=2000-01-01&newest=2099-01-01").json()
    assert sorted(event["id"] for event in everything) == sorted(account.calendar.events)
    races = get("athlete/0/events?oldest=2000-01-01&newest=2099-01-01&category=RACE_A,NOTE").json()
    assert {event["category"] for event in races} == {"RACE_A", "NOTE"}
    assert [event["category"] for event in get("athlete/0/fitness-model-events").json()] == ["SET_FITNESS", "SET_EFTP"]


def test_season_curves_are_the_best_of_the_activities_curves(get: Get) -> None:
    each = get("athlete/0/activity-power-curves?oldest=2000-01-01&newest=2099-01-01&type=Ride&secs=5,60,300").json()
    season = get("athlete/0/power-curves?type=Ride&curves=1y,42d").json()
    assert [curve["id"] for curve in season["list"]] == ["1y", "42d"]
    whole = dict(zip(season["list"][0]["secs"], season["list"][0]["values"], strict=True))
    for position, secs in enumerate(each["secs"]):
        assert whole[secs] == max(curve["watts"][position] for curve in each["curves"])
    assert set(season["list"][0]["activity_id"]) <= season["activities"].keys()
    assert whole[5] > whole[60] > whole[300]
    for kind in ("hr", "pace"):
        curve = get(f"athlete/0/{kind}-curves?type=Run").json()["list"][0]
        assert len(curve["values"]) == len(curve["activity_id"]) > 1


@pytest.mark.parametrize("agent", ["Python-urllib/3.11", ""])
def test_clients_without_an_honest_name_are_refused_as_cloudflare_does(sandbox: Sandbox, agent: str) -> None:
    request = urllib.request.Request(f"{sandbox.url}/api/v1/athlete/0", headers={"User-Agent": agent})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 403
        assert answer.read() == b"error code: 1010"


def test_requests_are_recorded_in_order(sandbox: Sandbox, get: Get) -> None:
    get("athlete/0")
    get("athlete/0/wellness?oldest=2026-01-01")
    get("activity/i1")
    seen = [(request.method, request.path, request.query, request.status) for request in sandbox.requests]
    assert seen == [
        ("GET", "/api/v1/athlete/0", {}, 200),
        ("GET", "/api/v1/athlete/0/wellness", {"oldest": "2026-01-01"}, 200),
        ("GET", "/api/v1/activity/i1", {}, 404),
    ]
    sandbox.clear()
    assert sandbox.requests == []


def test_athletes_whose_activities_share_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="same ids"):
        Sandbox([Account(parameters()), Account(parameters())])


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


def test_wellness_without_fields_has_every_key(get: Get) -> None:
    assert all(set(WELLNESS_KEYS) <= row.keys() for row in get("athlete/0/wellness").json())


def test_each_athlete_may_have_a_token_that_reads_that_athlete_alone_within_a_day_of_its_own() -> None:
    accounts = [
        Account(parameters(athlete_id=id_, days=3, activities=0, strava_stubs=0)) for id_ in ("i100001", "i100002")
    ]
    tokens = {"i100001": "one", "i100002": "two"}
    with Sandbox(accounts, tokens=tokens, rate_limit=RateLimit(per_second=0, per_day=3), control=True) as sandbox:

        def status(token: str, athlete: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(f"{sandbox.url}/api/v1/athlete/{athlete}", headers=headers, timeout=10).status_code

        assert [status("one", "i100001"), status("one", "i100002"), status("one", "0")] == [200, 403, 200]
        assert [status("one", "0"), status("two", "0"), status("three", "0")] == [429, 200, 403]
        body = {"athlete": "i100002", "token": "another"}
        assert requests.post(f"{sandbox.url}/sandbox/token", json=body, timeout=10).json() == {"tokens": 2}
        assert [status("two", "0"), status("another", "i100002")] == [401, 200]
        assert requests.post(f"{sandbox.url}/sandbox/token", json={"athlete": "i5"}, timeout=10).status_code == 400
