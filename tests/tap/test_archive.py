"""What was read once is not asked for again, and whatever is wrong with the archive costs requests and nothing else."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import sqlite3
import stat
import time
from collections import Counter
from contextlib import closing
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp.web_response
import pytest
from aiohttp import web
from click.testing import CliRunner

from sandbox import Account, RateLimit, Sandbox, server
from sandbox.limiter import Limiter
from sandbox.server import compressed, encode
from tap_intervals_icu.archive import store
from tap_intervals_icu.archive.entry import Entry
from tap_intervals_icu.changes.fingerprint import listed_activity
from tap_intervals_icu.doctor import main as doctor
from tests.tap import scene as scenes
from tests.tap.conftest import athlete
from tests.tap.process import messages, start
from tests.tap.scene import CENSUS, STREAMS, UNCHANGED, Run, Scene, leaked

if TYPE_CHECKING:
    from collections.abc import Callable

BY_ID = 1  # request for the activities before the look-back window
REBUILT = UNCHANGED + CENSUS + Counter({"activities by id": BY_ID, "wellness": 1})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "archive"


@pytest.fixture
def scene(sandbox: Sandbox, folder: Path) -> Scene:
    return Scene(sandbox, archive_path=str(folder))


def sampled(scene: Scene) -> int:
    """How many activities are asked for their samples: the others say that they have none."""
    return sum(1 for row in scene.account.activities.values() if row.get("stream_types") != [])


def manual(scene: Scene) -> set[str]:
    return {id_ for id_, row in scene.account.activities.items() if row.get("stream_types") == []}


def rebuild(scene: Scene, **settings: Any) -> Run:
    """Read everything once more, into an empty database."""
    scene.state, scene.database = {}, {}
    return scene.sync(**settings)


def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "archive.db", isolation_level=None)


def held(folder: Path) -> set[str]:
    with closing(database(folder)) as archive:
        return {id_ for (id_,) in archive.execute("SELECT activity_id FROM answers WHERE kind = 'streams'")}


def test_second_database_asks_for_the_lists_alone(scene: Scene) -> None:
    first = scene.sync()
    run = rebuild(scene)

    assert first.requests["streams"] == sampled(scene) > 20
    assert (run.error, run.requests) == ("", REBUILT)
    assert scene.stored() == scene.truth()
    assert f"{sum(REBUILT.values())} requests in this run ({sampled(scene)} more were saved by the archive)" in run.log
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
    accounts = [Account(athlete(athlete_id=id_, activities=6)) for id_ in ("i100001", "i100002")]
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
    page = Path(__file__).parents[2] / "docs" / "archive.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(code, found)

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


# What may be wrong with it


def cut(folder: Path) -> None:
    file = folder / "archive.db"
    os.truncate(file, file.stat().st_size // 2)


def overwrite(folder: Path) -> None:
    (folder / "archive.db").write_bytes(b"<html>" * 1000)


def empty(folder: Path) -> None:
    os.truncate(folder / "archive.db", 0)


def scratch(folder: Path) -> None:
    """Flip bytes all over the file, but for its head."""
    file = folder / "archive.db"
    data, rng = bytearray(file.read_bytes()), random.Random(1)
    for _ in range(500):
        data[rng.randrange(4096, len(data))] ^= 0xFF
    file.write_bytes(data)


def statement(sql: str) -> Callable[[Path], None]:
    def execute(folder: Path) -> None:
        with closing(database(folder)) as archive:
            archive.execute(sql)

    return execute


SWAP = (
    "WITH pairs AS (SELECT activity_id AS id, lead(body, 1, x'') OVER everyone AS body, lead(checksum, 1, '') OVER "
    "everyone AS checksum FROM answers WINDOW everyone AS (ORDER BY activity_id)) "
    "UPDATE answers SET {} FROM pairs AS other WHERE other.id = activity_id"
)
DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut in half": cut,
    "no database": overwrite,
    "empty": empty,
    "scratched": scratch,
    "entries cut in half": statement("UPDATE answers SET body = substr(body, 1, length(body) / 2)"),
    "entries without content": statement("UPDATE answers SET body = x''"),
    "entries that are texts": statement("UPDATE answers SET body = 'text'"),
    "content of another activity": statement(SWAP.format("body = other.body")),
    "content and checksum of another activity": statement(SWAP.format("body = other.body, checksum = other.checksum")),
    "another athlete's": statement("UPDATE answers SET athlete_id = 'i999999'"),
    "another athlete's, renamed": statement("UPDATE answers SET type = 'Other', athlete_id = 'i100001'"),
    "of another stamp": statement("UPDATE answers SET detail = 'moved'"),
    "without tables": statement("DROP TABLE answers"),
    "of a newer version": statement("PRAGMA user_version = 99"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_or_foreign_archive_costs_requests_and_is_told_once(
    scene: Scene, folder: Path, damage: Callable[[Path], None]
) -> None:
    scene.sync()
    damage(folder)
    run = rebuild(scene)

    assert run.error == ""
    assert scene.stored() == scene.truth()
    assert len([line for line in run.log.splitlines() if "archive" in line and "saved by" not in line]) <= 1
    again = rebuild(scene)  # a damaged one was set aside, or its entries read anew
    assert (again.error, scene.stored()) == ("", scene.truth())
    third = rebuild(scene)
    if damage not in {DAMAGES["without tables"], DAMAGES["of a newer version"]}:
        assert third.requests == REBUILT


UNUSABLE: dict[str, Callable[[Path], Any]] = {
    "its folder is a file": lambda folder: folder.touch(),
    "it is a folder itself": lambda folder: (folder / "archive.db").mkdir(parents=True),
}


@pytest.mark.parametrize("make", UNUSABLE.values(), ids=UNUSABLE)
def test_archive_that_can_not_be_made_is_told_once(scene: Scene, folder: Path, make: Callable[[Path], Any]) -> None:
    folder.parent.mkdir()
    make(folder)
    run = scene.sync()

    assert run.error == ""
    assert run.log.count("This run goes on without the archive") == 1
    assert scene.stored() == scene.truth()


def test_full_disk_ends_the_keeping_but_not_the_use(
    scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = store.Store._prepare

    def on_small_disk(self: store.Store) -> None:
        prepare(self)
        self._database.execute("PRAGMA max_page_count = 12")  # SQLite then says what it says on a full disk

    monkeypatch.setattr(store.Store, "_prepare", on_small_disk)
    first = scene.sync()
    kept = held(folder) - manual(scene)
    run = rebuild(scene)

    for each in (first, run):
        assert each.error == ""
        assert each.log.count("Nothing more is kept in the archive") == 1
        assert "(database or disk is full)" in each.log
    assert 0 < len(kept) < sampled(scene)
    assert run.requests["streams"] == sampled(scene) - len(kept)
    assert scene.stored() == scene.truth()


def test_archive_that_may_only_be_read_is_used_and_left_as_it_is(
    scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.sync()
    before = (folder / "archive.db").read_bytes()
    new = scene.account.add(seconds=60)
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).startswith(str(folder)) and access(path, mode))
    run = rebuild(scene)

    assert run.log.count("can only be read: nothing new is kept in it.") == 1
    assert run.requests == REBUILT + Counter({"streams": 1})
    assert scene.stored() == scene.truth()
    assert (folder / "archive.db").read_bytes() == before
    assert new not in held(folder)


def test_answers_that_are_no_gzip_are_kept_all_the_same(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    respond = server.respond

    def plain(request: Any, packed: bytes) -> Any:
        if request.path.endswith("/streams"):
            return web.Response(body=gzip.decompress(packed), content_type="application/json")
        return respond(request, packed)

    monkeypatch.setattr(server, "respond", plain)
    scene.sync()

    assert rebuild(scene).requests == REBUILT
    assert scene.stored() == scene.truth()


# Its size


def test_limit_keeps_the_newest_activities(scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tap_intervals_icu.archive.archive.MEGABYTE", 40_000)
    scene.sync(archive_limit=1)
    kept = held(folder)
    starts = {id_: row["start_date_local"] for id_, row in scene.account.activities.items()}

    assert 3 < len(kept) < sampled(scene)
    assert (folder / "archive.db").stat().st_size <= 40_000
    assert min(starts[id_] for id_ in kept) > max(
        starts[id_] for id_ in scene.activities(inside=False) if id_ not in kept
    )
    new = scene.account.add(seconds=60)
    scene.sync(archive_limit=1)
    assert new in held(folder)
    kept = held(folder) - manual(scene)
    assert rebuild(scene, archive_limit=0).requests["streams"] == sampled(scene) - len(kept)
    assert rebuild(scene, archive_limit=0).requests == REBUILT


def test_what_no_athlete_has_any_more_makes_room_first(
    scene: Scene, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap_intervals_icu.archive.archive.MEGABYTE", 40_000)
    scene.sync(archive_limit=1)
    kept = held(folder)
    gone = scene.activities(inside=True)[-3]
    scene.account.delete(gone)
    scene.account.add(seconds=60)
    rebuild(scene, archive_limit=1)  # this pipeline never knew the deleted one, so it has no tombstone

    assert gone in kept
    assert gone not in held(folder)


def test_doctor_tells_size_and_hit_rate_and_no_path(scene: Scene, folder: Path) -> None:
    scene.sync()
    rebuild(scene)
    variables = {f"TAP_INTERVALS_ICU_{name}".upper(): str(value) for name, value in scene.settings.items()}
    report = CliRunner().invoke(doctor, [], env=variables).output

    asked, size = 2 * sampled(scene), (folder / "archive.db").stat().st_size
    sentence = (
        f"ok The archive holds the samples of {len(held(folder))} activities in {size / 1e6:,.1f} MB. In the last 30 "
        f"days it answered {sampled(scene)} of {asked} requests for samples (50%)."
    )
    assert sentence in report.splitlines()
    assert str(folder) not in report


# Several at once, and kills


def test_two_pipelines_at_the_same_time_share_it(sandbox: Sandbox, folder: Path, tmp_path: Path) -> None:
    scenes = [Scene(sandbox, archive_path=str(folder), activity_streams_layout=name) for name in ("columns", "rows")]
    processes = []
    for number, scene in enumerate(scenes):
        (tmp_path / str(number)).mkdir()
        processes.append(start(scene, tmp_path / str(number)))
    for number, (scene, process) in enumerate(zip(scenes, processes, strict=True)):
        log = tmp_path / str(number) / "log"
        assert process.wait(timeout=60) == 0, log.read_text()
        assert "the archive /" not in log.read_text()
        scene.store(Run(messages((tmp_path / str(number) / "output").read_bytes()), Counter(), "", ""))
        assert scene.stored() == scene.truth()
    assert rebuild(scenes[0]).requests == REBUILT


@pytest.mark.long
def test_twenty_kills_at_random_moments_lose_and_forge_nothing(scene: Scene, tmp_path: Path) -> None:
    rng, account = random.Random(7), scene.account
    scene.sandbox.state.latency = 0.01
    for _ in range(20):
        process = start(scene, tmp_path, checkpoint=0.0)
        wanted = rng.randrange(1, 30)
        while process.poll() is None and (tmp_path / "output").read_bytes().count(b'"RECORD"') < wanted:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        process.wait(timeout=10)
        if rng.random() < 0.5:  # else the target was killed, too, before it had stored anything
            scene.store(Run(messages((tmp_path / "output").read_bytes()), Counter(), "", ""))
        account.rename(rng.choice(list(account.activities)), "Renamed", stamped=True)
    scene.sandbox.state.latency = 0
    last = scene.sync(census_interval=0)
    assert (last.error, scene.stored()) == ("", scene.truth())

    run = rebuild(scene)
    assert "archive /" not in (tmp_path / "log").read_text() + last.log + run.log  # no complaint
    assert run.requests == REBUILT
    assert scene.stored() == scene.truth()
