"""What an archive holds, and what reading everything once more costs with it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.tap.scene import CENSUS, UNCHANGED, Run, Scene

if TYPE_CHECKING:
    from pathlib import Path

BY_ID = 1  # request for the activities before the look-back window
REBUILT = UNCHANGED + CENSUS + Counter({"activities by id": BY_ID, "wellness": 1})


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
