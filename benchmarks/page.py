"""docs/figures.md, written by the measurement itself, so that the two can't differ."""

from __future__ import annotations

import contextlib
import io
import os
import platform
import sys
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from benchmarks import goals

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs/figures.md"
TEXT = """# Figures

`make bench` measures this project beside the tool that it replaces, and writes this page. This is of {day}, version
{version}, {cores} cores ({machine}), Python {python}. The sandbox answers for the API, from memory; where no database
is named, one that only counts takes the points. Memory is that of all processes together.

## Goals

{goals}

## All that was measured

```text
{output}
```
"""


class Copied(io.TextIOBase):
    """Text that goes to standard output and is kept."""

    def __init__(self) -> None:
        self._out = sys.stdout
        self._parts: list[str] = []

    @override
    def write(self, text: str) -> int:
        self._parts.append(text)
        return self._out.write(text)

    @override
    def flush(self) -> None:
        self._out.flush()

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)


@contextlib.contextmanager
def written(path: Path | None) -> Iterator[None]:
    """Write what is printed meanwhile to a page, with the goals; to none if there is no path."""
    start = time.monotonic()
    copied = Copied()
    with contextlib.redirect_stdout(copied):
        yield
    print(f"\n{(time.monotonic() - start) / 60:.1f} minutes")
    if path is None:
        return
    text = TEXT.format(
        day=datetime.now(timezone.utc).date(),
        version=version("tap-intervals-icu"),
        cores=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        goals=goals.markdown(),
        output=copied.text.strip(),
    )
    path.write_text(text, encoding="utf-8")
    print(f"{path} is written.")
