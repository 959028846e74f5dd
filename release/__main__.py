"""Prepare and check a release.

python -m release prepare 0.2.0     write the version to all places, date the changelog's entries
python -m release check v0.2.0      fail unless this tag is the version and the changelog speaks of it
python -m release notes 0.2.0       print what the changelog says
python -m release urls https://...  write the repository's address into the packages, before they are built
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone

from release import places


def main(words: list[str]) -> int:
    """Return 0, or 1 after a sentence on standard error."""
    try:
        match words:
            case ["prepare", version]:
                places.prepare(version, f"{datetime.now(timezone.utc):%Y-%m-%d}")
            case ["check", tag] if (version := places.version()) == tag.removeprefix("v"):
                places.notes(version)
            case ["check", tag]:
                raise places.ReleaseError(f"The tag is {tag}, the version {version}.")  # noqa: TRY301
            case ["notes", version]:
                sys.stdout.write(places.notes(version))
            case ["urls", repository]:
                places.write_urls(repository)
            case _:
                raise places.ReleaseError(str(__doc__))  # noqa: TRY301
    except places.ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
