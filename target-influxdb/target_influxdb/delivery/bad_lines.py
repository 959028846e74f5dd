"""One body until it is stored, cut into ever smaller ones where the server refuses some of its lines."""

from __future__ import annotations

import logging
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from target_influxdb.delivery.column_limit import TOO_MANY, trim
from target_influxdb.delivery.refusals import Line, read_refusal
from target_influxdb.errors import TargetError
from target_influxdb.lineprotocol.parse import measurement_of, split_lines
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_influxdb.delivery.refusals import Conflict
    from target_influxdb.delivery.retry import Retrier
    from target_influxdb.lineprotocol.refused import Refused
    from target_influxdb.servers import Server

logger = logging.getLogger("target-influxdb")

REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Delivery:
    """Brings bodies into the database; what can't go in comes back with the reason."""

    def __init__(self, server: Server, retry: Retrier, learn: Callable[[Conflict], None]) -> None:
        self._server = server
        self._retry = retry
        self._learn = learn
        self._stored_any = False
        self._created = False

    def send(self, body: bytes, precision: str) -> list[Refused]:
        """Store a body.

        Returns:
            what the server refuses for good, with its reason: lines, or some fields of lines that are stored.

        Raises:
            TargetError: the server can't be reached, or refuses everything.
        """
        answer = self._write(body, precision)
        if answer.stored:
            self._stored_any = True
            return []
        lines = [Line(one) for one in split_lines(body)]
        logger.info(
            "%s refused some of %d lines (%s); looking for them.", self._server.name, len(lines), answer.brief()
        )
        self._isolate(lines, precision, answer, frozenset())
        return [line.refused for line in lines if line.reasons]

    def _write(self, body: bytes, precision: str) -> Answer:
        answer = self._post(body, precision)
        if answer.status == HTTPStatus.NOT_FOUND and self._server.settings.create_bucket:
            self._created = self._created or self._create(answer)
            answer = self._post(body, precision) if self._created else answer
        if answer.stored or answer.status in REFUSED or answer.status == TOO_LARGE:
            return answer
        where = f"{self._server.name} at {self._server.settings.url}"
        if HTTPStatus.OK <= answer.status < HTTPStatus.BAD_REQUEST:  # neither stored nor an error
            raise TargetError(
                f"{where} answered {answer.status}, not 204: this is not an InfluxDB write endpoint; check url and api."
            )
        raise TargetError(f"{where} refused the write: {answer.brief()}; {self._server.advice(answer)}.")

    def _post(self, body: bytes, precision: str) -> Answer:
        return self._retry(f"Writing to {self._server.name}", lambda: self._server.write(body, precision))

    def _create(self, missing: Answer) -> bool:
        """Create the bucket; False where the server has no way to."""
        bucket = self._server.settings.bucket
        answer = self._retry(f"Creating {bucket!r}", lambda: self._server.create() or Answer(0))
        if answer.done or "already exists" in answer.text:
            logger.info("Created %r with a shard duration of a year.", bucket)
            return True
        if answer.status:
            is_lost = answer.status == HTTPStatus.NOT_FOUND  # what the bucket belongs to is not there
            remedy = "create it, with a shard duration of a year, or use an account that may"
            raise TargetError(
                f"{self._server.name} has no {bucket!r} ({missing.brief()}), and it could not be created"
                f" ({answer.brief()}); {self._server.advice(answer) if is_lost else remedy}."
            )
        return False

    def _isolate(self, lines: list[Line], precision: str, answer: Answer, tried: frozenset[tuple[str, str]]) -> None:
        """Store what can be stored of lines that got `answer`."""
        if answer.status == TOO_LARGE:
            self._halves(lines, precision, "too large for the server")
            return
        refusal = read_refusal(answer.text)
        conflict = refusal.conflict
        if conflict and (conflict.field, conflict.kind.value) not in tried:
            measurement = conflict.measurement or measurement_of(lines[0].rest)
            self._learn(replace(conflict, measurement=measurement))
            for line in lines:
                line.fit(conflict.field, conflict.kind, refusal.reason)
            self._resend(lines, precision, tried | {(conflict.field, conflict.kind.value)})
        elif TOO_MANY in refusal.reason and trim(self._server, lines):
            self._resend(lines, precision, tried)
        elif len(lines) == 1 or refusal.dropped >= len(lines):
            if not refusal.about_lines and not self._stored_any:
                advice = self._server.advice_for(refusal.reason)
                raise TargetError(f"{self._server.name} refused the write: {refusal.reason}; {advice}.")
            for line in lines:
                line.refuse(refusal.reason)
        else:
            self._halves(lines, precision, refusal.reason)

    def _halves(self, lines: list[Line], precision: str, why: str) -> None:
        if len(lines) <= 1:
            for line in lines:
                line.refuse(why)
            return
        middle = len(lines) // 2
        for half in (lines[:middle], lines[middle:]):
            self._resend(half, precision, frozenset())  # one shard may have another type than the next: learn afresh

    def _resend(self, lines: list[Line], precision: str, tried: frozenset[tuple[str, str]]) -> None:
        lines = [line for line in lines if line.rest]
        if not lines:
            return
        answer = self._write(b"\n".join(line.rest for line in lines) + b"\n", precision)
        if answer.stored:
            self._stored_any = True
        else:
            self._isolate(lines, precision, answer, tried)
