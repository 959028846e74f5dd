"""Errors whose text is one sentence for the person who runs the target."""

from __future__ import annotations


class TargetError(Exception):
    """The run can't go on; the text says why and what to do."""


class BadRecordError(TargetError):
    """A record can't become a point (no time, unequal columns, ...)."""


class OtherDatabaseError(TargetError):
    """The database lacks what the state of earlier runs says it has."""


class RefusedError(TargetError):
    """The server refused lines that are saved nowhere else."""


class UnreachableError(TargetError):
    """No usable answer came within the time given to retries."""
