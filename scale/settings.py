"""Settings from the environment, the same on every machine."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scale.roster import SHARD_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_SHARD = 200
"""Beyond it, a state is written for longer than its athletes are read."""
ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A variable is missing or makes no sense; the text says which."""


@dataclass(frozen=True)
class Settings:
    """Times are seconds.

    Attributes:
        database: PostgreSQL that all machines share: roster, outcomes, events, and Meltano's states.
        key: Fernet key that the tokens are encrypted with; Airflow's own.
        limiter: Redis or PostgreSQL in which all runs count their requests; empty: each run counts its own.
        project: The Meltano project.
        runs: Where each run has a folder of its own for as long as it lasts, best in memory: it holds tokens.
        shard_size: Athletes in a shard.
        time_limit: How long a run may take; what it has by then is kept, and the retry goes on from there.
        lock_timeout: How long a run waits for another one of its shard.
    """

    database: str = field(repr=False)
    key: str = field(repr=False)
    limiter: str = field(repr=False)
    project: Path
    runs: Path
    shard_size: int = SHARD_SIZE
    time_limit: float = 1500
    lock_timeout: float = 600

    @property
    def meltano(self) -> str:
        """Meltano's program, which lies beside Python's."""
        return str(Path(sys.executable).parent / "meltano")


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: One is missing or makes no sense.
    """

    def needed(name: str, what: str) -> str:
        if not environ.get(name):
            raise SettingsError(f"{name} is not set: {what}. See docs/scale.md.")
        return environ[name]

    size = environ.get("SCALE_SHARD_SIZE") or str(SHARD_SIZE)
    if not size.isdigit() or not 1 <= int(size) <= LARGEST_SHARD:
        raise SettingsError(f"SCALE_SHARD_SIZE is {size!r}: give the athletes of a shard, best 25 to 50.")
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, for this user only
    default = (memory if memory.is_dir() else Path(tempfile.gettempdir())) / f"intervals-icu-runs-{os.getuid()}"
    return Settings(
        database=needed(
            "SCALE_DATABASE_URL", "the PostgreSQL that all machines share, postgresql://user:password@host/name"
        ),
        key=needed("AIRFLOW__CORE__FERNET_KEY", "the key that tokens are encrypted with"),
        limiter=environ.get("SCALE_LIMITER_URL", ""),
        project=Path(environ.get("MELTANO_PROJECT_ROOT") or ROOT),
        runs=Path(environ.get("SCALE_RUN_FOLDER") or default),
        shard_size=int(size),
    )
