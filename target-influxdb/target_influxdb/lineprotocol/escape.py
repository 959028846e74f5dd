"""Names and tag values as lines carry them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNNAMED = "unnamed"
"""What is called nothing, or by what no line can carry."""

UNSTORABLE = str.maketrans({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": None})
SEPARATORS = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
MEASUREMENT_SEPARATORS = str.maketrans({",": "\\,", " ": "\\ "})
UNSAFE_BACKSLASHES = re.compile(r"""\\+(?=[,= "]|\Z)""")
RESERVED_TAGS = frozenset({"time", "_field", "_measurement"})


@dataclass(frozen=True)
class Dialect:
    """What one kind of server makes of lines."""

    strings: bool = True
    """False: it stores no text."""
    quotes: bool = True
    """False: a quote in a field's name begins a text, up to the next quote in the body."""
    halves_backslashes: bool = False
    """It takes two backslashes in a name or tag value for one."""
    reserved_tags: frozenset[str] = RESERVED_TAGS

    def field(self, name: str) -> str:
        """Return a field's name as it can be stored."""
        name = storable(name) or UNNAMED
        if name == "time":
            return "time_"
        return name if self.quotes else name.replace('"', "'")

    def tag(self, name: str) -> str:
        """Return a tag's name as it can be stored."""
        name = storable(name) or UNNAMED
        return f"{name}_" if name in self.reserved_tags else name

    def escape(self, text: str) -> bytes:
        """Return a tag key, tag value or field key as it is written."""
        return self._doubled(storable(text).translate(SEPARATORS), text)

    def measurement(self, text: str) -> bytes:
        """Return a measurement's name as it is written; an equals sign stays as it is."""
        return self._doubled(storable(text).translate(MEASUREMENT_SEPARATORS), text)

    def _doubled(self, written: str, text: str) -> bytes:
        if self.halves_backslashes and "\\\\" in text:
            written = re.sub(r"\\{2,}", lambda run: run[0] * 2, written)
        return written.encode()

    def head(self, measurement: str, tags: Mapping[str, str]) -> bytes:
        """Return the series part of a line. Tags are sorted, as servers like them; empty ones left out."""
        parts = [self.measurement(measurement)]
        for key in sorted(key for key, value in tags.items() if value):
            value = self.escape(tags[key])
            if value:
                parts.append(self.escape(key) + b"=" + value)
        return b",".join(parts)


def storable(text: str) -> str:
    r"""Return a name or tag value as servers can store it.

    Line breaks become `\n`, halves of characters `?`; backslashes before comma, equals sign, quote, space or the end
    are cut, as servers take them now for an escape and now for a character, and lose track of quotes
    [tried on 1.6.7, 1.12.4, 2.7.12].
    """
    if not text.isascii():
        text = text.encode(errors="replace").decode()
    text = text.translate(UNSTORABLE)
    return UNSAFE_BACKSLASHES.sub("", text) if "\\" in text else text
