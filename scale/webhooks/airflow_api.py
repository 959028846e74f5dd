"""Airflow's REST API, as far as it is needed: start a run of a DAG."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping

DAG = "intervals_icu"
TIMEOUT = aiohttp.ClientTimeout(total=30)


class AirflowError(Exception):
    """Airflow did not take a run; the text says why."""


@dataclass
class Airflow:
    """Where Airflow is, and as whom to ask."""

    url: str
    user: str
    password: str = field(repr=False)
    _token: str = field(default="", repr=False)

    async def trigger(self, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start a run of the DAG. One that is there already is not started again.

        Raises:
            AirflowError: Airflow is away, or refuses.
        """
        body = {"dag_run_id": run_id, "logical_date": None, "conf": dict(conf)}
        path = f"/api/v2/dags/{DAG}/dagRuns"
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
                status, said = await self._post(session, path, body)
                if status == HTTPStatus.UNAUTHORIZED:  # the token has run out
                    self._token = ""
                    status, said = await self._post(session, path, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AirflowError(f"Airflow does not answer at {self.url}: {error!r}") from None
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
            raise AirflowError(f"Airflow answered {status}: {said[:300]}")

    async def _post(self, session: aiohttp.ClientSession, path: str, body: Mapping[str, Any]) -> tuple[int, str]:
        if not self._token:
            login = {"username": self.user, "password": self.password}
            async with session.post(f"{self.url}/auth/token", json=login) as answer:
                if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
                    raise AirflowError(
                        f"Airflow answered {answer.status} to the login: check SCALE_AIRFLOW_USER and "
                        "SCALE_AIRFLOW_PASSWORD."
                    )
                self._token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {self._token}"}
        async with session.post(f"{self.url}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.text()
