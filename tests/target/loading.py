"""Runs the target on Singer messages, inside of this process or as the program that users run."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from target_influxdb.target import TargetInfluxDB

if TYPE_CHECKING:
    from pathlib import Path

Message = dict[str, Any]

NUMBER = {"type": ["number", "null"]}
TEXT = {"type": ["string", "null"]}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
DATE = {"type": ["string", "null"], "format": "date"}
NUMBERS = {"type": ["array", "null"], "items": NUMBER}


def schema(stream: str, properties: dict[str, Any], keys: list[str], bookmarks: list[str] | None = None) -> Message:
    shape = {"type": "object", "properties": properties}
    message = {"type": "SCHEMA", "stream": stream, "schema": shape, "key_properties": keys}
    return message | ({"bookmark_properties": bookmarks} if bookmarks else {})


def record(stream: str, **values: Any) -> Message:
    return {"type": "RECORD", "stream": stream, "record": values}


def state(value: Any) -> Message:
    return {"type": "STATE", "value": {"at": value}}


def singer(messages: tuple[Message, ...]) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def load(config: dict[str, Any], *messages: Message) -> list[Any]:
    """Load messages; returns what `state` gave those states that came out. Errors are raised."""
    return [content["at"] for content in load_states(config, *messages)]


def load_states(config: dict[str, Any], *messages: Message) -> list[dict[str, Any]]:
    """Load messages; returns the states that came out, whole. Errors are raised."""
    return _load(config, singer(messages))


def load_lines(config: dict[str, Any], *lines: str) -> None:
    """Load messages that are spelt out. Errors are raised."""
    _load(config, "\n".join(lines).encode())


def _load(config: dict[str, Any], text: bytes) -> list[dict[str, Any]]:
    target = TargetInfluxDB(config=config)
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            target.listen(io.BytesIO(text))  # type: ignore[arg-type] # the target reads bytes
    finally:
        target.writer.close()
    return [json.loads(line) for line in out.getvalue().splitlines()]


def command(config: dict[str, Any], folder: Path) -> list[str]:
    """The program with a configuration file."""
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return [sys.executable, "-m", "target_influxdb", "--config", str(path)]


def execute(
    config: dict[str, Any], folder: Path, *messages: Message, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    """Run the program on messages until it ends."""
    words = [*command(config, folder), *options]
    return subprocess.run(words, input=singer(messages), capture_output=True, timeout=120, check=False)
