"""JSON answers as the service writes them, which is not always JSON as the standard has it: pure functions."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import msgspec

LARGEST_INTEGER = 2**63
"""Beyond it (or its negative) an integer is read as a float: hardly a database holds it otherwise."""

DIGITS = 300
"""More than any float has before its point."""

UTF8 = "utf-8"


class DecodeError(ValueError):
    """The answer cannot be read.

    `may_pass` tells that it ends too early, is no JSON at all (nothing, a page of HTML), or JSON of something else:
    signs of a server in trouble. The rest is what the API has to say, and will say again.
    """

    def __init__(self, place: str, *, may_pass: bool) -> None:
        super().__init__(place)
        self.may_pass = may_pass


def decode(body: bytes, shape: Any) -> Any:
    """Return an answer as `shape`, a type that msgspec knows.

    Outside of texts the service writes bare `NaN`, `Infinity` and `-Infinity` where a custom field has no value. They
    are read as null, as are numbers that no float holds. A text may hold control characters, halves of surrogate pairs
    and bytes that are no UTF-8. The usual answer has none of that and pays nothing for it.

    Raises:
        DecodeError: It cannot be read even so, or is of another shape; the text says where.

    >>> decode(b'[{"EPOC": NaN, "name": "NaN, again"}]', list[dict[str, Any]])
    [{'EPOC': None, 'name': 'NaN, again'}]
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        lenient = _standard(body)
    try:
        return msgspec.json.decode(lenient, type=shape)
    except msgspec.MsgspecError as error:
        raise DecodeError(str(error), may_pass=True) from error


def _standard(body: bytes) -> bytes:
    """Return what the standard library can make of an answer, as standard JSON.

    Raises:
        DecodeError: It is broken.
    """
    text = body.decode(UTF8, errors="replace")
    try:
        value = _LENIENT.decode(text)
    except json.JSONDecodeError as error:
        is_json = text.lstrip().startswith(("[", "{"))
        may_pass = not is_json or error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        place = len(text[: error.pos].encode(UTF8))
        raise DecodeError(f"{error.msg} at byte {place:,} of {len(body):,}", may_pass=may_pass) from error
    except RecursionError as error:
        raise DecodeError("it is nested too deeply", may_pass=False) from error
    return json.dumps(value, ensure_ascii=False).encode(UTF8, errors="replace")


def _integer(text: str) -> int | float | None:
    if len(text) > DIGITS:  # Python refuses to read thousands of digits
        return _float(text)
    number = int(text)
    return number if abs(number) < LARGEST_INTEGER else _float(text)


def _float(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


_LENIENT = json.JSONDecoder(strict=False, parse_constant=lambda _: None, parse_int=_integer, parse_float=_float)
