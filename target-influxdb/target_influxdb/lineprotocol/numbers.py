"""Numbers that stay the text that they came as: from JSON to line protocol without a Python number between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import msgspec
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = b"0123456789.-eE" + b"nul"
"""All characters of the elements that are taken: of JSON's words, null alone is written with these."""
LARGE = re.compile(rb"[eE]-?\d\d")
"""Powers beyond 9. (Those with a plus are not taken at all.)"""
LONGEST = 250
SHORT = re.compile(rb"(?:.{0,250},)*", re.DOTALL)
"""The elements up to one that is longer. It jumps from comma to comma, as far as it may: that takes next to no time."""


class Numbers(Sequence[float | None]):
    """The numbers and nulls of a JSON array, as text. It can be used as the list would be.

    Every element is a float that all servers read as JSON does. An array with other values in it, or with numbers that
    may be too large for a float, is no such array: see `of`.
    """

    __slots__ = ("_cells", "_length", "_text", "may_have_null")

    def __init__(self, length: int, text: str = "", cells: list[str] | None = None, *, may_have_null: bool) -> None:
        """Take elements with commas between, or one by one."""
        self._length = length
        self._text = text
        self._cells = cells
        self.may_have_null = may_have_null

    @classmethod
    def of(cls, array: bytes) -> Numbers | None:
        """Return the elements of a text that is known to be a JSON array, None where it is not of numbers alone."""
        text = array[1:-1]
        commas = text.translate(None, PLAIN)
        if not text or commas != b"," * len(commas):
            return None
        if b"e" in text or b"E" in text:
            if LARGE.search(text):
                return None
            text = text.replace(b"E", b"e")
        short = SHORT.match(text)
        if short is None or len(text) - short.end() > LONGEST:
            return None
        return cls(len(commas) + 1, text.decode(), may_have_null=b"n" in text)

    @property
    def cells(self) -> list[str]:
        """Each element as text."""
        if self._cells is None:
            self._cells = self._text.split(",")
        return self._cells

    @property
    def text(self) -> str:
        """The elements with commas between."""
        return self._text or ",".join(self.cells)

    def parts(self, size: int) -> Iterator[Numbers]:
        """Yield the elements, so many at a time; each part is split off when it is asked for."""
        if self._cells is not None:
            yield from (self[start : start + size] for start in range(0, len(self._cells), size))
            return
        rest: str | None = self._text
        while rest is not None:
            text = rest
            cells = text.split(",", size)
            rest = cells.pop() if len(cells) > size else None
            nulls = self.may_have_null and text.find("n", 0, len(text) - len(rest or "")) >= 0
            yield Numbers(len(cells), cells=cells, may_have_null=nulls)

    @override
    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> float | None: ...
    @overload
    def __getitem__(self, index: slice) -> Numbers: ...
    @override
    def __getitem__(self, index: int | slice) -> float | Numbers | None:
        if isinstance(index, slice):
            cells = self.cells[index]
            return Numbers(len(cells), cells=cells, may_have_null=self.may_have_null)
        value: float | None = msgspec.json.decode(self.cells[index])
        return value

    @override
    def __iter__(self) -> Iterator[float | None]:
        return iter(self.values())

    def values(self) -> list[float | None]:
        """Return them as Python numbers."""
        values: list[float | None] = msgspec.json.decode(f"[{self.text}]")
        return values

    @override
    def __repr__(self) -> str:
        return repr(self.values())


ARRAYS = (list, Numbers)
"""What an array of a record may be."""


def parts_of(array: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Yield the elements of an array, so many at a time."""
    if isinstance(array, Numbers):
        return array.parts(size)
    return (array[start : start + size] for start in range(0, len(array), size))
