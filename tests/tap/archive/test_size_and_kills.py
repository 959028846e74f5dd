"""The archive stays within its limit, several runs share it, and kills neither lose nor forge anything."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tap_intervals_icu.doctor import main as doctor
from tests.tap.archive.holdings import REBUILT, held, manual, rebuild, sampled
from tests.tap.process import messages, start
from tests.tap.scene import Run, Scene

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


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
