"""Singer messages from bytes, floats as floats; interruptible between messages."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader
from singer_sdk.singerlib.exceptions import InvalidInputLine
from typing_extensions import override

from target_influxdb.lineprotocol.numbers import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class _InterruptedReading(BaseException):
    """A signal came between two messages."""


MOST_DIGITS = 4_000
DECODER = msgspec.json.Decoder()
PIPE = 65_536
LONG = 10_000
"""Bytes from which on a message may hold arrays that are worth to be kept as text."""
RECORD = (b'{"type":"RECORD"', b'{"type": "RECORD"')
"""How messages with a record begin, as the SDK and others write them."""


class _Record(msgspec.Struct):
    """A RECORD message, the values of its record still as JSON: all that the SDK looks for."""

    type: str
    record: dict[str, msgspec.Raw]
    stream: str | msgspec.UnsetType = msgspec.UNSET
    version: Any = msgspec.UNSET
    time_extracted: Any = msgspec.UNSET


RECORDS = msgspec.json.Decoder(_Record)


def _with_numbers(line: bytes) -> dict[str, Any]:
    """Return a RECORD message whose record has arrays of numbers as text, where that is possible."""
    message = RECORDS.decode(line)
    record: dict[str, Any] = {}
    for name, raw in message.record.items():
        value = bytes(raw)
        numbers = Numbers.of(value) if value.startswith(b"[") else None
        record[name] = DECODER.decode(value) if numbers is None else numbers
    parts: dict[str, Any] = msgspec.structs.asdict(message)
    return {name: part for name, part in parts.items() if part is not msgspec.UNSET} | {"record": record}


def _integer(digits: str) -> int | float:
    """Return a whole number; infinity where it has thousands of digits, which neither Python nor a field can hold."""
    return int(digits) if len(digits) <= MOST_DIGITS else math.inf


def _in_large_pieces(file: Any) -> Any:
    """Return a file with a buffer of what a pipe holds: an eighth of the system calls."""
    try:
        return open(file.fileno(), "rb", buffering=PIPE, closefd=False)
    except (AttributeError, OSError, ValueError):  # no file of the system's
        return file


class BytesReader(GenericSingerReader[bytes]):
    """Reads messages twice as fast as the SDK's readers, which make a Decimal of every number."""

    default_input = sys.stdin.buffer
    keeps_text = False
    """Leave arrays of numbers in records as text: see `Numbers`."""

    def __init__(self) -> None:
        super().__init__()
        self.signal = 0
        """The signal that ended reading, 0 for none."""
        self.left_early = False
        """Input may be left unread."""
        self.size = 0
        """Bytes of the current message, or of the record that a BATCH brought."""
        self._waiting = False

    def interrupt(self, signum: int) -> None:
        """Stop reading: now if the reader waits for input, else after the current message."""
        self.signal = signum
        if self._waiting:
            self._waiting = False
            raise _InterruptedReading

    @override
    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        self.size = len(line)
        try:
            is_long = self.keeps_text and self.size >= LONG and line.startswith(RECORD)
            value = _with_numbers(line) if is_long else DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            try:
                value = json.loads(line, parse_int=_integer)  # takes NaN, Infinity, 1e400 and deep nesting too
            except (ValueError, RecursionError) as error:
                shown = line[:100]
                raise InvalidInputLine(f"The input is not a Singer message ({error}): {shown!r}...") from None
        if not isinstance(value, dict):
            raise InvalidInputLine(f"The input is not a Singer message: {line[:100]!r}")
        return value

    @override
    def process_lines(
        self, file_input: IO[bytes] | None, callbacks: dict[str, Callable[[dict[str, Any]], None]]
    ) -> Counter[str]:
        source: Any = file_input or self.default_input
        lines = iter(_in_large_pieces(getattr(source, "buffer", source)))
        counter: Counter[str] = Counter()
        while (line := self._next(lines)) is not None:
            message = self.deserialize_json(line if isinstance(line, bytes) else line.encode())
            self.assert_line_requires(message, requires={"type"})
            kind = str(message["type"])
            if kind not in callbacks:
                raise InvalidInputLine(f"The input has a message of unknown type {kind[:100]!r}.")
            callbacks[kind](message)
            counter[kind] += 1
        return counter

    def _next(self, lines: Iterator[bytes | str]) -> bytes | str | None:
        """Return the next line, None at the end or after a signal."""
        line = None
        try:
            self._waiting = True
            if not self.signal:
                line = next(lines, None)
                self._waiting = False
                return line
        except _InterruptedReading:
            pass
        self._waiting = False
        self.left_early = True
        return None
