"""No room on the disk: what can't be kept lets no state pass."""

from __future__ import annotations

import random
import resource
import subprocess
from typing import TYPE_CHECKING, Any

from tests.target.loading import command, load, record, singer, state
from tests.target.scripted import Reply, scripted
from tests.target.test_interruptions import MAPPING, RECORDS, STREAM

if TYPE_CHECKING:
    from pathlib import Path


def with_little_room(
    size: int, config: dict[str, Any], folder: Path, *messages: dict[str, Any]
) -> subprocess.CompletedProcess[bytes]:
    """Run the program where no file may grow beyond a size."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    words = command(config, folder)
    return subprocess.run(words, input=singer(messages), capture_output=True, preexec_fn=limit, timeout=60, check=False)


def test_disk_full_under_the_rejects_lets_no_state_pass_a_line_that_is_kept_nowhere(tmp_path: Path) -> None:
    def rule(lines: list[bytes]) -> Reply:
        message = "\\n".join(f"unable to parse '{line.decode()}': bad" for line in lines)
        return Reply(400, f'{{"code":"invalid","message":"{message}"}}')

    rejects = tmp_path / "rejects"
    with scripted(rule=rule) as server:
        config = {"url": server.url, "org": "o", "bucket": "b", "measurements": MAPPING, "batch_lines": 10}
        config["rejects_path"] = str(rejects)
        done = with_little_room(5_000, config, tmp_path, STREAM, *RECORDS, state(1))
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"Can't write to rejects_path" in done.stderr
        assert b"Traceback" not in done.stderr
        kept = lines_of(rejects)
        assert 0 < len(kept) < 200
        assert set(kept) < EVERY_LINE
        assert load(config, STREAM, *RECORDS, state(2)) == [2]
        assert set(lines_of(rejects)) == EVERY_LINE


EVERY_LINE = {b"m,id=%d x=%d %d" % (number % 7, number, 1_700_000_000 + number) for number in range(200)}


def lines_of(rejects: Path) -> list[bytes]:
    lines = (rejects / "rejected.s.lp").read_bytes().splitlines()
    return [line for line in lines if not line.startswith(b"#")]


def test_disk_full_behind_a_folder_leaves_no_state_and_no_file_to_load(tmp_path: Path) -> None:
    folder = tmp_path / "points"
    config = {"url": f"file://{folder}", "measurements": MAPPING}
    noise = random.Random(1)
    records = [record("m", id="a", at=1_700_000_000 + one, x=noise.random()) for one in range(20_000)]
    for number, room in ((20_000, 50_000), (200, 1_000)):  # while it is written, and when it is closed
        done = with_little_room(room, config, tmp_path, STREAM, *records[:number], state(1))
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"Can't write to folder" in done.stderr
        assert b"File too large" in done.stderr
        assert b"Traceback" not in done.stderr
        assert list(folder.iterdir()) == []
