"""The athletes of a run: what goes wrong with one of them costs no other one their data."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tap_intervals_icu.changes.downloads import FAILURES_IN_A_ROW
from tap_intervals_icu.errors import QuotaPauseError, TapError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_intervals_icu.changes.athlete import Athlete

logger = logging.getLogger("tap-intervals-icu")


def names_of(setting: str) -> list[str]:
    """Return the athletes as configured: ids, each once, or 0 for the owner of the key."""
    names = (name.strip() for name in setting.split(","))
    return list(dict.fromkeys(name for name in names if name)) or ["0"]


def plan_all(
    names: Sequence[str], find: Callable[[str], Athlete], plan: Callable[[Athlete], None], failures: list[str]
) -> dict[str, Athlete]:
    """Plan the athletes one after the other; return those that could be read by their own ids.

    Args:
        names: As configured.
        find: Returns the athlete of a name; several names may be one athlete's.
        plan: Finds out what there is to do for an athlete.
        failures: What is to be told at the end of the run; added to.
    """
    athletes: dict[str, Athlete] = {}
    unanswered = 0
    for index, name in enumerate(names):
        rest = ", ".join(names[index:])
        if unanswered == FAILURES_IN_A_ROW:  # each costs most of a minute
            failures.append(f"Not tried after that: {rest}.")
            break
        try:
            athlete = find(name)
            if athlete.id not in athletes:
                plan(athlete)
        except QuotaPauseError as pause:
            logger.warning("Planned pause: %s Not looked at: %s. The next run goes on.", pause.message, rest)
            break
        except TapError as error:
            unanswered = unanswered + 1 if isinstance(error, TransientError) else 0
            failures.append(f"Athlete {name} could not be read. {error.message}")
        except Exception:
            logger.exception("Athlete %s could not be read: please report this.", name)
            failures.append(f"Athlete {name} could not be read, by a fault of the tap: see above.")
        else:
            unanswered = 0
            athletes.setdefault(athlete.id, athlete)
    return athletes
