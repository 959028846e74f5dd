"""What the tasks of the DAGs do: roster and outcomes in PostgreSQL on one side, a `meltano run` on the other."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from scale import outcomes, roster, settings, shard, states, store
from scale.outcomes import Outcome
from scale.shard import RunError
from scale.webhooks import waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scale.settings import Settings

logger = logging.getLogger(__name__)
SECONDS_OF_EVENTS = 5.0
"""How long an event waits for a busy shard."""
BACKFILL = "new-"
"""Before the number of the shard: suffix of the state of its backfills."""
STATE = "singer_state"


def plan(params: dict[str, Any], **_: Any) -> list[dict[str, Any]]:
    """Return the arguments of each shard's task."""
    with store.connect(settings.load()) as connection:
        found = roster.shards(store.roster(connection), params["athletes"])
    return [{"shard": number, "athletes": athletes} for number, athletes in found.items()]


def sync_shard(shard: int, athletes: list[str], run_id: str, params: dict[str, Any], **_: Any) -> None:
    """Sync the athletes of a shard, and note how it went for each."""
    values, is_event = settings.load(), params["event"]
    with store.connect(values) as connection:
        try:
            with store.shard_lock(connection, shard, SECONDS_OF_EVENTS if is_event else values.lock_timeout):
                changes = waiting.changes(connection, athletes)
                result = _run(values, connection, f"shard-{shard}", athletes, changes, is_whole=params["whole"])
        except store.LockedError:
            if not is_event:
                raise
            # Many events of a busy shard would wait on all workers.
            waiting.put_back(connection, athletes, is_whole=params["whole"])
            raise AirflowSkipException(f"Shard {shard} is being synced; these events wait a little.") from None
        except RunError as problem:  # the summary says why, unless a later try goes well
            store.note(connection, run_id, (Outcome(one, is_ok=False, reason=str(problem)) for one in athletes))
            raise
        store.note(connection, run_id, result.outcomes.values())
        waiting.looked_at(connection, (one for one in changes if one.athlete_id in result.complete))
    if result.is_cut:
        raise AirflowException(
            f"Shard {shard} was stopped after {values.time_limit / 60:.0f} minutes. What is stored is kept, and the "
            "next try goes on from there. If this is the rule, make the shards smaller (SCALE_SHARD_SIZE)."
        )


def _run(  # noqa: PLR0913 - what a run is made of
    values: Settings,
    connection: store.Connection,
    suffix: str,
    athletes: list[str],
    changes: Sequence[waiting.Change] = (),
    *,
    is_whole: bool = False,
) -> shard.Result:
    credentials = store.credentials(connection, values, athletes)
    ready = {athlete: credentials[athlete] for athlete in athletes if athlete in credentials}
    named = [(one.athlete_id, one.activity_id) for one in changes]
    result = shard.run(values, shard.Job(suffix, ready, is_whole, named), logger.info)
    lacking = {
        athlete: Outcome(athlete, is_ok=False, reason=f"there is no token: `python -m scale rotate {athlete}`")
        for athlete in athletes
        if athlete not in ready
    }
    return shard.Result(result.outcomes | lacking, result.is_cut)


def summarise(run_id: str, params: dict[str, Any], ti: Any, **_: Any) -> None:
    """Fail where athletes are missing, and name them."""
    planned = ti.xcom_pull(task_ids="plan")
    if planned is None:
        raise AirflowFailException("The roster could not be read; see the log of the task `plan`.")
    expected = [athlete for one in planned for athlete in one["athletes"]]
    with store.connect(settings.load()) as connection:
        told = store.outcomes(connection, run_id)
        waits = waiting.athletes(connection) if params["event"] else set()
        missing = outcomes.missing([one for one in expected if one in told or one not in waits], told)
        since = store.last_success(connection) if missing else {}
        store.tidy(connection)
    if missing:
        raise AirflowFailException(outcomes.sentence(missing, len(expected), since))
    logger.info("All %d athletes are synced.", len(expected))


def newcomers(**_: Any) -> list[dict[str, Any]]:
    """Return the arguments of each backfill's task."""
    with store.connect(settings.load()) as connection:
        found = roster.newcomers(store.roster(connection))
    return [{"shard": number, "athletes": athletes} for number, athletes in found.items()]


def backfill(shard: int, athletes: list[str], run_id: str, **_: Any) -> None:
    """Read new athletes, with a state of their own; those who are done go over to the shard, with their part."""
    values = settings.load()
    with (
        store.connect(values) as connection,
        store.shard_lock(connection, shard, values.lock_timeout, store.BACKFILL_LOCKS),
    ):
        result = _run(values, connection, f"{BACKFILL}{shard}", athletes)
        store.note(connection, run_id, result.outcomes.values())
        done = sorted(result.complete)
        if done:
            with store.shard_lock(connection, shard, values.lock_timeout):
                _join(values, shard, done)
                for athlete in done:
                    store.change(connection, partial(roster.backfilled, athlete_id=athlete))
    logger.info("Read, and from now on synced with shard %d: %s.", shard, ", ".join(done) or "nobody yet")
    missing = outcomes.missing(athletes, result.outcomes)
    if missing and not result.is_cut:
        raise AirflowException(outcomes.sentence(missing, len(athletes), {}))


def _join(values: Settings, number: int, athletes: list[str]) -> None:
    """Write the newcomers' parts of their state into the shard's. Done twice, it changes nothing more."""
    ours, theirs = (shard.state_id(suffix) for suffix in (f"{BACKFILL}{number}", f"shard-{number}"))
    newcomers, old = (json.loads(shard.ask(values, "state", "get", one)) for one in (ours, theirs))
    state = old.get(STATE) or {}
    for athlete in athletes:
        state = states.moved(state, newcomers.get(STATE) or {}, athlete)
    # Through a pipe: the state of a shard may be longer than an argument can be.
    joined = json.dumps({**old, STATE: state})
    shard.ask(values, "state", "set", "--force", "--input-file", "/dev/stdin", theirs, say=joined)
