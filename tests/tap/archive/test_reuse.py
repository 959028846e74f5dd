"""What was read once is not asked for again."""

from __future__ import annotations

import gzip
import json
import re
import stat
from collections import Counter
from contextlib import closing
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp.web_response
import pytest

from sandbox import RateLimit, Sandbox
from sandbox.limiter import Limiter
from sandbox.server import compressed, encode
from tap_intervals_icu.archive.entry import Entry
from tap_intervals_icu.changes.fingerprint import listed_activity
from tests.accounts import account_of
from tests.tap import scene as scenes
from tests.tap.archive.holdings import REBUILT, database, held, manual, rebuild, sampled
from tests.tap.conftest import athlete
from tests.tap.scene import Scene, leaked
from tests.tap.tables import STREAMS


def test_second_database_asks_for_the_lists_alone(scene: Scene) -> None:
    first = scene.sync()
    run = rebuild(scene)

    assert first.requests["streams"] == sampled(scene) > 20
    assert (run.error, run.requests) == ("", REBUILT)
    assert scene.stored() == scene.truth()
    assert f"{sum(REBUILT.values())} requests in this run (the archive saved {sampled(scene)} more)" in run.log
    assert "32 to fetch, about 1 request, less than a minute" in run.log


def test_second_database_does_not_wait_for_the_next_day_where_a_backfill_has_to(scene: Scene) -> None:
    scene.sync()
    limit = RateLimit(per_second=0, per_day=1000, headers=True)
    scene.sandbox.state.limiter = Limiter(limit, used_today=895)  # a backfill may take 900
    without = rebuild(scene, archive_path="off")
    run = rebuild(scene)

    assert "planned pause" in without.log
    assert "planned pause" not in run.log
    assert run.requests == REBUILT
    assert scene.stored() == scene.truth()


def test_several_athletes_share_it(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    accounts = [account_of(athlete(athlete_id=id_, activities=6)) for id_ in ("i100001", "i100002")]
    now = format_datetime(accounts[0].now, usegmt=True)
    monkeypatch.setattr(aiohttp.web_response, "rfc822_formatted_time", lambda: now)
    with Sandbox(accounts) as sandbox:
        team = Scene(sandbox, athlete_ids="0,i100002", archive_path=str(folder))
        team.sync()
        gone = next(iter(accounts[1].activities))
        accounts[1].delete(gone)
        team.sync(census_interval=0)
        run = rebuild(team)

        assert run.requests["streams"] == 0
        assert team.stored() == team.truth()
        assert held(folder) == accounts[0].activities.keys() | accounts[1].activities.keys()


@pytest.mark.parametrize("layouts", [("columns", "rows"), ("rows", "columns")])
def test_both_layouts_share_it(scene: Scene, layouts: tuple[str, str]) -> None:
    scene.sync(activity_streams_layout=layouts[0])
    run = rebuild(scene, activity_streams_layout=layouts[1])

    assert run.requests == REBUILT
    assert scene.stored() == scene.truth()


@pytest.mark.parametrize("off", ["", "off", " OFF "])
def test_without_it_every_activity_is_asked_for(scene: Scene, folder: Path, off: str) -> None:
    scene.sync(archive_path=off)

    assert rebuild(scene, archive_path=off).requests["streams"] == sampled(scene)
    assert not folder.exists()


def test_activity_whose_stamp_type_start_or_streams_moved_is_read_anew(scene: Scene) -> None:
    scene.sync()
    renamed, trimmed, retyped, moved, extended = scene.activities(inside=True)[-5:]
    scene.account.rename(renamed, "Recovery", stamped=False)  # its samples can't have changed
    scene.account.trim(trimmed, 12)
    scene.account.retype(retyped, "GravelRide", stamped=False)
    scene.account.move(moved, hours=-1, stamped=False)
    streams = scene.account.streams(extended)
    weather = [*streams, {"type": "weather_temp", "custom": False, "data": [9.5] * len(streams[0]["data"])}]
    scene.account.replace_streams(extended, weather, stamped=False)
    run = rebuild(scene)

    assert run.requests == REBUILT + Counter({"streams": 4})
    assert scene.stored() == scene.truth()
    assert rebuild(scene).requests == REBUILT


def test_intervals_are_asked_for_again_only_where_the_row_changed(
    scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = scenes.catalog
    monkeypatch.setattr(scenes, "catalog", lambda config: catalog(config, (*STREAMS, "activity_intervals")))
    first = scene.sync()
    same = rebuild(scene)
    edited = scene.activities(inside=True)[-1]
    scene.account.edit_intervals(edited, stamped=False)
    run = rebuild(scene)

    assert first.requests["activities by id"] == 2  # those in the look-back window, and the others
    assert same.requests == REBUILT
    assert run.requests == REBUILT + Counter({"activities by id": 1})
    stored = {(row["activity_id"], row["start_index"]) for row in scene.database["activity_intervals"].values()}
    truth = {id_: scene.account.intervals(id_)["icu_intervals"] for id_ in scene.account.activities}
    assert stored == {(id_, interval["start_index"]) for id_, intervals in truth.items() for interval in intervals}
    with closing(database(folder)) as archive:
        query = "SELECT body FROM answers WHERE kind = 'intervals' AND activity_id = ?"
        (body,) = archive.execute(query, [edited]).fetchone()
    assert json.loads(gzip.decompress(body))["icu_intervals"] == truth[edited]


def test_what_is_deleted_at_the_source_leaves_it_with_its_tombstone(scene: Scene, folder: Path) -> None:
    scene.sync()
    gone = scene.activities(inside=True)[-1]
    scene.account.delete(gone)
    before = held(folder)
    scene.sync()

    assert before - held(folder) == {gone}
    assert scene.stored() == scene.truth()


def test_answers_are_kept_as_they_came_and_are_read_with_two_lines_of_python(scene: Scene, folder: Path) -> None:
    odd, custom = scene.activities(inside=True)[-2:]
    added = {"type": "MyPower", "custom": True, "data": [1.5, None, "NaN"]}
    scene.account.replace_streams(custom, [{"type": "time", "custom": False, "data": [0, 1, 2]}, added])
    scene.account.replace_streams(odd, [{"type": "time", "custom": False, "data": [0, 7]}])
    scene.sync()

    for id_ in held(folder):
        with closing(database(folder)) as archive:
            (body,) = archive.execute("SELECT body FROM answers WHERE activity_id = ?", [id_]).fetchone()
        assert json.loads(gzip.decompress(body)) == scene.account.streams(id_)
        if id_ not in manual(scene):
            assert body == compressed(encode(scene.account.streams(id_)))
    assert rebuild(scene).requests == REBUILT
    assert scene.stored() == scene.truth()


def test_two_lines_of_python_in_the_docs_give_all_samples(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.sync(archive_path=str(tmp_path / ".meltano/archive"))
    page = Path(__file__).parents[3] / "docs" / "archive.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(code, found)
    found["answers"].connection.close()

    assert found["streams"] == {id_: scene.account.streams(id_) for id_ in scene.account.activities}


def test_it_belongs_to_its_owner_alone_and_holds_no_secret(scene: Scene, folder: Path) -> None:
    scene.sync()
    (folder / "archive.db").chmod(0o644)  # as a restored backup may be
    scene.sync()

    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {"archive.db": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert leaked(scene.sandbox, (folder / "archive.db").read_bytes().decode(errors="replace")) == []


def test_address_with_a_password_in_place_of_a_folder_is_refused_and_not_told(scene: Scene) -> None:
    run = scene.sync(archive_path="smb://me:password-of-the-nas@nas/archive")

    assert run.error == "`archive_path` is an address: name a folder of this machine instead, or off."
    assert "password-of-the-nas" not in run.log


def test_formula_of_what_an_answer_holds_for_stays_as_it_is() -> None:
    row = {
        "id": "i1",
        "created": "2026-05-04T06:31:05.204+00:00",
        "analyzed": "2026-05-04T06:31:05.690+00:00",
        "type": "Ride",
        "start_date": "2026-05-04T05:30:00Z",
        "start_date_local": "2026-05-04T07:30:00",
        "stream_types": ["time", "watts"],
    }
    entry = Entry.of("streams", "i100001", row, listed_activity(row, whole=False))

    # Another value here would make every archive there is worthless.
    assert (entry.detail, entry.stream_types) == ("3fa13c346083d095", "time,watts")
    assert entry.checksum(b"body") == "fdd764ec08ada4824f0a9a0b0bf611ae"
