"""influxdb-client as the transport of /api/v2; its points, batches and retries are not used."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from target_influxdb.servers.base import HttpServer
from target_influxdb.servers.http import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from target_influxdb.config.settings import Settings


class V2Client:
    """POST /api/v2/write by influxdb-client's own service."""

    def __init__(self, settings: Settings, authorization: str) -> None:
        self._settings = settings
        self._authorization = authorization
        self._lock = Lock()

    @cached_property
    def api(self) -> Any:
        """The client's write service; imported at the first use, which takes a while."""
        # Not `InfluxDBClient`, which loads all that the client can do besides (see start.py).
        from influxdb_client._sync.api_client import ApiClient  # noqa: PLC0415 - see above
        from influxdb_client.configuration import Configuration  # noqa: PLC0415 - see above
        from influxdb_client.service.write_service import WriteService  # noqa: PLC0415 - see above

        one = self._settings
        known: Any = Configuration()  # type: ignore[no-untyped-call] # the client has no annotations
        known.host = one.url
        known.timeout = one.timeout
        known.verify_ssl = one.verify_ssl
        known.ssl_ca_cert = one.ssl_ca_cert
        known.connection_pool_maxsize = 4
        client: Any = ApiClient(known, retries=False)  # type: ignore[no-untyped-call] # likewise
        if self._authorization:  # the same header as for all other requests
            client.default_headers["Authorization"] = self._authorization
        return WriteService(client)  # type: ignore[no-untyped-call] # likewise

    def write(self, body: bytes, precision: str, encoding: str | None) -> Answer:
        """Send a body by POST /api/v2/write."""
        with self._lock:
            api = self.api
        return self.call(
            api.post_write_with_http_info,
            org=self._settings.org,
            bucket=self._settings.bucket,
            body=body,
            precision=precision,
            content_type="text/plain; charset=utf-8",
            content_encoding=encoding or "identity",
        )

    @staticmethod
    def call(function: Callable[..., Any], **arguments: Any) -> Answer:
        """Call a `..._with_http_info` of the client; its exceptions for statuses become answers."""
        from influxdb_client.rest import ApiException  # noqa: PLC0415 - loaded by `api`

        try:
            _, status, headers = function(**arguments)
        except ApiException as error:
            if not error.status:
                raise ConnectionError(error.reason) from None
            return Answer(error.status, error.body or "", error.headers or {})
        except UnicodeDecodeError as error:  # a proxy's page, whose status the client does not tell
            return Answer(502, error.object.decode("latin-1"))
        return Answer(status, "", headers)


class V2Server(HttpServer):
    """A server that is written to by /api/v2/write."""

    @cached_property
    def client(self) -> V2Client:
        """What writes."""
        return V2Client(self.settings, self.http.authorization)

    @override
    def write(self, body: bytes, precision: str) -> Answer:
        body, headers = self.packed(body)
        return self.client.write(body, precision, headers.get("Content-Encoding"))
