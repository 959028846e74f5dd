"""Lines that the server refused, kept with the reason until they are replayed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from target_influxdb.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_RECORDS = "records.jsonl"


class Rejects:
    """A folder with one file of lines per precision: `rejected.s.lp`, a comment with the reason above each line.

    The files are line protocol, so any tool can load them; `target-influxdb --replay` does and removes what went in.
    Records of which no line could be made stand in `records.jsonl`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, refused: Iterable[tuple[bytes, str]], precision: str) -> None:
        """Keep lines with their reasons; they are on the disk when this returns."""
        self._append(f"rejected.{precision}.lp", _text(refused))

    def rewrite(self, path: Path, refused: Iterable[tuple[bytes, str]]) -> None:
        """Leave only these lines in a file; remove it if there are none."""
        text = _text(refused)
        if not text:
            path.unlink()
            return
        new = path.with_suffix(".new")
        try:
            new.write_bytes(text)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise self._failed(error) from None
        new.replace(path)

    def add_record(self, stream: str, record: Mapping[str, Any], reason: str) -> None:
        """Keep a record that could not become a line."""
        entry = {"stream": stream, "reason": reason, "record": record}
        self._append(_RECORDS, json.dumps(entry, default=str).encode() + b"\n")

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
        """The files of lines with their precision."""
        for path in sorted(self._folder.glob("rejected.*.lp")):
            yield path, path.name.split(".")[1]


def _text(refused: Iterable[tuple[bytes, str]]) -> bytes:
    return b"".join(b"# %s\n%s\n" % (" ".join(reason.split()).encode(), line) for line, reason in refused)
