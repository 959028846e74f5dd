"""Types, retention, limits, accounts and TLS, on a real InfluxDB 1.6.7."""

from __future__ import annotations

import logging
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from target_influxdb.errors import RefusedError, TargetError
from tests import servers
from tests.target.loading import NUMBER, TEXT, execute, load, record, schema, state

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.target.conftest import Place

STREAM = schema("m", {"id": TEXT, "at": NUMBER, "x": NUMBER, "y": NUMBER}, ["id"])
MAPPING = {"m": {"time": "at"}}
NOW = int(time.time())


def rec(number: int, **values: Any) -> dict[str, Any]:
    return record("m", id="a", at=NOW - number, **values)


def created(place: Place, *lines: str) -> None:
    """Make the database as someone else would have, with some lines."""
    servers.influxql(place.url, f'CREATE DATABASE "{place.database}"')
    url = f"{place.url}/write?db={place.database}&precision=s"
    requests.post(url, "\n".join(lines), timeout=10).raise_for_status()


def values(place: Place, field: str = "x") -> list[Any]:
    return [row[1] for series in place.query(f"SELECT {field} FROM m") for row in series["values"]]


def test_database_is_created_with_shards_of_a_year(v1: Place) -> None:
    load({**v1.config, "measurements": MAPPING}, STREAM, rec(0, x=1))
    (policies,) = v1.query(f'SHOW RETENTION POLICIES ON "{v1.database}"')
    assert dict(zip(policies["columns"], policies["values"][0], strict=True))["shardGroupDuration"] == "8736h0m0s"


def test_missing_database_is_not_created_where_that_is_not_wanted(v1: Place) -> None:
    with pytest.raises(TargetError, match="database not found"):
        load({**v1.config, "create_bucket": False}, STREAM, rec(0, x=1))


def test_every_number_is_a_float_unless_listed(v1: Place) -> None:
    mapping = {"m": {"time": "at", "integers": ["y"]}}
    load({**v1.config, "measurements": mapping}, STREAM, rec(1, x=70, y=7), rec(0, x=70.5, y=8.0))
    (kinds,) = v1.query("SHOW FIELD KEYS FROM m")
    assert kinds["values"] == [["x", "float"], ["y", "integer"]]


@pytest.mark.parametrize("own_first", [0, 1], ids=["at once", "after values in another shard"])
def test_integer_field_of_someone_else_is_followed(v1: Place, own_first: int, tmp_path: Path) -> None:
    created(v1, f"m,id=a x=1i {NOW - 100}")
    month = 40 * 86_400 if own_first else 50
    records = [rec(month, x=2), rec(3, x=3), rec(2, x=4.5, y=1), rec(1, x=5)]
    config = {**v1.config, "measurements": MAPPING, "rejects_path": str(tmp_path)}
    assert load(config, STREAM, *records, state(1)) == [1]
    assert values(v1) == ([2, 1, 3, 5] if own_first else [1, 2, 3, 5])
    assert values(v1, "y") == [1]
    reason, line = (tmp_path / "rejected.s.lp").read_text().splitlines()
    assert line == f"m,id=a x=4.5 {NOW - 2}"
    assert "already exists as type integer" in reason


def test_string_field_of_someone_else_is_followed(v1: Place) -> None:
    created(v1, f'm,id=a x="text" {NOW - 100}')
    load({**v1.config, "measurements": MAPPING}, STREAM, rec(2, x=2), rec(1, x=2.5))
    assert values(v1) == ["text", "2", "2.5"]


def test_conflict_without_rejects_path_fails_and_stores_the_others(v1: Place) -> None:
    created(v1, f"m,id=a x=true {NOW - 100}")
    with pytest.raises(RefusedError, match="already exists as type boolean"):
        load({**v1.config, "measurements": MAPPING}, STREAM, rec(2, x=2, y=4), rec(1, y=3), rec(0, x=1), state(1))
    assert values(v1) == [True, True]
    assert values(v1, "y") == [4, 3]


def test_points_older_than_the_retention_are_told_at_once_and_in_all_and_kept_apart(
    v1: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    servers.influxql(v1.url, f'CREATE DATABASE "{v1.database}" WITH DURATION 30d')
    config = {**v1.config, "measurements": MAPPING, "rejects_path": str(tmp_path), "batch_lines": 3}
    old = [rec(day * 86_400, x=day) for day in (40, 50, 35, *range(60, 90))]
    caplog.set_level(logging.WARNING)
    assert load(config, STREAM, *old, rec(5, x=1), state(1)) == [1]
    assert values(v1) == [1]
    first, last = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - day * 86_400)) for day in (50, 89))
    reason = f"older than the 30 days that bucket '{v1.database}' keeps."
    assert [one.getMessage() for one in caplog.records] == [
        f"3 points so far can't be stored (the oldest of {first}): {reason}",
        f"33 points in all can't be stored (the oldest of {last}): {reason}",
    ]
    assert (tmp_path / "rejected.s.lp").read_text().count("\nm,id=a ") == 33


POLICIES = {"m": {"time": "at", "replace": "time"}}


def of_policy(place: Place, policy: str) -> list[Any]:
    return [row[1] for series in place.query(f'SELECT x FROM "{policy}".m') for row in series["values"]]


def test_policy_that_is_not_the_default_is_asked_what_it_holds(v1: Place, caplog: pytest.LogCaptureFixture) -> None:
    created(v1)
    servers.influxql(v1.url, f'CREATE RETENTION POLICY long ON "{v1.database}" DURATION INF REPLICATION 1')
    config = {**v1.config, "bucket": f"{v1.database}/long", "measurements": POLICIES}
    load(config, STREAM, rec(10, x=1, y=1))
    load(config, STREAM, rec(10, x=2))
    assert v1.query('SELECT x, y FROM "long".m')[0]["values"] == [[(NOW - 10) * 10**9, 2, None]]
    assert caplog.text.count("deletes in all retention policies") == 1


@pytest.mark.parametrize("replace", ["time", ["id"]], ids=["time", "tags"])
def test_first_load_into_a_policy_deletes_nothing_from_the_others(v1: Place, replace: Any) -> None:
    created(v1, f"m,id=a x=1 {NOW - 10}")
    servers.influxql(v1.url, f'CREATE RETENTION POLICY long ON "{v1.database}" DURATION INF REPLICATION 1')
    mapping = {"m": {"time": "at", "tags": ["id"], "replace": replace}}
    load({**v1.config, "bucket": f"{v1.database}/long", "measurements": mapping}, STREAM, rec(10, x=2))
    assert (of_policy(v1, "autogen"), of_policy(v1, "long")) == ([1], [2])
    missing = {**v1.config, "bucket": f"{v1.database}none/long", "measurements": mapping}
    assert load(missing, STREAM, rec(10, x=2), state(1)) == [1]


def test_policy_that_is_missing_is_said_at_once(v1: Place, tmp_path: Path) -> None:
    created(v1)
    config = {**v1.config, "bucket": f"{v1.database}/long", "measurements": MAPPING, "retry_timeout": 60}
    done = execute(config, tmp_path, STREAM, rec(0, x=1), state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"retention policy not found: long" in done.stderr
    assert b"could not be created" in done.stderr
    assert b"trying again" not in done.stderr


def test_type_that_one_shard_has_refuses_nothing_in_another(v1: Place) -> None:
    year = 366 * 86_400
    created(v1, f"m,id=a x=1i {NOW - year}", f"m,id=a x=1.5 {NOW - 100}")
    records = [rec(year - 1, x=2), *(rec(number, x=number + 0.5) for number in range(20, 2, -1))]
    assert load({**v1.config, "measurements": MAPPING, "batch_lines": 1}, STREAM, *records, state(1)) == [1]
    assert values(v1) == [1, 2, 1.5, *(number + 0.5 for number in range(20, 2, -1))]


def test_series_key_that_is_too_long_costs_only_its_line(v1: Place, tmp_path: Path) -> None:
    config = {**v1.config, "measurements": MAPPING, "rejects_path": str(tmp_path)}
    messages = [record("m", id=key, at=NOW, x=1) for key in ("a", "b" * 70_000, "c")]
    assert load(config, STREAM, *messages, state(1)) == [1]
    assert values(v1) == [1, 1]
    assert (tmp_path / "rejected.s.lp").read_text().startswith("# ")


def test_bodies_over_the_servers_limit_are_split() -> None:
    with servers.influxdb1(http="max-body-size = 2000") as server:
        records = [rec(number, x=number) for number in range(500)]
        load({"url": server.url, "bucket": "b", "measurements": MAPPING}, STREAM, *records)
        (counted,) = servers.influxql(server.url, "SELECT count(x) FROM m", "b")
        assert counted["values"][0][1] == 500


def test_too_many_series_stop_the_run_and_name_the_tag(v1: Place, tmp_path: Path) -> None:
    many = [record("m", id=f"id{number}", at=NOW, x=1) for number in range(30)]
    done = execute({**v1.config, "measurements": MAPPING, "max_series": 20}, tmp_path, STREAM, *many, state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"because tag 'id' has 21 values" in done.stderr


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """An InfluxDB that asks for passwords, with an account that may only write."""
    with servers.influxdb1(http="auth-enabled = true") as server:
        create = "CREATE USER root WITH PASSWORD 'root' WITH ALL PRIVILEGES"
        servers.influxql(server.url, create)
        url = server.url.replace("//", "//root:root@")
        load({"url": url, "bucket": "b", "measurements": MAPPING}, STREAM, rec(900, x=0))
        grant = {"q": "CREATE USER w WITH PASSWORD 'péw'; GRANT WRITE ON b TO w"}
        requests.post(f"{server.url}/query", grant, auth=("root", "root"), timeout=10).raise_for_status()
        yield server.url


def test_account_that_may_only_write_is_enough(guarded: str, caplog: pytest.LogCaptureFixture) -> None:
    config = {"url": guarded, "bucket": "b", "username": "w", "password": "péw"}
    mapping = {"m": {"time": "at", "replace": "time"}}
    assert load({**config, "measurements": mapping}, STREAM, rec(1, x=1), rec(0, x=2), state(1)) == [1]
    assert caplog.text.count("does not let this account read") == 1


def test_secrets_come_from_files_and_appear_nowhere(guarded: str, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("root\n")
    config = {"url": guarded, "bucket": "b", "username": "root", "measurements": MAPPING}
    assert load({**config, "password_file": str(secret)}, STREAM, rec(0, x=1), state(1)) == [1]
    secret.write_text("wrong-d41d8c\n")
    done = execute({**config, "password_file": str(secret)}, tmp_path, STREAM, rec(0, x=1), state(1))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"check token, or username and password" in done.stderr
    assert b"wrong-d41d8c" not in done.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for 127.0.0.1, in one file."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    words = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout {path} -out {path}.crt"
    command = [*words.split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (path.parent / "server.pem.crt").read_text())
    return path


def test_tls_is_verified_unless_switched_off_with_a_warning(
    certificate: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with servers.influxdb1(certificate=certificate) as server:
        config = {"url": server.url, "bucket": "b", "measurements": MAPPING, "retry_timeout": 0}
        with pytest.raises(TargetError, match="certificate"):
            load(config, STREAM, rec(0, x=1))
        assert load({**config, "ssl_ca_cert": f"{certificate}.crt"}, STREAM, rec(0, x=1), state(1)) == [1]
        assert "verify_ssl" not in caplog.text
        assert load({**config, "verify_ssl": False}, STREAM, rec(0, x=1), state(2)) == [2]
        assert "verify_ssl is off" in caplog.text
