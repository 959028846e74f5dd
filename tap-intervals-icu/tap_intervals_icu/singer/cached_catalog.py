"""The catalog that discovery found, kept for the next run: to find it anew takes a tenth of a run with nothing new.

Meltano asks for it before each run. (Its own cache would hide what a new version adds, and fails after a run that was
killed while writing it.) What is kept counts only where all that it is made of is as it was, to the byte: the tap's own
files, the installed packages, Python, and the one setting that it depends on. All else means discovery as ever.

It lies in the folder in which Meltano hands the tap its settings. Who starts the tap without Meltano gets no such file.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import zlib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tap_intervals_icu.singer.run_folder import refuse_company, settings_file

PACKAGE = Path(__file__).parent.parent
NAME = "tap.cached_catalog.json"
LAYOUT = "activity_streams_layout"
"""The setting on which the catalog depends."""

OPTIONS = {"--config", "--catalog", "--state"}
"""Those that Meltano gives."""

INSTALLED = {".dist-info", ".egg-info", ".egg-link"}
"""How folders and files end whose names tell an installed package's name and version."""


def find(arguments: list[str]) -> str | None:
    """Return the catalog that these arguments ask for, None where it has to be discovered.

    Raises:
        TapError: Another run starts in the same folder.
    """
    settings = _handed_for_discovery(arguments)
    if not settings:
        return None
    try:
        file = settings.with_name(NAME)
        if file.stat().st_uid != os.geteuid():
            return None
        head, _, catalog = file.read_bytes().partition(b"\n")
        if json.loads(head) != [_made_of(settings), zlib.crc32(catalog)]:
            return None
    except (OSError, ValueError, AttributeError):  # there is none, or not such a one
        return None
    refuse_company()
    return catalog.decode()


def keep(arguments: list[str], catalog: str) -> None:
    """Keep a discovered catalog, whole or not at all; where that can't be done, the next run discovers again."""
    settings = _handed_for_discovery(arguments)
    if not settings:
        return
    draft = ""
    try:
        text = catalog.encode()
        head = json.dumps([_made_of(settings), zlib.crc32(text)]).encode()
        number, draft = tempfile.mkstemp(dir=settings.parent, prefix=f"{NAME}.")
        with os.fdopen(number, "wb") as file:
            file.write(head + b"\n" + text)
        Path(draft).replace(settings.with_name(NAME))
    except (OSError, ValueError, AttributeError):
        if draft:
            with suppress(OSError):
                Path(draft).unlink()


def _handed_for_discovery(arguments: list[str]) -> Path | None:
    """Return the settings that Meltano hands over to ask for the catalog; None where something else is wanted."""
    *files, what = arguments or [""]
    options = files[::2]  # each followed by its file; discovery looks at the settings alone
    if what != "--discover" or len(files) % 2 or options.count("--config") != 1 or not OPTIONS.issuperset(options):
        return None
    return settings_file(arguments)


def _made_of(settings: Path) -> list[Any]:
    """Return what a catalog is made of, to be compared as a whole.

    Raises:
        OSError: Something can't be read; so do the others.
    """
    layout = json.loads(settings.read_bytes()).get(LAYOUT)
    own = sorted(file for end in ("py", "json") for file in PACKAGE.rglob(f"*.{end}"))
    sdk = find_spec("singer_sdk")  # without importing it
    if not sdk or not sdk.origin:
        raise OSError("singer_sdk is no package of files.")
    packages = Path(sdk.origin).parent.parent
    installed = sorted(found.name for found in packages.iterdir() if found.suffix in INSTALLED)
    (record,) = packages.glob("singer_sdk-*.dist-info/RECORD")  # has a checksum of each of the SDK's files
    return [
        layout,
        sys.version,
        str(packages),
        installed,
        zlib.crc32(record.read_bytes()),
        [[str(file.relative_to(PACKAGE)), zlib.crc32(file.read_bytes())] for file in own],
    ]
