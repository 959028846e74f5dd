"""Lines that the server refused, kept with the reason until they are replayed."""

from __future__ import annotations

import json
import logging
import os
import threading
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import RefusedError, TargetError
from target_influxdb.lineprotocol.literals import simple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from target_influxdb.lineprotocol.refused import Refused

logger = logging.getLogger("target-influxdb")

RECORDS = "records.jsonl"


class Rejects:
    """A folder with one file of lines per precision: `rejected.s.lp`, a comment with the reason above each line.

    The files are line protocol, so any tool can load them; `target-influxdb --replay` does and removes what went in.
    Records of which no line could be made stand in `records.jsonl`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, refused: Iterable[Refused], precision: str) -> None:
        """Keep lines with their reasons; they are on the disk when this returns."""
        self._append(f"rejected.{precision}.lp", _text(refused))

    def rewrite(self, path: Path, read: bytes, refused: Iterable[Refused]) -> None:
        """Leave these lines in a file, of those that were read, and what a run has added since; remove an empty one."""
        text = _text(refused) + path.read_bytes()[len(read) :]
        if not text:
            path.unlink()
            return
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        self._append(new.name, text)
        new.replace(path)

    def add_record(self, stream: str, record: Mapping[str, Any], reason: str) -> None:
        """Keep a record that could not become a line."""
        entry = {"stream": stream, "reason": reason, "record": record}
        self._append(RECORDS, json.dumps(entry, default=simple).encode() + b"\n")

    def _append(self, name: str, text: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / name).open("ab", buffering=0) as file:
                size = file.tell()
                try:
                    while text:
                        text = text[file.write(text) :]
                    os.fsync(file.fileno())
                except OSError:
                    file.truncate(size)  # half a line would spoil the next one
                    raise
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> TargetError:
        return TargetError(
            f"Can't write to rejects_path {str(self._folder)!r}: {error.strerror}. Make room, or choose another folder."
        )

    def files(self) -> Iterator[tuple[Path, str]]:
        """Yield the files of lines with their precision."""
        for path in sorted(self._folder.glob("rejected.*.lp")):
            yield path, path.name.split(".")[1]


class Rejecting:
    """What becomes of lines and records that can't be stored: they are kept in the folder, or the run fails."""

    def __init__(self, folder: Path | None) -> None:
        self.count = 0
        self._rejects = Rejects(folder) if folder else None
        self._lock = threading.Lock()

    def record(self, stream: str, record: Mapping[str, Any], error: TargetError) -> None:
        """Keep a record of which no line can be made, or fail."""
        if self._rejects is None:
            raise error
        self._rejects.add_record(stream, record, str(error))
        self._counted(1, str(error))

    def lines(self, refused: Sequence[Refused], precision: str, *, told: bool = False) -> None:
        """Keep lines, or fail.

        Args:
            refused: Lines with the reason, if there are any.
            precision: Of their times.
            told: Somebody else says it.
        """
        if not refused:
            return
        line, reason, _ = refused[0]
        shown = line[:200].decode(errors="replace")
        if self._rejects is None:
            raise RefusedError(
                f"{len(refused)} line(s) were refused ({reason}), the first is: {shown} -"
                " correct the source or the mapping, or set rejects_path to keep such lines and go on."
            )
        with self._lock:  # the sender may come as well
            self._rejects.add(refused, precision)
        self._counted(len(refused), reason, told=told)

    def _counted(self, number: int, reason: str, *, told: bool = False) -> None:
        with self._lock:
            self.count += number
        log = logger.debug if told else logger.warning
        log("%d line(s) went to rejects_path: %s", number, reason)


def _text(refused: Iterable[Refused]) -> bytes:
    return b"".join(b"# %s\n%s\n" % (" ".join(one.reason.split()).encode(), one.line) for one in refused)
