"""Lines that can't be stored, with the reason. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_REASON = 500


class Refused(NamedTuple):
    """A line that can't be stored."""

    line: bytes
    reason: str
    whole: bool = True
    """False if the line holds only those fields of a point that can't be stored."""


def all_reasons(reasons: Iterable[str]) -> str:
    """Return several reasons as one text, each once."""
    return "; ".join(dict.fromkeys(reasons))[:LONGEST_REASON]
