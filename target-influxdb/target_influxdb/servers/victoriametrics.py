"""VictoriaMetrics: /api/v2/write; numbers only, milliseconds, deletes whole series."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from typing_extensions import override

from target_influxdb.http import Answer
from target_influxdb.servers.base import Deletion, parsed
from target_influxdb.servers.v2client import V2Server
from target_influxdb.timestamps import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 31, "y": 365, "": 31}


class VictoriaMetrics(V2Server):
    """VictoriaMetrics, single node."""

    name = "VictoriaMetrics"
    strings = False
    ahead = 2 * DAY
    cannot_delete_times = (
        "VictoriaMetrics cannot delete single points: `replace: time` and tombstones of single points overwrite"
        " values but remove none"
    )

    @override
    def known_tags(self, measurement: str, tag: str) -> set[str] | None:
        query = {"match[]": selector(Deletion(measurement, ())), "start": "0", "end": "7258118400"}
        path = f"/api/v1/label/{quote(tag, safe='')}/values"
        answer = self.http.request("GET", path, query=query)
        values = parsed(answer).get("data")
        return set(values) if answer.status == 200 and isinstance(values, list) else None  # noqa: PLR2004 - OK

    @override
    def delete(self, deletions: Sequence[Deletion]) -> Answer:
        answer = Answer(204)
        for deletion in deletions:
            if not deletion.timed:
                query = {"match[]": selector(deletion)}
                answer = self.http.request("POST", "/api/v1/admin/tsdb/delete_series", query=query)
                if not answer.stored:
                    break
        return answer

    @override
    def retention(self) -> int | None:
        answer = self.http.request("GET", "/flags")
        if answer.status != 200:  # noqa: PLR2004 - OK
            return None
        match = re.search(r'-retentionPeriod="?([\d.]+)([hdwmy]?)', answer.text)
        days = float(match[1]) * _DAYS[match[2]] if match else _DAYS["m"]
        return min(int(days * DAY), time.time_ns())  # nothing before 1970, whatever the flag says


def selector(deletion: Deletion) -> str:
    """Series selector: names are `<measurement>_<field>`, tags are labels."""
    pattern = re.escape(deletion.measurement) + "_.*"
    labels = [f"__name__=~{json.dumps(pattern)}"]
    labels += [
        f"{json.dumps(tag) if not tag.isidentifier() else tag}={json.dumps(value, ensure_ascii=False)}"
        for tag, value in deletion.tags
    ]
    return "{" + ",".join(labels) + "}"
