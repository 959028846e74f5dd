"""The HTTP face of the accounts: paths, authentication, compression."""

from __future__ import annotations

import asyncio
import base64
import binascii
import gzip
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import answers, control, curve_answers, streams
from sandbox.faults import Fault, commit
from sandbox.queries import ApiError, Query

if TYPE_CHECKING:
    from sandbox.account import Account
    from sandbox.limiter import Limiter, Refusal
    from sandbox.motion import Recording

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
API = "/api/v1"
CACHED = 2000  # answers with streams that are kept
EXT = r"{ext:(\.json)?}"


@dataclass
class Seen:
    """A request that the server got; `status` is None while it is being answered, `size` the bytes of the body sent."""

    method: str
    path: str
    query: dict[str, str]
    time: float
    status: int | None = None
    size: int = 0


@dataclass
class State:
    """Everything the handlers share."""

    accounts: dict[str, Account]
    api_key: str
    access_token: str
    latency: float = 0.0
    newest_whole_day: bool = True
    control: bool = False
    own_clock: bool = False
    limiter: Limiter | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    """Athlete ids by the tokens of their own."""
    revoked: set[str] = field(default_factory=set)
    token_limiters: dict[str, Limiter] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: list[Seen] = field(default_factory=list)

    def owner(self, token: str | None = None) -> Account:
        """Return the athlete whom 0 means: the owner of the key or of a token."""
        return self.accounts[self.tokens[token]] if token in self.tokens else next(iter(self.accounts.values()))

    def limiter_of(self, token: str | None) -> Limiter | None:
        """Return what counts the requests with a token; those with the key, and the first token, share one."""
        if self.limiter is None or token is None or token not in self.tokens:
            return self.limiter
        return self.token_limiters.setdefault(token, self.limiter.for_another())


def encode(value: object) -> bytes:
    """JSON as the service writes it."""
    return json.dumps(value, separators=(",", ":")).encode()


def error(status: int, message: str, path: str, **more: Any) -> web.Response:
    """Build the service's error body; only its 404 has a time and a path."""
    body: dict[str, Any] = {"status": status, "error": message}
    if status == 404:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        body = {"timestamp": now, **body, "path": path}
    return web.Response(status=status, body=encode(body | more), content_type="application/json")


def bearer(request: web.Request) -> str | None:
    """Return the token of a request, None for a key or nothing."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials if scheme.lower() == "bearer" else None


def authenticate(state: State, request: web.Request) -> str | None:
    """Check the credentials; the token, None for the key, ApiError if they are wrong."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if (token := bearer(request)) is not None:
        if token == state.access_token or token in state.tokens:
            return token
        raise ApiError(401, "Unauthorized") if token in state.revoked else ApiError(403, "Access denied")
    if scheme.lower() != "basic":
        raise ApiError(401, "Unauthorized")
    try:
        user, _, key = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        wrong = f"Input byte array has incorrect ending byte at {len(credentials)}"
        raise ApiError(500, f"java.lang.IllegalArgumentException: {wrong}") from None
    if (user, key) != ("API_KEY", state.api_key):
        raise ApiError(401, "Unauthorized")
    return None


def account_of(state: State, request: web.Request) -> Account:
    """Return the account that a path is about; ApiError if the caller may not see it."""
    token = authenticate(state, request)
    owner = state.owner(token)
    if "athlete" in request.match_info:
        name = request.match_info["athlete"]
        account = owner if name == "0" else state.accounts.get(name)
    else:
        name = request.match_info["activity"]
        holders = (a for a in state.accounts.values() if name in a.activities or name in a.stubs)
        account = next(holders, owner)
    if account is None or (token is not None and account is not owner):
        raise ApiError(403, "Access denied")
    return account


def compressed(body: bytes) -> bytes:
    """Gzip without a time stamp, so that equal data are equal bytes."""
    return gzip.compress(body, 1, mtime=0)


def respond(request: web.Request, packed: bytes) -> web.Response:
    """Send JSON that is kept compressed, in the encoding that the client takes."""
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return web.Response(body=packed, headers=headers, content_type="application/json")
    return web.Response(body=gzip.decompress(packed), content_type="application/json")


def packed_streams(account: Account, activity_id: str, types: tuple[str, ...] | None) -> bytes:
    """Compressed streams of an activity."""
    if activity_id in account.replaced_streams:
        return compressed(encode(account.streams(activity_id, types)))
    return _packed(account.recordings[activity_id], types)


@lru_cache(maxsize=CACHED)
def _packed(recording: Recording, types: tuple[str, ...] | None) -> bytes:
    """Compressed streams of a recording, kept for all servers of the process: they follow from it alone."""
    return compressed(encode(streams.generate(recording, types)))


def endpoint(state: State, answer: Callable[..., Any]) -> Handler:
    """Make a handler of an answer function; path parts beyond athlete are its last arguments."""

    async def handle(request: web.Request) -> web.StreamResponse:
        account = account_of(state, request)
        parts = [value for name, value in request.match_info.items() if name not in {"athlete", "ext"}]
        with account.lock:
            return respond(request, compressed(encode(answer(account, request.query, *parts))))

    return handle


def routes(state: State) -> list[web.RouteDef]:
    """All routes."""

    def activities(account: Account, query: Query) -> Any:
        return answers.activities(account, query, whole_day=state.newest_whole_day)

    async def stream_handler(request: web.Request) -> web.StreamResponse:
        account = account_of(state, request)
        with account.lock:
            wanted = request.query.get("types")
            activity_id = answers.own(account, request.match_info["activity"])
            packed = packed_streams(account, activity_id, tuple(wanted.split(",")) if wanted else None)
            return respond(request, packed)

    async def athletes(request: web.Request) -> web.StreamResponse:
        if authenticate(state, request) is not None:
            raise ApiError(403, "Access denied")
        found = [answers.follower(account) for account in state.accounts.values()]
        return respond(request, compressed(encode(found)))

    async def summary(request: web.Request) -> web.StreamResponse:
        token, account = authenticate(state, request), account_of(state, request)
        seen = [account] if token is not None else state.accounts.values()
        rows = [row for one in seen for row in answers.summary(one, request.query)]
        return respond(request, compressed(encode(rows)))

    athlete, activity = f"{API}/athlete/{{athlete}}", f"{API}/activity/{{activity}}"
    table: dict[str, Callable[..., Any]] = {
        f"{athlete}": answers.athlete,
        f"{athlete}/wellness{EXT}": answers.wellness,
        f"{athlete}/wellness/{{day}}": answers.wellness_day,
        f"{athlete}/activities": activities,
        f"{athlete}/activities/{{ids}}": answers.activities_by_id,
        f"{athlete}/events{EXT}": answers.events,
        f"{athlete}/events/{{event}}": answers.event,
        f"{athlete}/gear{EXT}": answers.gear,
        f"{athlete}/fitness-model-events": answers.fitness_model_events,
        f"{athlete}/power-curves{EXT}": curve_answers.power_curves,
        f"{athlete}/hr-curves{EXT}": curve_answers.hr_curves,
        f"{athlete}/pace-curves{EXT}": curve_answers.pace_curves,
        f"{athlete}/activity-power-curves{EXT}": curve_answers.activity_power_curves,
        f"{athlete}/activity-pace-curves{EXT}": curve_answers.activity_pace_curves,
        f"{athlete}/sport-settings": answers.sport_settings,
        f"{athlete}/custom-item": answers.custom_items,
        f"{activity}": answers.activity,
        f"{activity}/intervals": answers.intervals,
    }
    found = [web.get(path, endpoint(state, answer)) for path, answer in table.items()]
    return [
        *found,
        web.get(f"{activity}/streams{EXT}", stream_handler),
        web.get(f"{API}/athletes", athletes),
        web.get(f"{athlete}/athlete-summary{EXT}", summary),
    ]


def application(state: State) -> web.Application:
    """Return the server as an aiohttp application."""

    @web.middleware
    async def serve(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/sandbox/"):
            return await handler(request)
        seen = Seen(request.method, request.path, dict(request.query), time.time())
        state.requests.append(seen)
        # Looked at often, as a test lowers it meanwhile, from another thread than the event loop's.
        while (left := seen.time + state.latency - time.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, 0.05))
        response = await attended(state, request, handler)
        seen.status, seen.size = response.status, response.content_length or 0
        if state.own_clock:
            latest = max(account.now for account in state.accounts.values())
            response.headers["Date"] = format_datetime(latest, usegmt=True)
        return response

    app = web.Application(middlewares=[serve])
    app.add_routes(routes(state))
    if state.control:
        app.add_routes(control.routes(state))
    return app


async def attended(state: State, request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request after the doorkeepers: Cloudflare, rate limits, faults."""
    agent = request.headers.get("User-Agent", "")
    if not agent or agent.startswith("Python-urllib"):
        return web.Response(status=403, text="error code: 1010")
    limiter = state.limiter_of(bearer(request))
    refusal = limiter.refuse() if limiter else None
    if limiter and refusal:
        return refused(limiter, refusal, request.path)
    fault = next((fault for fault in state.faults if fault.hits(request.path_qs)), None)
    if fault:
        return await commit(fault, request, lambda: answered(request, handler))
    response = await answered(request, handler)
    if limiter:
        response.headers.update(limiter.headers())
    return response


def refused(limiter: Limiter, refusal: Refusal, path: str) -> web.Response:
    """Return the 429 of a quota, or the bare one of the limit per second."""
    if refusal.retry_after is None:
        return error(429, "Too Many Requests", path)
    response = error(429, "Too Many Requests", path, retry_after_seconds=refusal.retry_after)
    response.headers.update({**limiter.headers(), "Retry-After": str(refusal.retry_after)})
    return response


async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a request, errors in the service's form."""
    try:
        return await handler(request)
    except ApiError as problem:
        return error(problem.status, str(problem), request.path)
    except web.HTTPNotFound:
        return error(404, "Not Found", request.path)
    except web.HTTPMethodNotAllowed:
        return error(405, "Method Not Allowed", request.path)
