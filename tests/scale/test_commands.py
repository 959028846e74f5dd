"""`python -m scale`: one command for each thing that happens to an athlete, with a real PostgreSQL."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import psycopg
import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from scale import shard, store
from scale.__main__ import scale
from scale.outcomes import Outcome
from scale.roster import RosterError
from scale.settings import Settings
from scale.webhooks import waiting

if TYPE_CHECKING:
    from pathlib import Path

TOKEN, OTHER = "token-3b9ad04c16", "token-77aa0c2f51"


@pytest.fixture
def values(postgres: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with an empty roster."""
    url = "postgresql://{user}@{host}:{port}/{dbname}".format(**postgres)
    found = Settings(url, Fernet.generate_key().decode(), "", tmp_path, tmp_path / "runs", shard_size=2)
    monkeypatch.setenv("SCALE_DATABASE_URL", url)
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", found.key)
    monkeypatch.setenv("SCALE_SHARD_SIZE", "2")
    with store.connect(found) as connection:
        connection.execute("DROP SCHEMA IF EXISTS scale CASCADE")
        store.make_tables(connection)
    return found


def run(*arguments: str, say: str = "") -> str:
    """Run a command and return what it says."""
    done = CliRunner().invoke(scale, arguments, input=say, catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def listed() -> list[list[str]]:
    """Athlete, shard and status of everybody."""
    return [line.split()[:3] for line in run("list").splitlines()]


def held(values: Settings) -> dict[str, dict[str, str]]:
    """The credentials as the tap gets them."""
    with store.connect(values) as connection:
        return shard.credentials_file(store.credentials(connection, values, ["i1", "i2", "i3"]))


def test_each_command_does_what_it_says(values: Settings) -> None:
    assert run("add", "i1", say=f"{TOKEN}\n") == "Athlete i1 is new, in shard 1.\n"
    assert run("load", "--api-key", say=f"i2 {TOKEN}\n\ni3 {OTHER}\n") == "2 athletes are added.\n"
    assert listed() == [["i1", "1", "new"], ["i2", "1", "new"], ["i3", "2", "new"]]
    run("pause", "i1")
    run("remove", "i2")
    run("rotate", "i1", say=f"{OTHER}\n")
    assert listed() == [["i1", "1", "paused"], ["i2", "1", "removed"], ["i3", "2", "new"]]
    assert held(values) == {"i1": {"access_token": OTHER}, "i3": {"api_key": OTHER}}
    run("resume", "i1")
    assert listed()[0] == ["i1", "1", "new"]


def test_what_can_not_be_done_changes_nothing(values: Settings) -> None:
    run("add", "i1", say=f"{TOKEN}\n")
    for arguments, say in (
        (("add", "i1"), OTHER),
        (("rotate", "i1"), "\n"),
        (("load",), f"i2 {TOKEN}\ni3\n"),
        (("pause", "i9"), ""),
    ):
        with pytest.raises(RosterError):
            run(*arguments, say=say)
    assert (listed(), held(values)) == ([["i1", "1", "new"]], {"i1": {"access_token": TOKEN}})


@pytest.mark.usefixtures("values")
def test_line_that_lacks_a_token_is_named_by_its_number_in_the_file() -> None:
    with pytest.raises(RosterError, match=r"Line 3 is not `ATHLETE_ID TOKEN`\. Nobody was added\."):
        run("load", say=f"i2 {TOKEN}\n\ni3\n")
    assert listed() == []


def test_database_alone_gives_no_token_away(values: Settings) -> None:
    run("add", "i1", say=f"{TOKEN}\n")
    with psycopg.connect(values.database) as connection:
        (sealed,) = connection.execute("SELECT credential FROM scale.members").fetchone() or (b"",)
    assert TOKEN.encode() not in sealed
    other = Settings(values.database, Fernet.generate_key().decode(), "", values.project, values.runs)
    with store.connect(other) as connection, pytest.raises(RosterError, match="another key"):
        store.credentials(connection, other, ["i1"])


def test_run_gets_a_folder_of_its_own_without_airflows_secrets_and_a_killed_ones_is_swept(values: Settings) -> None:
    gone = values.runs / "4194305-shard-1-x"  # no process has such a number
    gone.mkdir(parents=True)
    job = shard.Job(
        "shard-1", {"i1": json.dumps({"access_token": TOKEN})}, is_whole=True, changed=[("i1", "i14"), ("i1", "i15")]
    )
    with shard.folder(values, job) as place, shard.folder(values, job) as other:
        file = place / "credentials.json"
        assert json.loads(file.read_text()) == {"i1": {"access_token": TOKEN}}
        assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(place.stat().st_mode)) == (0o600, 0o700)
        assert place != other
        found = shard.environment(values, job, place, {"AIRFLOW__CORE__FERNET_KEY": values.key, "INFLUXDB_URL": "here"})
        assert values.key not in found.values()
        assert TOKEN not in str(found)
        assert (found["MELTANO_SYS_DIR_ROOT"], found["INFLUXDB_URL"]) == (str(place), "here")
        assert found["TAP_INTERVALS_ICU_CENSUS_INTERVAL"] == "0"
        assert found["TAP_INTERVALS_ICU_CHANGED_ACTIVITIES"] == "i1/i14,i1/i15"
    assert list(values.runs.iterdir()) == []


def test_what_is_old_is_tidied_away(values: Settings) -> None:
    run("add", "i1", say=f"{TOKEN}\n")
    told = [Outcome("i1", is_ok=True)]
    with store.connect(values) as connection, connection.transaction(force_rollback=True):
        store.note(connection, "old", told)
        connection.execute("UPDATE scale.outcomes SET at = now() - interval '31 days'")
        store.note(connection, "new", told)
        connection.execute("INSERT INTO scale.changes VALUES ('i1', 'i14', 1), ('i9', 'i15', 2)")
        connection.execute("INSERT INTO scale.members VALUES ('i9', 1, 'removed', true, NULL)")
        connection.execute(
            "CREATE TABLE public.runs (started_at timestamp, last_heartbeat_at timestamp, ended_at date)"
        )
        connection.execute(
            "INSERT INTO public.runs SELECT begun, begun, NULL FROM generate_series(1, 9, 4) AS hours,"
            " LATERAL (SELECT (now() AT TIME ZONE 'UTC') - make_interval(hours => hours) AS begun) AS times"
        )
        store.tidy(connection)
        assert store.outcomes(connection, "old") == {}
        assert store.outcomes(connection, "new") == {"i1": told[0]}
        assert [one[:2] for one in waiting.changes(connection, ["i1", "i9"])] == [("i1", "i14")]
        assert connection.execute("SELECT count(*) FROM public.runs").fetchone() == (1,)


def test_shard_is_for_one_run_at_a_time_until_its_connection_ends(values: Settings) -> None:
    first, second = store.connect(values), store.connect(values)
    with store.shard_lock(first, 1, 5):
        with (
            store.shard_lock(second, 2, 0.2),
            pytest.raises(store.LockedError, match="Shard 1"),
            store.shard_lock(second, 1, 0.2),
        ):
            pass
        first.close()  # as when the process was killed
        with store.shard_lock(second, 1, 10):
            pass
    second.close()
