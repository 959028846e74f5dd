"""`file://`: gzipped line protocol in a folder, as `influx write` loads it.

A checkpoint is one file, or more where the precision changes: loaded in the order of their names, the last value wins.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from target_influxdb.errors import TargetError
from target_influxdb.servers.base import Server
from target_influxdb.servers.gzipped import gzipped
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from target_influxdb.config.settings import Settings


class Folder(Server):
    """A folder. Files get their final name when they are complete and on the disk."""

    cannot_delete = (
        "Files are only added to: points that a record replaces or a tombstone names stay in earlier files;"
        " loading the files in the order of their names lets later values win"
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        parts = urlsplit(settings.url)
        self._path = Path(unquote(parts.path))
        self.name = f"folder {self._path}"
        self._files: list[tuple[Path, str]] = []
        """Files of this checkpoint, in order: final name and precision; the last one is open."""
        self._open: BinaryIO | None = None
        self._lock = Lock()

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        with self._lock:
            try:
                if self._open is None or self._files[-1][1] != precision:
                    self._end_file()
                    self._open = self._new_file(precision)
                self._open.write(gzipped(body))
            except OSError as error:
                raise self._failed(error) from None
        return Answer(204)

    def _new_file(self, precision: str) -> BinaryIO:
        self._path.mkdir(parents=True, exist_ok=True)
        now = datetime.now(timezone.utc)
        path = self._path / f"{now:%Y%m%dT%H%M%S%f}Z-{os.getpid()}.{precision}.lp.gz"
        file = path.with_suffix(".part").open("xb")
        self._files.append((path, precision))
        return file

    def _end_file(self) -> None:
        if self._open is not None:
            with self._open as file:
                file.flush()
                os.fsync(file.fileno())
            self._open = None

    @override
    def sync(self) -> None:
        with self._lock:
            try:
                self._end_file()
                while self._files:
                    path, _ = self._files[0]
                    path.with_suffix(".part").rename(path)
                    del self._files[0]
            except OSError as error:
                raise self._failed(error) from None

    @override
    def recreate(self) -> None:
        try:
            for file in (*self._path.glob("*.lp.gz"), *self._path.glob("*.lp.part")):  # those a killed run left
                file.unlink()
        except OSError as error:
            raise TargetError(f"Can't delete in {self.name}: {error.strerror}.") from None

    def _failed(self, error: OSError) -> TargetError:
        return TargetError(f"Can't write to {self.name}: {error.strerror}. Make room or choose another url.")

    @override
    def close(self) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError):  # the disk that is full says it once more
                self._open.close()
        for path, _ in self._files:  # not acknowledged, so not to be loaded
            path.with_suffix(".part").unlink(missing_ok=True)
        self._files.clear()
