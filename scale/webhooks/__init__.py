"""Receives what Intervals.icu tells an OAuth app, and has Airflow sync the athlete."""
