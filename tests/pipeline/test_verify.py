"""`verify` tells how account and database differ, `verify --repair` mends exactly that; and a restore drill."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import Account, Sandbox
from sandbox.project import MELTANO, ROOT, environment
from tests import oracle, readback, servers
from tests.pipeline.conftest import KEY, athlete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.pipeline.meltano import Project

TIMEOUT = 300


@dataclass
class Bench:
    """A project after its first sync, and both ends of it."""

    account: Account
    sandbox: Sandbox
    project: Project
    folder: Path
    url: str = ""
    database: str = ""

    def verify(self, *options: str) -> subprocess.CompletedProcess[str]:
        self.sandbox.clear()
        settings = {"MELTANO_PROJECT_ROOT": str(self.project.folder), "SYNC_DIRECTORY": str(self.folder / "sync")}
        env = environment(**(self.project.settings | settings | {"SYNC_MELTANO": str(MELTANO)}))
        command = [sys.executable, "-m", "sync", "verify", *options]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        self.project.seen.append(done.stdout + done.stderr)
        return done

    def differences(self, *options: str) -> dict[str, dict[str, set[str]]]:
        """Return what `verify --json` names, by stream; insist on the exit code that belongs to it."""
        done = self.verify("--json", *options)
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        found = {
            one["stream"]: {what: set(one[what]) for what in ("missing", "extra", "different", "unknown") if one[what]}
            for one in answer["streams"]
        }
        found = {stream: what for stream, what in found.items() if what}
        assert (done.returncode, answer["equal"]) == ((1, False) if found else (0, True))
        return found

    def fitness(self) -> dict[str, tuple[float, float]]:
        """Return fitness and fatigue of the account's days up to today."""
        days = {day: row for day, row in self.account.wellness.items() if day <= str(self.account.today)}
        return {day: (row["ctl"], row["atl"]) for day, row in days.items()}

    def query(self, statement: str) -> None:
        servers.influxql(self.url, statement, self.database)

    def assert_equal(self) -> None:
        stored = readback.influxdb_points(self.url, self.database)
        stored = oracle.without_mileage({key: one for key, one in stored.items() if not key[0].startswith("sync_")})
        assert oracle.differences(oracle.without_mileage(oracle.points(self.account)), stored) == []


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(athlete(activities=14, seconds=120))


@pytest.fixture(scope="module")
def bench(
    account: Account,
    sandbox: Sandbox,
    make_project: Callable[..., Project],
    influxdb: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Bench:
    project = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="verified")
    project.sync()
    return Bench(account, sandbox, project, tmp_path_factory.mktemp("verify"), influxdb, "verified")


def test_a_synced_database_is_equal_for_three_requests(bench: Bench) -> None:
    done = bench.verify()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Equal: the database holds what the account holds." in done.stdout
    assert len(bench.sandbox.requests) == 3


@pytest.mark.long
def test_every_kind_of_difference_is_named_and_mended(bench: Bench) -> None:
    rides = [id_ for id_ in bench.account.activities if bench.account.streams(id_)]
    lost, cut, retyped, sampled, doubled = rides[:5]
    day = bench.account.today.isoformat()
    bench.query(f"DELETE FROM wellness WHERE time = '{day}'")
    bench.query(f"DELETE FROM activities WHERE id = '{lost}'")
    bench.query(f"DELETE FROM activity_streams WHERE activity_id = '{sampled}'")
    start = bench.account.activities[cut]["start_date_local"]
    bench.query(f"DELETE FROM activity_streams WHERE activity_id = '{cut}' AND time < '{start}Z' + 20s")
    athlete_id = bench.account.id
    points = [
        f"wellness,athlete_id={athlete_id} ctl=1 1000000000",
        f"wellness,athlete_id={athlete_id} ctl=1 1009843200",
        f"activities,athlete_id={athlete_id},id=i7,type=Ride load=1 1700000000",
        f"activity_streams,athlete_id={athlete_id},activity_id=i7,type=Ride watts=1 1700000000",
        f"activities,athlete_id={athlete_id},id={retyped},type=Yoga load=1 1700000000",
        f"activity_streams,athlete_id={athlete_id},activity_id={doubled},type=Yoga watts=1 1700000000",
        "activities,athlete_id=i5,id=i8,type=Ride load=1 1700000000",  # of an athlete whom another pipeline brings
    ]
    readback.write(bench.url, bench.database, points)
    expected = {
        "wellness": {"missing": {day}, "extra": {"2001-09-09T01:46:40", "2002-01-01"}},
        "activities": {"missing": {lost}, "extra": {"i7"}, "different": {retyped}},
        "activity_streams": {"missing": {sampled}, "extra": {"i7"}, "different": {cut, doubled}},
    }
    assert bench.differences() == expected
    assert bench.differences("--repair") == {}
    assert [one.path for one in bench.sandbox.requests if one.path.endswith("/streams")] == []  # the archive has them
    bench.query("DELETE FROM activities WHERE athlete_id = 'i5'")
    bench.assert_equal()
    assert bench.project.sync().code == 0
    bench.assert_equal()


@pytest.mark.long
def test_what_is_deleted_at_the_source_is_an_extra_that_the_repair_removes(bench: Bench) -> None:
    gone = next(id_ for id_ in reversed(bench.account.activities) if bench.account.streams(id_))
    before = bench.fitness()
    bench.account.delete(gone)
    moved = {day for day, fitness in bench.fitness().items() if before[day] != fitness}
    expected = {"activities": {"extra": {gone}}, "activity_streams": {"extra": {gone}}}
    assert moved
    assert bench.differences() == {"wellness": {"different": moved}, **expected}
    assert bench.differences("--repair") == {}
    bench.assert_equal()


@pytest.mark.long
def test_samples_that_an_older_version_did_not_count_are_told_and_counted_on_wish(bench: Bench) -> None:
    state = bench.project.state()
    for one in state["bookmarks"]["activities"]["partitions"]:
        one["children"] = []
    old = bench.folder / "old.json"
    old.write_text(json.dumps({"singer_state": state}))
    state_id = "prod:tap-intervals-icu-to-target-influxdb"
    command = [str(MELTANO), "state", "set", "--force", state_id, "--input-file", str(old)]
    env = environment(**bench.project.settings)
    subprocess.run(command, cwd=bench.project.folder, env=env, check=True, capture_output=True, timeout=TIMEOUT)
    (found,) = bench.differences().values()
    assert found["unknown"] == set(bench.account.activities)
    assert bench.differences("--repair", "--recount") == {}
    bench.assert_equal()


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Callable[[], servers.Process]]:
    """An InfluxDB on the folder `influxdb`; each call starts it anew."""
    running: list[Any] = []

    def start() -> servers.Process:
        for one in running:
            one.__exit__(None, None, None)
        running.clear()
        folder = tmp_path / "influxdb"
        folder.mkdir(exist_ok=True)
        context = servers.influxdb1(port, folder)
        running.append(context)
        return context.__enter__()

    port = servers.free_port()
    yield start
    for one in running:
        one.__exit__(None, None, None)


@pytest.mark.long
def test_a_restored_backup_is_told_and_repaired(
    make_project: Callable[..., Project], restored: Callable[[], servers.Process], tmp_path: Path
) -> None:
    account = Account(athlete(activities=10, seconds=60))
    with Sandbox(account, api_key=KEY) as sandbox:
        server = restored()
        project = make_project(sandbox, INFLUXDB_URL=server.url, INFLUXDB_BUCKET="drill")
        project.sync()
        server.stop()
        shutil.copytree(tmp_path / "influxdb", tmp_path / "backup")
        restored()
        account.add(seconds=60)
        account.delete(next(id_ for id_ in account.activities if account.streams(id_)))
        project.sync()
        bench = Bench(account, sandbox, project, tmp_path, server.url, "drill")
        bench.assert_equal()

        server.stop()
        shutil.rmtree(tmp_path / "influxdb")
        shutil.copytree(tmp_path / "backup", tmp_path / "influxdb")
        restored()
        told = project.run()
        assert told.code == 1
        assert "does not know the state of the last run" in told.output
        assert "`verify --repair`" in told.output
        assert bench.differences() != {}
        assert bench.differences("--repair") == {}
        bench.assert_equal()
        project.sync()
        bench.assert_equal()
