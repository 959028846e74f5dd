"""The DAGs: `intervals_icu` syncs all athletes, or those whom an event names; `intervals_icu_backfill` the new ones.

They are two, as a backfill may take days, and a run of a DAG lasts as long as its slowest task.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Param, TriggerRule

from scale import tasks


def schedule(name: str) -> str | None:
    """Return a schedule of the environment, as cron writes it; `off`: only what is triggered."""
    value = os.environ.get(name) or "*/15 * * * *"
    return None if value == "off" else value


BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
TIME_LIMIT = timedelta(minutes=30)
"""Beyond the time limit of a run itself, which ends in order: this is for one that does not."""
AGAIN = {"retries": 2, "retry_delay": timedelta(seconds=30), "execution_timeout": TIME_LIMIT}

with DAG(
    "intervals_icu",
    schedule=schedule("SCALE_SCHEDULE"),
    start_date=BEGIN,
    catchup=False,
    max_active_runs=16,  # events come while others run; a shard's lock keeps its runs apart
    params={
        "athletes": Param([], type="array", description="These only; nothing: all"),
        "event": Param(default=False, type="boolean", description="Wait no longer than a moment for a busy shard"),
        "whole": Param(
            default=False, type="boolean", description="Look at the whole history, for an old edit or deletion"
        ),
    },
    doc_md=__doc__,
):
    plan = PythonOperator(task_id="plan", python_callable=tasks.plan, retries=2)
    shard = PythonOperator.partial(
        task_id="shard",
        python_callable=tasks.sync_shard,
        pool="intervals_icu",
        map_index_template="shard {{ task.op_kwargs['shard'] }}",
        **AGAIN,
    ).expand(op_kwargs=plan.output)
    summary = PythonOperator(
        task_id="summary", python_callable=tasks.summarise, trigger_rule=TriggerRule.ALL_DONE, retries=0
    )
    plan >> shard >> summary

with DAG(
    "intervals_icu_backfill",
    schedule=schedule("SCALE_BACKFILL_SCHEDULE"),
    start_date=BEGIN,
    catchup=False,
    max_active_runs=1,
    doc_md=__doc__,
):
    newcomers = PythonOperator(task_id="newcomers", python_callable=tasks.newcomers, retries=2)
    PythonOperator.partial(
        task_id="backfill",
        python_callable=tasks.backfill,
        pool="intervals_icu_backfill",
        map_index_template="shard {{ task.op_kwargs['shard'] }}",
        retries=1,
        retry_delay=timedelta(minutes=1),
        execution_timeout=TIME_LIMIT,
    ).expand(op_kwargs=newcomers.output)
