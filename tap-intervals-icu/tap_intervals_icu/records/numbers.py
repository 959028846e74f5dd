"""Arrays of numbers that stay the JSON that they came as: most of them are passed on unread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import msgspec
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL = b"0123456789.-nul"
"""What the elements of most arrays are made of."""
LARGE = re.compile(rb"[eE]\+?\d\d\d")
"""Powers with which a number may be too large for a float."""


class Numbers(Sequence[Any]):
    """Numbers, booleans and nulls as JSON in one line. They are used like the list, but never changed in place."""

    __slots__ = ("_length", "json")

    def __init__(self, json: bytes, length: int = 0) -> None:
        """Take an array that is known to be JSON, with at least one element, and its length if that is known."""
        self.json = json
        self._length = length

    @classmethod
    def of(cls, array: bytes) -> Numbers | None:
        """Return what a JSON array holds, None where that is nothing, or other values as well."""
        commas = array.translate(None, USUAL)[1:-1]
        if len(array) > len(commas) + 2 and commas == b"," * len(commas):  # in one pass
            return cls(array, len(commas) + 1)
        if b'"' in array or b"{" in array or array.rfind(b"[") > 0 or b"\n" in array or b"\r" in array:
            return None
        if (b"e" in array or b"E" in array) and LARGE.search(array):
            return None
        return cls(array) if array[1:-1].strip() else None

    def values(self) -> list[Any]:
        """Return the elements as a list."""
        values: list[Any] = msgspec.json.decode(self.json)
        return values

    def nulls(self) -> int:
        """Return how many elements are null."""
        return self.json.count(b"null")

    def parts(self, size: int) -> Iterator[Numbers]:
        """Yield the elements, so many at a time."""
        rest: bytes | None = self.json[1:-1]
        while rest is not None:
            elements = rest.split(b",", size)
            rest = elements.pop() if len(elements) > size else None
            yield Numbers(b"[" + b",".join(elements) + b"]")

    @override
    def __len__(self) -> int:
        self._length = self._length or self.json.count(b",") + 1
        return self._length

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    @override
    def __getitem__(self, index: int | slice) -> Any:
        return self.values()[index]

    @override
    def __iter__(self) -> Iterator[Any]:
        return iter(self.values())

    @override
    def __eq__(self, other: object) -> bool:
        return self.values() == (other.values() if isinstance(other, Numbers) else other)

    __hash__ = None  # type: ignore[assignment] # as of a list

    @override
    def __repr__(self) -> str:
        return repr(self.values())


ARRAYS = (list, Numbers)
"""What the arrays of a record are."""


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with lists, for those who change them."""
    return {name: value.values() if type(value) is Numbers else value for name, value in record.items()}
