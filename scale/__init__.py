"""Many athletes on several machines: shards as tasks of Airflow, each a `meltano run`. See docs/scale.md."""
