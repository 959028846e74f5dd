"""One value as line protocol has it. Pure."""

from __future__ import annotations

import contextlib
import json
import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import orjson

from target_influxdb.lineprotocol.numbers import Numbers
from target_influxdb.lineprotocol.types import Kind

INTEGER_LIMITS = {Kind.INTEGER: (-(2**63), 2**63 - 1), Kind.UNSIGNED: (0, 2**64 - 1)}
NO_NUMBERS = frozenset({"", "nan"})
SUFFIXES = {Kind.INTEGER: b"i", Kind.UNSIGNED: b"u"}


def quoted(text: str) -> bytes:
    """Return a string field's value."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return b'"' + text.encode(errors="replace") + b'"'


def literal(value: Any, kind: Kind) -> bytes | None:
    """Return a value written as `kind`: b"" if there is no value, None if it does not fit."""
    if value is None or (isinstance(value, (float, Decimal)) and not math.isfinite(value)):
        return b""
    if kind is Kind.STRING:
        return quoted(plain_text(value))
    number = _number(value)
    if number is None:
        is_blank = isinstance(value, str) and value.strip().lower() in NO_NUMBERS
        return b"" if is_blank else None
    if kind is Kind.FLOAT:
        return _float(number) or (None if isinstance(value, str) else b"")
    if kind is Kind.BOOLEAN:
        return (b"true" if number else b"false") if number in {0, 1} else None
    low, high = INTEGER_LIMITS[kind]
    fits = number == int(number) and low <= number <= high
    return b"%d" % int(number) + SUFFIXES[kind] if fits else None


def _float(number: float | Decimal) -> bytes:
    """Return a number as a float, b"" beyond the range of floats, as infinity is."""
    try:
        as_float = float(number)
    except OverflowError:
        return b""
    if not math.isfinite(as_float):
        return b""
    return b"%d" % number if isinstance(number, int) else orjson.dumps(as_float)


def _number(value: Any) -> int | float | Decimal | None:
    """Return a value as a number, None if it is none. Booleans are 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float, Decimal)):
        return value
    return _read_number(value.strip().lower()) if isinstance(value, str) else None


def _read_number(text: str) -> int | float | None:
    if text in {"true", "false"}:
        return int(text == "true")
    if "_" in text or not text.isascii():
        return None  # Python reads them as numbers, nobody else does
    for read in (int, float):  # whole ones keep all their digits
        with contextlib.suppress(ValueError):
            number = read(text)
            return number if isinstance(number, int) or math.isfinite(number) else None
    return None


def plain_text(value: Any) -> str:
    """Return a value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return json_text(value) if isinstance(value, (bool, int, float, list, tuple, dict)) else str(value)


def natural_kind(value: Any) -> Kind:
    """Return the type that a value has by itself."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    return Kind.FLOAT if isinstance(value, (int, float, Decimal)) else Kind.STRING


def shown(value: object) -> str:
    """Return a value as messages show it: a long one is cut."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - enough to recognise it


def json_text(value: object) -> str:
    """Return compact JSON of a value; what JSON has no form for becomes its text."""
    try:
        return msgspec.json.encode(value, enc_hook=simple).decode()
    except (UnicodeEncodeError, OverflowError):  # half a character, as in "\\ud800", or an integer beyond 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=simple)


def simple(value: object) -> list[float | None] | str:
    """Return what JSON has no form for as something that it has one for."""
    return list(value) if isinstance(value, Numbers) else str(value)
