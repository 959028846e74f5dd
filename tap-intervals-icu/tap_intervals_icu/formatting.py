"""Numbers and lists of ids, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN = 5
"""Ids that a sentence names."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with the word that agrees with it.

    >>> counted(1, "request"), counted(1200, "request"), counted(2, "activity", "activities")
    ('1 request', '1,200 requests', '2 activities')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def named(ids: Sequence[str]) -> str:
    """Return the first few of some ids as text."""
    return ", ".join(ids[:SHOWN]) + (", ..." if len(ids) > SHOWN else "")
