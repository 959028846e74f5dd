"""VictoriaMetrics: /api/v2/write; numbers only, milliseconds, deletes whole series."""

from __future__ import annotations

import json
import re
import time
from collections import Counter, defaultdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from typing_extensions import override

from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.escape import Dialect
from target_influxdb.lineprotocol.stamps import DAY
from target_influxdb.servers import marks
from target_influxdb.servers.base import Deletion, parsed
from target_influxdb.servers.http import Answer
from target_influxdb.servers.influxdb2_transport import V2Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from target_influxdb.config.settings import Settings
    from target_influxdb.servers.base import Tags
    from target_influxdb.servers.http import Http
    from target_influxdb.servers.marks import Mark

DELETE = "/api/v1/admin/tsdb/delete_series"
ALL_TIME = {"start": "1", "end": "7258118400"}
"""A start of 0 would count as none, hence as five minutes ago."""
NAMES = 200
"""Most names in a request."""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 31, "y": 365, "": 31}


class VictoriaMetrics(V2Server):
    """VictoriaMetrics, single node."""

    name = "VictoriaMetrics"
    # `__name__` is where it keeps the measurement and the field.
    dialect = Dialect(
        strings=False,
        quotes=False,
        halves_backslashes=True,
        reserved_tags=Dialect.reserved_tags | {"__name__"},
    )
    joins_names = True
    ahead = 2 * DAY
    # Its issues 2473 (samples of one moment are all kept) and 3333 (which of them a query shows).
    cannot_delete_times = (
        "VictoriaMetrics can neither delete nor change single points: a value that was edited is stored beside the"
        " old one, and the server shows either of them (newer versions the larger)"
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        super().__init__(settings, http)
        self._is_fresh = True  # an earlier run may have ended just now

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        self._is_fresh = True
        return super().write(body, precision)

    def _flush(self) -> None:
        """Make what was written just now searchable: else it is neither found nor deleted."""
        if self._is_fresh:
            self._is_fresh = False
            self.http.request("GET", "/internal/force_flush")

    @override
    def known_tags(self, measurement: str, tag: str) -> set[str] | None:
        self._flush()
        query = {"match[]": selector(Deletion(measurement, ())), **ALL_TIME}
        return self._values(tag, query)

    @override
    def measurements(self) -> set[str] | None:
        self._flush()
        return self._values("__name__", ALL_TIME)

    @override
    def holds(self, measurement: str, tags: Mapping[str, str]) -> bool | None:
        self._flush()
        query = {"match[]": selector(Deletion(measurement, tuple(tags.items()))), **ALL_TIME}
        values = self._values(next(iter(tags)), query)
        return None if values is None else bool(values)

    def _values(self, label: str, query: Mapping[str, str]) -> set[str] | None:
        """Return the values of a label; None if they can't be read."""
        answer = self.http.request("GET", f"/api/v1/label/{quote(label, safe='')}/values", query=query)
        values = parsed(answer).get("data")
        return set(values) if answer.ok and isinstance(values, list) else None

    @override
    def tag_keys(self, measurement: str) -> Tags:
        self._flush()
        query = {"match[]": selector(Deletion(measurement, ())), **ALL_TIME}
        names = self._data("GET", f"/api/v1/labels?{urlencode(query)}")
        return tuple(name for name in names if name != "__name__")

    @override
    def rows(self, measurement: str, tags: Tags, fields: Tags) -> Mapping[Tags, Sequence[Sequence[Any]]]:
        del fields  # an edited value may stand beside the old one
        self._flush()
        found: defaultdict[Tags, set[int]] = defaultdict(set)
        for first, last in self._years():
            query = {"match[]": selector(Deletion(measurement, ())), "start": str(first), "end": str(last)}
            answer = self.http.request("GET", "/api/v1/export", query=query)
            if not answer.ok:
                raise TargetError(f"What the database holds can't be read: {answer.brief()}.")
            for series in marks.exported(answer.text):
                found[tuple(series["metric"].get(tag, "") for tag in tags)].update(series["timestamps"])
        return {key: [[time * 10**6] for time in sorted(one)] for key, one in found.items()}

    @override
    def counts(self, measurement: str, tags: Tags) -> Mapping[Tags, int]:
        self._flush()
        found: Counter[Tags] = Counter()
        series = selector(Deletion(measurement, ()))
        for first, last in self._years():
            counted = f"max by ({', '.join(map(_label, tags))}) (count_over_time({series}[{last - first + 1}s]))"
            form = urlencode({"query": counted, "time": str(last), "nocache": "1"})
            for one in self._data("POST", "/api/v1/query", form.encode())["result"]:
                found[tuple(one["metric"].get(tag, "") for tag in tags)] += int(float(one["value"][1]))
        return found

    def _data(self, method: str, path: str, form: bytes | None = None) -> Any:
        answer = self.http.request(method, path, body=form or b"", headers=FORM)
        if not answer.ok:
            raise TargetError(f"What the database holds can't be read: {answer.brief()}.")
        return parsed(answer)["data"]

    @staticmethod
    def _years() -> Iterator[tuple[int, int]]:
        """Yield first and last second of each year that the server can hold, the last millisecond's second included."""
        for year in range(1970, datetime.now(timezone.utc).year + 2):
            start, end = (int(datetime(one, 1, 1, tzinfo=timezone.utc).timestamp()) for one in (year, year + 1))
            yield start, end - 1

    @override
    def marks(self, since: int, numbers: Sequence[int] = ()) -> list[Mark] | None:
        self._flush()
        query = {"match[]": selector(Deletion(marks.MEASUREMENT, ())), **ALL_TIME, "start": str(since // 10**9)}
        answer = self.http.request("GET", "/api/v1/export", query=query)
        return marks.read_export(answer.text) if answer.ok else None

    @override
    def delete(self, deletions: Sequence[Deletion]) -> Answer:
        self._flush()
        for deletion in deletions:
            if not deletion.timed:
                answer = self._delete(deletion)
                if not answer.stored:
                    return answer
        return Answer(204)

    def _delete(self, deletion: Deletion) -> Answer:
        """Delete the series that there are: also those of fields that this run has not met."""
        query = {"match[]": selector(deletion), **ALL_TIME}
        answer = self.http.request("GET", "/api/v1/series", query=query)
        found: Any = parsed(answer).get("data")
        if not answer.ok or not isinstance(found, list):
            return Answer(502, answer.text) if answer.done else answer
        names = sorted({one["__name__"] for one in found if is_of(deletion, one["__name__"])})
        for start in range(0, len(names), NAMES):
            form = urlencode({"match[]": selector(deletion, names[start : start + NAMES])}).encode()
            answer = self.http.request("POST", DELETE, body=form, headers=FORM)
            if not answer.stored:
                return answer
        return Answer(204)

    @override
    def retention(self) -> int | None:
        answer = self.http.request("GET", "/flags")
        if not answer.ok:
            return None
        match = re.search(r'-retentionPeriod="?([\d.]+)([hdwmy]?)', answer.text)
        days = float(match[1]) * DAYS[match[2]] if match else DAYS["m"]
        return min(int(days * DAY), time.time_ns())  # nothing before 1970, whatever the flag says


def is_of(deletion: Deletion, series: str) -> bool:
    """Tell whether a series holds a field of the deletion's measurement.

    Names alone do not tell `<a>_<b>` with field `c` from `<a>` with field `<b>_c`: what is known decides.
    """
    start = f"{deletion.measurement}_"
    field = series.removeprefix(start)
    if not series.startswith(start) or field in deletion.fields:
        return series.startswith(start)
    is_possible = any(field.startswith(beginning) for beginning in deletion.beginnings)
    return is_possible and not any(series.startswith(f"{one}_") for one in deletion.others if one.startswith(start))


def selector(deletion: Deletion, names: Sequence[str] = ()) -> str:
    """Return a series selector: names are `<measurement>_<field>`, tags are labels."""
    pattern = "|".join(map(re.escape, names)) or f"{re.escape(deletion.measurement)}_.*"
    labels = [f"__name__=~{_text(pattern)}"]
    labels += [f"{_label(tag)}={_text(value)}" for tag, value in deletion.tags]
    return "{" + ",".join(labels) + "}"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _label(name: str) -> str:
    """Return a label's name: all but plain letters, and a leading digit, are escaped."""
    return re.sub(r"^[0-9]|[^a-zA-Z0-9_]", r"\\\g<0>", name)
