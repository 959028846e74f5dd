"""Sends rejected lines again."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from target_influxdb.delivery.rejects import Rejects
from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.parse import has_text, split_lines
from target_influxdb.lineprotocol.refused import Refused

if TYPE_CHECKING:
    from target_influxdb.delivery.queue import Writer


def replay(writer: Writer) -> tuple[int, int]:
    """Send the lines of all files in `rejects_path`; a file keeps only lines that are refused again.

    Returns:
        how many lines were stored, and how many are left.
    """
    folder = writer.settings.rejects_path
    if folder is None:
        raise TargetError("rejects_path is not set: there is nothing to replay.")
    stored = left = 0
    rejects = Rejects(folder)
    for path, precision in rejects.files():
        read = path.read_bytes()
        lines = iter(dict.fromkeys(split_lines(read)))
        refused: list[Refused] = []
        while part := list(islice(lines, writer.settings.batch_lines)):
            good, bad = writer.retention.split_lines(part, precision)
            if not writer.server.dialect.strings:
                bad += [Refused(line, "the server stores no texts") for line in good if has_text(line)]
                good = [line for line in good if not has_text(line)]
            bad += writer.deliver(b"\n".join(good) + b"\n", precision) if good else []
            stored += len(part) - len(bad)
            refused += bad
        rejects.rewrite(path, read, refused)
        left += len(refused)
    return stored, left
