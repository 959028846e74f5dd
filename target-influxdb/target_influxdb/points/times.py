"""Times of any usual spelling as nanoseconds since 1970. Pure."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from target_influxdb.lineprotocol.stamps import EARLIEST, LATEST, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

EXACT = 10**6
"""Floats beyond it have errors of more than a billionth."""
PLAIN_LENGTH = len("2026-05-04T07:30:00Z")
BASIC_LENGTH = len("20260504")
NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - both sides of a difference are naive
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
EPOCHS = ((10**11, 0, "s"), (10**14, 10**11, "ms"), (10**17, 10**14, "us"))
"""(limit, least, unit): sizes that tell the unit of an epoch number."""
NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)
BASIC_DATE = re.compile(r"(1[7-9]\d\d|2[01]\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
"""A date without hyphens; as an epoch number it would be a day of 1970."""
ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9})\d*)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?")


def nanoseconds(value: object, zone: tzinfo) -> int:
    """Return the nanoseconds from 1970-01-01T00:00Z to a date, a time or an epoch number.

    Texts are ISO 8601; without an offset they are read in `zone`, and a bare date is its midnight.
    Numbers, also those that come as text, are seconds, milli-, micro- or nanoseconds: which one is told by their
    size, so that all of them lie between 1973 and 5138. A text such as 20260504 is a date.

    Raises:
        ValueError: not a time, or one that line protocol can't carry (1677 to 2262).
    """
    if type(value) is str and len(value) == PLAIN_LENGTH and value[-1] == "Z" and "1700" < value < "2262":
        try:
            since = datetime.fromisoformat(value[:-1]) - NAIVE_EPOCH
        except ValueError:
            pass  # the full rule says what is wrong
        else:
            return (since.days * 86_400 + since.seconds) * UNITS["s"]
    result = _nanoseconds(value, zone)
    if not EARLIEST <= result <= LATEST:
        raise ValueError(f"{value!r} lies outside of 1677 to 2262")
    return result


def unit_of(values: Sequence[Any]) -> str:
    """Return the unit of epoch numbers if all of them are whole ones of the same unit, else ""."""
    if set(map(type, values)) == {int}:
        low, high = min(values), max(values)
        for limit, least, unit in EPOCHS:
            if least <= low and high < limit:
                return unit
    return ""


def _nanoseconds(value: Any, zone: tzinfo) -> int:
    if isinstance(value, str):
        value = BASIC_DATE.sub(r"\1-\2-\3", value.strip()) if len(value.strip()) == BASIC_LENGTH else value.strip()
        match = ISO.fullmatch(value)
        if match is None and (number := number_of(value)) is not None:
            return _of_number(number)
        if match is None:
            raise ValueError(f"{value!r} is not a date or time")
        day, clock, fraction, offset = match.groups()
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00:00'}{_offset(offset)}")
        return _of_datetime(moment, zone) + int((fraction or "0").ljust(9, "0"))
    if isinstance(value, datetime):
        return _of_datetime(value, zone)
    if isinstance(value, date):
        return _of_datetime(datetime(value.year, value.month, value.day), zone)  # noqa: DTZ001 - `zone` follows
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and -math.inf < value < math.inf:
        return _of_number(value)
    raise ValueError(f"{value!r} is not a date or time")


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, None if it is none."""
    return Decimal(text.strip()) if NUMBER.fullmatch(text.strip()) else None


def _offset(text: str | None) -> str:
    """Spell an offset as `datetime.fromisoformat` of Python 3.10 wants it."""
    if not text:
        return ""
    if text in "Zz":
        return "+00:00"
    digits = text[1:].replace(":", "").ljust(4, "0")
    return f"{text[0]}{digits[:2]}:{digits[2:]}"


def _of_datetime(moment: datetime, zone: tzinfo) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - EPOCH) // MICROSECOND * 1000


def _of_number(value: float | Decimal) -> int:
    size: Any = abs(value)
    for limit, _, unit in EPOCHS:
        if size < limit:
            return scaled(value, UNITS[unit])
    if size > LATEST:
        raise ValueError(f"{value!r} lies outside of 1677 to 2262")
    return int(value)


def scaled(value: float | Decimal, unit: int) -> int:
    """Return `value` units as whole nanoseconds, without the error of a float product."""
    if isinstance(value, float) and abs(value) > EXACT:
        value = Decimal(repr(value))  # the digits that were written
    whole = int(value)
    return whole * unit + round((value - whole) * unit)
