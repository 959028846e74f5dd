"""One run with all that belongs to it: lock, status, messages, points."""

from __future__ import annotations

import logging
import time
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import fasteners

from sync import account, meltano_database, meltano_folder, notify, runs, status
from sync.interval import in_words, interval_that_fits, with_cost
from sync.log import MELTANO, Redactor, RunSummary, parse, reason
from sync.meltano_process import Meltano
from sync.settings import dotenv_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync.settings import Settings

logger = logging.getLogger("sync")

STALE_SETTINGS = ".env was changed since this service started: restart it, so that the new settings count."
SECONDS_BETWEEN_SIGNS = 10.0
HOLD = "hold"
"""In the folder of lock and status while `backup.sh` restores."""
LONGEST_HOLD = 6 * 3600.0


class Outcome(Enum):
    """How an attempt ended; the value is the exit code of `run-once`."""

    SUCCESS = 0
    FAILURE = 1
    PARTIAL = 3  # some athletes failed, the others are up to date
    BUSY = 75  # "try again later" in sysexits.h
    STOPPED = 143


class Runner:
    """Runs, lock, status, messages and points; `stop` may be called from another thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._meltano = Meltano(settings)
        self._redactor = Redactor(settings.secrets)
        self._path = settings.directory / "status.json"
        meltano_folder.check_writable(settings.directory)
        self.lock = fasteners.InterProcessLock(settings.directory / "lock")
        self.status = status.load(self._path)
        self._is_saved = True
        self._busy_since = 0.0  # by the monotonic clock

    @property
    def interval(self) -> float:
        """Seconds from the start of one run to the start of the next."""
        return self.status.interval or self._settings.interval

    def stop(self) -> None:
        """End the current run early, and begin no other."""
        self._meltano.stop()

    def note_start(self) -> None:
        """Note that the service starts."""
        self.status.started = time.time()
        self._save()

    def attempt(
        self, options: Sequence[str] = (), extra: Mapping[str, str] | None = None, *, is_locked: bool = False
    ) -> Outcome:
        """Do one run, unless another one is on; `options` follow `meltano run`, `extra` are further variables."""
        self._meltano.loader = None
        if not is_locked and not self.lock.acquire(blocking=False):
            logger.warning("Another sync is running: this one is skipped.")
            return Outcome.BUSY
        try:
            if self._is_saved:
                started = self.status.started
                self.status = status.load(self._path)  # a manual run may have changed it
                self.status.started = started or self.status.started
            account.check(self._settings, lambda: self._meltano.is_stopping)
            meltano_folder.prepare(self._meltano, self._settings)
            return self._run(options, extra or {})
        finally:
            if not is_locked:
                self.lock.release()

    def _run(self, options: Sequence[str], extra: Mapping[str, str]) -> Outcome:
        summary = RunSummary()
        start, clock = time.time(), time.monotonic()
        self.status.running_since = self.status.progress = start
        self._save()
        # After the status has told of the run: a restore looks there when it has made its mark, so one sees the other.
        if self._is_held():
            self.status.running_since = 0
            self._save()
            logger.warning("A backup is being restored: this sync is skipped.")
            return Outcome.BUSY

        def listen(raw: str) -> None:
            line = parse(raw)
            summary.add(line)
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
        if code and summary.is_already_running:
            self._busy_since = self._busy_since or clock
            if clock - self._busy_since <= status.INTERVALS_UNTIL_STALE * self.interval:
                logger.warning(
                    "Meltano says that another run is in progress, or was killed less than 5 minutes ago: trying again"
                    " later."
                )
                return Outcome.BUSY
        else:
            self._busy_since = 0
        seconds = time.monotonic() - clock
        outcome = self._conclude(code, seconds, summary)
        if outcome is not Outcome.FAILURE and not options and not extra and summary.cost is not None:
            self._fit_interval(summary.cost)
        self._tell()
        self._note(runs.record(self._settings.job, start, seconds, code, summary), summary)
        meltano_database.keep_copy(self._settings)
        self._write_points()
        self._save()
        return outcome

    def _is_held(self) -> bool:
        """Tell whether a restore is on; one that was killed holds nothing up for ever."""
        try:
            age = time.time() - (self._settings.directory / HOLD).stat().st_mtime
        except FileNotFoundError:
            return False
        return age <= LONGEST_HOLD

    def _note(self, record: dict[str, Any], summary: RunSummary) -> None:
        """Have a point written of a run that was counted, with what is wrong."""
        self.status.pending.append(record | {"interval_s": self.interval} | runs.message(self.status.error, summary))

    def _conclude(self, code: int, seconds: float, summary: RunSummary) -> Outcome:
        """Count the run, and tell how it went."""
        if code and not summary.is_partial:
            logger.error("Failed after %.0f s with exit code %d. %s", seconds, code, summary.error)
            self._count_failure(summary.error)
            return Outcome.FAILURE
        now, failed = self.status, summary.failed_athletes
        now.failures, now.error, now.last_success = 0, "", time.time()
        if summary.athletes:
            # Who is not looked at any more is forgotten, and not told to work again.
            now.told = [name for name in now.told if name == notify.INTERVAL or name in summary.athletes]
            now.athletes = {id_: now.athletes.get(id_, 0) + 1 for id_ in failed}
            now.reasons = {id_: self._redactor.clean(why) for id_, why in failed.items()}
        logger.info("Done in %.0f s: %.0f points, %.0f rejected.", seconds, summary.points or 0, summary.rejected or 0)
        if failed:
            which = ", ".join(failed)
            logger.warning(
                "%d of %d athletes failed: %s. The others are done.", len(failed), len(summary.athletes), which
            )
        return Outcome.PARTIAL if code else Outcome.SUCCESS

    def _fit_interval(self, cost: float) -> None:
        """Lengthen the interval where the day's requests would not last, and shorten it again; say so once."""
        now, wanted = self.status, self._settings.interval
        now.costs = with_cost(now.costs, cost)
        interval = interval_that_fits(wanted, now.costs, self._settings.requests_a_day, now.interval)
        before, now.interval = now.interval, interval if interval > wanted else 0
        if now.interval and now.interval != before:
            logger.warning("%s", notify.longer(interval, wanted))
        elif before and not now.interval:
            logger.info("Syncing every %s again.", in_words(wanted))

    def _count_failure(self, error: str) -> None:
        if dotenv_time(Path(self._settings.environment["MELTANO_PROJECT_ROOT"])) != self._settings.dotenv_time:
            logger.warning(STALE_SETTINGS)
            error = f"{error} {STALE_SETTINGS}".strip()
        self.status.failures += 1
        self.status.error = self._redactor.clean(error)

    def _tell(self) -> None:
        """Keep the status, and send the messages that it is time for."""
        now, urls, after = self.status, self._settings.notify_urls, self._settings.notify_after
        self._save()  # before anything that may fail
        if not urls:
            return
        if (news := notify.message(now, after)) and notify.send(urls, *news):
            now.is_reported, now.reported = now.failures > 0, now.error
            self._save()
        for name, text in list(notify.other_messages(now, after, self._settings.interval)):
            if notify.send(urls, notify.TITLE, text):
                now.told = [one for one in now.told if one != name] + [name] * (name not in now.told)
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
        plugin, limit = self._meltano.loader, 5
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

    def attempt_again(self) -> None:
        """Do one run, and survive whatever it brings: the next one may go well."""
        start, clock = time.time(), time.monotonic()
        try:
            self.attempt()
        except Exception as error:  # noqa: BLE001 - see above
            said = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
            logger.error("%s", said)  # noqa: TRY400 - a sentence is enough
            self._count_failure(said)
            self._tell()
            self._record_attempt(start, time.monotonic() - clock)

    def _record_attempt(self, start: float, seconds: float) -> None:
        """Leave a point of a run that did not come about: its sentence is to be seen on the boards as well."""
        summary = RunSummary()
        self._note(runs.record(self._settings.job, start, seconds, Outcome.FAILURE.value, summary), summary)
        try:
            self._write_points()
        except click.ClickException:
            return  # there is no Meltano, which has been said
        finally:
            self._save()
