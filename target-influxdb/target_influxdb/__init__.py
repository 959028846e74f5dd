"""Singer target for InfluxDB and other servers that take line protocol."""
