"""The API over HTTP: requests, pace, quota, and what its answers mean."""
