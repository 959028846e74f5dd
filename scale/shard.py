"""One `meltano run` for some athletes, in a folder of its own, with an end that keeps the state."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scale.outcomes import Log
from sync.meltano_process import Meltano
from sync.settings import Settings as SyncSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scale.outcomes import Outcome
    from scale.settings import Settings

EXTRACTOR, LOADER = "tap-intervals-icu", "target-influxdb"
TETHER = "setpriv"
"""Ends Meltano when the process that started it dies: a task that was killed must not run on beside its retry."""
STOP_SECONDS = 60.0
NOT_FOR_PLUGINS = ("AIRFLOW_", "_AIRFLOW_", "SCALE_", "CELERY_")
FOLDER = re.compile(r"(\d+)-.*")


class RunError(Exception):
    """A run failed as a whole: what it did is kept, and it is to be tried again."""


@dataclass(frozen=True)
class Job:
    """What to run.

    Attributes:
        suffix: Of the state id.
        credentials: Of each athlete, as the tap takes them.
        is_whole: Whether to look at the whole history, where an edit or deletion is older than the look-back window.
        changed: Activities that are known to have changed, as (athlete id, activity id).
    """

    suffix: str
    credentials: Mapping[str, str]
    is_whole: bool = False
    changed: Iterable[tuple[str, str]] = ()

    @property
    def athletes(self) -> list[str]:
        """Whom to sync."""
        return list(self.credentials)


@dataclass(frozen=True)
class Result:
    """How it ended: by athlete, and whether it was cut off by the time limit."""

    outcomes: dict[str, Outcome]
    is_cut: bool

    @property
    def complete(self) -> set[str]:
        """The athletes of whom all that was new is stored."""
        return {one.athlete_id for one in self.outcomes.values() if one.is_ok and not one.is_unfinished}


def run(settings: Settings, job: Job, say: Callable[[str], None]) -> Result:
    """Run Meltano to its end, or to the time limit; `say` gets what people should read.

    Raises:
        RunError: It failed, and not for the athletes' sake alone.
    """
    log = Log()

    def listen(line: str) -> None:
        if told := log.add(line):
            say(told)

    with folder(settings, job) as place, ThreadPoolExecutor(1) as thread:
        meltano = Meltano(child_settings(settings, environment(settings, job, place)))
        command = ("run", "--force", "--no-install", f"--state-id-suffix={job.suffix}", EXTRACTOR, LOADER)
        future = thread.submit(meltano.run, "--pdeathsig", "TERM", settings.meltano, *command, listen=listen)
        try:
            code = future.result(settings.time_limit)
            is_cut = False
        except TooLate:
            meltano.stop()
            code, is_cut = future.result(), True
        except BaseException:  # Airflow's own limit, or a stop of the worker
            meltano.stop()
            raise
    if not is_cut and (problem := log.problem(code)):
        raise RunError(problem)
    return Result(log.outcomes(), is_cut)


def ask(settings: Settings, *arguments: str, say: str = "") -> str:
    """Run a short command of Meltano, such as `state get`, and return its output.

    Raises:
        RunError: It failed.
    """
    with folder(settings, Job("ask", {})) as place:
        values = environment(settings, Job("ask", {}), place)
        code, output, said = Meltano(child_settings(settings, values, settings.meltano)).ask(*arguments, say=say)
    if code:
        raise RunError(f"meltano {' '.join(arguments[:2])} failed (exit code {code}): {said[-2000:]}")
    return output


def child_settings(settings: Settings, values: Mapping[str, str], program: str = TETHER) -> SyncSettings:
    """Return what the child process needs to know."""
    return SyncSettings(
        environment=values,
        directory=settings.runs,
        meltano=program,
        blocks=(EXTRACTOR, LOADER),
        stop_seconds=STOP_SECONDS,
    )


def environment(settings: Settings, job: Job, place: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a run: none of Airflow's secrets, the shared state, a folder of its own."""
    values = {name: value for name, value in environ.items() if not name.startswith(NOT_FOR_PLUGINS)}
    values |= {
        "MELTANO_PROJECT_ROOT": str(settings.project),
        "MELTANO_DATABASE_URI": settings.database,
        "MELTANO_SYS_DIR_ROOT": str(place),
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "true",
        "INTERVALS_ATHLETE_ID": ",".join(job.athletes),
        "TAP_INTERVALS_ICU_CREDENTIALS_PATH": str(place / "credentials.json"),
    }
    values.setdefault("TAP_INTERVALS_ICU_ARCHIVE_PATH", "off")  # the next run may be on another machine
    if settings.limiter:
        values["TAP_INTERVALS_ICU_LIMITER_URL"] = settings.limiter
    if job.is_whole:
        values["TAP_INTERVALS_ICU_CENSUS_INTERVAL"] = "0"
    if changed := ",".join(map("/".join, job.changed)):
        values["TAP_INTERVALS_ICU_CHANGED_ACTIVITIES"] = changed
    return values


@contextmanager
def folder(settings: Settings, job: Job) -> Iterator[Path]:
    """Make a folder for what Meltano keeps during a run, plugins linked, and remove it afterwards.

    Two runs that share one can store the state of one under the name of the other.
    """
    settings.runs.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(settings.runs)
    place = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-{job.suffix}-", dir=settings.runs))
    try:
        for kind in ("extractors", "loaders"):
            (place / kind).symlink_to(settings.project / ".meltano" / kind)
        credentials = place / "credentials.json"
        credentials.touch(mode=0o600)
        credentials.write_text(json.dumps(credentials_file(job.credentials)), encoding="utf-8")
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def credentials_file(credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return the content of the tap's `credentials_path`; each credential is JSON, as it was encrypted."""
    return {athlete: json.loads(secret) for athlete, secret in credentials.items()}


def sweep(runs: Path) -> list[str]:
    """Remove the folders of processes that are gone, which a kill -9 leaves behind with their tokens; return them."""
    gone = []
    for place in runs.iterdir():
        match = FOLDER.fullmatch(place.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            shutil.rmtree(place, ignore_errors=True)
            gone.append(place.name)
    return gone


def state_id(suffix: str) -> str:
    """Return the id of a state, as Meltano makes it."""
    return f"prod:{EXTRACTOR}-to-{LOADER}:{suffix}"
