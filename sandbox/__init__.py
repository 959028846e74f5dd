"""A deterministic synthetic athlete behind an HTTP server shaped like Intervals.icu."""

from __future__ import annotations

from sandbox.account import Account
from sandbox.faults import Fault
from sandbox.limiter import RateLimit
from sandbox.parameters import AthleteParameters
from sandbox.run import Sandbox

__all__ = ["Account", "AthleteParameters", "Fault", "RateLimit", "Sandbox"]
