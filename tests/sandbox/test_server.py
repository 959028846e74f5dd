"""The server: who may see what, how lists are cut, what errors look like."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
import requests

from sandbox import Account, Sandbox
from sandbox.keys import ACTIVITY_KEYS, WELLNESS_KEYS, with_nulls
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


def test_wellness_without_fields_has_every_key(get: Get) -> None:
    assert all(set(WELLNESS_KEYS) <= row.keys() for row in get("athlete/0/wellness").json())
