"""The receiver of webhooks, with a real PostgreSQL and something shaped like Airflow's API."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from scale import store
from scale.roster import Member, Status
from scale.webhooks import events, receiver, waiting
from scale.webhooks.airflow_api import Airflow, AirflowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scale.store import Connection

SECRET = "the-apps-secret"


@dataclass
class Runs:
    """What Airflow was asked for; `status` is what it answers."""

    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    logins: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a run has started."""

    async def login(self, request: web.Request) -> web.Response:
        self.logins += 1
        right = await request.json() == {"username": "admin", "password": "right"}
        return web.json_response({"access_token": f"token-{self.logins}"}, status=201 if right else 401)

    async def start(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer token-{self.logins}":
            return web.Response(status=401)
        body = await request.json()
        if body["dag_run_id"] in self.started:
            return web.Response(status=409)
        if self.status == 200:
            self.started[body["dag_run_id"]] = body["conf"]
            self.came.set()
        return web.Response(status=self.status)


@pytest.fixture
def database(postgres: dict[str, str]) -> Iterator[Connection]:
    """Three athletes: two active ones and one who is paused; no events."""
    with psycopg.connect(**postgres, autocommit=True) as connection:  # type: ignore[arg-type] # all are texts
        connection.execute("DROP SCHEMA IF EXISTS scale CASCADE")
        store.make_tables(connection)
        for athlete, status in (("i1", Status.ACTIVE), ("i2", Status.ACTIVE), ("i3", Status.PAUSED)):
            member = Member(athlete, 1, status, is_backfilled=True)
            store.change(connection, lambda _, member=member: member)  # type: ignore[misc]
        yield connection


def body(*kinds: tuple[str, str], secret: str = SECRET, activity: str = "") -> dict[str, Any]:
    """A webhook about these athletes, or an activity of them."""
    more = {"activity": {"id": activity}} if activity else {}
    return {"secret": secret, "events": [{"athlete_id": athlete, "type": kind, **more} for athlete, kind in kinds]}


def run(postgres: dict[str, str], use: Any) -> None:
    """Run `use(client, airflow, runs)` with a receiver and an Airflow."""

    async def all_of_it() -> None:
        async with serving() as (url, runs):
            airflow = Airflow(url, "admin", "right")
            app = receiver.application(lambda: psycopg.connect(**postgres, autocommit=True), airflow, SECRET)  # type: ignore[arg-type]
            app.cleanup_ctx.clear()  # what is due is handed over by the tests themselves
            async with TestClient(TestServer(app)) as client:
                await use(client, airflow, runs)

    asyncio.run(all_of_it())


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, Runs]]:
    """Something shaped like Airflow's API."""
    runs = Runs()
    app = web.Application()
    app.add_routes([web.post("/auth/token", runs.login), web.post("/api/v2/dags/intervals_icu/dagRuns", runs.start)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), runs


def test_duplicates_and_older_events_are_one_run_for_that_athlete(
    database: Connection, postgres: dict[str, str]
) -> None:
    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        for _ in range(3):
            answer = await client.post("/webhook", json=body(("i1", "ACTIVITY_DELETED"), ("i1", "ACTIVITY_UPLOADED")))
            assert (answer.status, await answer.text()) == (200, "ok")
        await client.post("/webhook", json=body(("i1", "WELLNESS_UPDATED")))
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        assert list(runs.started.values()) == [{"athletes": ["i1"], "whole": True, "event": True}]
        assert waiting.athletes(database) == set()

    run(postgres, use)


def test_activities_that_events_name_are_kept_until_a_run_has_looked_at_them(
    database: Connection, postgres: dict[str, str]
) -> None:
    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        for kind, activity in (("ACTIVITY_UPDATED", "i14"), ("ACTIVITY_UPLOADED", "i15"), ("ACTIVITY_UPDATED", "i14")):
            await client.post("/webhook", json=body(("i1", kind), ("i3", kind), ("i9", kind), activity=activity))
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        assert list(runs.started.values()) == [{"athletes": ["i1"], "whole": False, "event": True}]
        found = waiting.changes(database, ["i1", "i2", "i9"])
        assert [one[:2] for one in found] == [("i1", "i15"), ("i1", "i14")]
        await client.post("/webhook", json=body(("i1", "ACTIVITY_UPDATED"), activity="i14"))  # while they are looked at
        waiting.looked_at(database, found)
        kept = waiting.changes(database, ["i1", "i3"])
        assert {one[:2] for one in kept} == {("i1", "i14"), ("i3", "i14"), ("i3", "i15")}

    run(postgres, use)


def test_forged_or_broken_webhook_is_refused_and_leaves_nothing(database: Connection, postgres: dict[str, str]) -> None:
    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        forged = await client.post("/webhook", json=body(("i1", "ACTIVITY_DELETED"), secret="guessed"))
        broken = await client.post("/webhook", data=b"{")
        half = await client.post(
            "/webhook", json={"secret": SECRET, "events": [{"athlete_id": "i1", "type": "ACTIVITY_UPDATED"}, {}]}
        )
        assert (forged.status, broken.status, half.status) == (403, 400, 400)
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        assert (runs.started, waiting.athletes(database)) == ({}, set())

    run(postgres, use)


def test_wellness_waits_for_quiet_and_those_who_are_not_synced_are_left_out(
    database: Connection, postgres: dict[str, str]
) -> None:
    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        kinds = (
            ("i1", "WELLNESS_UPDATED"),
            ("i3", "ACTIVITY_DELETED"),
            ("i9", "ACTIVITY_DELETED"),
            ("i2", "CHAT_UPDATE"),
        )
        assert (await client.post("/webhook", json=body(*kinds))).status == 200
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        assert (runs.started, waiting.athletes(database)) == ({}, {"i1"})

    run(postgres, use)
    (seconds,) = database.execute("SELECT extract(epoch FROM due - now())::int FROM scale.events").fetchone() or (0,)
    assert events.NOISY.quiet - 30 <= int(str(seconds)) <= events.NOISY.quiet


def test_events_wait_while_airflow_is_away_and_what_came_meanwhile_is_not_forgotten(
    database: Connection, postgres: dict[str, str]
) -> None:
    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        runs.status = 503
        await client.post("/webhook", json=body(("i1", "ACTIVITY_UPDATED")))
        with pytest.raises(AirflowError, match="503"):
            await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        runs.status, airflow._token = 200, "one that has run out"
        (due,) = waiting.due(database)
        await client.post("/webhook", json=body(("i1", "ACTIVITY_UPDATED")))
        waiting.forget(database, [due])  # as if it had been handed over before the second event
        assert waiting.athletes(database) == {"i1"}
        await receiver.hand_over_once(lambda: reconnected(postgres), airflow)
        assert len(runs.started) == 1

    run(postgres, use)


def test_events_are_handed_over_whatever_went_wrong_before(
    database: Connection, postgres: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver, "SECONDS_AFTER_FAILURE", 0)
    faults = iter([ValueError("no token in the answer"), psycopg.OperationalError("away")])

    async def use(client: Any, airflow: Airflow, runs: Runs) -> None:
        await client.post("/webhook", json=body(("i1", "ACTIVITY_UPDATED")))

        def connect() -> Connection:
            if fault := next(faults, None):
                raise fault
            return reconnected(postgres)

        task = asyncio.create_task(receiver.hand_over(connect, airflow))
        await asyncio.wait_for(runs.came.wait(), 30)
        task.cancel()
        assert list(runs.started.values()) == [{"athletes": ["i1"], "whole": True, "event": True}]

    assert waiting.athletes(database) == set()
    run(postgres, use)


def test_database_that_is_away_is_no_200_so_that_the_event_is_sent_again(unused_url: str) -> None:
    async def use() -> None:
        port = unused_url.rpartition(":")[2]
        away = {"host": "127.0.0.1", "port": port, "dbname": "postgres"}
        app = receiver.application(lambda: reconnected(away), Airflow("", "", ""), SECRET)
        app.cleanup_ctx.clear()
        async with TestClient(TestServer(app)) as client:
            assert (await client.post("/webhook", json=body(("i1", "ACTIVITY_UPDATED")))).status == 503
            assert (await client.get("/health")).status == 503

    asyncio.run(use())


def reconnected(postgres: dict[str, str]) -> Connection:
    """A connection of its own."""
    return psycopg.connect(**postgres, autocommit=True)  # type: ignore[arg-type] # all are texts
