"""Whatever is wrong with the archive costs requests and nothing else."""

from __future__ import annotations

import gzip
import os
import random
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from sandbox import server
from tap_intervals_icu.archive import store
from tests.tap.archive.holdings import REBUILT, database, held, manual, rebuild, sampled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.tap.scene import Scene


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
