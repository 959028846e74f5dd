"""One run with all that belongs to it, and the service that repeats it."""

from __future__ import annotations

import logging
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from enum import Enum
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

import click
import fasteners
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from sync import database, home, notify, runs, source, status
from sync.child import Meltano
from sync.log import MELTANO, Figures, Redactor, parse, reason
from sync.settings import dotenv_time

if TYPE_CHECKING:
    from apscheduler.job import Job

    from sync.child import Plugin
    from sync.settings import Settings

logger = logging.getLogger("sync")

STALE_SETTINGS = ".env was changed since this service started: restart it, so that the new settings count."
SECONDS_BETWEEN_SIGNS = 10.0
SECONDS_BETWEEN_LOOKS = 60.0
HOLD = "hold"
"""In the folder of lock and status while `backup.sh` restores."""
LONGEST_HOLD = 6 * 3600.0


class Outcome(Enum):
    """How an attempt ended; the value is the exit code of `run-once`."""

    SUCCESS = 0
    FAILURE = 1
    BUSY = 75  # "try again later" in sysexits.h
    STOPPED = 143


class Service:
    """Runs, lock, status, messages and points."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._meltano = Meltano(settings)
        self._redactor = Redactor(settings.secrets)
        self._path = settings.directory / "status.json"
        self._news: SimpleQueue[object] = SimpleQueue()  # of signals: to put something in is safe in their handlers
        home.check_writable(settings.directory)
        self.lock = fasteners.InterProcessLock(settings.directory / "lock")
        self.status = status.load(self._path)
        self._is_saved = True
        self._busy_since = 0.0  # by the monotonic clock
        self._loader: Plugin | None = None  # as the run in hand has it

    def attempt(self, *options: str, **extra: str) -> Outcome:
        """Do one run, unless another one is on; `options` follow `meltano run`, `extra` are further variables."""
        self._loader = None
        if not self.lock.acquire(blocking=False):
            logger.warning("Another sync is running: this one is left out.")
            return Outcome.BUSY
        try:
            if self._is_saved:
                started = self.status.started
                self.status = status.load(self._path)  # a manual run may have changed it
                self.status.started = started or self.status.started
            source.check(self._settings, lambda: self._meltano.is_stopping)
            home.prepare(self._meltano, self._settings)
            return self._run(options, extra)
        finally:
            self.lock.release()

    def _run(self, options: tuple[str, ...], extra: dict[str, str]) -> Outcome:
        figures = Figures()
        start, clock = time.time(), time.monotonic()
        self.status.running_since = self.status.progress = start
        self._save()
        # After the status has told of the run: a restore looks there when it has made its mark, so one sees the other.
        if self._is_held():
            self.status.running_since = 0
            self._save()
            logger.warning("A backup is being restored: this sync is left out.")
            return Outcome.BUSY

        def listen(raw: str) -> None:
            self._loader = self._loader or self._meltano.loader()
            line = parse(raw)
            figures.add(line)
            stopped = self._meltano.is_stopping and line.source == MELTANO  # which calls a stopped tap a failure
            if not line.is_noise and not stopped:
                logger.log(line.level, "%s: %s", line.source, line.story)
            if abs(time.time() - self.status.progress) >= SECONDS_BETWEEN_SIGNS:
                self.status.progress = time.time()
                self._save()

        try:
            code = self._meltano.run("run", *options, *self._settings.blocks, listen=listen, **extra)
        finally:
            self.status.running_since = 0
            self._save()
        if self._meltano.is_stopping:
            logger.info("Stopped. The next run goes on from what is stored.")
            return Outcome.STOPPED
        if code and figures.is_already_running:
            self._busy_since = self._busy_since or clock
            if clock - self._busy_since <= status.INTERVALS_UNTIL_STALE * self._settings.interval:
                logger.warning(
                    "Meltano says that a run is on, or was cut off less than 5 minutes ago: trying again later."
                )
                return Outcome.BUSY
        else:
            self._busy_since = 0
        seconds = time.monotonic() - clock
        self._conclude(code, seconds, figures)
        self._note(runs.record(self._settings.job, start, seconds, code, figures), figures)
        database.keep_copy(self._settings)
        self._write_points()
        self._save()
        return Outcome.FAILURE if code else Outcome.SUCCESS

    def _is_held(self) -> bool:
        """Whether a restore is on; one that was killed holds nothing up for ever."""
        try:
            age = time.time() - (self._settings.directory / HOLD).stat().st_mtime
        except FileNotFoundError:
            return False
        return age <= LONGEST_HOLD

    def _note(self, record: dict[str, Any], figures: Figures) -> None:
        """Have a point written of a run that was counted, with what is wrong."""
        self.status.pending.append(record | runs.message(self.status.error, figures))

    def _conclude(self, code: int, seconds: float, figures: Figures) -> None:
        """Count the run, tell how it went, and send a message if it is time for one."""
        if code:
            logger.error("Failed after %.0f s with exit code %d. %s", seconds, code, figures.error)
            self._count_failure(figures.error)
        else:
            now = self.status
            now.failures, now.error, now.last_success = 0, "", time.time()
            logger.info(
                "Done in %.0f s: %.0f points, %.0f rejected.", seconds, figures.points or 0, figures.rejected or 0
            )
        self._tell()

    def _count_failure(self, error: str) -> None:
        if dotenv_time(Path(self._settings.environment["MELTANO_PROJECT_ROOT"])) != self._settings.dotenv_time:
            logger.warning(STALE_SETTINGS)
            error = f"{error} {STALE_SETTINGS}".strip()
        self.status.failures += 1
        self.status.error = self._redactor.clean(error)

    def _tell(self) -> None:
        """Keep the status, and send a message if it is time for one."""
        now = self.status
        self._save()  # before anything that may fail
        news = notify.message(now, after=self._settings.notify_after)
        if news and self._settings.notify_urls and notify.send(self._settings.notify_urls, *news):
            now.is_reported, now.reported = now.failures > 0, now.error
            self._save()

    def _save(self) -> None:
        """Keep the status in its file, or else, on a full disk, in memory: that is no reason not to sync."""
        try:
            self.status.save(self._path, self._settings.interval)
        except OSError as error:
            if self._is_saved:
                logger.warning("%s can't be written: %s. Syncing goes on.", self._path, error.strerror)
            self._is_saved = False
        else:
            self._is_saved = True

    def _write_points(self) -> None:
        """Write all records of runs that are not in the database yet; what can't be written waits for the next run."""
        messages = runs.messages(self.status.pending)
        plugin, limit = self._loader, 5
        is_ours = plugin is not None and plugin.command[-1].endswith("/target-influxdb")
        if plugin and is_ours and self._meltano.tell(plugin, messages, retry_timeout=limit):
            self.status.pending = []
            return
        # Also where that failed: Meltano's log can say why.
        command = ("invoke", self._settings.loader)
        code, _, said = self._meltano.ask(*command, say=messages, TARGET_INFLUXDB_RETRY_TIMEOUT=str(limit))
        if code == 0:
            self.status.pending = []
            return
        logger.warning("The record of this run could not be written and waits for the next one. %s", reason(said))

    def serve(self) -> int:
        """Run now and at every interval, until SIGTERM or SIGINT; return the exit code."""
        self._listen_to_signals()
        settings = self._settings
        self.status.started = time.time()
        self._save()
        scheduler = BackgroundScheduler(timezone=timezone.utc)
        job = scheduler.add_job(
            self._attempt,
            IntervalTrigger(seconds=settings.interval, jitter=settings.jitter or None, timezone=timezone.utc),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(timezone.utc),
        )
        scheduler.start()
        logger.info("%s every %.3g minutes.", " ".join(("meltano run", *settings.blocks)), settings.interval / 60)
        self._wait(job)
        self._meltano.stop()
        scheduler.shutdown(wait=True)
        return 0

    def _wait(self, job: Job) -> None:
        """Wait for a signal, and bring the next run forward where a clock that was set back has left it far ahead."""
        settings = self._settings
        latest = timedelta(seconds=settings.interval + settings.jitter + status.CLOCK_SLACK)
        while True:
            with suppress(Empty):
                self._news.get(timeout=min(settings.interval, SECONDS_BETWEEN_LOOKS))
                return
            now = datetime.now(timezone.utc)
            if job.next_run_time - now > latest:
                logger.warning(
                    "The clock was set back from about %s: syncing now.", f"{job.next_run_time:%Y-%m-%d %H:%M}"
                )
                job.modify(next_run_time=now)

    def once(self, *options: str, **extra: str) -> Outcome:
        """Do one run; SIGTERM and SIGINT end it cleanly."""
        self._listen_to_signals()
        with ThreadPoolExecutor(1) as worker:
            run = worker.submit(self.attempt, *options, **extra)
            run.add_done_callback(self._news.put)
            self._news.get()
            if not run.done():
                self._meltano.stop()
            return run.result()

    def _attempt(self) -> None:
        """Survive whatever one run brings: the next one may go well."""
        start = time.time()
        try:
            self.attempt()
        except Exception as error:  # noqa: BLE001 - see above
            said = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
            logger.error("%s", said)  # noqa: TRY400 - a sentence is enough
            self._count_failure(said)
            self._tell()
            self._record_attempt(start)

    def _record_attempt(self, start: float) -> None:
        """Leave a point of a run that did not come about: its sentence is to be seen on the boards as well."""
        seconds = time.time() - start
        figures = Figures()
        self._note(runs.record(self._settings.job, start, seconds, Outcome.FAILURE.value, figures), figures)
        try:
            self._write_points()
        except click.ClickException:
            return  # there is no Meltano, which has been said
        finally:
            self._save()

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: self._news.put(number))
