"""ClickHouse, embedded or a server: the only place that knows the driver and the SQL."""
