"""Several processes that share the API's limits, through a real Redis and a real PostgreSQL."""

from __future__ import annotations

import builtins
import contextlib
import json
import threading
from collections import Counter
from datetime import datetime, timezone
from time import sleep, time
from typing import TYPE_CHECKING, Any

import pytest
from pyrate_limiter import Rate, RateItem

from sandbox import RateLimit, Sandbox
from tap_intervals_icu.api.shared_limits import open_limits
from tap_intervals_icu.errors import TapError
from tests import postgres as postgresql
from tests import servers
from tests.accounts import account_of
from tests.tap.conftest import athlete
from tests.tap.process import messages, start
from tests.tap.scene import Scene
from tests.tap.tables import comparable, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tap_intervals_icu.api.shared_limits import SharedLimits

    Open = Callable[[str], SharedLimits]

PASSWORD = "password-never-log"
IDS = ("i100001", "i100002", "2049151", "i100004")


@pytest.fixture(scope="module", params=["redis", "postgresql"])
def limiter_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "redis":
        with servers.redis() as url:
            yield url
    else:
        with postgresql.postgres() as known:
            yield f"postgresql://{known['user']}@{known['host']}:{known['port']}/{known['dbname']}"


@pytest.fixture
def team() -> Iterator[Scene]:
    """Athletes with a token each, on a server that refuses what is more than ten requests a second."""
    today = datetime.now(timezone.utc).date()
    accounts = [account_of(athlete(athlete_id=id_, activities=4, last_day=today, timezone="UTC")) for id_ in IDS]
    tokens = {id_: f"token-of-{id_}" for id_ in IDS}
    limit = RateLimit(per_second=10, burst=5, per_window=0, per_day=0)  # two unshared paces spend it in a second
    with Sandbox(accounts, tokens=tokens, rate_limit=limit) as sandbox:
        yield Scene(sandbox, api_key="", requests_per_second=10)


@pytest.fixture
def opened() -> Iterator[Open]:
    """Open shared limits, and close them in the end."""
    with contextlib.ExitStack() as stack:

        def open_one(url: str) -> SharedLimits:
            limits = open_limits(url)
            stack.callback(limits.close)
            return limits

        yield open_one


def credentials(folder: Path) -> str:
    path = folder / "credentials.json"
    path.write_text(json.dumps({id_: {"access_token": f"token-of-{id_}"} for id_ in IDS}))
    path.chmod(0o600)
    return str(path)


def run_side_by_side(team: Scene, folder: Path, halves: dict[str, str], **settings: Any) -> dict[str, int]:
    """Run a process for each of some athletes; return their exit codes."""
    processes = {}
    for name, ids in halves.items():
        (folder / name).mkdir()
        path = credentials(folder / name)
        processes[name] = start(team, folder / name, athlete_ids=ids, credentials_path=path, **settings)
    return {name: process.wait(timeout=120) for name, process in processes.items()}


def test_two_processes_together_keep_the_limit_of_a_second(team: Scene, tmp_path: Path, limiter_url: str) -> None:
    halves = {"one": "i100001,i100002", "two": "2049151,i100004"}
    # Two a second fewer than the server takes: on a busy machine a request that waited arrives together with the next.
    # Each process alone would still send more than that.
    ended = run_side_by_side(team, tmp_path, halves, limiter_url=limiter_url, requests_per_second=8)
    assert ended == {"one": 0, "two": 0}

    assert Counter(request.status for request in team.sandbox.requests)[429] == 0
    for name in halves:
        store(team.database, messages((tmp_path / name / "output").read_bytes()))
    assert comparable(team.database) == team.truth()
    times = [request.time for request in team.sandbox.requests]
    # Eight in each second, and eight in the one that has begun; apart it would be twice that.
    assert len(times) <= 8 * (max(times) - min(times)) + 8


def test_two_processes_together_keep_to_the_requests_of_a_day(tmp_path: Path, limiter_url: str) -> None:
    today = datetime.now(timezone.utc).date()
    account = account_of(athlete(last_day=today, timezone="UTC"))
    with Sandbox(account, api_key=f"key-{time()}") as sandbox:
        scene = Scene(sandbox, requests_per_day=25)
        halves = {"one": "0", "two": account.id}
        processes = []
        for name, ids in halves.items():
            (tmp_path / name).mkdir()
            processes.append(start(scene, tmp_path / name, athlete_ids=ids, limiter_url=limiter_url))
        assert [process.wait(timeout=120) for process in processes] == [0, 0]
        assert 22 <= len(sandbox.requests) <= 25  # two are kept for new data
        logs = [(tmp_path / name / "log").read_text() for name in halves]
        assert all("planned pause" in log.lower() for log in logs)
        process = start(scene, tmp_path / "one", limiter_url=limiter_url)
        assert process.wait(timeout=120) == 0
        assert len(sandbox.requests) <= 25


def test_places_of_fifteen_minutes_are_shared(limiter_url: str, opened: Open) -> None:
    rate, never = Rate(5, 900_000), threading.Event()
    one, two = opened(limiter_url), opened(limiter_url)
    name = f"quarter-hour-{round(time())}"
    assert [limits.acquire(name, rate, 0.1, never) for limits in (one, two, one, two, one)] == [True] * 5
    assert not one.acquire(name, rate, 0.1, never)
    assert not two.acquire(name, rate, 0.1, never)


def test_what_is_past_is_cleared_away_by_short_runs_in_each_bucket(limiter_url: str, opened: Open) -> None:
    rate, never, names = Rate(5, 200), threading.Event(), (f"turn-{time()}", f"quarter-hour-{time()}")
    for _ in range(3):
        limits = opened(limiter_url)
        assert all(limits.acquire(name, rate, 1, never) for name in (*names, *names))
        sleep(0.25)  # it is past by the server's clock
    assert [opened(limiter_url)._make(name, rate).count() for name in names] == [2, 2]


def test_one_place_goes_to_one_of_two_who_ask_for_it_at_the_same_time(limiter_url: str, opened: Open) -> None:
    rate, name = Rate(1, 10_000), f"turn-{time()}"
    late, quick = (opened(limiter_url)._make(name, rate) for _ in range(2))
    now = late.now()  # type: ignore[no-untyped-call] # of the library
    assert quick.put(RateItem("request", now + 3))  # asked for the time after the other one, and was quicker
    assert not late.put(RateItem("request", now))


def test_counts_of_other_days_and_keys_are_apart(limiter_url: str, opened: Open) -> None:
    limits, key = opened(limiter_url), f"key-{time()}"
    assert [limits.count(key, "2026-11-28", 3), limits.count(key, "2026-11-28", -1)] == [3, 2]
    assert limits.count(key, "2026-11-29", 1) == 1
    assert opened(limiter_url).count(f"{key}-2", "2026-11-28", 1) == 1


def test_redis_that_was_started_anew_goes_on(opened: Open) -> None:
    rate, never, port = Rate(100, 1000), threading.Event(), servers.free_port()
    with servers.redis(port) as url:
        limits = opened(url)
        assert limits.acquire("turn", rate, 1, never)
    with pytest.raises(TapError, match=f"`limiter_url`: the server at 127.0.0.1:{port} does not do its work"):
        limits.acquire("turn", rate, 1, never)
    with servers.redis(port):
        assert limits.acquire("turn", rate, 1, never)


@pytest.mark.parametrize("scheme", ["redis", "postgresql"])
def test_server_that_does_not_answer_ends_the_run_with_one_sentence(scene: Scene, tmp_path: Path, scheme: str) -> None:
    port = servers.free_port()
    url = f"{scheme}://user:{PASSWORD}@127.0.0.1:{port}/0"
    process = start(scene, tmp_path, limiter_url=url, environment={"LOGLEVEL": "DEBUG"})
    assert process.wait(timeout=60) == 1
    log = (tmp_path / "log").read_text()
    assert f"`limiter_url`: the server at 127.0.0.1:{port} does not do its work" in log
    assert "Traceback" not in log
    assert PASSWORD not in log
    assert not scene.sandbox.requests


@pytest.mark.parametrize("url", ["memcached://127.0.0.1", "127.0.0.1:6379", "sqlite:///x"])
def test_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(TapError, match="is not an address of Redis or PostgreSQL"):
        open_limits(url)


def test_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.endswith("limits_redis"):
            raise ModuleNotFoundError("No module named 'redis'", name="redis")
        return real(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(TapError, match=r"needs the package redis: install the tap as tap-intervals-icu\[shared\]\."):
        open_limits("redis://127.0.0.1")
