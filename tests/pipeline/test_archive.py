"""Whatever is filled anew or besides is filled from the archive of the project, and equals the account."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.rows import dict_row

from sandbox import Account, Sandbox
from tests import oracle, readback
from tests.pipeline.conftest import KEY, athlete
from tests.pipeline.meltano import streams_requests
from tests.pipeline.test_tables import KEYS, expected, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.meltano import Project

FILE = ".meltano/archive/archive.db"


@pytest.mark.long
def test_other_databases_targets_and_machines_ask_for_no_samples_again(
    make_project: Callable[..., Project], influxdb: str, postgres: dict[str, str]
) -> None:
    account = Account(athlete(athlete_id="i100002"))
    tables = {f"TARGET_POSTGRES_{name.upper()}": value for name, value in postgres.items()} | {
        "TARGET_POSTGRES_DATABASE": postgres["dbname"],
        "TARGET_POSTGRES_PASSWORD": "any",
        "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "from_archive",
    }
    with Sandbox(account, api_key=KEY) as sandbox:
        first = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="archive-first", **tables)
        first.sync()
        asked = streams_requests(sandbox)
        assert asked > 5

        moved = first.start("--full-refresh", INFLUXDB_BUCKET="archive-moved")
        first.extractor, first.loader = "tap-intervals-icu-rows", "target-postgres"
        beside = first.start()
        outputs = [process.communicate(timeout=120)[0] for process in (moved, beside)]
        first.seen += outputs
        assert (moved.returncode, beside.returncode) == (0, 0), outputs
        assert [f"(the archive saved {asked} more)" in output for output in outputs] == [True, True]

        restored = make_project(sandbox, INFLUXDB_URL=influxdb, INFLUXDB_BUCKET="archive-restored")
        (restored.folder / FILE).parent.mkdir()
        with closing(sqlite3.connect(first.folder / FILE)) as archive:  # as the docs say
            archive.execute(f"VACUUM INTO '{restored.folder / FILE}'")
        restored.sync()
        assert streams_requests(sandbox) == asked

        restored.sync("--full-refresh", TAP_INTERVALS_ICU_ARCHIVE_PATH="off")
        assert streams_requests(sandbox) == 2 * asked
    for name in ("archive-moved", "archive-restored"):
        assert oracle.differences(oracle.points(account), readback.influxdb_points(influxdb, name)) == []
    with psycopg.connect(**postgres, row_factory=dict_row) as connection:  # type: ignore[arg-type] # all are texts
        for stream in KEYS:
            stored = connection.execute(f"SELECT * FROM from_archive.{stream}").fetchall()
            assert table(stored, stream) == expected(account, stream)
