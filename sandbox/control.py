"""Control of a sandbox by another process, over HTTP; only there if asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.server import State

EDITS = frozenset(
    [
        "edit",
        "rename",
        "rate",
        "retype",
        "set_load",
        "move",
        "trim",
        "edit_intervals",
        "replace_streams",
        "delete",
        "add",
        "settle",
        "reupload",
        "edit_wellness",
        "replace_weight",
        "edit_event",
        "add_event",
        "delete_event",
        "advance",
    ]
)


async def _json(request: web.Request) -> dict[str, Any]:
    try:
        found = await request.json()
    except ValueError as problem:
        raise web.HTTPBadRequest(text=f"The body is no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise web.HTTPBadRequest(text="The body must be a JSON object.")
    return found


def give_token(state: State, athlete_id: str, token: str | None) -> None:
    """Give an athlete another token; None revokes the one there is."""
    if athlete_id not in state.accounts:
        raise KeyError(athlete_id)
    state.revoked |= {known for known, whose in state.tokens.items() if whose == athlete_id}
    state.tokens = {known: whose for known, whose in state.tokens.items() if whose != athlete_id}
    if token is not None:
        state.tokens[token] = athlete_id
        state.revoked.discard(token)


def token_handler(state: State) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Make the handler that gives a token: {"athlete": "i1", "token": "..."}; null revokes the athlete's."""

    async def token(request: web.Request) -> web.Response:
        arguments = await _json(request)
        try:
            give_token(state, str(arguments["athlete"]), arguments["token"])
        except KeyError as problem:
            raise web.HTTPBadRequest(text=f"{problem} is missing, or no athlete.") from None
        return web.json_response({"tokens": len(state.tokens)})

    return token


def routes(state: State) -> list[web.RouteDef]:
    """`POST /sandbox/edit` and `token`, `POST`, `DELETE /sandbox/faults`, `GET`, `DELETE /sandbox/requests`."""

    async def edit(request: web.Request) -> web.Response:
        """Call an edit: {"edit": "trim", "activity": "i1", "samples": 60}, optionally with "athlete"."""
        arguments = await _json(request)
        name, athlete = arguments.pop("edit", None), arguments.pop("athlete", None)
        account = state.accounts.get(athlete) if athlete else next(iter(state.accounts.values()))
        if name not in EDITS or account is None:
            raise web.HTTPBadRequest(text=f"Unknown athlete or edit; edits are {', '.join(sorted(EDITS))}.")
        try:
            result = getattr(account, name)(**arguments)
        except (TypeError, ValueError, KeyError) as problem:
            raise web.HTTPBadRequest(text=f"{name}: {problem!r}") from None
        return web.json_response({"result": result, "now": account.now.isoformat()})

    async def add_fault(request: web.Request) -> web.Response:
        try:
            state.faults.append(Fault(**await _json(request)))
        except (TypeError, ValueError) as problem:
            raise web.HTTPBadRequest(text=str(problem)) from None
        return web.json_response({"faults": len(state.faults)})

    async def drop_faults(_: web.Request) -> web.Response:
        state.faults.clear()
        return web.json_response({"faults": 0})

    async def requests(_: web.Request) -> web.Response:
        return web.json_response([asdict(seen) for seen in state.requests])

    async def forget(_: web.Request) -> web.Response:
        state.requests.clear()
        return web.json_response([])

    return [
        web.post("/sandbox/edit", edit),
        web.post("/sandbox/token", token_handler(state)),
        web.post("/sandbox/faults", add_fault),
        web.delete("/sandbox/faults", drop_faults),
        web.get("/sandbox/requests", requests),
        web.delete("/sandbox/requests", forget),
    ]
