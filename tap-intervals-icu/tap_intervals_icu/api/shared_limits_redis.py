"""Shared limits in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import redis
from pyrate_limiter import RedisBucket
from pyrate_limiter.buckets.redis_bucket import LuaScript
from typing_extensions import override

from tap_intervals_icu.api.shared_limits import PREFIX, TIMEOUT, SharedLimits

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket, Rate, RateItem
    from pyrate_limiter.abstracts.algorithm import Decision

TWO_DAYS = 2 * 86_400
PUT_ITEM = LuaScript.PUT_ITEM.replace("bucket, window_start, now)", "bucket, window_start, '+inf')")
"""Counts also what was put in after this request had asked for the time.

The library (pyrate-limiter 4.5) counts up to that time only: of all who wait for the same place, each one who asked a
millisecond before another one would get it, too.
"""


class ServerTimeBucket(RedisBucket):
    """Goes by the server's clock, as those of several machines differ; survives a restart of the server."""

    redis: redis.Redis

    @override
    def now(self) -> int:
        seconds, microseconds = self.redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    @override
    def _check_and_insert(self, item: RateItem) -> Decision:
        try:
            return super()._check_and_insert(item)  # type: ignore[return-value] # not of the asynchronous kind
        except redis.exceptions.NoScriptError:
            self.redis.script_load(PUT_ITEM)
            return super()._check_and_insert(item)  # type: ignore[return-value] # likewise


class RedisLimits(SharedLimits):
    """In the database that the address names."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        with self.telling():
            self._redis = redis.Redis.from_url(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
            self._redis.ping()

    @override
    def close(self) -> None:
        self._redis.close()

    @override
    def count(self, key: str, day: str, by: int) -> int:
        name = f"{PREFIX}day:{key}:{day}"
        with self.telling():
            pipe = self._redis.pipeline()
            pipe.incrby(name, by)
            pipe.expire(name, TWO_DAYS)
            return int(pipe.execute()[0])

    @override
    def _make(self, name: str, rate: Rate) -> AbstractBucket:
        script = str(self._redis.script_load(PUT_ITEM))
        return ServerTimeBucket([rate], self._redis, f"{PREFIX}{name}", script)

    @override
    def _errors(self) -> tuple[type[Exception], ...]:
        return (redis.RedisError, ValueError)
