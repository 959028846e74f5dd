"""`file://`: gzipped line protocol in a folder, one file per checkpoint, as `influx write` loads it."""

from __future__ import annotations

import gzip
import os
from datetime import datetime, timezone
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from target_influxdb.errors import TargetError
from target_influxdb.http import Answer
from target_influxdb.servers.base import Server

if TYPE_CHECKING:
    from target_influxdb.settings import Settings


class Folder(Server):
    """A folder. Files get their final name when they are complete and on the disk."""

    cannot_delete = (
        "Files are only added to: points that a record replaces or a tombstone names stay in earlier files;"
        " loading the files in the order of their names lets later values win"
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        parts = urlsplit(settings.url)
        self._path = Path(unquote(parts.netloc + parts.path))
        self.name = f"folder {self._path}"
        self._open: dict[str, tuple[Path, BinaryIO]] = {}
        self._lock = Lock()

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        with self._lock:
            try:
                if precision not in self._open:
                    self._open[precision] = self._new_file(precision)
                self._open[precision][1].write(gzip.compress(body, compresslevel=1, mtime=0))
            except OSError as error:
                raise self._failed(error) from None
        return Answer(204)

    def _new_file(self, precision: str) -> tuple[Path, BinaryIO]:
        self._path.mkdir(parents=True, exist_ok=True)
        now = datetime.now(timezone.utc)
        path = self._path / f"{now:%Y%m%dT%H%M%S%f}Z-{os.getpid()}.{precision}.lp.gz"
        return path, path.with_suffix(".part").open("xb")

    @override
    def sync(self) -> None:
        with self._lock:
            for path, file in self._open.values():
                try:
                    file.flush()
                    os.fsync(file.fileno())
                    file.close()
                    path.with_suffix(".part").rename(path)
                except OSError as error:
                    raise self._failed(error) from None
            self._open.clear()

    def _failed(self, error: OSError) -> TargetError:
        return TargetError(f"Can't write to {self.name}: {error.strerror}. Make room or choose another url.")

    @override
    def close(self) -> None:
        for path, file in self._open.values():  # not acknowledged, so not to be loaded
            file.close()
            path.with_suffix(".part").unlink(missing_ok=True)
        self._open.clear()
