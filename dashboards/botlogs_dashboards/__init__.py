"""The web console and the Grafana dashboards, as package data."""
