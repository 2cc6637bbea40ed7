"""Grafana's dashboard JSON, as much of it as these dashboards need.

The foundation SDK has neither the ClickHouse query nor the traces panel, so plain values make the JSON,
and a test reads it back with the SDK's own classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Json = dict[str, object]
Format = Literal["timeseries", "table", "logs", "traces"]
PanelType = Literal["stat", "timeseries", "table", "barchart", "piechart", "nodeGraph", "logs", "traces"]

DATASOURCE_TYPE: Final = "grafana-clickhouse-datasource"
DATASOURCE: Final[Json] = {"type": DATASOURCE_TYPE, "uid": "${datasource}"}
GRID_WIDTH: Final = 24
# How the ClickHouse plugin numbers them.
_FORMATS: Final[dict[Format, int]] = {"timeseries": 0, "table": 1, "logs": 2, "traces": 3}
_OPTIONS: Final[dict[PanelType, Json]] = {
    "stat": {"reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": "/.*/"}, "colorMode": "none"},
    "timeseries": {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}},
    "piechart": {
        "reduceOptions": {"values": True, "calcs": ["lastNotNull"], "fields": ""},
        "legend": {"displayMode": "table", "placement": "right", "showLegend": True, "values": ["value", "percent"]},
    },
    "logs": {
        "showTime": True, "showLabels": False, "wrapLogMessage": True, "enableLogDetails": True,
        "sortOrder": "Ascending", "dedupStrategy": "none", "prettifyLogMessage": False, "showCommonLabels": False,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One SQL statement; `ref_id` is how the panel knows its frame (the node graph wants `nodes` and `edges`)."""

    sql: str
    format: Format = "table"
    ref_id: str = "A"

    def json(self) -> Json:
        """Return a panel's `targets` entry."""
        return {
            "refId": self.ref_id,
            "datasource": DATASOURCE,
            "editorType": "sql",
            "queryType": self.format,
            "format": _FORMATS[self.format],
            "rawSql": self.sql.strip(),
            "pluginVersion": "4.5.0",  # without it the plugin takes the query for one of version 3
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one field is shown: its unit, a link at each value, a colour, or not at all."""

    name: str
    unit: str = ""
    link: str = ""
    link_title: str = "Open in the console"
    color: str = ""
    hidden: bool = False

    def json(self) -> Json:
        """Return a `fieldConfig.overrides` entry."""
        properties: list[Json] = []
        if self.unit:
            properties.append({"id": "unit", "value": self.unit})
        if self.link:
            link = {"title": self.link_title, "url": self.link, "targetBlank": True}
            properties.append({"id": "links", "value": [link]})
        if self.color:
            properties.append({"id": "color", "value": {"mode": "fixed", "fixedColor": self.color}})
        if self.hidden:
            properties.append({"id": "custom.hidden", "value": True})
        return {"matcher": {"id": "byName", "options": self.name}, "properties": properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel; `description` says what is exact and what is an estimate."""

    type: PanelType
    title: str
    queries: Sequence[Query]
    description: str = ""
    width: int = 12
    height: int = 8
    unit: str = "short"
    columns: Sequence[Column] = ()
    custom: Json = field(default_factory=dict[str, object])

    def json(self, panel_id: int, x: int, y: int) -> Json:
        """Return the panel at a place of the grid."""
        return {
            "id": panel_id,
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "targets": [query.json() for query in self.queries],
            "options": _OPTIONS.get(self.type, {}),
            "fieldConfig": {
                "defaults": {"unit": self.unit, "custom": self.custom},
                "overrides": [column.json() for column in self.columns],
            },
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A heading; what follows it belongs to it."""

    title: str
    height: int = 1
    width: int = GRID_WIDTH

    def json(self, panel_id: int, x: int, y: int) -> Json:
        """Return the row at a place of the grid."""
        return {
            "id": panel_id, "type": "row", "title": self.title, "collapsed": False, "panels": [],
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard; its panels flow from left to right, in rows of the grid."""

    uid: str
    title: str
    description: str
    variables: Sequence[Json]
    panels: Sequence[Panel | Row]
    time_from: str = "now-24h"

    def json(self) -> Json:
        """Return what Grafana provisions from a file."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["botlogs"],
            "schemaVersion": 39,
            "editable": True,
            "graphTooltip": 1,
            "timezone": "browser",
            "time": {"from": self.time_from, "to": "now"},
            "templating": {"list": list(self.variables)},
            "links": [_siblings()],
            "panels": _placed(self.panels),
        }


def _siblings() -> Json:
    return {
        "type": "dashboards", "title": "Bot logs", "tags": ["botlogs"], "asDropdown": False, "icon": "external link",
        "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "", "url": "",
    }  # fmt: skip


def _placed(panels: Sequence[Panel | Row]) -> list[Json]:
    placed: list[Json] = []
    x = y = tallest = 0
    for panel_id, panel in enumerate(panels, 1):
        if x + panel.width > GRID_WIDTH:
            x, y, tallest = 0, y + tallest, 0
        placed.append(panel.json(panel_id, x, y))
        x, tallest = x + panel.width, max(tallest, panel.height)
    return placed
