"""The server that webhooks come to, and the loop that hands to Airflow what is due."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import psycopg
from aiohttp import web

from scale.webhooks import events, waiting
from scale.webhooks.airflow_api import AirflowError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scale.store import Connection
    from scale.webhooks.airflow_api import Airflow

LARGEST = 8 * 2**20
"""Bytes of a body; a wellness row or an activity has some thousands."""
SECONDS_BETWEEN = 1.0
SECONDS_AFTER_FAILURE = 15.0
logger = logging.getLogger("webhooks")


def application(connect: Callable[[], Connection], airflow: Airflow, secret: str) -> web.Application:
    """Return the server: `POST /webhook` for Intervals.icu, `GET /health` for whoever watches."""

    def store(found: list[events.Event]) -> None:
        with connect() as connection:
            waiting.note(connection, found)

    async def webhook(request: web.Request) -> web.Response:
        try:
            found = events.read(await request.read(), secret)
        except events.ForgedError:
            logger.warning("A webhook with a wrong secret was refused; it came from %s.", request.remote)
            return web.Response(status=HTTPStatus.FORBIDDEN, text="The secret is wrong.")
        except events.MalformedError as problem:
            logger.warning("A webhook could not be read: %s", problem)
            return web.Response(status=HTTPStatus.BAD_REQUEST, text=str(problem))
        try:
            await asyncio.to_thread(store, found)
        except psycopg.Error as problem:  # Intervals.icu sends it again
            logger.error("PostgreSQL did not take %d events: %s", len(found), str(problem).strip())  # noqa: TRY400 - one sentence
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="Try again.")
        return web.Response(text="ok")  # 200 with a body: a 204 is sent again

    async def health(_: web.Request) -> web.Response:
        try:
            await asyncio.to_thread(store, [])
        except psycopg.Error:
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE, text="PostgreSQL does not answer.")
        return web.Response(text="ok")

    async def handing(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(hand_over(connect, airflow))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    app = web.Application(client_max_size=LARGEST)
    app.add_routes([web.post("/webhook", webhook), web.get("/health", health)])
    app.cleanup_ctx.append(handing)
    return app


async def hand_over(connect: Callable[[], Connection], airflow: Airflow) -> None:
    """Start a run of the DAG whenever events are due, for ever; what Airflow does not take waits for it."""
    while True:
        pause = SECONDS_BETWEEN
        try:
            await hand_over_once(connect, airflow)
        except Exception as problem:  # noqa: BLE001 - whatever it is: without this loop events would wait for ever
            said = problem if isinstance(problem, AirflowError | psycopg.Error) else repr(problem)
            logger.error("Events wait, and are tried again: %s", str(said).strip())  # noqa: TRY400 - one sentence
            pause = SECONDS_AFTER_FAILURE
        await asyncio.sleep(pause)


async def hand_over_once(connect: Callable[[], Connection], airflow: Airflow) -> None:
    """Start the runs that are due now."""

    def look() -> list[events.Due]:
        with connect() as connection:
            return waiting.due(connection)

    def forget(handed: list[events.Due]) -> None:
        with connect() as connection:
            waiting.forget(connection, handed)

    due = await asyncio.to_thread(look)
    for name, conf in events.runs(due):
        await airflow.trigger(name, conf)
        logger.info("Run %s: %s", name, ", ".join(conf["athletes"]))
    if due:
        await asyncio.to_thread(forget, due)
