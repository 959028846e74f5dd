"""Control of a sandbox by another process, over HTTP; only there if asked for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.faults import Fault

if TYPE_CHECKING:
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


def routes(state: State) -> list[web.RouteDef]:
    """`POST /sandbox/edit`, `POST` and `DELETE /sandbox/faults`, `GET` and `DELETE /sandbox/requests`."""

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
        web.post("/sandbox/faults", add_fault),
        web.delete("/sandbox/faults", drop_faults),
        web.get("/sandbox/requests", requests),
        web.delete("/sandbox/requests", forget),
    ]
