"""Execute the queries of boards as Grafana does, without a Grafana server: for the tests and the pictures."""
