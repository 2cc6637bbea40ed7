"""Grafana dashboards on the public tables: made by code, committed as JSON, beside what provisions them."""
