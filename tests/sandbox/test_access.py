"""Who may read what from the sandbox, and what others are answered."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
import requests

from sandbox import Account, RateLimit, Sandbox
from sandbox.profile import SECRETS
from tests.sandbox.conftest import Get, parameters


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


@pytest.mark.parametrize("agent", ["Python-urllib/3.11", ""])
def test_clients_without_an_honest_name_are_refused_as_cloudflare_does(sandbox: Sandbox, agent: str) -> None:
    request = urllib.request.Request(f"{sandbox.url}/api/v1/athlete/0", headers={"User-Agent": agent})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 403
        assert answer.read() == b"error code: 1010"


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
