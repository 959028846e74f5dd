"""Run the server in a thread of this process."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.account import Account
from sandbox.faults import Fault
from sandbox.limiter import Limiter, RateLimit
from sandbox.server import Seen, State, application, packed_streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

API_KEY = "sandbox-key"
ACCESS_TOKEN = "sandbox-token"  # noqa: S105 - invented, for loopback only


class Sandbox:
    """An Intervals.icu-shaped server on loopback, for as long as the context lasts.

    The first account is the owner of the key ("0"); the others are athletes whom the owner coaches. With `own_clock`
    the server's date is that of the accounts, so that an account of another day has its own today and days to come.
    `tokens` are OAuth tokens by athlete id: each reads that athlete alone, and has a quota of its own.
    """

    def __init__(  # noqa: PLR0913 - switches, all optional and named
        self,
        accounts: Account | Sequence[Account],
        *,
        api_key: str = API_KEY,
        access_token: str = ACCESS_TOKEN,
        port: int = 0,
        host: str = "127.0.0.1",
        latency: float = 0.0,
        newest_whole_day: bool = True,
        rate_limit: RateLimit | None = None,
        used_today: int = 0,
        control: bool = False,
        own_clock: bool = False,
        tokens: Mapping[str, str] | None = None,
    ) -> None:
        found = [accounts] if isinstance(accounts, Account) else list(accounts)
        self.accounts = {account.id: account for account in found}
        self.api_key, self.access_token, self.port = api_key, access_token, port
        self._host = host
        if len({name for account in found for name in account.activities}) < sum(
            len(account.activities) for account in found
        ):
            raise ValueError("Two of the athletes have activities with the same ids; choose other athlete ids.")
        limiter = Limiter(rate_limit, used_today=used_today) if rate_limit else None
        self.state = State(
            self.accounts,
            api_key,
            access_token,
            latency,
            newest_whole_day,
            control=control,
            own_clock=own_clock,
            limiter=limiter,
            tokens={token: athlete for athlete, token in (tokens or {}).items()},
        )
        self._stop: Future[None] | None = None

    @property
    def url(self) -> str:
        """Root of the server, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def thread_id(self) -> int:
        """The system's number of the thread that serves."""
        return self._thread.native_id or 0

    @property
    def requests(self) -> list[Seen]:
        """All requests so far, in the order of their arrival."""
        return self.state.requests

    def fail(self, pattern: str, **how: Any) -> Fault:
        """Commit a fault on requests whose path and query match; see `Fault` for `how`."""
        fault = Fault(pattern, **how)
        self.state.faults.append(fault)
        return fault

    def give_token(self, athlete_id: str, token: str | None) -> None:
        """Give an athlete another token; None revokes the one there is."""
        control.give_token(self.state, athlete_id, token)

    def clear(self) -> None:
        """Forget the requests and the faults."""
        self.state.requests.clear()
        self.state.faults.clear()

    def warm(self) -> None:
        """Make the streams of all activities now, so that requests only read them."""
        for account in self.accounts.values():
            for activity_id in account.activities:
                packed_streams(account, activity_id, None)

    def __enter__(self) -> Self:
        ready: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._serve, args=(ready,), daemon=True, name="sandbox")
        self._thread.start()
        self.port = ready.result(timeout=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(timeout=30)
        if self._thread.is_alive():
            raise RuntimeError("The sandbox does not stop: an answer hangs.")

    def _serve(self, ready: Future[int]) -> None:
        asyncio.set_event_loop(self._loop)
        self._leave = asyncio.Event()
        try:
            self._loop.run_until_complete(self._run(ready))
        finally:
            left = asyncio.all_tasks(self._loop)  # those of answers that hang
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.close()

    async def _run(self, ready: Future[int]) -> None:
        runner = web.AppRunner(application(self.state), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self._host, self.port)
            await site.start()
            ready.set_result(runner.addresses[0][1])
            await self._leave.wait()
        except OSError as problem:
            ready.set_exception(problem)
        finally:
            await runner.cleanup()
