from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests
import responses

from sync import viewer_token

if TYPE_CHECKING:
    from pathlib import Path

URL = "http://influxdb.test:8086"
ENVIRON = {"INFLUXDB_URL": f"{URL}/", "INFLUXDB_TOKEN": "operator", "INFLUXDB_ORG": "org"}


@pytest.fixture
def server() -> responses.RequestsMock:
    """An InfluxDB 2 as far as it is asked for a token; its answers are those of 2.7's documentation."""
    server = responses.RequestsMock(assert_all_requests_are_fired=False)
    server.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": "v2.9.1"})
    server.get(f"{URL}/api/v2/orgs", json={"orgs": [{"id": "id-of-org", "name": "org"}]})
    server.post(f"{URL}/api/v2/authorizations", status=201, json={"token": "reader"})
    return server


def test_token_that_may_only_read_is_made_once(server: responses.RequestsMock, tmp_path: Path) -> None:
    server.get(f"{URL}/api/v2/buckets", json={"buckets": []})
    with server:
        assert viewer_token.make(tmp_path, ENVIRON) == f"{tmp_path}/token: made"
        assert viewer_token.make(tmp_path, ENVIRON) == f"{tmp_path}/token: kept"
        asked = [(call.request.method, call.request.headers.get("Authorization")) for call in server.calls]
        (body,) = [json.loads(call.request.body or "") for call in server.calls if call.request.method == "POST"]
    assert (tmp_path / "token").read_text() == "reader"
    assert body["permissions"] == [{"action": "read", "resource": {"type": "buckets", "orgID": "id-of-org"}}]
    assert asked[-1] == ("GET", "Token reader")


def test_token_of_another_database_is_replaced(server: responses.RequestsMock, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of the database before")
    server.get(f"{URL}/api/v2/buckets", status=401, json={"code": "unauthorized"})
    with server:
        assert viewer_token.make(tmp_path, ENVIRON) == f"{tmp_path}/token: made"
    assert (tmp_path / "token").read_text() == "reader"


def test_token_that_there_is_stays_while_the_database_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("reader")
    with responses.RequestsMock() as away:
        away.get(f"{URL}/ping", body=requests.ConnectionError())
        assert "kept, as the database does not answer (ConnectionError)" in viewer_token.make(tmp_path, ENVIRON)
    assert (tmp_path / "token").read_text() == "reader"


@pytest.mark.parametrize("version", ["1.11.8", "3.11.1"])
def test_where_there_is_no_such_token_grafana_takes_that_of_the_sync(version: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of the database before")
    with responses.RequestsMock() as server:
        server.get(f"{URL}/ping", status=204, headers={"X-Influxdb-Version": version})
        assert "Grafana reads with what the sync has" in viewer_token.make(tmp_path, ENVIRON)
    assert list(tmp_path.iterdir()) == []


def test_database_that_refuses_or_is_away_stops_nothing(server: responses.RequestsMock, tmp_path: Path) -> None:
    server.replace("POST", f"{URL}/api/v2/authorizations", status=403, json={"code": "forbidden"})
    with server:
        assert "No token that may only read (HTTPError)" in viewer_token.make(tmp_path, ENVIRON)
    with responses.RequestsMock() as away:
        away.get(f"{URL}/ping", body=requests.ConnectionError())
        assert "No token that may only read (ConnectionError)" in viewer_token.make(tmp_path, ENVIRON)
    assert list(tmp_path.iterdir()) == []
