"""Columns to line protocol, a chunk of some thousand points at a time, without an object per point.

Fast because numbers are written by one JSON encoding of the whole column, and all lines by one `join`. That is of
texts with a character for each byte (Latin-1, whatever the bytes mean): Python joins short texts in half the time that
it takes for short bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import orjson

from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.lineprotocol.literals import literal, natural_kind, plain_text, quoted, shown
from target_influxdb.lineprotocol.numbers import Numbers, parts_of
from target_influxdb.lineprotocol.refused import Refused, all_reasons
from target_influxdb.lineprotocol.stamps import converted, precision_of
from target_influxdb.lineprotocol.types import FieldTypes, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PLAIN = Dialect()
BLOCK = 500
"""Points in work at once: what is made of them before they are joined stays in the processor's cache."""


@dataclass(frozen=True)
class Chunk:
    """Encoded points of one measurement, ready to be sent."""

    body: bytes
    lines: int
    precision: str
    misfits: list[Refused] = field(default_factory=list)
    """Values that don't fit the type of their field, a line per point; `body` has the point's other fields."""
    empty: int = 0
    """Points left out because they have no value at all."""


def encode(  # noqa: PLR0913 - three of them are the points
    heads: bytes | Sequence[bytes],
    columns: Mapping[str, Sequence[Any]],
    times: list[int],
    types: FieldTypes,
    *,
    unit: str = "ns",
    precision: str | None = None,
    dialect: Dialect = PLAIN,
) -> Chunk:
    """Encode one chunk of points.

    Fields that have no type yet get that of their values here.

    Args:
        heads: Series part of each line, or one for all.
        columns: Values per field, each as long as `times`; null, NaN and infinite ones are left out.
        times: Since 1970, in `unit`.
        types: Types of this measurement's fields.
        unit: s, ms, us or ns.
        precision: s, ms, us or ns; None for the coarsest that keeps all times.
        dialect: Of the server.
    """
    precision = precision or precision_of(times, unit)
    stamps = converted(times, unit, precision)
    body: list[bytes] = []
    misfits: list[Refused] = []
    empty = 0
    for block in blocks_of(heads, columns, stamps, types, dialect):
        body.append(block.body)
        misfits += block.misfits
        empty += block.empty
    return Chunk(
        body=b"".join(body),
        lines=len(times) - sum(one.whole for one in misfits) - empty,
        precision=precision,
        misfits=misfits,
        empty=empty,
    )


def blocks_of(
    heads: bytes | Sequence[bytes],
    columns: Mapping[str, Sequence[Any]],
    stamps: list[int],
    types: FieldTypes,
    dialect: Dialect = PLAIN,
) -> Iterator[Block]:
    """Yield points in encoded blocks; arguments as for `encode`, times as they are written."""
    types.decide(columns)
    kinds = {name: kind for name in columns if (kind := types.kind(name)) is not None}
    written = {name: kind for name, kind in kinds.items() if dialect.strings or kind is not Kind.STRING}
    fields = [
        (name, _text(dialect.escape(name)) + "=", parts_of(columns[name], BLOCK), kind, types.unlearnt(name))
        for name, kind in written.items()
    ]
    for start in range(0, len(stamps), BLOCK):
        part = slice(start, start + BLOCK)
        block = Block(heads if isinstance(heads, bytes) else heads[part], stamps[part])
        for name, key, parts, kind, own in fields:
            block.add(name, key, next(parts), kind, own)
        yield block


class Block:
    """Some points in work at once, few enough for the processor's cache."""

    def __init__(self, heads: bytes | Sequence[bytes], stamps: list[int]) -> None:
        self._heads = _text(heads) if isinstance(heads, bytes) else list(map(_text, heads))
        self._stamps = _numbers(stamps)
        self._solid: list[tuple[str, list[str]]] = []  # fields with a value in every row
        self._gappy: list[list[str]] = []  # keys, values and commas of the others; "" where there is no value
        self._odd: dict[int, list[tuple[bytes, str]]] = {}  # cells that do not fit, with the reason, by row

    def add(self, name: str, key: str, values: Sequence[Any], kind: Kind, own: Kind | None) -> None:
        """Add the cells of a field, of a type that may be another one than its own."""
        known = _number_cells(values) if kind is Kind.FLOAT else None
        if known is None:
            cells = self._cells(name, key, values, kind, own)
            has_gaps = "" in cells
        else:
            cells, has_gaps = known
        if has_gaps:
            self._gappy += _with_gaps(key, cells)
        else:
            self._solid.append((key, cells))

    def _cells(self, name: str, key: str, values: Sequence[Any], kind: Kind, own: Kind | None) -> list[str]:
        """Return the values as line protocol has them, "" for none that fits."""
        present = set(map(type, values)) - {type(None)}
        if kind is Kind.BOOLEAN and present == {bool}:
            return ["" if value is None else "true" if value else "false" for value in values]
        if kind is Kind.STRING and present == {str}:
            return ["" if value is None else _text(quoted(value)) for value in values]
        cells = []
        for row, value in enumerate(values):
            cell = literal(value, kind)
            if cell is None and own is not None:
                cell = literal(value, own)  # its shard may have another type than the one that was learnt
            if cell is None:
                reason = f"field {name!r} is of type {kind.value}, {shown(value)} does not fit"
                written = literal(value, natural_kind(value)) or quoted(plain_text(value))
                self._odd.setdefault(row, []).append((_bytes(key) + written, reason))
            cells.append(_text(cell or b""))
        return cells

    @cached_property
    def _pieces(self) -> list[str]:
        """The lines in pieces, each of the same number of them."""
        values: list[str | Sequence[str]] = [*self._gappy]
        for key, cells in self._solid:
            values += [key, cells, ","]
        values = values[:-1] if self._solid else [self._joined]
        return _woven([self._heads, " ", *values, " ", self._stamps, "\n"], len(self._stamps))

    @cached_property
    def _joined(self) -> list[str]:
        """The fields of each row, where none has a value in every row."""
        joined_cells = ["".join(cells)[:-1] for cells in zip(*self._gappy, strict=True)]  # without the last comma
        return joined_cells or [""] * len(self._stamps)

    @cached_property
    def _bare(self) -> frozenset[int]:
        """The rows without any value."""
        return frozenset() if self._solid else frozenset(row for row, cells in enumerate(self._joined) if not cells)

    @property
    def body(self) -> bytes:
        """The lines to be sent, each with its end."""
        if self._bare:
            return b"".join(line + b"\n" for line in self.lines if line)
        return _bytes("".join(self._pieces))

    @property
    def lines(self) -> list[bytes]:
        """The same, a line for each row without its end; b"" for one without any value."""
        pieces, width = self._pieces, len(self._pieces) // len(self._stamps)
        rows = ["".join(pieces[start : start + width])[:-1] for start in range(0, len(pieces), width)]
        return [b"" if row in self._bare else _bytes(line) for row, line in enumerate(rows)]

    @property
    def empty(self) -> int:
        """How many rows have neither a value nor one that does not fit."""
        return len(self._bare - self._odd.keys())

    @property
    def misfits(self) -> list[Refused]:
        """What does not fit, as a line per row."""
        misfits = []
        for row, odd in sorted(self._odd.items()):
            head = self._heads if isinstance(self._heads, str) else self._heads[row]
            fields = b",".join(cell for cell, _ in odd)
            line = b"%s %s %s" % (_bytes(head), fields, _bytes(self._stamps[row]))
            misfits.append(Refused(line, all_reasons(reason for _, reason in odd), whole=row in self._bare))
        return misfits


def _woven(columns: Sequence[str | Sequence[str]], rows: int) -> list[str]:
    """Return columns (or what is the same in each row) as one row after the other."""
    pieces: list[str | Sequence[str]] = [""]
    for column in columns:
        if isinstance(column, str) and isinstance(pieces[-1], str):
            pieces[-1] += column  # the fewer pieces, the faster
        else:
            pieces.append(column)
    woven = [piece if isinstance(piece, str) else "" for piece in pieces] * rows
    for position, piece in enumerate(pieces):
        if not isinstance(piece, str):
            woven[position :: len(pieces)] = piece
    return woven


def _text(written: bytes) -> str:
    """Return bytes as a text with a character for each of them."""
    return written.decode("latin-1")


def _bytes(text: str) -> bytes:
    """Return the bytes that a text stands for."""
    return text.encode("latin-1")


def _with_gaps(key: str, cells: list[str]) -> list[list[str]]:
    """Return a field as columns that, one after the other, are `key=value,` or nothing in each row."""
    keys, commas = [key] * len(cells), [","] * len(cells)
    place = -1
    for _ in range(cells.count("")):
        place = cells.index("", place + 1)
        keys[place] = commas[place] = ""
    return [keys, cells, commas]


def _numbers(values: list[int]) -> list[str]:
    try:
        return msgspec.json.encode(values)[1:-1].decode().split(",")  # in a quarter of the time that orjson takes
    except OverflowError:  # beyond 64 bits: for the server to refuse, line by line
        return list(map(str, values))


def _number_cells(values: Sequence[Any]) -> tuple[list[str], bool] | None:
    """Return numbers as text, and whether "" is among them, for null, NaN and infinity; None for other values."""
    if isinstance(values, Numbers):
        cells, has_gaps = values.cells, values.may_have_null and "null" in values.cells
    else:
        try:
            encoded = orjson.dumps(values)[1:-1]
        except (TypeError, ValueError):
            return None
        # Nothing else in JSON has these; looking for them one by one is faster than a pattern.
        if b'"' in encoded or b"t" in encoded or b"f" in encoded or b"[" in encoded or b"{" in encoded:
            return None
        cells, has_gaps = encoded.decode().split(","), b"n" in encoded
    return ["" if cell == "null" else cell for cell in cells] if has_gaps else cells, has_gaps
