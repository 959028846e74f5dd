"""Rows of the API as records: pure functions."""
